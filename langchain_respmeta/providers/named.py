"""The provider that the caller names for an address, a class or a model, in a handler's setting or one call's metadata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final, TypeAlias

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.providers.endpoints import UNKNOWN
from langchain_respmeta.providers.engine.hosts import is_private
from langchain_respmeta.providers.engine.run_start import NAMED, RunStart
from langchain_respmeta.providers.registry import REGISTRY
from langchain_respmeta.providers.upstream import WAYS

Patterns: TypeAlias = Sequence[tuple[str, str]]
"""Pattern in lower case, and the provider's word, in the order in which they are tried."""


def patterns_of(value: object) -> tuple[tuple[str, str], ...]:
    """The handler's setting `provider`, checked.

    Raises:
        SettingsError: it is no mapping of patterns to providers that are known.
    """
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        raise SettingsError(f"provider must be {_EXPECTED}, got {value!r}", setting="provider")
    return tuple(_pattern(pattern, word) for pattern, word in value.items())


_EXPECTED: Final = 'a mapping of hosts, classes or models to providers, such as {"llm.example.com": "openai"}'


def _pattern(pattern: object, word: object) -> tuple[str, str]:
    if not isinstance(pattern, str) or not pattern.strip() or not isinstance(word, str):
        raise SettingsError(f"provider must be {_EXPECTED}, got {pattern!r}: {word!r}", setting="provider")
    name = REGISTRY.name_of(word)
    if name is None:
        hint = _near(word) or "; register_provider makes one known"
        raise SettingsError(f"provider: {word!r} is no known provider{hint}", setting="provider")
    return pattern.strip().lower(), name


def _near(word: str) -> str:
    """Known names that are similar; they are ours, so nothing of the caller's is logged."""
    near = get_close_matches(word.lower(), REGISTRY.names(), 3)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""


def tell_named(start: RunStart, settings: Iterable[Patterns]) -> None:
    """The provider of this call: by its own metadata, else by the first handler's pattern that matches. Never raises."""
    told = start.provider
    start.provider = None if told is None else REGISTRY.name_of(told)
    if told is not None and start.provider is None:
        start.faults.append(f"{NAMED}: expected the name of a known provider{_near(told)}")
    if start.provider is None:
        start.provider = next((name for patterns in settings for name in _fitting(patterns, start)), None)
    if start.provider is not None and _says_nothing(start.host):
        start.base_url = None  # a proxy: who is behind it has an address of its own


def _fitting(patterns: Patterns, start: RunStart) -> Iterable[str]:
    if patterns:
        signs = [sign.lower() for sign in (start.host, start.integration, start.requested_model) if sign]
        for pattern, name in patterns:
            if any(fnmatchcase(sign, pattern) for sign in signs):
                yield name


def _says_nothing(host: str | None) -> bool:
    return host is not None and (is_private(host) or REGISTRY.at(host) in _SAYS_NOTHING)


_SAYS_NOTHING: Final = frozenset({UNKNOWN, *WAYS})
