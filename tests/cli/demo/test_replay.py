"""The replay server: choosing, sequences, faults, recorded bytes, its log."""

import socket
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
from botocore.eventstream import EventStreamBuffer

from langchain_respmeta.cli.demo.wire import Event, aws_eventstream
from langchain_respmeta.demo import (
    Answer,
    ReplayServer,
    Scenario,
    chat_model,
    demo_scenarios,
    recorded_answer,
    scenario_model,
)
from langchain_respmeta.errors import MissingExtraError
from tests.cli.demo.scenarios import scenarios
from tests.waiting import CEILING_S, until

BODY = demo_scenarios()["openai"]["basic"].answers[0].body
CHAT = "/v1/chat/completions"


@pytest.fixture
def server() -> Any:
    with ReplayServer() as each:
        yield each


def post(url: str, **body: Any) -> httpx.Response:
    return httpx.post(url, json=body, timeout=CEILING_S)


@pytest.mark.parametrize("scenario", scenarios(failing=True))
def test_failing_scenarios_raise(replay: ReplayServer, scenario: Scenario) -> None:
    model = scenario_model(replay, scenario)
    with pytest.raises(Exception, match=r".") as caught:
        list(model.stream(scenario.messages))
    response = getattr(caught.value, "response", None)
    if isinstance(response, httpx.Response):
        assert response.status_code == scenario.answers[0].status


def test_retry_of_the_client_gets_the_next_answer(replay: ReplayServer) -> None:
    scenario = demo_scenarios()["openai"]["retry"]
    replay.add_scenario(scenario)
    answer = scenario_model(replay, scenario, max_retries=1).invoke(scenario.messages)
    assert answer.text.startswith("Python sorts")


def test_sequence_goes_round(server: ReplayServer) -> None:
    url = server.add("openai", "pair", [{"n": 1}, Answer({"n": 2}, status=503)]) + CHAT
    seen = [(r.status_code, r.json()["n"]) for r in (post(url) for _ in range(3))]
    assert seen == [(200, 1), (503, 2), (200, 1)]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([{"role": "user"}], 1),
        ([{"role": "user"}, {"role": "assistant"}, {"role": "tool"}, {"role": "tool"}], 2),
        ([{"role": "user"}, {"role": "model"}, {"role": "user"}], 2),
        (
            [
                {"role": "user"},
                {"type": "reasoning"},
                {"type": "function_call"},
                {"type": "function_call_output"},
            ],
            2,
        ),
        ([{"role": "user"}, *[{"role": "assistant"}, {"role": "tool"}] * 9], 3),
    ],
    ids=["first", "parallel tools", "gemini", "responses", "past the last"],
)
@pytest.mark.parametrize("key", ["messages", "contents", "input"])
def test_turns_are_counted_in_the_request(
    server: ReplayServer, key: str, messages: Any, expected: int
) -> None:
    url = server.add("openai", "agent", [{"n": 1}, {"n": 2}, {"n": 3}], by="turn") + CHAT
    assert post(url, **{key: messages}).json()["n"] == expected


def test_unknown_scenario_says_what_there_is(server: ReplayServer) -> None:
    server.add("openai", "basic", BODY)
    answer = post(f"{server.base_url('openai', 'baisc')}{CHAT}")
    assert answer.status_code == 404
    assert "its scenarios are basic" in answer.json()["error"]["message"]


def test_headers_and_status_are_sent(server: ReplayServer) -> None:
    url = (
        server.add("openai", "limited", {"error": {}}, 429, {"retry-after": "7", "x-request-id": "req_1"})
        + CHAT
    )
    answer = post(url, stream=True)
    assert (answer.status_code, answer.headers["retry-after"], answer.headers["x-request-id"]) == (
        429,
        "7",
        "req_1",
    )


def test_requests_are_logged(server: ReplayServer) -> None:
    base = server.add("openai", "basic", BODY)
    chat_model("openai", base, "gpt-6.1-sol").invoke("What is logged?")
    logged = server.requests[-1]
    assert (logged.provider, logged.scenario, logged.path) == ("openai", "basic", CHAT)
    assert logged.body["messages"][0]["content"] == "What is logged?"
    assert logged.headers["authorization"].startswith("Bearer replay")


