"""What went wrong with a request: the HTTP status, the server's words, and whether it may pass by itself."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from langchain_respmeta._delivery.retry import seconds_of
from langchain_respmeta.errors import RespMetaError
from langchain_respmeta.record.secrets import text_without_secrets

_MOST_READ: Final = 4_000
"""Characters that are searched for secrets before they are cut: a secret cut in half would not be found."""
_MOST_SHOWN: Final = 400
_PASSING: Final = frozenset({408, 409, 425, 429})
_LASTING: Final = frozenset({501, 505})
_NO_ANSWER: Final = frozenset({"APIConnectionError", "LangSmithConnectionError", "RequestError"})
"""Classes of the SDK, and of either httpx, for a request that got no whole answer."""


class BrokenAnswer(Exception):  # noqa: N818 - an answer, and no more than that
    """An answer that is not the JSON that was asked for: the connection ended within it, or a proxy answered."""


@dataclass(frozen=True, slots=True)
class ServerFault:
    """One request that failed."""

    status: int | None
    """HTTP status, None where no answer came."""
    words: str
    retry_after_s: float | None
    is_passing: bool
    """Whether to ask again."""

    def __str__(self) -> str:
        """For people."""
        return f"HTTP {self.status}: {self.words}" if self.status else self.words


def fault_of(error: BaseException) -> ServerFault | None:
    """Read an error of the SDK; None where it does not come from the network, or was read before."""
    if isinstance(error, RespMetaError):
        return None
    links = list(_chain(error))
    response = next((found for link in links if (found := getattr(link, "response", None)) is not None), None)
    if response is not None:
        status = int(response.status_code)
        passing = status in _PASSING or (status >= 500 and status not in _LASTING)
        return ServerFault(status, _words(response), seconds_of(response.headers.get("retry-after")), passing)
    if any(isinstance(link, ssl.SSLCertVerificationError) for link in links):
        return ServerFault(None, "the server's certificate is not trusted here", None, is_passing=False)
    broken = isinstance(error, BrokenAnswer | OSError) or any(
        kind.__name__ in _NO_ANSWER for link in links for kind in type(link).__mro__
    )
    return ServerFault(None, _reason(links), None, is_passing=True) if broken else None


def _words(response: object) -> str:
    """What the server says of it, in one line and without secrets."""
    text = " ".join(str(getattr(response, "text", ""))[:_MOST_READ].split())
    return text_without_secrets(text)[:_MOST_SHOWN] or "no words"


def _reason(links: list[BaseException]) -> str:
    """The kind of the innermost error: the SDK's own text may hold the request."""
    return f"no answer ({type(links[-1]).__name__})"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 20:
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1
