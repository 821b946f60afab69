"""Symbols: numbers and texts that note what the general reader does with them.

A symbol is the value itself, and says that it is of the value's own class. Arithmetic gives another symbol, with the source
text of the expression; a comparison gives its result, and becomes a guard of the compiled reader. What cannot be noted
raises `Untraceable`, which is no `Exception`: no fault boundary of the general reader may catch it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Self


class Untraceable(BaseException):
    """The general reader did something with a symbol that no guard can hold."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.source = source


class Tape:
    """What was noted while the general reader read one answer: guards, and values computed on the way, in order."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        """(name, expression); without a name it is a guard, which must be true."""
        self.names: dict[str, Any] = {}
        """Functions and constants that the lines name."""
        self._guards: set[str] = set()

    def guard(self, source: str) -> None:
        """Add a condition, once."""
        if source not in self._guards:
            self._guards.add(source)
            self.lines.append(("", source))

    def constant(self, value: object) -> str:
        """Name a value that has no source text."""
        name = next((name for name, known in self.names.items() if known is value), None)
        if name is None:
            name = f"k{len(self.names)}"
            self.names[name] = value
        return name

    def apply(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call `function` with what the symbols in its arguments stand for; the compiled reader calls it, too."""
        try:
            value = function(*map(plain, arguments))
        except Exception as fault:  # it may be caught, and told of: of another value it would be false
            raise Untraceable(next(one.source for one in arguments if isinstance(one, Symbol))) from fault
        name = f"x{len(self.lines)}"
        told = ", ".join(self.source_of(one) for one in arguments)
        self.lines.append((name, f"{self.constant(function)}({told})"))
        if type(value) in _SYMBOLS:
            self.guard(f"{name}.__class__ is {self.constant(type(value))}")
        return self.wrap(value, name)

    def source_of(self, value: Any) -> str:
        """Source text that makes a value of symbols and plain data."""
        if isinstance(value, Symbol):
            return value.source
        kind = type(value)
        if kind is list:
            return f"[{', '.join(map(self.source_of, value))}]"
        if kind is dict:
            return f"{{{', '.join(f'{key!r}: {self.source_of(item)}' for key, item in value.items())}}}"
        return repr(value) if kind in _WRITTEN else self.constant(value)

    def rewind(self, length: int) -> None:
        """Forget the lines after the first `length`."""
        self._guards.difference_update(source for name, source in self.lines[length:] if not name)
        del self.lines[length:]

    def wrap(self, value: Any, source: str) -> Any:
        """A symbol for a computed value; words and flags become constants with a guard."""
        kind = type(value)
        if kind in _SYMBOLS:
            return _SYMBOLS[kind](self, source, value)
        if value is None or kind is bool:
            self.guard(f"{source} is {value}")
            return value
        if kind is str:
            self.guard(f"{source} == {value!r}")
            return value
        if kind is dict:
            self.guard(f"tuple({source}) == {tuple(value)!r}")
            return {key: self.wrap(item, f"{source}[{key!r}]") for key, item in value.items()}
        if kind is list:
            self.guard(f"len({source}) == {len(value)}")
            return [self.wrap(item, f"{source}[{place}]") for place, item in enumerate(value)]
        raise Untraceable(source)


class Symbol:
    """What all symbols have."""

    tape: Tape
    source: str
    value: Any
    """What it stands for."""


def noted(function: Callable[..., Any], *arguments: Any) -> Any:
    """What `function` gives; a symbol, if one is among its arguments: so are functions called that read a value to its end."""
    tape = next((one.tape for one in arguments if isinstance(one, Symbol)), None)
    return function(*arguments) if tape is None else tape.apply(function, *arguments)


def plain(value: Any) -> Any:
    """A value with what its symbols stand for in their place."""
    if isinstance(value, Symbol):
        return value.value
    if type(value) is list:
        return [plain(item) for item in value]
    return {key: plain(item) for key, item in value.items()} if type(value) is dict else value


_WRITTEN: Final = frozenset({int, float, bool, str, type(None)})


def _compared(name: str, sign: str) -> Callable[[Any, Any], Any]:
    compare = getattr(operator, name)

    def method(self: Any, other: Any) -> Any:
        if not isinstance(other, _NUMBERS):
            return NotImplemented
        result = compare(self.value, plain(other))
        told = f"{self.source} {sign} {self.tape.source_of(other)}"
        self.tape.guard(told if result else f"not {told}")
        return result

    return method


def _computed(name: str, sign: str) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    compute = getattr(operator, name)

    def method(self: Any, other: Any) -> Any:
        if not isinstance(other, int | float):
            return NotImplemented
        value = compute(self.value, plain(other))
        return self.tape.wrap(value, f"({self.source} {sign} {self.tape.source_of(other)})")

    def reflected(self: Any, other: Any) -> Any:
        if not isinstance(other, int | float):
            return NotImplemented
        value = compute(plain(other), self.value)
        return self.tape.wrap(value, f"({self.tape.source_of(other)} {sign} {self.source})")

    return method, reflected


def _refused(self: Any, *_: object) -> Any:
    raise Untraceable(self.source)


