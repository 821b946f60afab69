"""A test imports public names, its own room and shared tables; EXCEPTIONS lists the rest."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.package.public import FACES

PACKAGE: Final = "langchain_respmeta"
TESTS: Final = Path(__file__).parents[1]
ROOMS: Final = frozenset(
    each.name for each in (TESTS.parent / PACKAGE).iterdir() if (each / "__init__.py").exists()
)

SHARED: Final = frozenset(
    {
        "_process.state",  # what the process holds: looked at, and cleared
        "cli.demo.wire",  # what a demo answer is made of
        "errors",
        "providers.rows",
        "providers.vendors",
        "record.allowed_facts",
        "record.derived",
        "record.flat_keys",
        "record.flat_values",
        "record.measures",
        "record.parts",
        "record.refusal_messages",
        "record.usage_names",
        "record.vocabulary",
    }
)
"""Types of the record's fields, and tables of words, which every room imports."""

EXCEPTIONS: Final = (
    ("agents", "_runs handler.pipeline", "an agent's model calls are runs, read as the handler reads them"),
    ("agents", "langsmith.rollup langsmith.seam", "what agents did is on the root that LangSmith gets"),
    ("attachment", "_delivery _process.faults handler langsmith", "a user's process: nothing is left out"),
    (
        "charts",
        "record.billable table",
        "what the table's writers write is read again, and drawn; what may lack a price",
    ),
    ("cli/test_doctor.py", "langsmith.seam", "the doctor reports whether it is installed"),
    ("cli/test_purge.py", "local.store.purge", "what the command removes, and how much at once"),
    ("cli/test_show.py", "table", "rows of the table are shown"),
    ("delivery", "langsmith", "feedback comes from its rules, and names the place of its run"),
    ("docs", "_agents _delivery _process cli langsmith", "the pages print tables of every room"),
    ("enrich/openrouter", "record.interchange.openrouter", "each field of a generation has a place"),
    ("enrich/prices", "_reading.read", "a price is that of a draft, which the reading makes"),
    ("fuzz", "_reading langsmith providers.engine providers.raw record", "each stage is checked by itself"),
    ("handler/test_concurrency.py", "_agents.call_notes _runs.table", "nothing is left in either"),
    ("handler/test_flush.py", "_runs.background", "callers' threads read what waits"),
    ("handler/test_parts.py", "_agents _process _reading _runs enrich", "a fault is planted in each room"),
    ("history", "table", "old runs become rows of the table"),
    (
        "history/feedback",
        "cli handler.stored",
        "the live rules, over stored calls",
    ),
    ("history/export", "cli.main", "the command itself"),
    ("history/bulk/dying.py", "cli.main", "the command itself, in a process that is killed"),
    ("history/pull", "cli.demo.calls cli.main", "the demo's calls are pulled, and the command pulls"),
    ("history/bulk/dying.py", "cli.main", "Ctrl-C ends the command"),
    ("integrations", "_process.faults enrich.prices.price providers.upstream", "one row a gateway"),
    ("langsmith", "_runs.table", "what a run knows before LangSmith is told"),
    (
        "local/test_charts.py",
        "charts.facts table.schema",
        "the mirror has every fact, exported rows are drawn",
    ),
    ("local/test_compare.py", "record.views.short", "the page writes numbers in short words"),
    ("local/test_export.py", "table", "files hold rows of the table"),
    ("monitor", "_process.faults", "what an alert's function raises is counted"),
    ("peers", "_runs.table enrich.prices.price", "nothing is left under way; users set prices"),
    ("privacy", "_reading.read langsmith.metadata record.typed", "every form in which an answer leaves"),
    ("process/test_forks.py", "_agents _runs enrich handler langsmith providers", "a lock of each is held"),
    ("providers/test_registry.py", "_reading", "the reading goes on where a provider fails"),
    (
        "reading",
        "providers.engine providers.registry record.typed",
        "from an answer to its record",
    ),
    ("report/test_command.py", "cli.main", "the command ends with a code"),
    ("report/test_figures.py", "record.views.short", "the page writes numbers in short words"),
    ("runs", "_process.faults _reading.compiled.table", "no callback failed; what waits to be learned"),
    ("runs/test_bounds.py", "_reading.stream_notes", "what is noted of a stream is bounded"),
    ("runs/test_chunks.py", "_reading.stream_notes", "what is noted of a stream is looked at"),
    (
        "runs/test_own_sentences.py",
        "_reading.normalize record.content",
        "sentences of stored, live and raw reading",
    ),
    ("sinks", "table", "files hold rows of the table"),
    ("speed", "_reading _runs enrich.prices handler providers record.bounds", "the ways of reading"),
    ("table", "handler.stored", "drafts come from the reading of stored runs"),
    ("table", "record.draft record.typed", "each column holds what the record does"),
    ("table/test_schema.py", "langsmith.tool_run_keys", "no key of a tool's run is a column"),
    ("test_surroundings.py", "_delivery.state_dir", "the user's own state is not touched"),
)
"""Tests, the further modules that they may import (with all below), and the reason."""


def _imported(path: Path) -> Iterator[tuple[str, str]]:
    """(module, imported name) of each import, at any level of the file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                below = TESTS.parent / node.module.replace(".", "/") / alias.name
                is_module = below.is_dir() or below.with_suffix(".py").exists()
                yield (f"{node.module}.{alias.name}", "") if is_module else (node.module, alias.name)


def _foreign(path: Path) -> Iterator[tuple[str, str]]:
    """Imports of the package from neither a public face nor the file's own room."""
    own = path.relative_to(TESTS).parts[0]
    for module, name in _imported(path):
        if not module.startswith(PACKAGE) or (module in FACES and not name.startswith("_")):
            continue
        below = module.removeprefix(f"{PACKAGE}.")
        if below.partition(".")[0].removeprefix("_") != own:
            yield below, name


def _below(module: str, allowed: str) -> bool:
    return f"{module}.".startswith(f"{allowed}.")


def _allowed(path: Path) -> set[str]:
    here = f"{path.relative_to(TESTS)}/"
    return SHARED.union(
        *(modules.split() for where, modules, _ in EXCEPTIONS if here.startswith(f"{where}/"))
    )


def test_a_test_imports_faces_its_own_room_and_what_is_shared() -> None:
    found = {
        (str(path.relative_to(TESTS)), module)
        for path in TESTS.rglob("*.py")
        for module, name in _foreign(path)
        if name.startswith("_") or not any(_below(module, each) for each in _allowed(path))
    }
    assert found == set()


@pytest.mark.parametrize(("where", "modules", "reason"), EXCEPTIONS)
def test_each_exception_is_needed(where: str, modules: str, reason: str) -> None:
    assert reason
    files = [TESTS / where] if where.endswith(".py") else [*(TESTS / where).rglob("*.py")]
    used = {module for path in files for module, _ in _foreign(path)}
    assert [each for each in modules.split() if not any(_below(module, each) for module in used)] == []


def test_folders_are_named_for_rooms() -> None:
    whole = {
        "attachment",
        "benchmarks",
        "conformance",
        "docs",
        "fuzz",
        "integrations",
        "mutants",
        "notebooks",
        "package",
        "peers",
        "privacy",
        "speed",
    }
    folders = {each.name for each in TESTS.iterdir() if (each / "__init__.py").exists()}
    assert folders == whole | {room.removeprefix("_") for room in ROOMS}
