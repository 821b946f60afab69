"""The one wrapper: installed once, harmless to other wrappers, and reported where it cannot be installed."""

import inspect
import os
import subprocess
import sys
from typing import Any, Final
from uuid import uuid4

import pytest
from langchain_core.messages import HumanMessage
from langsmith import Client, RunTree

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.langsmith import seam, stamp
from tests.attachment.check import metadata_of
from tests.attachment.model import NumberedModel
from tests.attachment.traced import Traced
from tests.waiting import CEILING_S

_WITHOUT: Final = """
import logging
logging.basicConfig(level=logging.WARNING, format="%(message)s")
{break_it}
from langchain_core.language_models import FakeListChatModel
from langchain_respmeta import RespMetaHandler
handlers = [RespMetaHandler(), RespMetaHandler(prefix="other")]
for _ in range(3):
    FakeListChatModel(responses=["hi"]).invoke("why?", {{"callbacks": handlers}})
from langchain_respmeta.langsmith import seam
print(len(handlers[0].records), handlers[0].summary()["calls"], seam.problem())
"""
_BREAKING: Final = {
    "no patch": "from langsmith.run_trees import RunTree; del RunTree.patch",
    "another patch": "from langsmith.run_trees import RunTree; RunTree.patch = 1",
    "no post": "from langsmith.run_trees import RunTree; del RunTree.post",
    "no outputs": (
        "from langsmith.run_trees import RunTree; "
        "del (getattr(RunTree, 'model_fields', None) or RunTree.__fields__)['outputs']"
    ),
    "no class": "import langsmith.run_trees; langsmith.run_trees.RunTree = None",
    "no module": "import langchain_core.tracers.langchain, sys; sys.modules['langsmith.run_trees'] = None",
}


@pytest.mark.parametrize("how", _BREAKING)
def test_without_the_seam_one_warning_says_what_is_lost_and_records_go_on(how: str) -> None:
    environment = {**os.environ, "LANGSMITH_TRACING": "false"}
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT.format(break_it=_BREAKING[how])],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=CEILING_S,
    )
    assert done.returncode == 0, done.stderr
    records, calls, problem = done.stdout.strip().split(maxsplit=2)
    assert (records, calls) == ("3", "3")
    assert "langsmith" in problem
    assert done.stderr.count("Nothing will be put on LangSmith runs") == 1
    assert "doctor" in done.stderr


def test_it_is_put_on_once() -> None:
    for _ in range(3):
        RespMetaHandler().on_chat_model_start({}, [[]], run_id=uuid4())
        assert seam.install() is None
    for method in (RunTree.patch, RunTree.post):
        wrapped: Any = inspect.unwrap(method)
        assert method.__wrapped__ is wrapped  # type: ignore[attr-defined]
        assert method.__name__ == wrapped.__name__
        assert inspect.signature(method) == inspect.signature(wrapped)


def test_runs_that_nobody_watches_pass_untouched(traced: Traced) -> None:
    assert seam.install() is None
    NumberedModel().invoke("why?")
    assert not [key for key in traced.model_metadata() if key.startswith("respmeta")]


def test_metadata_of_others_is_never_written_into(traced: Traced) -> None:
    """Prompts of one generate() share a dict, and users pass dicts of their own."""
    mine = {"customer": "a"}
    model = NumberedModel(metadata=mine)
    prompts: list[Any] = [[HumanMessage("one?")], [HumanMessage("two?")]]
    model.generate(prompts, callbacks=[RespMetaHandler(feedback=False)], metadata=mine)
    assert mine == {"customer": "a"}
    first, second = (metadata_of(run) for run in traced.runs(run_type="llm"))
    assert first["respmeta_response_id"] != second["respmeta_response_id"]


def test_a_fault_in_our_part_lets_the_run_be_sent_as_it_is(
    traced: Traced, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(stamp, "emitted", fail)
    handler = RespMetaHandler(feedback=False)
    for _ in range(2):
        assert NumberedModel().invoke("why?", {"callbacks": [handler]}).text.startswith("answer")
    runs = traced.runs(run_type="llm")
    assert [run["outputs"] is not None for run in runs] == [True, True]
    assert caplog.text.count("ZeroDivisionError") == 1
    assert handler.summary()["faults"]["adding metadata to a run: ZeroDivisionError"] >= 2


@pytest.mark.skipif(
    "extend_trace_retention" not in inspect.signature(Client.create_feedback).parameters, reason="old SDK"
)
def test_without_metadata_nothing_is_put_on_a_run_but_feedback_still_comes(traced: Traced) -> None:
    class Refusing(NumberedModel):
        def _generate(self, *args: Any, **kwargs: Any) -> Any:
            result = super()._generate(*args, **kwargs)
            result.generations[0].message.additional_kwargs["refusal"] = "no"
            return result

    handler = RespMetaHandler(metadata=False)
    Refusing().invoke("why?", {"callbacks": [handler]})
    assert not [key for key in traced.model_metadata() if key.startswith("respmeta")]
    assert [one["key"] for one in traced.feedback(handler)] == ["respmeta_refused"]
