"""The pages agree with the code: generated ones are up to date, and the walk-through's code runs unchanged."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from langchain_respmeta import normalize, providers
from langchain_respmeta.providers import registry
from langchain_respmeta.providers.registry import REGISTRY

DOCS = Path(__file__).parents[2] / "docs"


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, DOCS / "generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_field_of_the_record_has_a_meaning_on_its_page() -> None:
    rows = [
        line.split(" | ") for line in (DOCS / "fields.md").read_text().splitlines() if line.startswith("| `")
    ]
    assert len(rows) > 180
    assert [row[0] for row in rows if not row[-1].strip(" |")] == []


def test_a_field_without_a_meaning_stops_the_generator(tmp_path: Path) -> None:
    for name in ("langchain_respmeta", "docs"):
        shutil.copytree(DOCS.parent / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    record = tmp_path / "langchain_respmeta" / "record" / "parts.py"
    text = record.read_text()
    record.write_text(re.sub(r'(    app_id: int \| None = None\n)    """[^"]+"""\n', r"\1", text))
    done = subprocess.run(
        [sys.executable, "docs/generate.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "without a meaning in record/: Routing.app_id\n")


@pytest.fixture
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is gone after it."""
    monkeypatch.setattr(REGISTRY, "rows", REGISTRY.rows)
    monkeypatch.setattr(REGISTRY, "_by", REGISTRY._by)
    monkeypatch.setattr(REGISTRY, "_at", {})


PAGE = (DOCS / "adding-a-provider.md").read_text()
LOOK, FILE, ROW, PROOF, CASE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ROW_DIFF, SAMPLES_DIFF = re.findall(r"```diff\n(.*?)```", PAGE, re.DOTALL)
(ENTRY_POINT,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.usefixtures("_own_registry")
def test_the_code_of_the_walk_through_runs() -> None:
    exec(compile(f"{LOOK}\n{FILE}\n{ROW}\n{PROOF}\n{CASE}", "adding-a-provider.md", "exec"), {})  # noqa: S102


def test_without_a_reader_everything_is_kept_as_the_page_says() -> None:
    place: dict[str, Any] = {}
    exec(LOOK, place)  # noqa: S102
    record = normalize(place["MESSAGE"], start=place["START"])
    assert record.provider == "unknown"
    told = re.search(r"in\s+`unmapped`: (.*?)\.\n", PAGE, re.DOTALL)
    assert told is not None
    assert set(re.findall(r"`([^`]+)`", told[1])) == set(record.unmapped)


def test_the_walk_through_keeps_its_promise_of_a_short_file() -> None:
    assert len(FILE.splitlines()) < 40
    assert registry.ENTRY_POINTS in PAGE


def test_every_cell_that_can_be_imported_is_explained() -> None:
    cells = {"CONTENT", "IGNORE", "KEEP", "count", "each", "flag", "millis", "moment", "money", "nanos"}
    cells |= {"number", "seconds", "spare", "text", "using", "word"}
    assert cells <= set(providers.__all__)
    table = PAGE[PAGE.index("| cell | reads |") :]
    assert {name for name in cells if f"`{name}" not in table} == set()


def run(where: Path, *command: str, path: str = "") -> None:
    """A command of a newcomer, in their own copy."""
    environment = {**os.environ, "PYTHONPATH": path or str(where)}
    done = subprocess.run(
        [sys.executable, *command], cwd=where, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def apply(diff: str, text: str) -> str:
    """Put the page's new lines after the line that it shows above them, and imports at the top."""
    new = [line[1:] for line in diff.splitlines() if line.startswith("+")]
    (anchor,) = [line[1:] for line in diff.splitlines() if line.startswith(" ")]
    imports = [line for line in new if line.startswith("from ")]
    assert anchor in text
    text = text.replace(anchor, "\n".join([anchor, *(line for line in new if line not in imports)]), 1)
    first = text.index("\nfrom langchain_respmeta") if imports else 0
    return text[:first] + "".join(f"\n{line}" for line in imports) + text[first:]


def test_who_follows_the_page_in_this_package_has_a_provider_and_green_tests(tmp_path: Path) -> None:
    root = DOCS.parent
    for name in ("langchain_respmeta", "docs", "tests/providers", "tests/integrations", "tests/peers"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (
        "pyproject.toml",
        "tests/__init__.py",
        "tests/conftest.py",
        "tests/offline.py",
        "tests/leftovers.py",
        "tests/waiting.py",
    ):
        shutil.copy(root / name, tmp_path / name)
    package, tests = tmp_path / "langchain_respmeta" / "providers", tmp_path / "tests" / "providers"
    (package / "acme.py").write_text(FILE)
    (package / "rows.py").write_text(apply(ROW_DIFF, (package / "rows.py").read_text()))
    (tests / "cases" / "acme.py").write_text(LOOK + CASE)
    samples = tests / "field_samples.py"
    samples.write_text(apply(SAMPLES_DIFF, samples.read_text()))
    named = (tests / "cases" / "__init__.py").read_text()
    (tests / "cases" / "__init__.py").write_text(
        named.replace("import anthropic", "import acme, anthropic").replace("in (openai", "in (acme, openai")
    )
    run(tmp_path, "docs/generate.py")
    assert "| acme | `ChatAcme` | `langchain-acme` |" in (tmp_path / "docs" / "providers.md").read_text()
    files = ("test_fields.py", "test_cases.py", "test_registry.py")
    run(tmp_path, "-m", "pytest", "-q", "-k", "cme", *(f"tests/providers/{name}" for name in files))
    run(tmp_path, "-m", "pytest", "-q", "-k", "every_integration_has_a_case or up_to_date", "tests/providers")


def test_an_outside_package_is_found_by_its_entry_point_alone(tmp_path: Path) -> None:
    points = tomllib.loads(ENTRY_POINT)["project"]["entry-points"]
    module = tmp_path / "langchain_acme"
    module.mkdir()
    (module / "__init__.py").touch()
    (module / "respmeta.py").write_text(FILE + ROW.replace("register_provider(ROW)\n", ""))
    info = tmp_path / "langchain_acme-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: langchain-acme\nVersion: 0.1\n")
    lines = [f"[{group}]\n{key} = {value}" for group, rows in points.items() for key, value in rows.items()]
    (info / "entry_points.txt").write_text("\n".join(lines))
    path = os.pathsep.join([str(tmp_path), str(DOCS.parent)])
    run(tmp_path, "-c", f"{LOOK}\n{PROOF}", path=path)
