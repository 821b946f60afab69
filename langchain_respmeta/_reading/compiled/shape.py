"""The shape of an answer, and one function that takes the holes out of answers of this shape.

For an answer with `response_metadata={"id": "chatcmpl-1", "finish_reason": "stop", "token_usage": {"total_tokens": 7}}` the
function is, in short:

    def take(a, u, k, c, i, l, p):
        x0, x1, x2, = a.values()
        if x2.__class__ is not dict or tuple(x2) != ('total_tokens',): return None
        x3, = x2.values()
        if not (x0.__class__ is x1.__class__ is str): return None
        if x3.__class__ is not int: return None
        s0 = id_match(x0)
        if s0 is None: return None
        return (x1, s0[1] or x0.isdecimal(), s0.lastindex), (x3, x0)

The first part is the words, for each combination of which there is a reader; the second the holes, in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from langchain_respmeta._reading.compiled.holes import HEADERS, Kind, id_kind, is_value, is_word, kind_of_text
from langchain_respmeta.providers.endpoints import ID_MATCH
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.record.bounds import MAX_KEY, Budget, is_tame

MAX_HOLES: Final = 200
"""Holes and words of one shape. Larger answers (log probabilities, long lists of sources) are read by the general reader."""

MAX_CHARS: Final = 1_000_000
"""Characters of all texts of one answer, far below what a record may keep: none is cut."""

_PARTS: Final = {
    "a": "metadata",
    "u": "usage",
    "k": "kwargs",
    "c": "content",
    "i": "message_id",
    "l": "tool_calls",
    "p": "tool_call_chunks",
}
"""Variable in a generated function → part of the answer."""

_LOOKED_AT: Final = frozenset({"a", "u", "k"})
"""Whose keys are looked at before: see `key_of`."""

Taken: TypeAlias = "tuple[tuple[Any, ...], tuple[Any, ...]]"
"""Words, holes."""


class Hole(NamedTuple):
    """A place of an answer whose value differs from call to call."""

    name: str
    kind: Kind


class NoShape(Exception):  # noqa: N818 - not an error: the general reader reads it
    """The answer holds something that no shape has."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of answers."""

    body: str
    """Source text of what `take` does; two answers have one shape if it is equal."""
    take: Callable[..., Taken | None]
    holes: tuple[Hole, ...]
    parts: dict[str, Any]
    """The parts of the answer that it was made of, with a `Hole` in each place of one."""
    flags: dict[str, Any]

    def filled(self, values: tuple[Any, ...]) -> Answer:
        """An answer of this shape with these values in its holes."""
        by_name = dict(zip([hole.name for hole in self.holes], values, strict=True))
        parts = {name: _filled(part, by_name) for name, part in self.parts.items()}
        return Answer(**parts, **self.flags, is_plain=True)


def _filled(part: Any, by_name: dict[str, Any]) -> Any:
    if type(part) is Hole:
        return by_name[part.name]
    if type(part) is dict:
        return {key: _filled(item, by_name) for key, item in part.items()}
    return [_filled(item, by_name) for item in part] if type(part) is list else part


def key_of(answer: Answer) -> tuple[Any, ...] | None:
    """What is quickly seen of an answer's shape; None where it has none."""
    if answer.headers or answer.faults or answer.is_unread:
        return None
    return key_of_parts(
        answer.metadata,
        answer.usage,
        answer.kwargs,
        answer.content,
        answer.tool_calls,
        answer.invalid_tool_calls,
        answer.tool_call_chunks,
        (answer.is_chunk, answer.is_protocol, answer.is_message),
    )


def key_of_parts(
    metadata: Any, usage: Any, kwargs: Any, content: Any, calls: Any, invalid: Any, chunks: Any, flags: Any
) -> tuple[Any, ...] | None:
    """The same of an answer's parts; `flags` are `is_chunk`, `is_protocol` and `is_message`."""
    if (
        metadata.__class__ is not dict
        or kwargs.__class__ is not dict
        or invalid
        or not (usage is None or usage.__class__ is dict)
    ):
        return None
    return (
        *metadata,
        0 if usage is None else tuple(usage),
        tuple(kwargs),
        content.__class__,
        len(calls),
        -1 if chunks is None else len(chunks),
        flags,
    )


