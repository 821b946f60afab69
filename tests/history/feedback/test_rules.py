"""Rules by name, and how they are told from others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from langchain_respmeta import FeedbackRule
from langchain_respmeta.history.feedback.chosen_rules import chosen_rules, fingerprint

MODULE = """
from langchain_respmeta import FeedbackRule
words = {words!r}
one = FeedbackRule("long", lambda record: record.finish_reason in {{"length", "stop", "pause"}}, score={score})
many = [one, FeedbackRule("any", lambda _: True, comment="said")]
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of the user's, in the folder where the command is called."""
    name = f"rules_of_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(MODULE.format(words="x", score=1))
    monkeypatch.chdir(tmp_path)
    return name


def test_rules_come_from_a_module_beside_the_caller(module: str) -> None:
    path = list(sys.path)
    assert [rule.key for rule in chosen_rules(f"{module}:one", "respmeta")] == ["long"]
    assert [rule.key for rule in chosen_rules(f"{module}:many", "respmeta")] == ["long", "any"]
    assert sys.path == path


def test_a_built_in_table_is_told_by_its_name_and_prefix() -> None:
    def of(name: str, prefix: str) -> str:
        return fingerprint(name, chosen_rules(name, prefix), prefix)

    told = {of(name, prefix) for name in ("exceptions", "all") for prefix in ("respmeta", "shop")}
    assert len(told) == 4
    assert of("all", "shop") in told


def test_the_same_rules_have_the_same_fingerprint_in_another_process(module: str, tmp_path: Path) -> None:
    """And another one once a rule says something else."""
    program = (
        "from langchain_respmeta.history.feedback.chosen_rules import *; name = %r + ':many'; "
        "print(fingerprint(name, chosen_rules(name, 'respmeta'), 'respmeta'))"
    )

    def told(seed: str) -> str:
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": f"{Path(__file__).parents[3]}"}
        done = subprocess.run(
            [sys.executable, "-c", program % module],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
            cwd=tmp_path,
        )
        return done.stdout

    first = told("1")
    assert told("2") == first
    (tmp_path / f"{module}.py").write_text(MODULE.format(words="x", score=22))
    assert told("1") != first


def test_a_rule_of_ones_own_kind_has_a_fingerprint() -> None:
    class Own:
        key = "own"
        config = None

        def draft(self, seen: Any) -> None:
            """Say nothing."""

    own = FeedbackRule("other", bool)
    rules = chosen_rules([Own(), own], "respmeta")
    assert fingerprint([], rules, "respmeta") != fingerprint([], rules[:1], "respmeta")
