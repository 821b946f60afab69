"""A handler's settings: arguments win, `RESPMETA_…` variables stand in for what was not given, then the defaults."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.warn_once import warn_once
from langchain_respmeta.errors import SettingsError

logger: Final = logging.getLogger("langchain_respmeta")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its default, how its variable's text is read, and what a value must be."""

    default: Any
    read: Callable[[str], Any]
    check: Callable[[Any], bool]
    expected: str


_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


def _flag(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(text)
    return word in _TRUE


def is_on(variable: str, environ: Mapping[str, str]) -> bool:
    """Whether a switch outside the settings is on, by the same words. Nonsense is off, and told once: never an error."""
    text = environ.get(variable, "")
    try:
        return _flag(text)
    except ValueError:
        words = "%s must be true or false, got %r: it is taken for false"
        warn_once(logger, (variable, text), words, variable, text[:40])
        return False


def _feedback(text: str) -> str | bool:
    word = text.strip().lower()
    return False if word in _FALSE else word


def _is_feedback(value: Any) -> bool:
    if isinstance(value, str):
        return value in {"exceptions", "all"}
    return value is False or isinstance(value, Sequence)


_PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


def _is_prefix(value: Any) -> bool:
    return isinstance(value, str) and bool(_PREFIX.fullmatch(value)) and not value.startswith(("ls_", "lc_"))


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _switch(default: bool) -> Setting:  # noqa: FBT001
    return Setting(default, _flag, _is_flag, "true or false")


SETTINGS: Final[Mapping[str, Setting]] = {
    "metadata": _switch(default=True),
    "feedback": Setting(
        "exceptions", _feedback, _is_feedback, '"exceptions", "all", False or a list of FeedbackRule'
    ),
    "prices": _switch(default=True),
    "include_content": _switch(default=False),
    "project": Setting(
        None,
        lambda text: text or None,  # a variable that is set to nothing
        lambda value: value is None or isinstance(value, str),
        "a project's name",
    ),
    "prefix": Setting(
        "respmeta", str, _is_prefix, "1 to 40 letters, digits or underscores, not starting with ls_ or lc_"
    ),
    "max_records": Setting(
        10_000,
        int,
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
        "0 or more",
    ),
    "extend_trace_retention": _switch(default=False),
}
"""Name → setting. The variable is `RESPMETA_` and the name in capitals."""


def read(environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings that the environment gives.

    Raises:
        SettingsError: a variable's text cannot be read.
    """
    found = {}
    for name, setting in SETTINGS.items():
        variable = f"RESPMETA_{name.upper()}"
        if variable in environ:
            try:
                found[name] = setting.read(environ[variable])
            except ValueError:
                raise SettingsError(
                    f"{variable} must be {setting.expected}, got {environ[variable]!r}", setting=variable
                ) from None
    return found


def choose(name: str, argument: Any, environment: Mapping[str, Any]) -> Any:
    """The argument if given, else the environment's value, else the default.

    Raises:
        SettingsError: the chosen value is not of the setting's kind.
    """
    setting = SETTINGS[name]
    given = argument is not None
    value = argument if given else environment.get(name, setting.default)
    if not setting.check(value):
        told = name if given else f"RESPMETA_{name.upper()}"
        raise SettingsError(f"{told} must be {setting.expected}, got {value!r}", setting=told)
    return value


def callables(name: str, values: Any) -> Sequence[Any]:
    """A sequence of callables.

    Raises:
        SettingsError: one of them cannot be called.
    """
    found = list(values) if isinstance(values, Sequence) else [values]
    for value in found:
        if not callable(value):
            raise SettingsError(
                f"{name} must be callables that take a ResponseMetadata, got {value!r}", setting=name
            )
    return found


def enrichers(values: Any) -> Sequence[Any]:
    """A sequence of enrichers.

    Raises:
        SettingsError: one of them is none.
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
    """Patterns of a `provider` setting. Loads the providers' room, so only when there is one."""
    if provider is None:
        return ()
    with loading:
        from langchain_respmeta.providers.named import patterns_of

    return patterns_of(provider)


def rules(feedback: Any, prefix: str) -> Sequence[Any]:
    """Feedback rules of a `feedback` setting. Loads the rules' room, so only when feedback is on."""
    with loading:
        from langchain_respmeta.langsmith.feedback.rules import rules_for

    return rules_for(feedback, prefix=prefix)
