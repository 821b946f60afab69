"""Price plans: what `price_draft` does to all drafts of one compiled reader, as one straight function.

Everything but the counts is known beforehand, so that all checks fall away but those of the counts. The function is, in short:

    def plan(d):
        s = straight_of_gpt_5(('input_tokens', …), d['received_at'], parts=True)
        c = (s and s(d['usage.input_tokens'], …)) or price_of_gpt_5({'input_tokens': …}, d['received_at'], parts=True, wait=…)
        if not (c is not None and 'cost.total' in c and …): return None
        return c

It returns None where a guard does not hold: then `price_draft` itself decides.
"""

from __future__ import annotations

from asyncio import _get_running_loop
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

from langchain_respmeta.enrich.prices import price
from langchain_respmeta.providers.engine.source import Writer, function_of
from langchain_respmeta.providers.engine.symbols import SeenFloat, SeenInt, SeenTime, Tape, Untraceable, plain

Plan: TypeAlias = Callable[[Any], "dict[str, object] | None"]
Priced: TypeAlias = Callable[[Any, Callable[..., Any]], dict[str, object]]
"""`price_draft`'s own work: with a draft, and what looks up its price."""

_SCALES: Final = (3, 2)


def plan_of(draft: Mapping[str, Any], priced: Priced) -> Plan | None:
    """Compile the pricing of drafts that differ from `draft` in their numbers and times only; None where that cannot be."""
    tape = Tape()
    look_up = _NotedLookUp(tape)
    try:
        cost = priced(_symbols(draft, "d", tape), look_up)
        result = "c" if cost == look_up.result else Writer(tape).source(cost)
        plan: Plan = function_of("plan(d)", [], result, tape)
    except Untraceable:
        return None
    return plan if _is_proven(plan, draft, priced) else None


class _NotedLookUp:
    """Looks a price up as `price` does, and notes the call."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.result: Any = None

    def __call__(
        self,
        provider: str,
        model: str | None,
        usage: Mapping[str, Any] | None,
        *,
        at: datetime | None = None,
        parts: bool = False,
        wait: bool = True,
        **known: Any,
    ) -> Any:
        if self.result is not None:
            raise Untraceable("a second price")
        offer = price.look_up(provider, model, **known)
        write, look_up = Writer(self.tape).source, self.tape.constant(offer.price)
        loop = self.tape.constant(_get_running_loop)
        call = f"{look_up}({write(usage)}, {write(at)}, parts={parts}, wait={loop}() is None)"
        if type(usage) is dict:
            straight = f"{self.tape.constant(offer.straight)}({tuple(usage)!r}, {write(at)}, parts={parts})"
            self.tape.lines.append(("s", straight))
            call = f"(s and s({', '.join(map(write, usage.values()))})) or {call}"
        self.tape.lines.append(("c", call))
        self.result = offer.price(plain(usage), plain(at), parts=parts, wait=wait)
        if self.result is None:
            raise Untraceable("no prices yet")
        self.tape.guard("c is not None")
        self.tape.guard(f"{'' if 'cost.total' in self.result else 'not '}'cost.total' in c")
        self.tape.guard(f"c.get('cost.price_version') == {self.result.get('cost.price_version')!r}")
        return self.result


def _symbols(value: Any, where: str, tape: Tape) -> Any:
    """A copy with a symbol in place of each number and time."""
    kind = type(value)
    if kind is dict:
        return {key: _symbols(item, f"{where}[{key!r}]", tape) for key, item in value.items()}
    if kind is list:
        return [_symbols(item, f"{where}[{place}]", tape) for place, item in enumerate(value)]
    make = _MADE.get(kind)
    return value if make is None else make(tape, where, value)


_MADE: Final[dict[type[Any], Callable[[Tape, str, Any], Any]]] = {
    int: SeenInt,
    float: SeenFloat,
    datetime: SeenTime,
}


def _is_proven(plan: Plan, draft: Mapping[str, Any], priced: Priced) -> bool:
    """Whether the plan gives the same for this draft, and for some whose counts are others."""
    judged = []
    for scale in (1, *_SCALES):
        other = {path: value * scale if path[:6] == "usage." else value for path, value in draft.items()}
        found = plan(other)
        if found is not None or scale == 1:
            judged.append(found is not None and _told(found) == _told(priced(other, price.price)))
    return all(judged)


def _told(cost: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) if isinstance(value, Decimal) else repr(value) for key, value in cost.items()}