def shape_of(answer: Answer) -> Shape | None:
    """The shape of an answer; None where it has none."""
    try:
        return _Walk(answer).shape()
    except NoShape:
        return None


class _Walk:
    """Walks an answer once: notes its holes and words, and writes `take`."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.lines: list[str] = []
        self.words: list[str] = []
        self.classes: dict[str, list[str]] = {}
        self.holes: dict[Kind, list[tuple[str, str]]] = {"number": [], "id": [], "text": [], "value": []}
        self.nodes = self.places = 0
        self.in_headers = False

    def shape(self) -> Shape:
        answer = self.answer
        parts = {name: self._visit(letter, name, getattr(answer, name)) for letter, name in _PARTS.items()}
        flags = {name: getattr(answer, name) for name in ("is_chunk", "is_protocol", "is_message")}
        holes = [(Hole(name, kind), where) for kind, found in self.holes.items() for name, where in found]
        body = self._body([where for _, where in holes])
        return Shape(body, taker(", ".join(_PARTS), body), tuple(hole for hole, _ in holes), parts, flags)

    def _visit(self, where: str, name: str, value: Any) -> Any:
        kind = type(value)
        if kind in {dict, list, str} and value and is_value(name):
            return self._hole("value", where, kind.__name__)
        if kind is dict:
            around, self.in_headers = self.in_headers, name in HEADERS
            made = self._dict(where, value)
            self.in_headers = around
            return made
        if kind is list:
            return self._list(where, name, value)
        if kind in {int, float}:
            return self._hole("number", where, kind.__name__)
        if kind is str and (hole := self._kind_of(where, name, value)) is not None:
            return self._hole(hole, where, "str")
        if kind in {bool, type(None)} or (kind is str and is_word(value, name)):
            local = self._local(where, kind.__name__)
            if kind is not type(None):
                self.words.append(local)
            return value
        raise NoShape

    def _kind_of(self, where: str, name: str, text: str) -> Kind | None:
        if where == "c":
            return "text" if text else None
        if where == "i":
            return "id" if kind_of_text("id", text) == "id" else None
        return kind_of_text(name, text, is_header=self.in_headers)

    def _dict(self, where: str, value: dict[Any, Any]) -> dict[str, Any]:
        if not all(type(key) is str and len(key) <= MAX_KEY for key in value):
            raise NoShape
        if not (where in _LOOKED_AT and value):
            self._look(where, "dict", "tuple", tuple(value))
        places = self._unpacked(f"{where}.values()", len(value))
        return {key: self._visit(place, key, value[key]) for place, key in zip(places, value, strict=True)}

    def _list(self, where: str, name: str, value: list[Any]) -> list[Any]:
        self._look(where, "list", "len", len(value))
        places = self._unpacked(where, len(value))
        return [self._visit(place, name, item) for place, item in zip(places, value, strict=True)]

    def _look(self, where: str, kind: str, look: str, seen: object) -> None:
        """A holder must be of a kind and look as it did."""
        self._count()
        self.nodes += 1
        differs = f"{look}({where}) != {seen!r}" if seen else where
        self.lines.append(f"if {where}.__class__ is not {kind} or {differs}: return None")

    def _unpacked(self, values: str, count: int) -> list[str]:
        """Variables for all values of a holder."""
        places = [f"x{self.places + place}" for place in range(count)]
        self.places += count
        if places:
            self.lines.append(f"{', '.join(places)}, = {values}")
        return places

    def _hole(self, kind: Kind, where: str, kind_name: str) -> Hole:
        name = f"{kind[0]}{len(self.holes[kind])}"
        self.holes[kind].append((name, self._local(where, kind_name)))
        return Hole(name, kind)

    def _local(self, where: str, kind_name: str) -> str:
        """The variable of a leaf, whose class is then looked at."""
        self._count()
        self.classes.setdefault(kind_name, []).append(where)
        return where

    def _count(self) -> None:
        if sum(map(len, self.classes.values())) + self.nodes > MAX_HOLES:
            raise NoShape

    def _body(self, holes: list[str]) -> str:
        lines = [*self.lines]
        for kind_name, places in self.classes.items():
            if kind_name == "NoneType":
                lines.append(f"if not ({' is '.join([*places, 'None'])}): return None")
            elif len(places) == 1:
                lines.append(f"if {places[0]}.__class__ is not {kind_name}: return None")
            else:
                chain = " is ".join(f"{place}.__class__" for place in places)
                lines.append(f"if not ({chain} is {kind_name}): return None")
        if floats := self.classes.get("float"):  # neither NaN nor infinite: what is kept of those is a text
            lines.append(
                f"if not ({' == '.join([*(f'{place} - {place}' for place in floats), '0.0'])}): return None"
            )
        ids, texts = [where for _, where in self.holes["id"]], [where for _, where in self.holes["text"]]
        lines += [f"s{place} = {self._asked(where)}" for place, where in enumerate(ids)]
        lines += [f"if s{place} is None: return None" for place in range(len(ids))]
        if texts:
            lines.append(f"if not ({' and '.join(texts)}): return None")
            lines.append(f"if {' + '.join(f'len({text})' for text in texts)} > {MAX_CHARS}: return None")
        if values := [where for _, where in self.holes["value"]]:
            lines.append(f"if not fits([{', '.join(values)}]): return None")
        lines.append(f"return ({_listed([*self.words, *self._of_ids(ids)])}), ({_listed(holes)})")
        return "".join(f"    {line}\n" for line in lines)

    def _asked(self, where: str) -> str:
        """What asks for the kind of an id. LangChain's own ids of messages are all of one kind."""
        if self.answer.is_chunk:
            return f"id_kind({where}, is_chunk=True)"
        head = _head_of_langchains(self.answer.message_id) if where == "i" else None
        return f"id_match({where})" if head is None else f"{head}match({where})"

    def _of_ids(self, ids: list[str]) -> list[str]:
        """All that readers ask of ids, as words; see `id_kind`."""
        if self.answer.is_chunk:
            told = [f"s{place}" for place in range(len(ids))]
        else:
            told = [
                word
                for place, where in enumerate(ids)
                if self._asked(where).startswith("id_")
                for word in (f"s{place}[1] or {where}.isdecimal()", f"s{place}.lastindex")
            ]
        if len(ids) == 2:
            told.append(f"{ids[0]} == {ids[1]}")
        elif len(ids) > 2:
            told.append(f"ids_alike([{', '.join(ids)}])")
        return told