def test_hang_lasts_until_the_client_gives_up(server: ReplayServer) -> None:
    base = server.add("openai", "hang", Answer(BODY, fault="hang"))
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(base + CHAT, json={}, timeout=httpx.Timeout(CEILING_S, read=0.2))


def test_hang_ends_with_the_server() -> None:
    with ReplayServer() as server:
        base = server.add("openai", "hang", Answer(BODY, fault="hang"))
        address = base.split("/")[2].split(":")
        connection = socket.create_connection((address[0], int(address[1])))
        connection.sendall(b"POST /openai/hang/v1/chat/completions HTTP/1.1\r\ncontent-length: 0\r\n\r\n")
        until(lambda: server.requests, "the request")
    connection.settimeout(CEILING_S)
    assert connection.recv(1) == b""


def test_disconnect_before_the_answer(server: ReplayServer) -> None:
    base = server.add("openai", "gone", Answer(BODY, fault="disconnect"))
    with pytest.raises(httpx.RemoteProtocolError):
        post(base + CHAT)


def test_disconnect_after_some_events(server: ReplayServer) -> None:
    base = server.add("openai", "gone", Answer(BODY, fault="disconnect", fault_after=3))
    seen: list[str] = []
    with (
        httpx.stream("POST", base + CHAT, json={"stream": True}) as answer,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        seen.extend(line for line in answer.iter_lines() if line)
    assert len(seen) == 3


def test_chunks_are_delayed_when_asked() -> None:
    with ReplayServer(chunk_delay_s=0.02) as server:
        base = server.add("openai", "slow", BODY)
        started = perf_counter()
        events = [line for line in post(base + CHAT, stream=True).text.splitlines() if line]
    assert perf_counter() - started > 0.02 * len(events)


def test_given_events_win_over_derived_ones(server: ReplayServer) -> None:
    base = server.add("anthropic", "odd", Answer({}, events=[Event({"type": "ping"}, "ping")]))
    assert post(f"{base}/v1/messages", stream=True).text == 'event: ping\ndata: {"type":"ping"}\n\n'


@pytest.mark.parametrize(
    ("framing", "body", "sent"),
    [
        ("json", '{"a": 1}', b'{"a": 1}'),
        ("sse", "data: {}\n\n", b"data: {}\n\n"),
        ("text", b"\xff\x00", b"\xff\x00"),
        ("aws_eventstream_b64", "AAEC", b"\x00\x01\x02"),
        (
            "jsonl_events",
            '{"type": "ping"}\n{"choices": []}\n[DONE]',
            b'event: ping\ndata: {"type":"ping"}\n\ndata: {"choices":[]}\n\ndata: [DONE]\n\n',
        ),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_recorded_bytes_pass_untouched(
    server: ReplayServer, framing: Any, body: Any, sent: bytes, *, stream: bool
) -> None:
    base = server.add("openai", "recorded", recorded_answer(framing, body, status=202))
    answer = post(base + CHAT, stream=stream)
    assert (answer.status_code, answer.content) == (202, sent)


def test_wires_nobody_encodes_get_the_json_body(server: ReplayServer) -> None:
    base = server.add("cohere", "basic", {"message": "hi"})
    assert post(f"{base}/v2/chat", stream=True).json() == {"message": "hi"}


def test_aws_frames_pass_the_crc_checks_of_botocore() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(aws_eventstream(Event({"role": "assistant"}, "messageStart")))
    buffer.add_data(aws_eventstream(Event({"message": "slow down"}, "throttlingException", "exception")))
    event, exception = list(buffer)
    assert event.headers[":event-type"] == "messageStart"
    assert orjson.loads(event.payload) == {"role": "assistant"}
    assert exception.headers[":exception-type"] == "throttlingException"


def test_starts_and_stops_again_and_again() -> None:
    for _ in range(5):
        with ReplayServer() as server:
            place = ("127.0.0.1", urlsplit(server.url).port)
            socket.create_connection(place, CEILING_S).close()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(place, CEILING_S)


def test_extra_is_named_when_an_integration_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "langchain_groq", None)
    with pytest.raises(MissingExtraError, match=r"langchain-respmeta\[demo\]"):
        chat_model("groq", "http://127.0.0.1:1", "openai/gpt-oss-120b")


def test_unknown_provider_lists_the_known() -> None:
    with pytest.raises(ValueError, match="choose one of openai, openai_responses"):
        chat_model("open_ai", "http://127.0.0.1:1", "gpt")
