"""A server's refusal is kept without secrets."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from langchain_respmeta._delivery import request
from tests.privacy.test_tells import QUIET, SECRETS


@pytest.mark.parametrize("kind", SECRETS)
def test_what_a_server_says_of_a_refusal_is_kept_without_secrets(kind: str) -> None:
    response = SimpleNamespace(status_code=422, text=f"{'x' * 260} {SECRETS[kind]}", headers={})
    said = request._from_response(response).said
    assert said.startswith("HTTP 422: x")
    assert not [each for each in QUIET if each in said]
