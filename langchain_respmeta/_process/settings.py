"""The `RESPMETA_…` variables: name, kind, bounds, default and meaning of each, in one table."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from langchain_respmeta._process.warn_once import warn_once
from langchain_respmeta.errors import SettingsError

logger: Final = logging.getLogger("langchain_respmeta")

ENABLED: Final = "RESPMETA_ENABLED"
"""Watch every model call of the process."""
STATE_DIR: Final = "RESPMETA_STATE_DIR"
"""Directory of the outbox and of the embedded server's runs."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value must be. `read` parses a variable's text, or raises ValueError; `check` is for arguments, too."""

    read: Callable[[str], object]
    expected: str
    check: Callable[[object], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting."""

    variable: str
    kind: Kind
    default: Any
    meaning: str


_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


def _flag(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(text)
    return word in _TRUE


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _feedback(text: str) -> str | bool:
    word = text.strip().lower()
    return False if word in _FALSE else word


def _is_feedback(value: object) -> bool:
    if isinstance(value, str):
        return value in {"exceptions", "all"}
    return value is False or isinstance(value, Sequence)


def _project(text: str) -> str | None:
    return text or None  # an empty variable


def _is_project(value: object) -> bool:
    return value is None or isinstance(value, str)


_PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


def _is_prefix(value: object) -> bool:
    return isinstance(value, str) and bool(_PREFIX.fullmatch(value)) and not value.startswith(("ls_", "lc_"))


def _is_names(value: object) -> bool:
    return isinstance(value, Sequence) and all(isinstance(name, str) for name in value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _at_least_zero(cast: Callable[[str], float]) -> Callable[[str], float]:
    def read(text: str) -> float:
        number = cast(text)
        if not number >= 0:  # also catches nan
            raise ValueError(text)
        return number

    return read


_AGE: Final = re.compile(r"(\d{1,6})([mhdw])")
_SIZE: Final = re.compile(r"(\d{1,15}(?:\.\d{1,3})?) ?([kmgt]?)(i?)b?", re.IGNORECASE)
_SECONDS: Final = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_POWERS: Final = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def _age(text: str) -> timedelta | None:
    text = text.strip()
    if text.lower() in _WITHOUT:
        return None
    found = _AGE.fullmatch(text)
    if found is None or not int(found[1]):
        raise ValueError(text)
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def _size(text: str) -> int | None:
    text = text.strip()
    if text.lower() in _WITHOUT:
        return None
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    number, power, is_binary = found[1], _POWERS[found[2].lower()], bool(found[3])
    size = int(float(number) * (1024 if is_binary else 1000) ** power)
    if size < LEAST_SIZE:
        raise ValueError(text)
    return size


LEAST_SIZE: Final = 16_000_000
"""Bytes: a smaller database has no room for a batch of the SDK's beside it."""
_WITHOUT: Final = frozenset({"", "no", "none", "all", "off"})
"""Words for: no bound."""

_FLAG: Final = Kind(_flag, "true or false", _is_flag)
_FEEDBACK: Final = Kind(_feedback, '"exceptions", "all", False or a list of FeedbackRule', _is_feedback)
_PROJECT: Final = Kind(_project, "a project's name", _is_project)
_NAME: Final = Kind(str, "1 to 40 letters, digits or underscores, not starting with ls_ or lc_", _is_prefix)
_RECORDS: Final = Kind(int, "0 or more", _is_count)
NAMES: Final = Kind(str, "names of keys of the runs' metadata", _is_names)
"""With commas between them in a variable: `record.allowed_facts.names_of` takes them apart."""
_COUNT: Final = Kind(_at_least_zero(int), "a number, zero or more")
_NUMBER: Final = Kind(_at_least_zero(float), "a number, zero or more")

_HANDLER: Final[Sequence[tuple[str, Kind, object, str]]] = (
    ("metadata", _FLAG, True, "put the metadata on runs"),
    ("feedback", _FEEDBACK, "exceptions", '`"exceptions"`, `"all"`, `False`, or a list of `FeedbackRule`'),
    ("prices", _FLAG, True, "compute costs where the provider tells none"),
    ("include_content", _FLAG, False, "texts in records and on runs"),
    ("project", _PROJECT, None, "touch only runs of this LangSmith project"),
    ("prefix", _NAME, "respmeta", "of keys on runs and of feedback keys"),
    ("max_records", _RECORDS, 10_000, "calls that `handler.records` remembers"),
    ("by", NAMES, (), 'keys of the run\'s own metadata that records carry; `"tags"` carries its tags'),
    ("extend_trace_retention", _FLAG, False, "feedback may move a trace to extended (dearer) retention"),
)
HANDLER: Final[Mapping[str, Setting]] = {
    name: Setting(f"RESPMETA_{name.upper()}", kind, default, meaning)
    for name, kind, default, meaning in _HANDLER
}
"""By argument of `RespMetaHandler`."""

DELIVERY: Final[Mapping[str, Setting]] = {
    "max_rows": Setting("RESPMETA_OUTBOX_MAX_ROWS", _COUNT, 100_000, "items kept"),
    "max_bytes": Setting(
        "RESPMETA_OUTBOX_MAX_BYTES", _COUNT, 67_108_864, "their size, without SQLite's overhead"
    ),
    "max_age_days": Setting(
        "RESPMETA_OUTBOX_MAX_AGE_DAYS",
        _NUMBER,
        14,
        "older items are dropped: LangSmith's base retention is over",
    ),
    "requests_per_minute": Setting(
        "RESPMETA_FEEDBACK_PER_MINUTE", _COUNT, 4_000, "requests per server and process"
    ),
    "drain_s": Setting("RESPMETA_DRAIN_SECONDS", _NUMBER, 5, "how long the interpreter's exit may wait"),
}
"""Of feedback's delivery."""

SERVER: Final[Mapping[str, Setting]] = {
    "keep": Setting(
        "RESPMETA_SERVER_KEEP",
        Kind(_age, "how long runs are kept (90m, 12h, 30d, 8w; none for always)"),
        None,
        "how long the embedded server keeps runs",
    ),
    "max_size": Setting(
        "RESPMETA_SERVER_MAX_SIZE",
        Kind(_size, "a size of 16MB or more (500MB, 2GB; none for any)"),
        None,
        "how large its database may become",
    ),
}
"""Of the embedded server."""

VARIABLES: Final = frozenset(
    {
        *(ENABLED, STATE_DIR),
        *(one.variable for table in (HANDLER, DELIVERY, SERVER) for one in table.values()),
    }
)
"""All that are read."""


def from_environment(settings: Mapping[str, Setting], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that the environment has, by name.

    Raises:
        SettingsError: a variable's text cannot be parsed.
    """
    return {
        name: read_text(setting, environ[setting.variable], setting.variable)
        for name, setting in settings.items()
        if setting.variable in environ
    }


def read_text(setting: Setting, text: str, name: str) -> Any:
    """The value that a text says for a setting, which was given as `name`.

    Raises:
        SettingsError: It cannot be parsed.
    """
    try:
        return setting.kind.read(text)
    except (ValueError, OverflowError):
        raise SettingsError(f"{name} must be {setting.kind.expected}, got {text!r}", setting=name) from None


def is_on(variable: str, environ: Mapping[str, str]) -> bool:
    """Whether a switch is on that is no argument. Nonsense is off, with one warning and no error."""
    text = environ.get(variable, "")
    try:
        return _flag(text)
    except ValueError:
        words = "%s must be true or false, got %r: it is taken for false"
        warn_once(logger, (variable, text), words, variable, text[:40])
        return False
