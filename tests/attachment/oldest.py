"""The attachment matrix and its tests on the oldest versions that pyproject.toml allows: `python tests/attachment/oldest.py`.

Makes a virtual environment in which every dependency stands at its lower bound, and runs there. What needs a provider's
integration (their lower bounds are their own) stays out. Arguments are handed to `python -m tests.attachment`.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final
from venv import EnvBuilder

_ROOT: Final = Path(__file__).resolve().parents[2]
_VENV: Final = _ROOT / ".venv-oldest"
_FROM_DEMO: Final = {"langchain", "langgraph"}
"""The matrix calls agents and graphs."""

_TESTS: Final = ("test_bad_input", "test_cancelled", "test_hooks", "test_rollups", "test_seam", "test_size")


def main() -> int:
    """Install, show what is installed, run."""
    python = _VENV / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        EnvBuilder(with_pip=True).create(_VENV)
    # At their newest: the tools, and what tests/conftest.py imports on the way.
    packages = [*lower_bounds(), "pytest", "hypothesis", "httpx"]
    subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "-e", _ROOT], check=True)
    print("Oldest versions:", ", ".join(lower_bounds()), flush=True)
    tests = [f"tests/attachment/{name}.py" for name in _TESTS]
    runs = ([python, "-m", "tests.attachment", *sys.argv[1:]], [python, "-m", "pytest", "-q", *tests])
    return max(subprocess.run(run, cwd=_ROOT, check=False).returncode for run in runs)


def lower_bounds() -> list[str]:
    """`langchain-core>=1.0` → `langchain-core==1.0`, of what the package and its server need."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["cli"], *extras["local"]]
    wanted += [one for one in extras["demo"] if _name(one) in _FROM_DEMO]
    return [one.replace(">=", "==") for one in wanted if not one.startswith(project["name"])]


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


if __name__ == "__main__":
    sys.exit(main())
