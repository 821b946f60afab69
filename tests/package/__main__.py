"""Builds the wheel and the sdist and tries them in bare environments: `make package`, or `python -m tests.package --uv uv`.

The core alone, from the wheel and from the sdist, then the wheel with each extra; in the versions of locks/lint.txt.
`probe.py` holds the checks of each environment and runs there alone, without the checkout.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
PROBE: Final = Path(__file__).with_name("probe.py")
LOCK: Final = ROOT / "locks" / "lint.txt"
NEEDED: Final = (
    "py.typed",
    "local/page/templates",
    "local/page/assets",
    "report/templates",
    "report/static",
    "charts/static",
    "charts/templates",
    "cli/demo/answers",
    "_version.py",
)
"""Parts of the package that are no imported module, or that the build itself reads."""


class Trial(NamedTuple):
    """One bare environment: what is installed there."""

    name: str
    archive: Path
    extra: str | None


def main() -> int:
    """Build, try and print; exit code 1 when anything failed."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="respmeta-package-") as folder:
        wheel, sdist = _build(Path(folder))
        faults = [*_faults_of_wheel(wheel), *_faults_of_sdist(sdist)]
        for fault in faults:
            print("FAILED", fault)
        trials = list(_trials(wheel, sdist))
        failed = sum(not _try(trial, Path(folder), _absolute(asked.uv), asked.python) for trial in trials)
    print(f"{len(trials) + 2 - failed - bool(faults)} passed, {failed + bool(faults)} failed")
    return 1 if failed or faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--uv", default="uv", help="the uv that makes the environments")
    parser.add_argument("--python", default=sys.executable, help="the interpreter of the environments")
    return parser.parse_args()


def _absolute(command: str) -> str:
    """The trials run in folders of their own."""
    return str(Path(command).resolve()) if os.sep in command else command


def _build(folder: Path) -> tuple[Path, Path]:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", folder / "dist"], cwd=ROOT, check=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    return wheel, sdist


def _faults_of_wheel(wheel: Path) -> Iterator[str]:
    names = zipfile.ZipFile(wheel).namelist()
    for part in NEEDED:
        if not any(name.startswith(f"langchain_respmeta/{part}") for name in names):
            yield f"the wheel has no {part}"
    if not any(name.endswith("licenses/LICENSE") for name in names):
        yield "the wheel has no LICENSE"
    if strangers := {name.split("/")[0] for name in names if not name.startswith("langchain_respmeta")}:
        yield f"the wheel installs {', '.join(sorted(strangers))} beside the package"


def _faults_of_sdist(sdist: Path) -> Iterator[str]:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for part in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        if part not in names:
            yield f"the sdist has no {part}"


def _trials(wheel: Path, sdist: Path) -> Iterator[Trial]:
    yield Trial("core, from the sdist", sdist, None)
    yield Trial("core", wheel, None)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for extra in extras:
        yield Trial(extra, wheel, extra)


def _try(trial: Trial, folder: Path, uv: str, python: str) -> bool:
    home = folder / trial.name.replace(" ", "-")
    interpreter = home / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    wanted = f"{trial.archive}[{trial.extra}]" if trial.extra else str(trial.archive)
    locked = ["--constraint", LOCK, "--build-constraint", LOCK]
    steps: tuple[list[str | Path], ...] = (
        [uv, "venv", "--quiet", "--python", python, home / "venv"],
        [uv, "pip", "install", "--quiet", "--python", interpreter, *locked, wanted],
        [interpreter, "-I", PROBE, *([trial.extra] if trial.extra else [])],
    )
    bare = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    for step in steps:
        done = subprocess.run(step, cwd=folder, env=bare, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"FAILED {trial.name}: {' '.join(map(str, step))}\n{done.stdout}{done.stderr}")
            return False
    print(f"ok {trial.name}: {done.stdout.strip()}")
    return True


if __name__ == "__main__":
    sys.exit(main())
