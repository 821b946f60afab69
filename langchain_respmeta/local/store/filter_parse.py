"""LangSmith's filter language as a tree: `and(eq(run_type, "llm"), gt(latency, 5))`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from starlette.exceptions import HTTPException

from langchain_respmeta.local.json_text import MAX_DIGITS

Literal: TypeAlias = str | int | float | bool | None

MAX_LENGTH: Final = 16_384
MAX_DEPTH: Final = 32

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])
      | (?P<word>[A-Za-z_][\w.]*)
      | (?P<mark>[(),\[\]])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_WORDS: Final[dict[str, Literal]] = {
    **dict.fromkeys(("null", "None"), None),
    **dict.fromkeys(("true", "True"), True),
    **dict.fromkeys(("false", "False"), False),
}


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments…)`."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A bare name: a field."""

    name: str


@dataclass(frozen=True, slots=True)
class Value:
    """A string, number, true, false or null."""

    value: Literal


@dataclass(frozen=True, slots=True)
class Values:
    """A list in brackets."""

    values: tuple[Literal, ...]


Node: TypeAlias = Call | Word | Value | Values


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


def parse(text: str) -> Call:
    """The tree of a filter.

    Raises:
        HTTPException: 400 that shows where the text stops making sense.
    """
    if len(text) > MAX_LENGTH:
        raise HTTPException(400, f"filter is longer than {MAX_LENGTH} characters")
    parser = _Parser(text)
    node = parser.node(depth=0)
    parser.take("end", "")
    if not isinstance(node, Call):
        raise HTTPException(400, f"filter must be a comparison like eq(name, 'x'), not {text!r}")
    return node


class _Parser:
    """Recursive descent with one token ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _scan(text)
        self._next = next(self._tokens)

    def node(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise HTTPException(400, f"filter is nested deeper than {MAX_DEPTH} levels")
        token = self._next
        if token.text == "[" and token.kind == "mark":
            return Values(tuple(_plain(item, token) for item in self._list("[", "]", depth)))
        if token.kind not in ("string", "number", "word"):
            raise _error(token, "a value, a field or a function")
        self._next = next(self._tokens)
        if token.kind == "word":
            return self._named(token, depth)
        return Value(_unquoted(token.text) if token.kind == "string" else _number(token.text))

    def take(self, kind: str, text: str) -> None:
        if (self._next.kind, self._next.text) != (kind, text):
            raise _error(self._next, repr(text) if text else "the end")
        if kind != "end":
            self._next = next(self._tokens)

    def _named(self, token: _Token, depth: int) -> Node:
        if (self._next.kind, self._next.text) == ("mark", "("):
            return Call(token.text, tuple(self._list("(", ")", depth)))
        return Value(_WORDS[token.text]) if token.text in _WORDS else Word(token.text)

    def _list(self, opening: str, closing: str, depth: int) -> Iterator[Node]:
        self.take("mark", opening)
        while (self._next.kind, self._next.text) != ("mark", closing):
            yield self.node(depth + 1)
            if (self._next.kind, self._next.text) != ("mark", closing):
                self.take("mark", ",")
        self.take("mark", closing)


def _scan(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise HTTPException(400, f"filter cannot be read at position {at}: {text[at : at + 40]!r}")
        yield _Token(match.lastgroup, match[match.lastgroup], at)
        at = match.end()
    while True:
        yield _Token("end", "", end)


def _error(token: _Token, expected: str) -> HTTPException:
    found = repr(token.text) if token.text else "the end"
    return HTTPException(400, f"filter: expected {expected} at position {token.at}, found {found}")


def _plain(node: Node, opening: _Token) -> Literal:
    if not isinstance(node, Value):
        raise _error(opening, "only strings, numbers, true, false or null in the list that opens")
    return node.value


def _number(text: str) -> Literal:
    return float(text) if re.search(r"[.eE]", text) or len(text) > MAX_DIGITS else int(text)


def _unquoted(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text[1:-1])
