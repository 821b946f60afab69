"""The compiled readers of this process: learned from answers that come, bounded, and left whenever one does not fit."""

from __future__ import annotations

from collections import deque
from copy import copy
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.faults import report
from langchain_respmeta._process.state import Part
from langchain_respmeta._reading.compiled.proof import is_proven
from langchain_respmeta._reading.compiled.row import MESSAGES, RESULTS, Form, row_taker
from langchain_respmeta._reading.compiled.shape import (
    Shape,
    Taken,
    key_of,
    key_of_parts,
    shape_of,
)
from langchain_respmeta._reading.compiled.trace import Read, traced
from langchain_respmeta._reading.general import read_generally
from langchain_respmeta._reading.starts import KnownStart
from langchain_respmeta._reading.stream_repair import is_as_it_came
from langchain_respmeta.providers.engine.usual_answer import UsualParts, usual_parts
from langchain_respmeta.providers.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from langchain_respmeta._reading.stream_notes import StreamNotes
    from langchain_respmeta.providers.engine.answer import Answer
    from langchain_respmeta.providers.engine.run_start import RunStart
    from langchain_respmeta.providers.engine.scratch import ReadDraft

WHEN_WORK_COMES: Final[list[Callable[[], None]]] = []
"""Called when something begins to wait for `work_off`: whoever has a thread for it is listed here."""

MAX_READERS: Final = 1_024
"""Compiled readers kept; with one more all are forgotten, and those in use are compiled anew."""

MAX_SHAPES: Final = 8
"""Shapes of answers that have the same keys at the top."""

MAX_GUARDS: Final = 16
"""Readers for one combination of words: they differ in what their numbers are like (a count is 0, or is not)."""

MAX_WORDS: Final = 256
"""Combinations of words of one shape that have readers: words that are as many are no words."""

MAX_TRIES: Final = 16
"""Answers of one shape that may be tried in vain."""

MAX_FAILED: Final = 4
"""Answers with the same words that may be tried in vain."""

MAX_SEEN: Final = 4_096
"""Answers without a reader that are known as having come before."""

MAX_WAITING: Final = 32
"""Answers that wait to be learned."""


_RESULTS: Final = "langchain_core.outputs.llm_result"
"""Where core's own result is defined."""


class CompiledReader:
    """One compiled reader, and how its drafts are priced."""

    __slots__ = ("of_drafts", "of_live", "plans", "read")

    def __init__(self, read: Read) -> None:
        self.read = read
        self.of_drafts: Any = None
        """What all its drafts have in common, for whoever reads many: see `handler.stored_rows`."""
        self.of_live: Any = None
        """The same for live calls, which another straight way reads: see `handler.live_calls`."""
        self.plans: dict[bool, Callable[[Any], dict[str, object] | None] | None] = {}
        """Price plans, by whether the answer was streamed; None where there can be none."""


class _Known:
    """What is known of one shape."""

    __slots__ = ("body", "readers", "take", "tries")

    def __init__(self, shape: Shape) -> None:
        self.body = shape.body
        self.take = shape.take
        """The words and holes of an answer's parts; None where it has another shape."""
        self.readers: dict[tuple[Any, ...], list[CompiledReader]] = {}
        self.tries = 0

    def may_learn(self) -> bool:
        """Whether further readers may be tried."""
        return self.tries <= MAX_TRIES and len(self.readers) < MAX_WORDS

    def read(self, taken: Taken) -> tuple[CompiledReader, ReadDraft] | None:
        """The draft of an answer of this shape, and what read it."""
        words, values = taken
        for reader in self.readers.get(words, ()):
            draft: Any = reader.read(*values)
            if draft is not None:
                return reader, draft
        return None

    def take_of(self, answer: Answer) -> Taken | None:
        """The same of an answer."""
        return self.take(*_parts_of(answer))


def _parts_of(answer: Answer) -> tuple[Any, ...]:
    """What `take` takes apart."""
    return (
        answer.metadata,
        answer.usage,
        answer.kwargs,
        answer.content,
        answer.message_id,
        answer.tool_calls,
        answer.tool_call_chunks,
    )


