"""What LangSmith's docs leave open does not matter: whether bounds are inclusive, how exact they are, in which order
runs come, whether a run comes twice, how many a page has."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_respmeta.history.pull.connection import Connection
from langchain_respmeta.history.pull.manifest import Identity, Manifest
from langchain_respmeta.history.pull.moments import micros, moment_of
from langchain_respmeta.history.pull.parts import PartLimits
from langchain_respmeta.history.pull.patience import Patience
from langchain_respmeta.history.pull.query import RunQuery, Selection
from langchain_respmeta.history.pull.windows import Window
from langchain_respmeta.history.pull.work import FolderPull
from tests.history.pull.seeds import FIRST, ids

MILLISECOND = 1_000
DAY = timedelta(days=1)
SPAN = Window(micros(FIRST), micros(FIRST + 2 * DAY))


@dataclass
class Server:
    """Stands in for the SDK's `runs`, and answers as the docs allow."""

    runs: list[tuple[str, int]]
    """Id and start time."""
    order: str
    is_inclusive: bool
    grain: int
    """Microseconds to which bounds are rounded down."""
    repeats: bool
    most: int
    """Runs on a page."""
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def with_streaming_response(self) -> Self:
        return self

    @contextmanager
    def query(self, *, min_start_time: datetime, max_start_time: datetime, **asked: Any) -> Iterator[Any]:
        self.asked.append(asked)
        low, high = (micros(bound) // self.grain * self.grain for bound in (min_start_time, max_start_time))
        found = [
            (one, start)
            for one, start in self.runs
            if (low <= start <= high if self.is_inclusive else low < start < high)
        ]
        found = self._ordered(found)
        at = int(asked.get("cursor", 0))
        end = at + min(asked["page_size"], self.most)
        page = found[max(0, at - 1) if self.repeats else at : end]
        items = [
            {"id": one, "start_time": moment_of(start).isoformat(), "status": "SUCCESS"}
            for one, start in page
        ]
        body = {"items": items, "next_cursor": str(end) if end < len(found) else None}
        yield _Answer(orjson.dumps(body))

    def _ordered(self, found: list[tuple[str, int]]) -> list[tuple[str, int]]:
        if self.order == "any":
            shuffled = sorted(found)
            random.Random(len(found)).shuffle(shuffled)  # noqa: S311 - no secret
            return shuffled
        return sorted(found, key=lambda run: (run[1], run[0]), reverse=self.order == "newest first")


@dataclass
class _Answer:
    body: bytes

    def iter_bytes(self) -> Iterator[bytes]:
        yield self.body


MOMENTS = st.one_of(
    st.integers(SPAN.start - 5 * MILLISECOND, SPAN.end + 5 * MILLISECOND),
    st.sampled_from([SPAN.start, SPAN.start - 1, SPAN.end, SPAN.end - 1, SPAN.start + 3_600_000_000]),
    st.integers(SPAN.start + 7_000_000, SPAN.start + 7_000_020),
)
SERVERS = st.builds(
    Server,
    runs=st.lists(MOMENTS, max_size=60).map(
        lambda starts: [(f"{number:04d}", start) for number, start in enumerate(starts)]
    ),
    order=st.sampled_from(["newest first", "oldest first", "any"]),
    is_inclusive=st.booleans(),
    grain=st.sampled_from([1, MILLISECOND]),
    repeats=st.booleans(),
    most=st.integers(1, 20),
)


@pytest.fixture(autouse=True)
def _no_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langchain_respmeta.history.pull.patience.PER_MINUTE", 10**9)
    monkeypatch.setattr("langchain_respmeta.history.pull.manifest.os.fsync", lambda _: None)


@settings(max_examples=40)
@given(SERVERS)
def test_the_runs_of_the_span_come_once_and_in_order(server: Server) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        connection = Connection(client=None, runs=server, headers={}, closers=())  # type: ignore[arg-type]
        asked = RunQuery(connection, Patience(1, print), Selection("p", None, None, has_inputs=False))
        manifest = Manifest(folder, Identity("p", "p", None, None, inputs=False))
        FolderPull(folder, manifest, asked, 0, lambda _: None, PartLimits(rows=8)).bring(SPAN)
        wanted = sorted((start, one) for one, start in server.runs if SPAN.start <= start < SPAN.end)
        found = ids(folder)
    assert sorted(found) == sorted(one for _, one in wanted)
    starts = dict(server.runs)
    assert [starts[one] for one in found] == [start for start, _ in wanted]
