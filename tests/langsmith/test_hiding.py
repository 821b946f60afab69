"""Whether a client hides a run's inputs and outputs; a client that does not say counts as hiding."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from langsmith import Client

from langchain_respmeta.langsmith import hiding, seam


def test_a_client_that_does_not_say_whether_it_hides_counts_as_hiding() -> None:
    tree: Any = SimpleNamespace(ls_client=object(), replicas=None)
    assert hiding.hides(tree)
    tree.ls_client = Client(api_url="http://localhost:1", api_key="x", auto_batch_tracing=False)
    assert not hiding.hides(tree)


class Silent:
    """A client that does not say what it hides."""


def test_each_kind_of_client_that_does_not_say_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    tree: Any = SimpleNamespace(ls_client=Silent(), replicas=None)
    with caplog.at_level(logging.WARNING, "langchain_respmeta"):
        assert hiding.hides(tree)
        assert hiding.hides(tree)
    assert caplog.text.count("counts as hidden") == 1
    assert "Silent" in caplog.text


def test_a_replicas_client_that_does_not_say_hides_the_run() -> None:
    open_one = Client(api_url="http://localhost:1", api_key="x", auto_batch_tracing=False)
    assert hiding.hides(SimpleNamespace(ls_client=open_one, replicas=[{"client": Silent()}]))  # type: ignore[arg-type]
    assert not hiding.hides(SimpleNamespace(ls_client=open_one, replicas=[{"client": None}]))  # type: ignore[arg-type]


def test_a_missing_name_of_langsmiths_own_client_is_told_at_the_install(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hiding, "HIDING", (*hiding.HIDING, "_hides_another_way"))
    with caplog.at_level(logging.WARNING, "langchain_respmeta"):
        seam._check_client()
    assert "langsmith.client.Client does not say" in caplog.text
