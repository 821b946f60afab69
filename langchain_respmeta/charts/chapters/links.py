"""Addresses of runs: where a call of the report can be looked at."""

from __future__ import annotations

import re
from typing import Final, Protocol
from urllib.parse import quote, urlsplit

from langchain_respmeta.errors import SettingsError

FIELDS: Final = ("run_id", "trace_id", "project_id")
"""What an address may name, in braces."""
_FIELD: Final = re.compile(r"\{([^{}]*)\}")


class Linked(Protocol):
    """A call that may have a run somewhere."""

    @property
    def run_id(self) -> str | None:
        """Its run's id."""

    @property
    def trace_id(self) -> str | None:
        """Its trace's id."""

    @property
    def project_id(self) -> str | None:
        """Its project's id."""


def checked(template: str | None) -> str | None:
    """Return an address with `FIELDS` in braces, as it is.

    Raises:
        SettingsError: It is no address of the web, or names something else.
    """
    if template is None:
        return None
    parts = urlsplit(template)
    unknown = [name for name in _FIELD.findall(template) if name not in FIELDS]
    if parts.scheme not in {"http", "https"} or not parts.netloc or unknown:
        raise SettingsError(
            f"links is no address like http://localhost:2727/run/{{run_id}}: {template!r}; in braces may stand "
            f"{', '.join(FIELDS)}",
            setting="links",
        )
    return template


def link_of(template: str | None, call: Linked) -> str | None:
    """Return the address of a call's run; None without a template, or where the call lacks what it names."""
    if template is None:
        return None
    named = {name: getattr(call, name) for name in _FIELD.findall(template)}
    if None in named.values():
        return None
    return _FIELD.sub(lambda found: quote(str(named[found[1]]), safe=""), template)
