"""Source text of what a tape noted, and of values with symbols in them."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from langchain_respmeta.providers.engine.symbols import SeenText, Symbol, Tape, Untraceable
from langchain_respmeta.record.plain import INT64, writable

_MARK: Final = re.compile("\x02([a-z]\\d+)\x03")


def function_of(head: str, lines: list[str], result: str, tape: Tape) -> Any:
    """Make a function whose body is `lines`, what the tape noted, and the result; None wherever anything raises.

    Args:
        head: Name and parameters, such as `read(n0, i0)`.
        lines: Statements that come first.
        result: Source text of what it returns.
        tape: The tape.
    """
    body = "\n        ".join([*lines, *_lines(tape), f"return {result}"])
    source = f"def {head}:\n    try:\n        {body}\n    except Exception:\n        return None\n"
    names = {**tape.names, "writable": writable}
    exec(compile(source, f"<respmeta {head}>", "exec"), names)  # noqa: S102 - our own text: constants by `repr`
    return names[head.partition("(")[0]]


def _lines(tape: Tape) -> list[str]:
    """Guards that follow each other become one."""
    lines: list[str] = []
    guards: list[str] = []
    for name, expression in (*tape.lines, ("end", "")):
        if not name:
            guards.append(expression)
            continue
        if guards:
            lines.append(f"if not ({' and '.join(_joined(guards))}): return None")
            guards = []
        if expression:
            lines.append(f"{name} = {expression}")
    return lines


_ZERO: Final = re.compile(r"not ([a-z]\d+)")
_TRUTH: Final = re.compile(r"(?:not )?[a-z]\d+")
"""What readers of the same words mostly differ in: it is asked first."""


def _joined(guards: list[str]) -> list[str]:
    """Guards without those that others imply: most say that a count is in range, and that it is twice."""
    bounds = {guard[:-5] for guard in guards if guard.endswith(" >= 0")}
    implied = {f"{name} >= -{INT64}" for name in bounds}
    for name in [match[1] for guard in guards if (match := _ZERO.fullmatch(guard))]:
        implied |= {f"{name} >= 0", f"{name} >= -{INT64}", f"{name} < {INT64}"}
    left = [guard for guard in guards if guard not in implied]
    return sorted(left, key=lambda guard: _TRUTH.fullmatch(guard) is None)


class Writer:
    """Writes a value as source text: symbols by their expressions, all else as constants."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def source(self, value: Any) -> str:
        """The text of an expression that makes the value anew."""
        if isinstance(value, Symbol):
            return f"writable({value.source})" if isinstance(value, SeenText) else value.source
        kind = type(value)
        if kind is dict:
            return (
                f"{{{', '.join(f'{self._word(key)}: {self.source(item)}' for key, item in value.items())}}}"
            )
        if kind is list:
            return f"[{', '.join(map(self.source, value))}]"
        if kind is str:
            return self._text(value)
        if kind in {int, float, bool, type(None)}:
            return repr(value)
        if kind in {datetime, Decimal}:
            return self.tape.constant(value)
        raise Untraceable(str(kind))

    @staticmethod
    def _word(key: Any) -> str:
        if type(key) is not str or _MARK.search(key):
            raise Untraceable("a key")
        return repr(key)

    @staticmethod
    def _text(text: str) -> str:
        pieces = _MARK.split(text)
        if len(pieces) == 1:
            return repr(text)
        parts = [piece if place % 2 else repr(piece) for place, piece in enumerate(pieces) if piece]
        return f"writable({' + '.join(parts)})"
