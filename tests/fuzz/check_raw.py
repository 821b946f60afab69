"""Properties of the record of any API's own answer, whole or streamed."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, Any

from langchain_respmeta import ResponseMetadata, UnreadableAnswer, normalize, normalize_stream
from langchain_respmeta._reading.normalize import CUT
from langchain_respmeta._reading.read import draft_of_answers
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.raw.recognize import any_answers_of
from langchain_respmeta.providers.raw.stream import streamed_answers_of
from langchain_respmeta.record.typed import record_of
from tests.fuzz.check import MAX_CPU_S, check_draft, check_record
from tests.fuzz.kept import Kept

if TYPE_CHECKING:
    from langchain_respmeta.providers.engine.answer import Answer


def check_body(body: Any) -> bool:
    """Whether it was recognized; raises where a property does not hold."""
    began, kept = process_time(), Kept(body)
    try:
        record = normalize(body)
    except UnreadableAnswer:
        record = None
    _check(record, any_answers_of(body), streamed=False)
    kept.check()
    assert process_time() - began < MAX_CPU_S, "it takes too long"
    return record is not None


def check_stream(events: Any) -> bool:
    """The same of a stream that can be gone through more than once."""
    began, kept = process_time(), Kept(events)
    try:
        record = normalize_stream(events)
    except UnreadableAnswer:
        record = None
    answers, is_whole = streamed_answers_of(events)
    if not is_whole:
        answers[0].faults.append(CUT)
    _check(record, answers, streamed=True)
    kept.check()
    assert process_time() - began < MAX_CPU_S, "it takes too long"
    return record is not None


def _check(record: ResponseMetadata | None, answers: list[Answer], *, streamed: bool) -> None:
    if record is not None and record.event == "error":
        check_record(record)
        return
    draft = draft_of_answers(answers, RunStart())
    if streamed:
        draft["streamed"] = True
    read = record_of(draft, include_content=True)
    if record is None:
        assert read.refused is None, "what was not recognized is not judged"
        assert read.warnings
    else:
        assert record == read, "read twice it is another record"
    check_draft(draft)
