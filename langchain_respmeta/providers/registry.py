"""Who is who: the look-up from what was known at the start of a run, and what came back."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.errors import ProviderError
from langchain_respmeta.providers.azure import AZURE_OPENAI
from langchain_respmeta.providers.endpoints import (
    UNKNOWN,
    contradicted,
    gateway_told,
    named_by_answer,
)
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.hosts import host_names, is_private
from langchain_respmeta.providers.engine.reader import Provider, Reader, is_ours
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.values import text_or_empty
from langchain_respmeta.providers.families.langsmith_gateway import (
    GATEWAY,
    gateway_by_headers,
    vendor_told,
)
from langchain_respmeta.providers.generic import GENERIC
from langchain_respmeta.providers.rows import COMMUNITY_ROWS, ENDPOINT_ROWS, ROWS
from langchain_respmeta.providers.upstream import WAYS, passes_untouched, upstream_told
from langchain_respmeta.providers.vendors import GATEWAY_WORDS

logger: Final = logging.getLogger("langchain_respmeta")

ENTRY_POINTS: Final = "langchain_respmeta.providers"
"""Group of entry points of outside packages: each names a `Provider`, several, or a function that gives them."""

_SIGNS: Final = ("classes", "ls_providers", "types", "dialects")
_AZURE_KEYS: Final = frozenset({"prompt_filter_results", "content_filter_results"})
_MAX_HOSTS: Final = 1024
_HOST: Final = re.compile(r"localhost|[\w-]*([.:][\w-]*)+")


class Registry:
    """Rows by each of their signs. Reading takes no lock: what is read is replaced, never changed."""

    def __init__(self, rows: Iterable[Provider] = (), *, plugins: bool = False) -> None:
        self.rows: tuple[Provider, ...] = ()
        self._by: dict[str, dict[str, Provider]] = {sign: {} for sign in _SIGNS}
        self._at: dict[tuple[str, str], Reader | None] = {}
        self._plugins_wait = plugins
        self.changes = 0
        """How often a provider was added: what was compiled from the rows before no longer holds."""
        self.chooses_by_ours = True
        """Whether no row chooses by a function of another package, which may look at anything."""
        for row in rows:
            self.add(row)

    def add(self, row: Provider, *, replace: bool = False) -> None:
        """Make a provider known.

        Raises:
            ProviderError: a sign already belongs to another provider and `replace` is false.
        """
        with loading:
            if not replace:
                self._refuse_taken(row)
            self._by = {
                sign: {**rows, **dict.fromkeys(getattr(row, sign), row)} for sign, rows in self._by.items()
            }
            # The latest first: a later registration takes a host over.
            self.rows = (row, *self.rows) if replace else (*self.rows, row)
            self._at = {}
            self.changes += 1
            if row.choose is not None and not is_ours(row.choose):
                self.chooses_by_ours = False

    def _refuse_taken(self, row: Provider) -> None:
        for sign in _SIGNS:
            for value in getattr(row, sign):
                owner = self._by[sign].get(value)
                if owner is not None:
                    raise ProviderError(
                        f"{sign.removesuffix('s')} {value!r} already belongs to {owner.reader.name!r}; "
                        "pass replace=True to take it over",
                        provider=row.reader.name,
                    )

    def find(self, start: RunStart, answer: Answer) -> Reader:
        """The reader for a run: by class, `ls_provider`, `_type`, then the answer's dialect; else the generic one."""
        if self._plugins_wait:
            self._load_plugins()
        by = self._by
        if answer.api is not None:
            return self._find_raw(by["dialects"].get(answer.row), start, answer)
        row = (
            by["classes"].get(start.integration or "")
            or by["ls_providers"].get(start.ls_provider or "")
            or by["types"].get(start.llm_type or "")
            or by["dialects"].get(text_or_empty(answer.metadata.get("model_provider")))
        )
        if start.provider is not None and (named := self.name_of(start.provider)) is not None:
            own = GENERIC if row is None else row.reader if row.choose is None else row.choose(start, answer)
            return own if named == own.name else self._named(own, named)
        if GATEWAY in answer.metadata and (vendor := self._chosen(answer)) is not None:
            own = GENERIC if row is None else row.reader
            return own if vendor == own.name else self._named(own, vendor)
        if row is None:
            return GENERIC
        if row.endpoints is not None:
            return self._by_endpoint(row.reader, row.endpoints, start, answer)
        return row.reader if row.choose is None else row.choose(start, answer)

    def _find_raw(self, row: Provider | None, start: RunStart, answer: Answer) -> Reader:
        """The reader of an API's own answer: its dialect's, of the provider that is named, else of the host, else told."""
        own = GENERIC if row is None else row.reader
        said = start.provider or answer.vendor or start.ls_provider
        named = None if said is None else self.name_of(said)
        if start.provider is None and answer.vendor is None and (named == own.name or start.host is not None):
            named = None  # LangSmith's wrappers call every user of a dialect its owner
        if named is not None:
            return own if named == own.name else self._named(own, named)
        if row is None:
            return own
        if row.endpoints is not None:
            return self._by_endpoint(own, row.endpoints, start, answer)
        found = None if start.host is None else self._at_host(own, start.host)
        if found is not None and found.name not in (own.name, UNKNOWN):
            return found
        return own if row.choose is None else row.choose(start, answer)

    def knows_class(self, name: str) -> bool:
        """Whether an integration's class is called so."""
        if self._plugins_wait:
            self._load_plugins()
        return name in self._by["classes"]

    def names(self) -> list[str]:
        """The words of all providers that are known."""
        if self._plugins_wait:
            self._load_plugins()
        return sorted({row.reader.name for row in self.rows})

    def name_of(self, word: str) -> str | None:
        """The record's word for a provider, also of LangChain's or a gateway's; None where it is unknown."""
        wanted = word.strip().lower()
        names = {name.lower(): name for name in self.names()}
        row = self._by["ls_providers"].get(wanted) or self._by["dialects"].get(wanted)
        return names.get(wanted) or (
            row.reader.name if row is not None else names.get(GATEWAY_WORDS.get(wanted, ""))
        )

    def upstream(self, gateway: str, start: RunStart, answer: Answer) -> tuple[str | None, str | None]:
        """Whom a gateway passed a call on to: in its own word, and in the record's if that is known."""
        word = upstream_told(gateway, start, answer)
        if word is None:
            return None, None
        name = self.name_of(word)
        if name is None and _HOST.fullmatch(word):  # of a host only its vendor is shown
            name = self.at(word)
            return name, name
        return word, name

    def at(self, host: str) -> str:
        """Whose host it is."""
        found = self._at_host(GENERIC, host)
        return UNKNOWN if found is None else found.name

    def _chosen(self, answer: Answer) -> str | None:
        """The provider that LangSmith's gateway chose, in our word; None where we have none."""
        told = vendor_told(answer.metadata)
        if told is None:
            return None
        word = told.casefold()
        row = self._by["ls_providers"].get(word) or self._by["dialects"].get(word)
        name = row.reader.name if row is not None else GATEWAY_WORDS.get(word, word)
        return next((row.reader.name for row in self.rows if row.reader.name == name), None)

    # --- classes that can call any address ---

    def _by_endpoint(self, own: Reader, dialect: str, start: RunStart, answer: Answer) -> Reader:
        host = start.host
        found = None if host is None else self._at_host(own, host)
        if found is None or found is own or found.name == UNKNOWN:
            gateway = gateway_by_headers(start, answer) or gateway_told(answer)
            if gateway is not None:
                return self._through(own, gateway, start, answer)
        if host is not None:
            said = contradicted(answer, dialect) if found is own else None
            if said is not None:
                return self._named(own, said)
            if found is not None:
                return self._through(own, found.name, start, answer) if found.name in WAYS else found
        if not _AZURE_KEYS.isdisjoint(answer.metadata):
            return AZURE_OPENAI
        vendor = named_by_answer(answer, start, dialect, host)
        return own if vendor == own.name else self._named(own, vendor)

    def _through(self, own: Reader, gateway: str, start: RunStart, answer: Answer) -> Reader:
        """The reader of a gateway's answers: with the vendor's tables, where it passes them on as they are."""
        plain = self._named(own, gateway)
        vendor = self.upstream(gateway, start, answer)[1] if passes_untouched(gateway, start) else None
        if vendor is None or vendor in (own.name, gateway):
            return plain
        key = own.name, f"\0{gateway}\0{vendor}"
        if key not in self._at:
            self._at[key] = self._named(own, vendor).behind(plain).extended(gateway)
        return self._at[key] or plain

    def _at_host(self, own: Reader, host: str) -> Reader | None:
        """The provider of a host; None where it is unknown."""
        key = own.name, host
        if key not in self._at:
            if len(self._at) >= _MAX_HOSTS:
                self._at = {}
            self._at[key] = self._read_host(own, host)
        return self._at[key]

    def _read_host(self, own: Reader, host: str) -> Reader | None:
        for row in self.rows:
            if row.hosts and host_names(host, row.hosts):
                return own if row.reader.name == own.name else row.reader.behind(own)
        return None if is_private(host) else self._named(own, UNKNOWN)

    def _named(self, own: Reader, vendor: str) -> Reader:
        key = own.name, f"\0{vendor}"
        reader = self._at.get(key)
        if reader is None:
            known = next((row.reader for row in self.rows if row.reader.name == vendor), None)
            reader = self._at[key] = own.extended(vendor) if known is None else known.behind(own)
        return reader

    # --- outside packages ---

    def _load_plugins(self) -> None:
        with loading:
            if not self._plugins_wait:
                return
            self._plugins_wait = False
            for point in entry_points(group=ENTRY_POINTS):
                self._load_plugin(point)

    def _load_plugin(self, point: EntryPoint) -> None:
        try:
            for row in _rows_of(point.load()):
                self.add(row)
        except Exception as fault:  # noqa: BLE001 - a foreign package must not break the reading of answers
            logger.warning(
                "Provider plugin %r (%s) could not be loaded and is left out: %s: %s",
                point.name,
                point.value,
                type(fault).__name__,
                fault,
            )


def _rows_of(loaded: Any) -> list[Provider]:
    if callable(loaded):
        loaded = loaded()
    rows = [loaded] if isinstance(loaded, Provider) else list(loaded)
    for row in rows:
        if not isinstance(row, Provider):
            raise ProviderError(f"expected a Provider, got {type(row).__name__}", provider=str(row))
    return rows


REGISTRY: Final = Registry((*ROWS, *ENDPOINT_ROWS, *COMMUNITY_ROWS), plugins=True)


def register_provider(row: Provider, *, replace: bool = False) -> None:
    """Make a provider known to this process, beside those that ship with the package.

    A package can do the same without a call, by an entry point of the group `langchain_respmeta.providers`.

    Args:
        row: The provider's reader, and the signs by which its runs are known.
        replace: Take over signs and hosts that belong to another provider.

    Raises:
        ProviderError: A class, `ls_provider`, `_type` or dialect already belongs to another provider.
    """
    REGISTRY.add(row, replace=replace)
