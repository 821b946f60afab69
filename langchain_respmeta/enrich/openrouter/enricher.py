"""Look up in the background what OpenRouter knows of a generation and its answer does not tell.

An answer names its generation (`gen-…`). A moment later, `GET /generation?id=` returns which vendor served it,
what it and the vendor charged, the vendor's own token counts, the latencies, and more: 31 documented fields, all of
them in the record (`ResponseMetadata.from_openrouter` has the table).
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import fields
from importlib.util import find_spec
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from weakref import WeakSet, finalize

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.lifecycle import Child, Exit, at_exit, in_child
from langchain_respmeta.enrich.openrouter.lookups import LookupQueue, Lookups, LookupSettings
from langchain_respmeta.errors import MissingExtraError, SettingsError

if TYPE_CHECKING:
    import httpx

    from langchain_respmeta.enrich.enricher import Facts
    from langchain_respmeta.enrich.openrouter.ask import QueryReply
    from langchain_respmeta.providers.engine.run_start import RunStart

__all__ = ["Lookups", "OpenRouterEnricher"]

logger: Final = logging.getLogger("langchain_respmeta")

BASE_URL: Final = "https://openrouter.ai/api/v1"
KEY_VARIABLE: Final = "OPENROUTER_API_KEY"
_LONGEST_ID: Final = 200


class OpenRouterEnricher:
    """Looks up the generation of each answer that came from OpenRouter.

    Pass it as `RespMetaHandler(enrichers=[OpenRouterEnricher()])`. It looks up answers of `ChatOpenRouter`, and of any
    class whose address is OpenRouter's or this enricher's `base_url`. The facts go to `handler.records`, to the
    sinks (called again with the enriched record), and to LangSmith as feedback `respmeta_generation` with the facts as
    value: a finished run cannot be changed. Such feedback never extends a trace's retention.

    The caller's thread sends nothing, and waits only for `wait_s`. Up to four daemon threads send queries; one is enough
    while the replies come. What cannot be found is counted in `lookups`; the first of each kind is logged.

    Args:
        api_key: Default: the variable OPENROUTER_API_KEY. It is sent to `base_url` only, and never logged.
        base_url: Of OpenRouter's API.
        wait_s: Seconds after an answer for which its run, if it is traced, is held back, so that the run
            itself has the facts. The caller waits that long at most: on an event loop everything else there waits too. A generation
            is seldom known in less than half a second.
        max_wait_s: How long a generation may stay unknown before it is given up.
        max_pending: Look-ups that may wait. When there are more, new ones are left out and counted as dropped.
        requests_per_minute: For all look-ups of this enricher.
        first_backoff_s: The wait before the second try; later ones double, up to 15 seconds.
        timeout_s: For one request, however slowly its answer comes.
        drain_s: How long the interpreter's exit may wait for what is under way.

    Raises:
        SettingsError: There is no key, or an argument cannot be used.
        MissingExtraError: httpx is not installed.
    """

    name: Final = "generation"

    def __init__(
        self,
        api_key: Any = None,
        *,
        base_url: str = BASE_URL,
        wait_s: float = 0.0,
        max_wait_s: float = 60.0,
        max_pending: int = 1_000,
        requests_per_minute: int = 300,
        first_backoff_s: float = 0.5,
        timeout_s: float = 10.0,
        drain_s: float = 5.0,
    ) -> None:
        key = _usable_key(api_key)
        self.base_url: Final = _usable_url(base_url)
        self.wait_s: Final = _at_least(0.0, "wait_s", wait_s)
        self.timeout_s: Final = _at_least(0.001, "timeout_s", timeout_s)
        self.drain_s: Final = _at_least(0.0, "drain_s", drain_s)
        if find_spec("httpx") is None:
            raise MissingExtraError("OpenRouterEnricher", extra="openrouter", package="httpx")
        self._netloc = urlsplit(self.base_url).netloc.rpartition("@")[2]
        self._settings = LookupSettings(
            max_wait_s=_at_least(0.0, "max_wait_s", max_wait_s),
            max_pending=int(_at_least(1, "max_pending", max_pending)),
            requests_per_minute=int(_at_least(1, "requests_per_minute", requests_per_minute)),
            first_backoff_s=_at_least(0.001, "first_backoff_s", first_backoff_s),
        )
        self._new_client: Callable[[], httpx.Client] = _client_maker(self.base_url, key, self.timeout_s)
        self._closing: finalize[..., OpenRouterEnricher] | None = None
        self._begin()
        _ALL.add(self)

    def _begin(self) -> None:
        """Begin with nothing under way; also in a forked child, where threads and connections are the parent's."""
        if self._closing is not None:
            self._closing.detach()
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._queue = LookupQueue(self._settings, self._ask)

    def __copy__(self) -> OpenRouterEnricher:
        return self

    def __deepcopy__(self, memo: object) -> OpenRouterEnricher:
        return self

    def __getstate__(self) -> dict[str, object]:
        """For another process, which reads the key from its own environment: no pickle holds a key."""
        return {
            "base_url": self.base_url,
            "wait_s": self.wait_s,
            "timeout_s": self.timeout_s,
            "drain_s": self.drain_s,
            **{field.name: getattr(self._settings, field.name) for field in fields(self._settings)},
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        OpenRouterEnricher.__init__(self, **state)

    def wants(self, draft: Mapping[str, Any], start: RunStart) -> bool:
        """Whether the answer came from OpenRouter, names its generation, and was not LangChain's own cache's."""
        response_id = draft.get("response_id")
        if not isinstance(response_id, str) or not 0 < len(response_id) <= _LONGEST_ID:
            return False
        return not draft.get("langchain_cache_hit") and (
            draft.get("provider") == "openrouter" or _netloc(start.base_url) == self._netloc
        )

    def look_up(self, draft: Mapping[str, Any], done: Callable[[Facts | None], None]) -> None:
        """Queue a look-up; `done` gets the facts, or None when there will be none."""

        def end(reply: QueryReply | None) -> None:
            if reply is None or reply.generation is None:
                done(None)
                return
            with loading:
                from langchain_respmeta.enrich.openrouter.facts import facts_for

            done(facts_for(draft, reply.generation))

        if not self._queue.put(draft["response_id"], end):
            done(None)

    def flush(self, timeout: float) -> bool:
        """Wait until nothing is under way; False when `timeout` seconds were too short."""
        return self._queue.flush(timeout)

    @property
    def lookups(self) -> Lookups:
        """How many look-ups were found, wait, were given up or dropped."""
        return self._queue.counts()

    def _ask(self, response_id: str) -> QueryReply:
        with loading:
            from langchain_respmeta.enrich.openrouter.ask import ask

        with self._lock:
            if self._client is None:
                self._client = self._new_client()
                # Its connections end with the enricher, which every sender thread holds.
                self._closing = finalize(self, self._client.close)
                self._closing.atexit = False
        return ask(self._client, response_id, self.timeout_s)

    def _close(self) -> None:
        left = self._queue.counts().waiting
        self._queue.close()
        if left:
            logger.info("%d OpenRouter look-ups were under way at the exit and are given up", left)

    def __repr__(self) -> str:
        return f"OpenRouterEnricher(base_url={self.base_url!r}, wait_s={self.wait_s}, {self.lookups})"


def _client_maker(base_url: str, key: str, timeout_s: float) -> Callable[[], httpx.Client]:
    """Only this function's cell holds the key: no attribute shows it."""

    def make() -> httpx.Client:
        with loading:
            from langchain_respmeta.enrich.openrouter.ask import client_for

        return client_for(base_url, key, timeout_s)

    return make


def _usable_key(given: object) -> str:
    found = given if given is not None else os.environ.get(KEY_VARIABLE)
    reveal = getattr(found, "get_secret_value", None)
    key = reveal() if callable(reveal) else found
    if not isinstance(key, str) or not key.strip():
        raise SettingsError(
            f"OpenRouterEnricher needs a key: set {KEY_VARIABLE}, or pass api_key=...", setting="api_key"
        )
    usable: str = key.strip()
    if not (usable.isascii() and usable.isprintable()) or " " in usable:
        # Checked here: the HTTP library's error would quote the whole header.
        raise SettingsError("The OpenRouter key holds characters that no key has", setting="api_key")
    return usable


def _usable_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except (ValueError, AttributeError):
        usable = False
    if not usable:
        raise SettingsError(
            f"base_url must be an http(s) address such as {BASE_URL}, got {url!r}", setting="base_url"
        )
    return url.rstrip("/")


def _at_least(least: float, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < float("inf"):
        raise SettingsError(f"{name} must be a number, at least {least}, got {value!r}", setting=name)
    return value


def _netloc(url: str | None) -> str | None:
    try:
        return urlsplit(url).netloc.rpartition("@")[2] if url else None
    except ValueError:
        return None


# --- exits and forks ---------------------------------------------------------------------------------------------------

_ALL: Final[WeakSet[OpenRouterEnricher]] = WeakSet()
_of_parents: list[object] = []
"""Clients inherited by fork: never used, never freed, for freeing would end the parent's connections."""


def _drain() -> None:
    """Wait for the look-ups under way: the longest `drain_s` bounds all."""
    enrichers = list(_ALL)
    until = monotonic() + max((enricher.drain_s for enricher in enrichers), default=0.0)
    for enricher in enrichers:
        enricher.flush(max(0.0, min(enricher.drain_s, until - monotonic())))
        enricher._close()  # noqa: SLF001 - this module's own


def _begin_again_after_fork() -> None:
    for enricher in list(_ALL):
        _of_parents.append((enricher._client, enricher._queue))  # noqa: SLF001
        enricher._begin()  # noqa: SLF001


at_exit(Exit.LOOK_UP, _drain)
in_child(Child.LOOK_UPS, _begin_again_after_fork)
