"""The built-in feedback rules: tables over the flat record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isfinite
from typing import Final

from langchain_respmeta._delivery.item import Config
from langchain_respmeta.langsmith.feedback.rule import Draft, FlatRecord, Seen
from langchain_respmeta.providers.vendors import PRICE_LISTS
from langchain_respmeta.record.content import listed, shown
from langchain_respmeta.record.exact import exact_product
from langchain_respmeta.record.vocabulary import FINISHES

_MILLI: Final = Decimal(1_000)
"""LangSmith keeps 4 decimals and 99,999.9999 at most: in thousandths, a cost of $0.0000001 and one of $99 are both scores."""

FINISH_REASON_NUMBERS: Final = {word: finish.number for word, finish in FINISHES.items()}

PRICE_IS_MISSING: Final = frozenset(
    {"unknown_model", "tier_not_priced", "region_not_priced", "part_not_priced", "not_per_token"}
)
"""Reasons that speak of the price list. The others (no usage, an opaque profile) say nothing that a price could mend."""


_NO: Final = Draft(0, routine=True)


@dataclass(frozen=True, slots=True)
class Flag:
    """A rule for a fact that is true, false, or unknown (None)."""

    key: str
    fact: Callable[[FlatRecord], bool | None]
    about: Callable[[FlatRecord], str | None] | None = None
    """Comment of a few facts, no text of the answer."""
    text: Callable[[FlatRecord], str | None] | None = None
    """Comment of the answer's text: only where content may leave."""
    always: bool = False

    @property
    def config(self) -> Config:
        """0 is no, 1 is yes."""
        return _FLAG_CONFIG

    def draft(self, seen: Seen) -> Draft | None:
        """Return 1 where the fact is true; 0 only of a rule that is `always` sent."""
        is_true = self.fact(seen.view)
        if not is_true:
            return _NO if self.always and is_true is False else None
        return Draft(1, comment=self._comment(seen))

    def _comment(self, seen: Seen) -> str | None:
        parts = [self.about, self.text if seen.texts else None]
        return ": ".join(said for part in parts if part and (said := part(seen.view))) or None


@dataclass(frozen=True, slots=True)
class Number:
    """A rule for a number of the record."""

    key: str
    read: Callable[[FlatRecord], float | None]
    config: Config

    def draft(self, seen: Seen) -> Draft | None:
        """Return the number, where there is one."""
        number = self.read(seen.view)
        # LangSmith rounds to four decimals: store what it will show.
        return None if number is None or not isfinite(number) else Draft(round(number, 4), routine=True)


@dataclass(frozen=True, slots=True)
class FinishReason:
    """A rule for why the answer ended, as a category."""

    key: str = "finish_reason"

    @property
    def config(self) -> Config:
        """A category for each finish reason."""
        return _FINISH_REASON_CONFIG

    def draft(self, seen: Seen) -> Draft | None:
        """Return the number of the record's word."""
        word = seen.view.get("finish_reason")
        number = FINISH_REASON_NUMBERS.get(word) if isinstance(word, str) else None
        return None if number is None else Draft(number, word, routine=True)


def _categorical(labels: Mapping[str, int]) -> Config:
    categories = [{"value": number, "label": label} for label, number in labels.items()]
    return {"type": "categorical", "categories": categories}


_FLAG_CONFIG: Final = _categorical({"no": 0, "yes": 1})
_FINISH_REASON_CONFIG: Final = _categorical(FINISH_REASON_NUMBERS)
_FROM_ZERO: Final[Config] = {"type": "continuous", "min": 0}
_SHARE: Final[Config] = {"type": "continuous", "min": 0, "max": 1}


def _is(field: str) -> Callable[[FlatRecord], bool | None]:
    return lambda view: view.get(field)


def _facts(*fields: str) -> Callable[[FlatRecord], str | None]:
    """Read the fields' values in one line: closed words and the provider's own category words, no sentences."""
    return lambda view: (
        " ".join(shown(field, str(view[field])) for field in fields if view.get(field) is not None) or None
    )


def _finished_by(word: str) -> Callable[[FlatRecord], bool | None]:
    def fact(view: FlatRecord) -> bool | None:
        reason = view.get("finish_reason")
        return None if reason is None else bool(reason == word)

    return fact


def _blocked(view: FlatRecord) -> list[str]:
    return [
        listed(str(rating.get("category"))) for rating in view.get("safety") or () if rating.get("blocked")
    ]


def _content_filtered(view: FlatRecord) -> bool | None:
    return True if _blocked(view) else _finished_by("content_filter")(view)


def _has_invalid_tool_call(view: FlatRecord) -> bool:
    return any(call.get("valid") is False for call in view.get("tool_calls") or ())


def _invalid_tools(view: FlatRecord) -> str | None:
    calls = view.get("tool_calls") or ()
    return ", ".join(str(call.get("name")) for call in calls if call.get("valid") is False) or None


def _price_missing(view: FlatRecord) -> bool | None:
    if view.get("provider") not in PRICE_LISTS:
        return None
    if view.get("cost.unpriced_reason") in PRICE_IS_MISSING:
        return True
    return None if view.get("cost.total") is None else False


def _number(field: str) -> Callable[[FlatRecord], float | None]:
    def read(view: FlatRecord) -> float | None:
        found = view.get(field)
        return None if found is None else float(found)

    return read


def _cache_read_share(view: FlatRecord) -> float | None:
    read, total = view.get("usage.cache_read_tokens"), view.get("usage.input_tokens")
    return None if read is None or not total else read / total


def _cost_millidollars(view: FlatRecord) -> float | None:
    total = view.get("cost.total")
    return None if total is None else float(exact_product(Decimal(total), _MILLI))


_FLAGS: Final = (
    Flag("refused", _is("refused"), _facts("refusal.source", "refusal.category"), _facts("refusal.reason")),
    Flag("content_filtered", _content_filtered, lambda view: ", ".join(_blocked(view)) or None),
    Flag("truncated", _is("truncated"), _facts("native_finish_reason")),
    Flag("paused", _finished_by("pause"), _facts("native_finish_reason")),
    Flag("invalid_tool_call", _has_invalid_tool_call, _invalid_tools),
    Flag(
        "error",
        lambda view: "error.type" in view,
        _facts("error.type", "error.status_code"),
        _facts("error.message"),
    ),
    Flag("price_missing", _price_missing, _facts("provider", "model", "cost.unpriced_reason")),
)
_NUMBERS: Final = (
    Number("time_to_first_token_s", _number("timing.time_to_first_token_s"), _FROM_ZERO),
    Number("cache_read_share", _cache_read_share, _SHARE),
    Number("tokens_per_second", _number("timing.tokens_per_second"), _FROM_ZERO),
    Number("cost_millidollars", _cost_millidollars, _FROM_ZERO),
)
TABLES: Final[Mapping[str, tuple[Flag | Number | FinishReason, ...]]] = {
    "exceptions": _FLAGS,
    "all": (*(replace(flag, always=True) for flag in _FLAGS), FinishReason(), *_NUMBERS),
}

_ORDINARY_ENDS: Final = {None, *(word for word, finish in FINISHES.items() if finish.is_ordinary)}


def is_ordinary(view: FlatRecord) -> bool:
    """Whether no flag is true: check what they read, without what they would send.

    A test compares it with the flags.
    """
    return (
        view.get("finish_reason") in _ORDINARY_ENDS
        and not view.get("refused")
        and not view.get("truncated")
        and "error.type" not in view
        and "cost.unpriced_reason" not in view
        and not view.get("safety")
        and not (view.get("tool_calls") and _has_invalid_tool_call(view))
    )
