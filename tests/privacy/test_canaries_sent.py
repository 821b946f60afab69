"""Canaries in real calls that are traced: no byte of metadata, feedback, outbox or log shows them."""

from __future__ import annotations

import itertools
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, messages_from_dict
from langchain_core.outputs import ChatGeneration, ChatResult

from langchain_respmeta import RespMetaHandler
from tests.attachment.check import metadata_of, ours_of
from tests.attachment.traced import Traced
from tests.privacy.canaries import TEXTS, answers, paths_of, planted, stored_in
from tests.providers.cases import CASES


class Answering(BaseChatModel):
    """Returns one answer, or fails with a text."""

    answer: Any = None
    info: Any = None
    words: str = ""

    @property
    def _llm_type(self) -> str:
        return "answering"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> ChatResult:
        if self.words:
            raise ValueError(self.words)
        return ChatResult(generations=[ChatGeneration(message=self.answer, generation_info=self.info)])


def calls() -> list[tuple[str, Any]]:
    """A model for each tenth place of each case, the canaries in turn."""
    made: list[tuple[str, Any]] = []
    turns = itertools.cycle(TEXTS)
    for case in CASES:
        canary = next(turns)
        kind = type(case.integration, (Answering,), {})
        for _, tree in itertools.islice(planted(answers(case), canary), len(made) % 10, None, 40):
            try:
                fields = {key: value for key, value in tree["message"].items() if key != "type"}
                (message,) = messages_from_dict([{"type": tree["message"]["type"], "data": fields}])
            except Exception:  # noqa: BLE001, S112 - pydantic lets no such message come to be
                continue
            info = tree["info"] if isinstance(tree["info"], dict) else None
            made.append((canary, kind(answer=message, info=info)))
    return made


def test_no_canary_of_an_answer_leaves_with_a_traced_call(
    traced: Traced, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "langchain_respmeta")
    handler = RespMetaHandler(feedback="all")
    models = calls()
    assert len(models) > 50
    for _, model in models:
        model.invoke("hi", config={"callbacks": [handler]})
    for canary in TEXTS:
        with pytest.raises(ValueError, match=r"."):
            Answering(words=f"cannot: {canary}").invoke("hi", config={"callbacks": [handler]})
    feedback = traced.feedback(handler)
    metadata = [metadata_of(run) for run in traced.runs()]
    assert len(metadata) == len(models) + len(TEXTS)
    assert feedback
    stored = stored_in(tmp_path)
    assert stored
    for canary in TEXTS:
        assert not list(paths_of([feedback, metadata], canary))
        assert canary not in caplog.text
        assert canary.encode() not in stored


SECRET = "quietly-guarded"
SECRETIVE: dict[str, Any] = {
    "odd": {"api_key": SECRET, "deep": [{"client_secret": {"value": SECRET}}]},
    "address": f"https://me:{SECRET}@blob.example/a?X-Amz-Signature={SECRET}&x=1#access_token={SECRET}",
    "words": f"the key is sk-{SECRET}",
    "metadata": {"authorization": f"Bearer {SECRET}"},
}


def test_no_secret_leaves_with_content_included(
    traced: Traced, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody asks for these: content is what was said, not what lets somebody in."""
    caplog.set_level(logging.DEBUG, "langchain_respmeta")
    handler = RespMetaHandler(feedback="all", include_content=True)
    annotation = {"type": "url_citation", "title": "A", "url": f"https://blob.example/?sig={SECRET}&page=7"}
    answer = AIMessage(
        [{"type": "text", "text": "hi", "annotations": [annotation]}],
        additional_kwargs={"refusal": f"see https://u:{SECRET}@x.example/?token={SECRET}"},
        response_metadata={"model_provider": "openai", **SECRETIVE},
    )
    type("ChatOpenAI", (Answering,), {})(answer=answer).invoke("hi", config={"callbacks": [handler]})
    with pytest.raises(ValueError, match=r"refused"):
        Answering(words=f"refused: api_key={SECRET} at https://x.example/?sig={SECRET}").invoke(
            "hi", config={"callbacks": [handler]}
        )
    told = json.dumps([traced.feedback(handler), [ours_of(metadata_of(run)) for run in traced.runs()]])
    stored = stored_in(tmp_path)
    assert "page=7" in told
    assert "refused" in told
    assert stored
    assert SECRET not in told
    assert SECRET not in caplog.text
    assert SECRET.encode() not in stored
