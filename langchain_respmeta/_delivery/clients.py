"""The LangSmith clients that the worker sends feedback through."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Iterable

from langsmith import Client, utils

from langchain_respmeta._delivery.retry import CircuitBreaker, RateLimit
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._delivery.twin import objection, twin
from langchain_respmeta._process.warn_once import warn_once
from langchain_respmeta.record.secrets import text_without_secrets, url_without_secrets

__all__ = ["Clients"]

logger = logging.getLogger(__name__)


class Clients:
    """Numbers clients, keeps their twins, and a circuit breaker and rate limit for each server. Used by the worker's threads."""

    def __init__(self, settings: DeliverySettings) -> None:
        self._settings = settings
        self._numbers: weakref.WeakKeyDictionary[Client, tuple[int | None, object]] = (
            weakref.WeakKeyDictionary()
        )
        self._twins: dict[int, Client] = {}
        self._next_number = 0
        self._by_url: dict[str, Client] = {}
        self._breakers: dict[str, CircuitBreaker] = {}
        self._rate_limits: dict[str, RateLimit] = {}
        self._env_tried: set[str] = set()

    def number(self, client: Client) -> int | None:
        """Return the client's number; None when no feedback can go through it (with one warning)."""
        headers = _headers(client)
        known = self._numbers.get(client)
        if known is None or known[1] != headers:  # its key or workspace has changed
            known = (self._register(client), headers)
            self._numbers[client] = known
        return known[0]

    def _register(self, client: Client) -> int | None:
        why = objection(client)
        if why is not None:
            _object(why)
            return None
        number, self._next_number = self._next_number, self._next_number + 1
        other = twin(client, self._settings)
        self._twins[number] = other
        self._by_url[client.api_url] = other
        return number

    def twin_for(self, api_url: str, number: int | None) -> Client | None:
        """Return the client for a row: its own, or, after a take-over, the latest with the same address; None if dropped."""
        return self._by_url.get(api_url) if number is None else self._twins.get(number)

    def gone(self) -> set[int]:
        """Return the numbers whose client was freed or has other headers now."""
        return self._twins.keys() - {number for number, _ in self._numbers.values()}

    def let_go(self, numbers: Iterable[int]) -> None:
        """Drop twins that no row waits for: a program may create a client for each of its requests."""
        for number in numbers:
            del self._twins[number]

    def breaker(self, api_url: str) -> CircuitBreaker:
        """Return the server's circuit breaker."""
        return self._breakers.setdefault(api_url, CircuitBreaker(self._settings))

    def rate_limit(self, api_url: str) -> RateLimit:
        """Return the server's rate limit."""
        return self._rate_limits.setdefault(api_url, RateLimit(self._settings.requests_per_minute))

    def urls(self) -> list[str]:
        """Return the servers that there is a client for."""
        return list(self._by_url)

    def open_urls(self) -> tuple[list[str], list[str]]:
        """Return the servers that may be asked now: those that answer, and those that failed last time."""
        urls = [url for url in self.urls() if self.breaker(url).is_open()]
        ill = [url for url in urls if self.breaker(url).failures]
        return [url for url in urls if url not in ill], ill

    def wait_s(self, api_url: str) -> float:
        """Return the seconds until the server may be asked again, 0 when it may."""
        return self.breaker(api_url).wait_s()

    def are_all_failing(self) -> bool:
        """Whether there are servers, and all of them fail."""
        urls = self.urls()
        return bool(urls) and all(self.breaker(url).failures for url in urls)

    def try_environment(self, api_url: str) -> None:
        """Create a client from the environment for rows of an earlier process, if its server is the same."""
        if api_url in self._by_url or api_url in self._env_tried:
            return
        self._env_tried.add(api_url)
        if _environment_url() != api_url.rstrip("/"):
            return
        try:
            self.number(Client(auto_batch_tracing=False))
        except utils.LangSmithError as error:
            _object(
                f"feedback of an earlier process waits for {url_without_secrets(api_url)}, but {text_without_secrets(str(error))}"
            )


def _object(why: str) -> None:
    warn_once(logger, ("no feedback", why), "No feedback is sent: %s", why)


def _headers(client: Client) -> dict[str, str] | None:
    """Return a copy to detect changes; never stored, never logged."""
    headers = getattr(client, "_headers", None)
    return dict(headers) if isinstance(headers, dict) else None


def _environment_url() -> str | None:
    """Return the address of a client from the environment; None where it could not send."""
    endpoint = utils.get_env_var("ENDPOINT")
    if endpoint is None and utils.get_env_var("API_KEY") is None:
        return None  # the hosted service requires a key
    return str(utils.get_api_url(endpoint)).rstrip("/")