class _Stored(NamedTuple):
    """What is stored in one form, with the same keys and answers of one shape."""

    take: Callable[..., Taken | None]
    known: _Known
    is_chunk: bool
    is_protocol: bool


FastResult: TypeAlias = "tuple[CompiledReader, ReadDraft, bool, bool]"
"""What read a stored answer, its draft, and whether its message is a merged stream's, or a protocol stream's."""


class Readers:
    """Compiled readers by start, keys, words and numbers."""

    def __init__(self) -> None:
        self._known: dict[Any, list[_Known]] = {}
        self._stored: dict[Form, dict[int, list[_Stored]]] = {RESULTS: {}, MESSAGES: {}}
        """By the number of their start."""
        self._size = 0
        self._providers = REGISTRY.changes
        self._seen: Bounded[int, int] = Bounded(MAX_SEEN)
        """Answers that came before, by their hash → how often they could not be learned."""
        self._waiting: deque[Callable[[], object]] = deque(maxlen=MAX_WAITING)

    def clear(self) -> None:
        """Forget all."""
        self._known, self._size, self._providers = {}, 0, REGISTRY.changes
        self._stored = {RESULTS: {}, MESSAGES: {}}

    def read(self, answer: Answer, start: RunStart) -> ReadDraft | None:
        """Read an answer; None where no reader fits. Never raises."""
        try:
            return self._read(answer, start)
        except Exception:  # noqa: BLE001 - a foreign key or value may raise when it is compared: then no reader fits
            return None

    def _read(self, answer: Answer, start: RunStart) -> ReadDraft | None:
        key = key_of(answer)
        if key is None or not isinstance(start, KnownStart) or self._providers != REGISTRY.changes:
            return None
        found = self._find((start.key, key), *_parts_of(answer))
        if found is None:
            return None
        _, answer.compiled, draft = found
        return draft

    def read_stored(
        self, stored: dict[str, Any], start: KnownStart, form: Form = RESULTS
    ) -> FastResult | None:
        """Read what is stored, and tell what read it; None where it is no usual one of its form, or no reader fits.

        Raises:
            Exception: a foreign key or value may raise when it is compared: then no reader fits.
        """
        if self._providers != REGISTRY.changes:
            return None
        for one in self._stored[form].get(start.key, ()):
            taken = one.take(stored)
            if taken is not None and (found := one.known.read(taken)) is not None:
                return *found, one.is_chunk, one.is_protocol
        return self._read_usual(stored, start, form)

    def _read_usual(self, stored: dict[str, Any], start: KnownStart, form: Form) -> FastResult | None:
        parts = form.parts(stored)
        if parts is None:
            return None
        if parts.is_protocol and not (parts.content or parts.tool_calls):
            return None  # see `read_outcome`: such an answer does not tell whether it refused
        found = self._read_parts(parts, start)
        if found is None:
            return None
        known, reader, draft = found
        alike = self._stored[form].setdefault(start.key, [])
        if len(alike) < MAX_SHAPES and (take := row_taker(form, stored, parts, known.body)) is not None:
            alike.append(_Stored(take, known, parts.is_chunk, parts.is_protocol))
        return reader, draft, parts.is_chunk, parts.is_protocol

    def read_live(
        self, response: Any, start: KnownStart, stream: StreamNotes | None
    ) -> tuple[CompiledReader, ReadDraft] | None:
        """Read a live result with one message, and tell what read it; None where it is none, or no reader fits.

        Args:
            response: The result.
            start: How the call started.
            stream: What was noted of a stream, whose message must be merged of chunks, and need no repair.

        Raises:
            Exception: as `read_stored`.
        """
        if response.__class__.__module__ != _RESULTS or self._providers != REGISTRY.changes:
            return None
        parts = usual_parts(response.generations, response.llm_output)
        if parts is None or parts.is_protocol or parts.is_chunk is (stream is None):
            return None
        if stream is not None and not is_as_it_came(parts.metadata, parts.usage, stream):
            return None
        found = self._read_parts(parts, start)
        return None if found is None else found[1:]

    def _read_parts(
        self, parts: UsualParts, start: KnownStart
    ) -> tuple[_Known, CompiledReader, ReadDraft] | None:
        metadata, usage, kwargs, content, message_id, calls, invalid, chunks, is_chunk, is_protocol = parts
        flags = is_chunk, is_protocol, True
        key = key_of_parts(metadata, usage, kwargs, content, calls, invalid, chunks, flags)
        if key is None:
            return None
        return self._find((start.key, key), metadata, usage, kwargs, content, message_id, calls, chunks)

    def _find(self, key: Any, *parts: Any) -> tuple[_Known, CompiledReader, ReadDraft] | None:
        for known in self._known.get(key, ()):
            taken = known.take(*parts)
            if taken is not None and (found := known.read(taken)) is not None:
                return known, *found
        return None

    def want(self, answer: Answer, start: RunStart) -> None:
        """Learn from the answer when there is time, if one like it came before: what comes once needs no reader."""
        try:
            self._want(answer, start)
        except Exception as fault:  # noqa: BLE001 - as above; the general reader reads it
            report("looking whether an answer is known", fault)

    def _want(self, answer: Answer, start: RunStart) -> None:
        key = key_of(answer)
        if key is None or not isinstance(start, KnownStart):
            return
        # Its hash, for its words may be private.
        sight = hash((start.key, key, self._words(answer, start.key, key)))
        failed = self._seen.get(sight)
        if failed is None:
            self._seen.keep(sight, 0)
        elif failed < MAX_FAILED:
            one = copy(answer)
            self.do_later(lambda: self._try(one, start, sight))

    def _try(self, answer: Answer, start: RunStart, sight: int) -> None:
        if self.read(answer, start) is None and not self.learn(answer, start):
            self._seen.keep(sight, self._seen.get(sight, 0) + 1)

    def _words(self, answer: Answer, start: Hashable, key: Hashable) -> tuple[Any, ...] | None:
        for known in self._known.get((start, key), ()):
            taken = known.take_of(answer)
            if taken is not None:
                return taken[0]
        return None

    def do_later(self, work: Callable[[], object]) -> None:
        """Do `work` when there is time: compiling takes longer than a call may wait."""
        self._waiting.append(work)
        for tell in WHEN_WORK_COMES:
            tell()

    @property
    def has_work(self) -> bool:
        """Whether something waits for `work_off`."""
        return bool(self._waiting)

    def work_off(self) -> None:
        """Do what waits."""
        while self._waiting:
            try:
                work = self._waiting.popleft()
            except IndexError:
                return
            work()

    def learn(self, answer: Answer, start: RunStart) -> bool:
        """Compile a reader for the answer's shape, words and kind of numbers. Return whether that was possible."""
        try:
            return self._learn(answer, start)
        except Exception as fault:  # noqa: BLE001 - the general reader reads without it
            report("compiling a reader", fault)
            return False

    def _learn(self, answer: Answer, start: RunStart) -> bool:
        if self._providers != REGISTRY.changes:
            self.clear()
        key = key_of(answer)
        shape = shape_of(answer) if key is not None and REGISTRY.chooses_by_ours else None
        if shape is None or not isinstance(start, KnownStart):
            return False
        known = self._of((start.key, key), shape)
        taken = known.take_of(answer) if known is not None and known.may_learn() else None
        if known is None or taken is None:
            return False
        words, values = taken
        readers = known.readers.get(words, [])
        read = _compiled(shape, values, start) if len(readers) < MAX_GUARDS else None
        if read is None:
            known.tries += 1
            return False
        self._size += 1
        known.readers[words] = [*readers, CompiledReader(read)]
        return True

    def _of(self, key: Any, shape: Shape) -> _Known | None:
        if self._size >= MAX_READERS or len(self._known) >= MAX_READERS:
            self.clear()
        shapes = self._known.setdefault(key, [])
        known = next((one for one in shapes if one.body == shape.body), None)
        if known is None and len(shapes) < MAX_SHAPES:
            known = _Known(shape)
            shapes.append(known)
        return known


def _compiled(shape: Shape, values: tuple[Any, ...], start: RunStart) -> Read | None:
    def general(answer: Answer, prepare: Callable[[Any], Any] | None = None) -> Any:
        return read_generally(answer, start, prepare=prepare)

    read = traced(shape, values, general)
    return read if read is not None and is_proven(shape, values, read, general) else None


READERS: Final = Part(Readers, in_child=lambda readers: readers)
