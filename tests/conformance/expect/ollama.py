"""Ollama's own chat and generate."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, Final

from tests.conformance._facts import Expected, text, whole
from tests.conformance.expect._shared import conclude, finish, logprobs, reasoning, tool_call, total

SECONDS: Final = {
    "total_duration": "provider_total_s",
    "load_duration": "load_s",
    "prompt_eval_duration": "prompt_s",
    "eval_duration": "completion_s",
}


def expect(payload: Any, *, api: str = "chat") -> list[Expected]:
    """What the last line, and all messages before it, say."""
    lines = payload if isinstance(payload, list) else [payload]
    lines = [line for line in lines if isinstance(line, dict)]
    if not lines:
        return []
    last = lines[-1]
    expected = Expected()
    expected.say("api", api)
    expected.say("model", text(last.get("model")))
    _created(expected, text(last.get("created_at")))
    messages = [line.get("message") or line for line in lines]
    for message in messages:
        for call in message.get("tool_calls") or []:
            function = call.get("function") or {}
            tool_call(
                expected, call.get("id"), function.get("name"), json.dumps(function.get("arguments") or {})
            )
    finish(expected, text(last.get("done_reason")), tools=bool(expected.items["tool_calls"]))
    if expected.items["tool_calls"] and last.get("done_reason") == "stop":
        expected.say("finish_reason", "tool_calls", witness="stop")
    reasoning(expected, "".join(message.get("thinking") or "" for message in messages))
    logprobs(expected, [token.get("logprob") for line in lines for token in line.get("logprobs") or []])
    expected.say("usage.input_tokens", whole(last.get("prompt_eval_count")))
    expected.say("usage.output_tokens", whole(last.get("eval_count")))
    total(expected, None)
    for name, to in SECONDS.items():
        if isinstance(value := last.get(name), int):
            expected.say(f"timing.{to}", value / 1e9, witness=value)
    conclude(expected)
    return [expected]


def _created(expected: Expected, moment: str | None) -> None:
    if moment:
        cut = re.sub(r"(\.\d{6})\d+", r"\1", moment)
        expected.say("created_at", datetime.fromisoformat(cut), witness=moment)
