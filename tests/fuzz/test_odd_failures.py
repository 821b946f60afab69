"""A record of any exception holds its readable facts; only the odd part is lost."""

from __future__ import annotations

import email
import json
from typing import Any

import pytest

from langchain_respmeta import ResponseMetadata, RunStart
from langchain_respmeta._reading.failures import draft_of_failure
from tests.fuzz.mutate import Endless, Hostile
from tests.reading.test_sdk_errors import Failed, failed


class Raising(Exception):  # noqa: N818 - stands for any SDK's
    """Raises on any attribute but its status."""

    status_code = 429

    @property
    def body(self) -> Any:
        raise RuntimeError("no")

    response = headers = body

    def __str__(self) -> str:
        raise RuntimeError("no")


BODIES: dict[str, Any] = {
    "a list of 300,000": {"error": {"code": "slow", "details": list(range(300_000))}},
    "a code of 5,000 digits": {"error": {"code": 10**5000, "type": 10**5000}},
    "half a surrogate pair": {"error": {"code": "\ud800", "message": "\ud800"}},
    "a mapping without an end": Endless(),
    "an object that raises": {"error": Hostile()},
}
HEADERS: dict[str, Any] = {
    "100,000 of them": {f"x-{number}": "v" for number in range(100_000)},
    "a mapping without an end": Endless(),
    "an object that raises": Hostile(),
    "a value that raises": {"x-a": Hostile()},
    "a value of 10,000,000 characters": {"x-request-id": "y" * 10_000_000},
    "half a surrogate pair": {"x-a": "\ud800"},
}


def is_whole(record: ResponseMetadata) -> bool:
    """Whether it can be written and read again."""
    return ResponseMetadata.from_dict(json.loads(json.dumps(record.to_dict()))) == record


@pytest.mark.parametrize("name", BODIES)
def test_an_odd_body_costs_no_more_than_itself(name: str) -> None:
    record = failed("ChatOpenAI", Failed(body=BODIES[name], status_code=429, headers={"retry-after": "7"}))
    assert record.error is not None
    assert (record.error.status_code, record.error.type) == (429, "Failed")
    assert (record.error.retryable, record.error.retry_after_s) == (True, 7.0)
    assert is_whole(record)


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("place", ["error", "response", "AWS"])
def test_odd_headers_cost_no_more_than_themselves(name: str, place: str) -> None:
    headers, body = HEADERS[name], {"error": {"code": "slow"}}
    aws = {"ResponseMetadata": {"HTTPStatusCode": 429, "HTTPHeaders": headers}, "Error": {"Code": "slow"}}
    error = {
        "error": Failed(body=body, status_code=429, headers=headers),
        "response": Failed(body=body, response=Failed(status_code=429, headers=headers)),
        "AWS": Failed(response=aws),
    }[place]
    record = failed("ChatOpenAI", error)
    assert record.error is not None
    assert (record.error.status_code, record.error.code) == (429, "slow")
    assert len(json.dumps(record.to_dict())) < 100_000
    assert is_whole(record)


@pytest.mark.parametrize(
    "headers",
    [
        [("Retry-After", "7"), "odd", 3],
        (("retry-after", 7),),
        email.message_from_string("Retry-After: 7\n\n"),
    ],
    ids=["pairs", "a tuple", "http.client's"],
)
def test_headers_are_read_as_any_client_keeps_them(headers: Any) -> None:
    record = failed("ChatOpenAI", Failed(status_code=429, headers=headers))
    assert record.error is not None
    assert record.error.retry_after_s == 7.0


def test_an_exception_that_raises_when_it_is_looked_at_is_told_by_its_type() -> None:
    record = failed("ChatOpenAI", Raising())
    assert record.error is not None
    assert (record.error.type, record.error.status_code, record.error.message) == ("Raising", 429, None)
    assert record.warnings == ("error message could not be read: RuntimeError",)


def test_an_errors_words_are_bounded() -> None:
    draft = draft_of_failure(ValueError("x" * 5_000_000), None, RunStart())
    assert draft["error.message"].endswith("5000000 characters>")


@pytest.mark.parametrize("response", [Hostile(), Endless(), {"generations": [[Hostile()]]}], ids=lambda _: "")
def test_an_odd_result_beside_an_error_leaves_the_error(response: Any) -> None:
    draft = draft_of_failure(Failed(status_code=503), response, RunStart())
    assert (draft["error.status_code"], draft["error.message"]) == (503, "no")
