"""The labels of a record's metrics: bounded in number, in length and in how many values each may have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.record.secrets import text_without_secrets
from langchain_respmeta.record.views.otel import operation_of, request_model_of, response_model_of
from langchain_respmeta.sinks.metric_names import (
    ALWAYS,
    BASE,
    LABELS,
    OF_RECORD,
    OPERATION,
    PROVIDER,
    REQUEST_MODEL,
    RESPONSE_MODEL,
    SERVICE_TIER,
    label_of,
    prometheus_label,
)

if TYPE_CHECKING:
    from langchain_respmeta.record.fields import RecordFields

MAX_VALUES: Final = 200
"""Values of one label, where nothing else is asked for."""
MAX_COMBINATIONS: Final = 2_000
"""Different sets of `BASE` and `by` values; each has a series in every metric. OpenTelemetry's SDK has the same bound."""
MAX_LENGTH: Final = 200
"""Characters of a value."""
MOST_BY: Final = 10
"""Words of `by`."""

OTHER: Final = "(other)"
"""In place of a value beyond the bound."""

Values: TypeAlias = tuple[str | None, ...]

_BASE: Final[Mapping[str, Callable[[Any], str | None]]] = {
    OPERATION: operation_of,
    PROVIDER: lambda record: record.provider,
    REQUEST_MODEL: request_model_of,
    RESPONSE_MODEL: response_model_of,
    SERVICE_TIER: lambda record: record.service_tier,
}
_RESERVED: Final = re.compile(r"__.*|le|quantile")
"""Names that Prometheus has for itself."""


class Labels:
    """Labels of one sink: `BASE`, then those of `by`."""

    def __init__(self, by: Sequence[str], max_values: int) -> None:
        self.by: Final = checked(by)
        self.names: Final = (*BASE, *map(label_of, self.by))
        if type(max_values) is not int or max_values < 1:
            raise SettingsError(
                "max_values is a number of values a label may have, at least 1", setting="max_values"
            )
        self.max_values: Final = max_values
        self._values: dict[str, set[str]] = {}
        self._combinations: set[Values] = set()
        self._told: Bounded[Values, Values] = Bounded(MAX_COMBINATIONS)
        """What records told last → the values that it became."""

    def of(self, record: RecordFields) -> Values:
        """The values of a record, in the order of `names`."""
        told = (
            *(_BASE[name](record) for name in BASE),
            *(_value_of(record, word) for word in self.by),
        )
        values = self._told.get(told)
        if values is None:
            values = self._combined(told)
            self._told.keep(told, values)
        return values

    def _combined(self, told: Values) -> Values:
        values = tuple(self.bounded(name, value) for name, value in zip(self.names, told, strict=True))
        if values not in self._combinations:
            if len(self._combinations) >= MAX_COMBINATIONS:
                return (OTHER,) * len(values)
            self._combinations.add(values)
        return values

    def bounded(self, name: str, value: str | None) -> str | None:
        """The value, or `OTHER` if the label has too many others."""
        if value is None:
            return None
        text = text_without_secrets(value)[:MAX_LENGTH]
        known = self._values.setdefault(name, set())
        if text not in known:
            if len(known) >= self.max_values:
                return OTHER
            known.add(text)
        return text


def _value_of(record: RecordFields, word: str) -> str | None:
    if word == "tags":
        return ",".join(sorted(record.tags)) or None
    value = getattr(record, word) if word in OF_RECORD else record.metadata.get(word)
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def checked(by: Sequence[str]) -> tuple[str, ...]:
    """The words of `by`, if each can be a label beside the others.

    Raises:
        SettingsError: One cannot, or they are too many.
    """
    if isinstance(by, str) or not all(isinstance(word, str) and word for word in by):
        raise SettingsError('by is a sequence of names, e.g. by=("user_id",)', setting="by")
    words = tuple(dict.fromkeys(by))
    if len(words) > MOST_BY:
        raise SettingsError(f"by names {len(words)} labels; the most are {MOST_BY}", setting="by")
    taken = {prometheus_label(label) for label in LABELS}
    for word in words:
        if word in ALWAYS:
            raise SettingsError(
                f"by: {word!r} is a label of the metrics already: {ALWAYS[word]}", setting="by"
            )
        label = prometheus_label(label_of(word))
        if label in taken or _RESERVED.fullmatch(label):
            raise SettingsError(f"by: {word!r} cannot be a label: there is one of that name", setting="by")
        taken.add(label)
    return words
