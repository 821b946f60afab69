"""Running cells of the matrix: a way of calling, a place for the handler, zstd on or off."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from langchain_core.runnables import RunnableLambda
from langchain_core.tracers import LangChainTracer
from langsmith import Client

from langchain_respmeta._process.faults import FAULTS
from langchain_respmeta._process.state import STATE
from langchain_respmeta.local import LocalServer
from tests.attachment import styles, styles_graphs
from tests.attachment.check import faults_in, metadata_of
from tests.attachment.model import NumberedModel
from tests.attachment.places import PLACES, Cell, tracing_to
from tests.attachment.setting import STYLES, NotPossibleError
from tests.sending import send_all

WAYS = (styles, styles_graphs)
"""Modules that fill the table of ways when they are imported."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one cell."""

    calls: int = 0
    """Model runs."""
    roots: int = 0
    faults: tuple[str, ...] = ()
    skipped: str | None = None
    """Why there is no such cell."""


class Bench:
    """Two servers, and a client for each, that cells are run against."""

    def __init__(self, stack: ExitStack, *, zstd: bool) -> None:
        self.server, self.second = (stack.enter_context(LocalServer(info=_info(zstd=zstd))) for _ in range(2))
        self.client, self.second_client = (
            _client(stack, server.url) for server in (self.server, self.second)
        )

    def run(self, style: str, place: str, make: Callable[..., Any] = NumberedModel) -> Outcome:
        """Run one cell and judge it; in a context of its own, for old SDKs leave their replicas behind in it.

        Args:
            style: The way of calling.
            place: Where the handler is.
            make: Makes the chat models.
        """
        return copy_context().run(self._run, style, place, make)

    def _run(self, style: str, place: str, make: Callable[..., Any]) -> Outcome:
        project = f"{style}-{place}-{next(_numbers)}"
        STATE[FAULTS].clear()
        with ExitStack() as stack:
            stack.enter_context(tracing_to(self.client, self.server.url, project))
            cell = Cell(project, self.client, self.second_client, stack)
            setting = replace(PLACES[place](cell), make=make)
            before = [len(handler.records) for handler in cell.handlers]
            try:
                calls = STYLES[style](setting)
            except NotPossibleError as reason:
                return Outcome(skipped=str(reason))
        return self._judge(cell, calls, before)

    def _judge(self, cell: Cell, calls: int, before: list[int]) -> Outcome:
        send_all(self.client)
        found = list(_faults_of_records(cell, calls, before))
        found += [f"fault in the handler: {kind}" for kind in STATE[FAULTS]]
        runs = self.server.store.runs(project=cell.project)
        servers = [(self.server, cell.project, False), *((self.server, name, True) for name in cell.copies)]
        if cell.uses_second_server:
            send_all(self.second_client)
            servers.append((self.second, cell.project, False))
        for server, project, copied in servers:
            stored = server.store.runs(project=project)
            models = [run for run in stored if run["run_type"] == "llm"]
            if len(models) != calls:
                found.append(f"{len(models)} model runs in {project}, not {calls}")
            found += faults_in(stored, cell.project, cell.prefixes, copied=copied)
        found += _refusals(self.server)
        if cell.uses_second_server and self._mixes_up_tracers:
            found = [fault for fault in found if not fault.startswith(("chain ", "root ", "POST "))]
        roots = sum(run["parent_run_id"] is None and "respmeta" in metadata_of(run) for run in runs)
        return Outcome(calls, roots, tuple(found))

    @cached_property
    def _mixes_up_tracers(self) -> bool:
        """Whether this langchain-core, with no handler of ours, sends a chain's end twice to one of two tracers."""
        project = "probe"
        with tracing_to(self.client, self.server.url, project):
            clients = (self.client, self.second_client)
            tracers = [LangChainTracer(project_name=project, client=client) for client in clients]
            chain = RunnableLambda(lambda question: question) | RunnableLambda(lambda question: question)
            chain.invoke("why?", {"callbacks": [*tracers]})
        send_all(self.client)
        send_all(self.second_client)
        self.server.requests.clear()
        sent = [run for server in (self.server, self.second) for run in server.store.runs(project=project)]
        return any(run["patches"] > 1 or run["end_time"] is None for run in sent)


@contextmanager
def bench(*, zstd: bool) -> Iterator[Bench]:
    """Servers and clients for a while."""
    with ExitStack() as stack:
        yield Bench(stack, zstd=zstd)


def _info(*, zstd: bool) -> dict[str, object]:
    return {"instance_flags": {"zstd_compression_enabled": zstd}}


def _client(stack: ExitStack, url: str) -> Client:
    client = Client(api_url=url, api_key="any")
    stack.callback(client.cleanup)
    _ = client.info
    return client


def _faults_of_records(cell: Cell, calls: int, before: list[int]) -> Iterator[str]:
    for handler, known in zip(cell.handlers, before, strict=True):
        records = list(handler.records)[known:]
        if len(records) != calls:
            yield f"a handler has {len(records)} records of {calls} calls"
        ids = [record.run_id for record in records]
        if len(set(ids)) != len(ids):
            yield "a handler has two records of one run"


def _refusals(server: LocalServer) -> Iterator[str]:
    for request in server.requests:
        if request.status >= 400:
            yield f"{request.method} {request.path} was answered {request.status}"
    server.requests.clear()
