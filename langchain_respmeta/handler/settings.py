"""A handler's settings: an argument, else its `RESPMETA_…` variable, else the default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.settings import HANDLER, NAMES
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.record.allowed_facts import names_of


def choose(name: str, argument: Any, environment: Mapping[str, Any]) -> Any:
    """Return the argument if given, else the environment's value, else the default.

    Raises:
        SettingsError: the chosen value is not of the setting's kind.
    """
    setting = HANDLER[name]
    given = argument is not None
    value = argument if given else environment.get(name, setting.default)
    source = name if given else setting.variable
    if not setting.kind.check(value):
        raise SettingsError(f"{source} must be {setting.kind.expected}, got {value!r}", setting=source)
    return names_of(value, source) if setting.kind is NAMES else value


def callables(name: str, values: Any) -> Sequence[Any]:
    """Return a sequence of callables.

    Raises:
        SettingsError: one of them is no callable.
    """
    found = list(values) if isinstance(values, Sequence) else [values]
    for value in found:
        if not callable(value):
            raise SettingsError(
                f"{name} must be callables that take a ResponseMetadata, got {value!r}", setting=name
            )
    return found


def enrichers(values: Any) -> Sequence[Any]:
    """Return a sequence of enrichers.

    Raises:
        SettingsError: one of them is no enricher.
    """
    found = list(values) if isinstance(values, Sequence) else [values]
    for value in found:
        if isinstance(value, type) or not all(callable(getattr(value, name, None)) for name in _ENRICHER):
            raise SettingsError(
                f"enrichers must have the methods {', '.join(_ENRICHER)}, got {value!r}", setting="enrichers"
            )
    return found


_ENRICHER: Final = ("wants", "look_up", "flush")


def patterns(provider: Any) -> tuple[tuple[str, str], ...]:
    """Return the patterns of a `provider` setting; load the providers' room only then."""
    if provider is None:
        return ()
    with loading:
        from langchain_respmeta.providers.named import patterns_of

    return patterns_of(provider)


def rules(feedback: Any, prefix: str) -> Sequence[Any]:
    """Return the rules of a `feedback` setting; load the rules' room only then."""
    with loading:
        from langchain_respmeta.langsmith.feedback.rules import rules_for

    return rules_for(feedback, prefix=prefix)
