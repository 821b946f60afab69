"""An SDK's object gives the same body as its JSON, whatever it is made of, and what the SDK knows beside it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import httpx
import pydantic
import pytest

from langchain_respmeta import normalize
from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.providers.raw.body import raw_body_of

BODY: dict[str, Any] = {
    "id": "chatcmpl-7",
    "object": "chat.completion",
    "created": 1_760_000_000,
    "model": "gpt-5",
    "choices": [
        {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": "Paris"}}
    ],
    "usage": {"prompt_tokens": 11, "completion_tokens": 4, "total_tokens": 15},
}


class Finish(StrEnum):
    LENGTH = "length"


class Message(pydantic.BaseModel):
    role: str
    content: str
    refusal: str | None = None


class Choice(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    index: int
    why: Finish = pydantic.Field(alias="finish_reason")
    message: Message


class Completion(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    id: str
    choices: list[Choice]
    secret: str = pydantic.Field(default="x", exclude=True)


@dataclasses.dataclass
class Usage:
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


@dataclasses.dataclass
class Field:
    """What such libraries know of a field."""

    name: str
    alias: str


class Attributes:
    """As attrs writes a class."""

    __attrs_attrs__ = tuple(map(Field, BODY, BODY))

    def __init__(self, body: dict[str, Any]) -> None:
        self.__dict__.update(body)


class Dumping:
    def to_dict(self) -> dict[str, Any]:
        return BODY


class Version1:
    """As pydantic 1 writes a class."""

    __fields__ = MappingProxyType({f"{name}_": Field(name, name) for name in BODY})

    def __init__(self, body: dict[str, Any]) -> None:
        self.__dict__.update({f"{name}_": value for name, value in body.items()}, _private=1)

    def dict(self) -> Any:
        raise AssertionError("a copy without a bound")


def _struct() -> Any:
    json_format = pytest.importorskip("google.protobuf.json_format")
    struct = pytest.importorskip("google.protobuf.struct_pb2")
    return json_format.ParseDict(BODY, struct.Struct())


MADE: dict[str, Callable[[], Any]] = {
    "JSON": lambda: json.dumps(BODY),
    "bytes": lambda: json.dumps(BODY).encode(),
    "pydantic": lambda: Completion.model_validate(BODY),
    "a mapping of objects": lambda: {**BODY, "choices": [Choice.model_validate(BODY["choices"][0])]},
    "pydantic 1": lambda: Version1(BODY),
    "attrs": lambda: Attributes(BODY),
    "dump": Dumping,
    "dataclass": lambda: {**BODY, "usage": Usage(**BODY["usage"])},
    "protobuf": _struct,
    "httpx": lambda: httpx.Response(200, json=BODY),
}


@pytest.mark.parametrize("kind", MADE)
def test_an_object_gives_the_body_of_its_json(kind: str) -> None:
    found = raw_body_of(MADE[kind]())
    assert found is not None
    assert found.body == BODY


@pytest.mark.parametrize("kind", MADE)
def test_an_object_gives_the_record_of_its_json(kind: str) -> None:
    headers = ("http", "rate_limits")
    record, expected = normalize(MADE[kind]()).to_dict(), normalize(BODY).to_dict()
    assert [record.pop(name, None) for name in headers][1] is None
    assert record == expected
    assert record["usage"]["input_tokens"] == BODY["usage"]["prompt_tokens"]


# --- what comes beside it --------------------------------------------------------------------------------------------

HEADERS = {"X-Request-Id": "req_9", "x-ratelimit-limit-requests": "100", "set-cookie": "secret"}
ADDRESS = "https://api.groq.com/openai/v1/chat/completions"


def _httpx() -> Any:
    request = httpx.Request("POST", ADDRESS)
    return httpx.Response(200, json=BODY, headers=HEADERS, request=request)


def _requests() -> Any:
    requests = pytest.importorskip("requests")
    response = requests.Response()
    response.status_code, response.url = 200, ADDRESS
    response.headers.update(HEADERS)
    response._content = json.dumps(BODY).encode()
    return response


class Wrapper:
    """As `with_raw_response` of the SDKs that are generated as OpenAI's is."""

    def __init__(self, response: httpx.Response) -> None:
        self.http_response = response

    def parse(self) -> Completion:
        return Completion.model_validate_json(self.http_response.content)


class Awaited(Wrapper):
    async def parse(self) -> Completion:  # type: ignore[override]
        raise AssertionError("nobody awaits it")


class Failing(Wrapper):
    def parse(self) -> Completion:
        raise ValueError("the SDK knows no such type")


