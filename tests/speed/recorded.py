"""What the installed integrations hand over of recorded answers: each answer and start at the door of the reading."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._runs import read_outcome
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model
from langchain_respmeta.errors import MissingExtraError
from tests.conformance._calls import Caller, calls_of
from tests.conformance._rows import Row, rows
from tests.conformance._server import Server, every_host_is_here
from tests.conformance._targets import targets_of
from tests.speed.case import Case, case_of, start_data


@contextmanager
def overheard() -> Iterator[list[Case]]:
    """Fill a list with what is about to be read, streams put together and repaired."""
    found: list[Case] = []
    real = read_outcome.drafts_of

    def heard(answers: Any, start: Any) -> Any:
        found.extend(case_of("", answer, start_data(start)) for answer in answers)
        return real(answers, start)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_outcome, "drafts_of", heard)
        yield found


def of_rows(picked: Iterable[Row] | None = None) -> Iterator[Case]:
    """The answers of recorded rows, all by default, in each way that a user could have asked for them."""
    logging.disable(logging.CRITICAL)  # integrations log what they cannot read
    try:
        with Server() as server, every_host_is_here(), overheard() as found:
            caller = Caller(server)
            for row in rows() if picked is None else picked:
                for call in calls_of(row, targets_of(row)):
                    if call.target.installed and not row.failed:
                        caller.make(call)
                        yield from _named(found, f"{row.index} {call.label} {call.way}")
                if row.index % 25 == 0:
                    gc.collect(2 if row.index % 500 == 0 else 1)
    finally:
        logging.disable(logging.NOTSET)


def of_demo() -> Iterator[Case]:
    """The demo's answers, at once, streamed, and as the events of a stream."""
    with ReplayServer() as server, overheard() as found:
        for group in demo_scenarios().values():
            for scenario in group.values():
                server.add_scenario(scenario)
                for mode, ask in _MODES.items():
                    try:
                        model = scenario_model(server, scenario, max_retries=0)
                        handler = RespMetaHandler(metadata=False, feedback=False)
                        ask(model, scenario.messages, {"callbacks": [handler]})
                        list(handler.records)
                    except MissingExtraError:
                        break
                    except Exception:  # noqa: BLE001, S110 - scenarios that fail, each with its SDK's own exception
                        pass
                    yield from _named(found, f"demo {scenario.provider} {scenario.name} {mode}")


_MODES: dict[str, Callable[[Any, Any, Any], object]] = {
    "invoke": lambda model, messages, config: model.invoke(messages, config),
    "stream": lambda model, messages, config: list(model.stream(messages, config)),
    "v3": lambda model, messages, config: list(model.stream_events(messages, config, version="v3")),
}


def _named(found: list[Case], name: str) -> Iterator[Case]:
    cases = found.copy()
    found.clear()
    for case in cases:
        case.name = name
        yield case
