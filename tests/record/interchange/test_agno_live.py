"""Agno's live objects: read as their dicts are, given back whole where content is included."""

from __future__ import annotations

import json
from threading import Lock
from typing import Any

import pytest
from pydantic import BaseModel

from langchain_respmeta.errors import RecordError
from langchain_respmeta.record.record import ResponseMetadata

response = pytest.importorskip("agno.models.response")
media = pytest.importorskip("agno.media")
metrics = pytest.importorskip("agno.metrics")
message = pytest.importorskip("agno.models.message")

CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bern"}'}}


class Weather(BaseModel):
    city: str
    sunny: bool


def live(**fields: Any) -> Any:
    return response.ModelResponse(
        **{
            "role": "assistant",
            "created_at": 1_763_700_000,
            "content": "It is sunny in Bern.",
            "parsed": Weather(city="Bern", sunny=True),
            "audio": media.Audio(id="a", content=b"sound", mime_type="audio/wav"),
            "images": [media.Image(id="i", url="https://media.example/i.png")],
            "files": [media.File(id="f", url="https://media.example/f.pdf", mime_type="application/pdf")],
            "tool_calls": [CALL],
            "tool_executions": [
                response.ToolExecution(
                    tool_call_id="c1",
                    tool_name="weather",
                    tool_args={"city": "Bern"},
                    result="sunny",
                    metrics=metrics.ToolCallMetrics(duration=0.5),
                    requires_confirmation=True,
                    confirmed=True,
                    created_at=1_763_700_000,
                )
            ],
            "provider_data": {"id": "resp_1"},
            "reasoning_content": "They ask for Bern.",
            "redacted_reasoning_content": "x",
            "citations": message.Citations(
                urls=[message.UrlCitation(url="https://weather.example", title="Weather")],
                documents=[message.DocumentCitation(document_title="Almanac", cited_text="sunny", file_name="a.pdf")],
            ),
            "response_usage": metrics.MessageMetrics(
                input_tokens=9, output_tokens=4, total_tokens=13, time_to_first_token=0.2, cost=0.01
            ),
            "extra": {"attempt": 1},
            "updated_session_state": {"cart": ["milk"]},
            "compression_stats": {"original_size": 900},
            **fields,
        }
    )  # fmt: skip


def plain(told: dict[str, Any]) -> dict[str, Any]:
    """As JSON holds it; Agno leaves pydantic's objects in its dict."""
    dumped: dict[str, Any] = json.loads(json.dumps(told, default=lambda one: one.model_dump()))
    return dumped


def test_a_live_response_is_read_as_its_dict_is() -> None:
    one = live()
    record = ResponseMetadata.from_agno(one)
    assert record == ResponseMetadata.from_agno(one.to_dict())
    assert record == ResponseMetadata.from_agno(plain(one.to_dict()))
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.output_tokens) == (9, 4)
    (execution,) = record.tool_executions
    assert (execution.tool_args, execution.result, execution.duration_s) == ({"city": "Bern"}, "sunny", 0.5)
    assert [one.url or one.filename for one in record.citations] == ["https://weather.example", "a.pdf"]
    assert record.structured_output is not None
    assert record.structured_output.parsed


def test_content_and_arguments_come_back_whole() -> None:
    one = live()
    record = ResponseMetadata.from_agno(one)
    told = record.to_agno()
    assert told == plain(one.to_dict())
    assert told["content"] == "It is sunny in Bern."
    assert told["tool_calls"] == [CALL]
    assert ResponseMetadata.from_agno(told) == record
    assert ResponseMetadata.from_dict(json.loads(json.dumps(record.to_dict()))).to_agno() == told


def test_agno_takes_back_what_it_gave() -> None:
    one = live(audio=None)  # agno's own from_dict() encodes bytes a second time
    again = response.ModelResponse.from_dict(ResponseMetadata.from_agno(one).to_agno())
    assert plain(again.to_dict()) == plain(one.to_dict())
    assert ResponseMetadata.from_agno(again) == ResponseMetadata.from_agno(one)


@pytest.mark.parametrize("event", list(response.ModelResponseEvent))
def test_an_event_of_the_enumeration_is_its_word(event: Any) -> None:
    assert ResponseMetadata.from_agno(live(event=event)) == ResponseMetadata.from_agno(
        live(event=event.value)
    )


def test_without_content_no_text_of_it_is_left() -> None:
    record = ResponseMetadata.from_agno(live(), include_content=False)
    told = json.dumps(record.to_dict())
    assert [one for one in ("sunny", "Bern", "milk", "They ask", "c291bmQ") if one in told] == []
    assert record.tool_calls[0].name == "weather"


def test_an_empty_response_is_an_empty_record() -> None:
    one = response.ModelResponse(created_at=1_763_700_000)
    assert ResponseMetadata.from_agno(one).to_agno() == {**plain(one.to_dict()), "response_usage": None}


@pytest.mark.parametrize(
    "value", [None, "x", 3, [], response.ModelResponse, response.ToolExecution(), object()]
)
def test_what_is_no_response_is_told(value: Any) -> None:
    with pytest.raises(RecordError, match="expected Agno's ModelResponse") as told:
        ResponseMetadata.from_agno(value)
    assert told.value.field == "ModelResponse"


def test_what_agno_itself_cannot_write_is_told() -> None:
    with pytest.raises(RecordError, match=r"its to_dict\(\) raised TypeError"):
        ResponseMetadata.from_agno(live(extra={"lock": Lock()}))
