"""Check our own settings, and what is watched."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from typing import Any, Final

from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._process.settings import ENABLED, HANDLER, VARIABLES, Setting, from_environment, is_on
from langchain_respmeta.cli.doctor.finding import Case, Finding
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.handler.settings import choose

_PREFIX: Final = "RESPMETA_"


def settings(case: Case) -> Iterator[Finding]:
    """Check the `RESPMETA_…` variables: those that are set, unusable, or unknown."""
    for name, setting in HANDLER.items():
        variable = setting.variable
        try:
            case.settings[name] = _chosen(name, setting)
        except SettingsError as fault:
            case.settings[name], case.wrong_settings = setting.default, True
            yield Finding(
                "problem",
                variable,
                f"{fault}; RespMetaHandler() raises the same",
                "correct the variable, or remove it",
            )
        else:
            if variable in os.environ:
                yield Finding("ok", variable, repr(case.settings[name]))
    try:
        DeliverySettings.from_environment()
    except SettingsError as fault:
        yield Finding(
            "problem", fault.setting, f"{fault}; the defaults are used", "correct the variable, or remove it"
        )
    for variable in sorted(os.environ):
        if variable.startswith(_PREFIX) and variable not in VARIABLES:
            near = difflib.get_close_matches(variable, VARIABLES, 1)
            yield Finding("note", variable, "is no setting", f"did you mean {near[0]}?" if near else "")


def _chosen(name: str, setting: Setting) -> Any:
    return choose(name, None, from_environment({name: setting}, os.environ))


def watching(case: Case) -> Iterator[Finding]:
    """Check which model calls have a record."""
    case.enabled = is_on(ENABLED, os.environ)
    if case.enabled:
        yield Finding(
            "ok",
            "watched",
            f"every model call, once langchain_respmeta is imported ({ENABLED}); runs of LangSmith's wrappers, too",
        )
    else:
        yield Finding(
            "ok",
            "watched",
            "calls that are given a RespMetaHandler, or made inside get_response_metadata_callback(); all that is traced, "
            "after watch_langsmith()",
            f"to watch every call without touching the code: {ENABLED}=true and `import langchain_respmeta`",
        )