_COMPARED: Final = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_COMPUTED: Final = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%"}
_REFUSED_OF_NUMBERS: Final = (
    "__hash__", "__int__", "__float__", "__index__", "__str__", "__repr__", "__format__", "__neg__", "__abs__", "__trunc__",
    "__floor__", "__ceil__", "__divmod__", "__rdivmod__", "__pow__", "__rpow__", "__and__", "__or__", "__xor__", "__lshift__",
    "__rshift__", "__invert__", "__pos__",
)  # fmt: skip


class _Number(Symbol):
    def __bool__(self) -> bool:
        is_true = bool(self.value)
        self.tape.guard(self.source if is_true else f"not {self.source}")
        return is_true


def _rounded(self: Any, digits: int | None = None) -> Any:
    return self.tape.wrap(round(self.value, digits), f"round({self.source}, {digits!r})")


def _operators(kind: type[Any]) -> type[Any]:
    """Give a class the methods of numbers; in the class itself, for that of its number would come first."""
    for name, sign in _COMPARED.items():
        setattr(kind, f"__{name}__", _compared(name, sign))
    for name, sign in _COMPUTED.items():
        method, reflected = _computed(name, sign)
        setattr(kind, f"__{name}__", method)
        setattr(kind, f"__r{name}__", reflected)
    for name in _REFUSED_OF_NUMBERS:
        setattr(kind, name, _refused)
    kind.__round__ = _rounded
    return kind


@_operators
class SeenInt(_Number, int):
    """A whole number of the answer, or computed from some."""

    __class__ = int  # type: ignore[assignment]

    def __new__(cls, tape: Tape, source: str, value: int) -> Self:
        """Make the symbol of a value."""
        one = int.__new__(cls, value)
        one.tape, one.source, one.value = tape, source, value
        return one


@_operators
class SeenFloat(_Number, float):
    """A number of the answer, or computed from some."""

    __class__ = float  # type: ignore[assignment]

    def __new__(cls, tape: Tape, source: str, value: float) -> Self:
        """Make the symbol of a value."""
        one = float.__new__(cls, value)
        one.tape, one.source, one.value = tape, source, value
        return one


class SeenMoney(Symbol, Decimal):
    """An amount that a reader of a value made."""

    __class__ = Decimal  # type: ignore[assignment]
    __hash__ = _refused

    def __new__(cls, tape: Tape, source: str, value: Decimal) -> Self:
        """Make the symbol of a value."""
        one = Decimal.__new__(cls, value)
        one.tape, one.source, one.value = tape, source, value
        return one


for _name, _sign in _COMPARED.items():
    setattr(SeenMoney, f"__{_name}__", _compared(_name, _sign))


class SeenTime(Symbol, datetime):
    """A time that a reader of a value made."""

    __class__ = datetime  # type: ignore[assignment]

    def __new__(cls, tape: Tape, source: str, value: datetime) -> Self:
        """Make the symbol of a value."""
        one = datetime.__new__(
            cls,
            value.year,
            value.month,
            value.day,
            value.hour,
            value.minute,
            value.second,
            value.microsecond,
            value.tzinfo,
            fold=value.fold,
        )
        one.tape, one.source, one.value = tape, source, value
        return one


_REFUSED_OF_TEXTS: Final = (
    "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__len__", "__contains__", "__getitem__", "__iter__", "__add__",
    "__mod__", "__format__", "capitalize", "casefold", "count", "encode", "endswith", "find", "index", "isalnum", "isalpha",
    "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "isupper", "lower", "lstrip",
    "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rpartition", "rsplit", "rstrip", "split",
    "splitlines", "strip", "title", "translate", "upper",
)  # fmt: skip


class SeenText(Symbol, str):  # noqa: SLOT000 - made while compiling only
    """A text of the answer, never empty. It holds a mark in place of the text, by which it is found in what is joined."""

    __class__ = str  # type: ignore[assignment]

    def __new__(cls, tape: Tape, source: str, value: str) -> Self:
        """Make the symbol of a value."""
        one = str.__new__(cls, f"\x02{source}\x03")
        one.tape, one.source, one.value = tape, source, value
        return one

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return self

    def startswith(self, head: Any, *bounds: Any) -> bool:
        """Whether it begins so, as a guard."""
        if type(head) is not str or bounds:
            raise Untraceable(self.source)
        found = self.value.startswith(head)
        self.tape.guard(f"{self.source}.startswith({head!r}) is {found}")
        return bool(found)

    def isascii(self) -> bool:
        """True: the compiled reader makes each text writable itself."""
        return True


for _name in _REFUSED_OF_TEXTS:
    setattr(SeenText, _name, _refused)


class SeenId(Symbol, str):  # noqa: SLOT000 - made while compiling only
    """An id of the answer. It may be looked at: the compiled reader is for ids of its kind only."""

    __class__ = str  # type: ignore[assignment]

    def __new__(cls, tape: Tape, source: str, value: str) -> Self:
        """Make the symbol of a value."""
        one = str.__new__(cls, value)
        one.tape, one.source, one.value = tape, source, value
        return one

    def __str__(self) -> str:
        return self


class SeenValue(Symbol):
    """A value of any shape that the general reader hands to one function only, such as a tool's arguments."""

    def __init__(self, tape: Tape, source: str, value: object) -> None:
        self.tape, self.source, self.value = tape, source, value


_NUMBERS: Final = (int, float, Decimal)
_SYMBOLS: Final[dict[type[Any], Any]] = {
    int: SeenInt,
    float: SeenFloat,
    Decimal: SeenMoney,
    datetime: SeenTime,
}