class HttpResponse:
    """As `with_raw_response` of Cohere's SDK."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.headers = dict(response.headers)
        self.status_code = response.status_code
        self.data = Completion.model_validate_json(response.content)


ENVELOPES: dict[str, Callable[[], Any]] = {
    "httpx": _httpx,
    "requests": _requests,
    "wrapper": lambda: Wrapper(_httpx()),
    "awaited wrapper": lambda: Awaited(_httpx()),
    "wrapper of an unknown type": lambda: Failing(_httpx()),
    "Cohere's wrapper": lambda: HttpResponse(_httpx()),
}


@pytest.mark.parametrize("kind", ENVELOPES)
def test_an_http_response_tells_its_headers_and_who_was_called(kind: str) -> None:
    record = normalize(ENVELOPES[kind]())
    assert record.provider == "groq"
    assert record.finish_reason == "length"
    assert record.rate_limits is not None
    assert record.rate_limits.requests_limit == 100
    assert record.http is not None
    assert record.http.headers["x-request-id"] == "req_9"
    assert "set-cookie" not in record.http.headers


def test_the_callers_own_word_counts_more_than_the_address() -> None:
    assert normalize(_httpx(), "deepseek").provider == "deepseek"
    assert normalize(_httpx(), "https://api.cerebras.ai/v1").provider == "cerebras"


def _called_openai(url: str) -> Any:
    sdk = pytest.importorskip("openai")
    return sdk.OpenAI(api_key="none", base_url=f"{url}/v1").chat.completions, {}


def _called_anthropic(url: str) -> Any:
    sdk = pytest.importorskip("anthropic")
    return sdk.Anthropic(api_key="none", base_url=url).messages, {"max_tokens": 9}


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [{"type": "text", "text": "Paris"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 11, "output_tokens": 4},
}
SDKS: dict[str, tuple[Callable[[str], Any], Any, str]] = {
    "openai": (_called_openai, BODY, "x-request-id"),
    "anthropic": (_called_anthropic, MESSAGE, "request-id"),
}


@pytest.mark.parametrize("raw", [False, True], ids=["object", "with_raw_response"])
@pytest.mark.parametrize("sdk", SDKS)
def test_real_sdks_tell_the_requests_id(replay: ReplayServer, sdk: str, *, raw: bool) -> None:
    called_at, body, header = SDKS[sdk]
    called, asked = called_at(replay.add(sdk, "ids", body, headers={header: "req_1"}))
    create = (called.with_raw_response if raw else called).create
    record = normalize(create(model="any", messages=[{"role": "user", "content": "Hi"}], **asked))
    assert record.http is not None
    assert record.http.headers[header] == "req_1"
    assert record.usage is not None
    assert record.usage.input_tokens == 11


class Town(pydantic.BaseModel):
    name: str


def test_of_what_the_sdk_parsed_only_the_type_is_told() -> None:
    class Parsed(Message):
        parsed: Any = None

    message = Parsed(role="assistant", content='{"name": "Paris"}', parsed=Town(name="Paris"))
    record = normalize({**BODY, "choices": [{"finish_reason": "stop", "message": message}]})
    assert record.structured_output is not None
    assert record.structured_output.type_name == "Town"


# --- hostile objects -------------------------------------------------------------------------------------------------


class Raising:
    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class RaisingDump:
    def model_dump(self) -> Any:
        raise RuntimeError("no")


class Endless(pydantic.BaseModel):
    """Holds itself twice."""

    id: str = "endless"
    one: Any = None
    two: Any = None


def _endless() -> Endless:
    endless = Endless()
    endless.one = endless.two = endless
    return endless


@dataclasses.dataclass
class HalfRaising:
    choices: list[Any]
    usage: Any = None

    def __getattribute__(self, name: str) -> Any:
        if name == "usage":
            raise RuntimeError(name)
        return super().__getattribute__(name)


@pytest.mark.parametrize("hostile", [Raising, RaisingDump, _endless, object, lambda: iter(()), lambda: 7])
def test_no_object_makes_it_raise(hostile: Callable[[], Any]) -> None:
    found = raw_body_of(hostile())
    assert found is None or "choices" not in found.body


def test_an_attribute_that_raises_costs_itself_alone() -> None:
    record = normalize(HalfRaising(BODY["choices"]))
    assert record.finish_reason == "length"
    assert record.usage is None


def test_headers_are_bounded() -> None:
    def many() -> Iterator[tuple[str, str]]:
        return ((f"x-{number}", "1") for number in range(100_000))

    found = raw_body_of(httpx.Response(200, json=BODY, headers=list(many())))
    assert found is not None
    assert len(found.headers) < 1_000
