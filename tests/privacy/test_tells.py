"""No secret leaves in a run's record with content included."""

from __future__ import annotations

import json

import pytest

from langchain_respmeta._reading.read import draft_of
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
