"""Hosts: that of an address, those of a vendor, and those of a private network."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit


@lru_cache(maxsize=512)
def host_of(url: str | None) -> str:
    """The host of an address with or without its scheme, in lower case; "" where there is none."""
    if not url:
        return ""
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""


def host_names(host: str, known: Iterable[str]) -> bool:
    """Whether `host` is one of `known`, or under it."""
    return any(_named_by(host, name) for name in known)


def _named_by(host: str, name: str) -> bool:
    if "*" in name:
        return fnmatchcase(host, name)
    return host.endswith(name) if name[0] in ".-" else _is_or_is_under(host, name)


def _is_or_is_under(host: str, name: str) -> bool:
    return host == name or host.endswith(f".{name}")


_LOCAL_NAMES: Final = re.compile(
    r"[^.]+|.*\.(local|localhost|internal|intranet|lan|home|home\.arpa|test|svc|corp)"
)


@lru_cache(maxsize=512)
def is_private(host: str) -> bool:
    """A loopback or private address, or a name that only a private network knows."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _LOCAL_NAMES.fullmatch(host) is not None
    return not address.is_global