_LANGCHAINS: Final = {
    "lc_": re.compile("lc_[!-~]{1,253}").fullmatch,
    "run_": re.compile("run-[!-~]{1,252}").fullmatch,
}
"""How the ids that LangChain gives to messages begin → what is made of such an id; `kind_of_id` is the same for all."""


def _head_of_langchains(message_id: str | None) -> str | None:
    return next((head for head, match in _LANGCHAINS.items() if message_id and match(message_id)), None)


def taker(parameters: str, body: str) -> Callable[..., Taken | None]:
    """Make `take` of its source text."""
    names: dict[str, Any] = {
        "id_kind": id_kind,
        "id_match": ID_MATCH,
        **{f"{head}match": match for head, match in _LANGCHAINS.items()},
        "ids_alike": _ids_alike,
        "fits": _fits,
    }
    exec(compile(f"def take({parameters}):\n{body}", "<respmeta shape>", "exec"), names)  # noqa: S102 - our own text: key names by `repr`
    found: Callable[..., Taken | None] = names["take"]
    return found


def _listed(names: list[str]) -> str:
    return f"{', '.join(names)}," if names else ""


def _ids_alike(ids: list[str]) -> tuple[int, ...]:
    """Which ids are equal to which."""
    return tuple(map(ids.index, ids))


def _fits(values: list[Any]) -> bool:
    """Whether none is empty, and all are plain and of a size that is never cut."""
    return all(values) and is_tame(values, Budget(MAX_HOLES * 100, MAX_CHARS))
