"""One call of one integration class, answered with one recorded body, seen by the handler and the probe."""

from __future__ import annotations

import importlib
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from langchain_core.messages import HumanMessage

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.demo import Answer, recorded_answer
from tests.conformance._probe import Probe
from tests.conformance._rows import Row
from tests.conformance._server import Server
from tests.conformance._targets import Target, cache_key

MODES: Final = ("invoke", "stream", "v3")


@dataclass(frozen=True, slots=True)
class Call:
    """How a row is asked for."""

    row: Row
    target: Target
    mode: str
    with_headers: bool = False

    @property
    def label(self) -> str:
        """Of the table's row."""
        return f"{self.row.provider} {self.row.kind.partition(' ')[0]} {self.target.name}"

    @property
    def way(self) -> str:
        """The mode, and whether headers were asked for."""
        return self.mode + (" with headers" if self.with_headers else "")


@dataclass(slots=True)
class Observed:
    """What came of a call."""

    call: Call
    records: list[Any]
    probe: Probe
    error: BaseException | None = None
    requested: str | None = None
    """The model's name as it was asked for."""


def calls_of(row: Row, targets: tuple[Target, ...]) -> Iterator[Call]:
    """Every way a user could have made this call."""
    for target in targets:
        if not target.replayed or (row.failed and target.patient):
            continue
        modes = ("stream", "v3") if row.streaming and not row.failed else ("invoke",)
        for mode in modes:
            if mode == "v3" and not target.v3:
                continue
            yield Call(row, target, mode)
        if target.headers and row.headers and not row.failed:
            yield Call(row, target, modes[0], with_headers=True)


class Caller:
    """Makes calls; keeps one model for each class and settings."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._models: dict[str, Any] = {}

    def make(self, call: Call) -> Observed:
        """Make one call. Whatever the integration raises is part of what is observed."""
        self._server.answer = _answer(call.row, call.target)
        handler = RespMetaHandler(metadata=False, feedback=False, include_content=True)
        seen = Observed(call, [], Probe())
        prompt = [HumanMessage(call.target.prompt(call.row))]
        asked = (prompt, {"callbacks": [seen.probe, handler]}, call.target.bind(call.row))
        settings = self._settings(call)
        seen.requested = settings.get("model") or settings.get("model_id")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                _run(self._model(call.target, settings), call.mode, *asked)
            except Exception as fault:  # noqa: BLE001 - what an integration cannot read is counted apart
                seen.error = fault
            seen.records = list(handler.records)
        return seen

    def _settings(self, call: Call) -> dict[str, Any]:
        row = call.row
        settings = call.target.settings(row, f"http://{row.host or 'localhost'}:{self._server.port}")
        if call.with_headers:
            settings["include_response_headers"] = True
        return settings

    def _model(self, target: Target, settings: dict[str, Any]) -> Any:
        key = cache_key(target, settings)
        if key not in self._models:
            model = getattr(importlib.import_module(target.module), target.name)(**settings)
            target.prepare(model)
            self._models[key] = model
        return self._models[key]


def _run(model: Any, mode: str, prompt: list[Any], config: Any, bind: dict[str, Any]) -> None:
    if mode == "invoke":
        model.invoke(prompt, config, **bind)
        return
    events = model.stream if mode == "stream" else partial(model.stream_events, version="v3")
    for _ in events(prompt, config, **bind):
        pass


def _answer(row: Row, target: Target) -> Answer:
    framing, body = row.framing, row.body
    if target.framing == "sse" and framing == "json_array":
        framing, body = "sse", "".join(f"data: {json.dumps(event)}\r\n\r\n" for event in row.payload())
    if target.framing == "json_array" and framing == "sse":
        framing, body = "json_array", json.dumps(row.payload())
    answer = recorded_answer(framing, body, status=row.status, headers=row.headers)  # type: ignore[arg-type]
    headers = {**answer.headers}
    if framing != row.framing or "content-type" not in headers:
        headers["content-type"] = answer.content_type
    return replace(answer, headers=headers)
