"""What our log and the outbox say of servers and clients holds no secret."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from langsmith import Client

from langchain_respmeta._delivery import request
from langchain_respmeta._reading.read import draft_of
from langchain_respmeta.langsmith import hiding, seam
from langchain_respmeta.langsmith.metadata import nested_record

SECRETS = {
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJlLXF1aWV0",
    "PEM": "-----BEGIN RSA PRIVATE KEY-----\nMIIEquietquiet\n-----END RSA PRIVATE KEY-----",
    "Basic": "Basic amFuZTpxdWlldHF1aWV0",
    "AWS": "https://b.s3.amazonaws.com/k?X-Amz-Credential=AKquiet&X-Amz-Signature=c0ffeequiet",
    "GCS": "https://storage.googleapis.com/b/o?GoogleAccessId=quiet@p.example&X-Goog-Signature=c0ffeequiet",
    "Azure": "https://a.blob.core.windows.net/c/b?sv=2024&sig=c0ffeequiet%3D",
}
QUIET = ("quiet", "cXVpZXQ", "amFuZTpxdWlldHF1aWV0", "c2lnbmF0dXJlLXF1aWV0")


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_leaves_from_no_place_with_content_included(kind: str) -> None:
    secret = SECRETS[kind]
    message = {
        "type": "ai",
        "content": [
            {
                "type": "text",
                "text": "a",
                "annotations": [{"type": "url_citation", "url": secret, "title": secret}],
            },
            {"type": "image", "url": secret},
            {"type": "refusal", "refusal": f"no: {secret}"},
            {"type": "reasoning", "reasoning": f"I see {secret}"},
        ],
        "response_metadata": {"model_provider": "openai", "odd": {"deep": [secret]}, "id": secret},
    }
    draft = draft_of(message)
    draft["error.message"] = f"failed with {secret}"
    draft["tool_executions"] = [{"tool_name": "t", "tool_args": {"a": secret}, "result": secret}]
    sent = json.dumps(nested_record(draft, include_content=True))
    assert not [each for each in QUIET if each in sent]


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


@pytest.mark.parametrize("kind", SECRETS)
def test_what_a_server_says_of_a_refusal_is_kept_without_secrets(kind: str) -> None:
    response = SimpleNamespace(status_code=422, text=f"{'x' * 260} {SECRETS[kind]}", headers={})
    said = request._from_response(response).said
    assert said.startswith("HTTP 422: x")
    assert not [each for each in QUIET if each in said]
