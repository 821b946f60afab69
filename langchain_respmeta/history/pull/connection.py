"""LangSmith's API for runs, version 2, through the SDK: `list_runs` and its kind are gone after January 2027."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._delivery.twin import twin
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.record.secrets import text_without_secrets, url_without_secrets

if TYPE_CHECKING:
    from langsmith import Client

_PLACES: Final = ("langsmith", "langsmith._openapi_client")
"""Where the SDK keeps its synchronous client of the newer API: since 0.15, and before."""
_SUFFIXES: Final = ("/api/v1", "/api")
TIMEOUT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Connection:
    """A server, as the settings of `langsmith.Client` name it."""

    client: Client
    """For projects."""
    runs: Any
    """The SDK's resource: `query(…)`."""
    headers: Mapping[str, Any]
    """For each query."""
    closers: tuple[Callable[[], object], ...]

    def close(self) -> None:
        """Close what was opened for it."""
        for close in self.closers:
            close()

    @property
    def url(self) -> str:
        """The address, fit to be shown."""
        return url_without_secrets(str(self.client.api_url))


def connect(client: Client | None = None) -> Connection:
    """Clients that send nothing by themselves and retry nothing.

    Args:
        client: Whose address, key and workspace to use. Default: those of LANGSMITH_* and of the SDK's profile.

    Raises:
        SettingsError: The SDK refuses the settings, or is too old.
    """
    with loading:
        from langsmith import Client, utils
    try:
        given = Client(auto_batch_tracing=False) if client is None else client
    except utils.LangSmithError as error:
        raise SettingsError(text_without_secrets(str(error)), setting="client") from None
    if not str(given.api_url).startswith(("http://", "https://")):
        address = url_without_secrets(str(given.api_url))
        raise SettingsError(
            f"a server's address begins with http:// or https://, {address!r} does not; see LANGSMITH_ENDPOINT",
            setting="LANGSMITH_ENDPOINT",
        )
    kind = _generated_class()
    # The embedded server needs no key, and a profile's login sends another header: the SDK wants that said.
    headers = {} if given.api_key else {"X-API-Key": sys.modules[kind.__module__].Omit()}
    own, generated = twin(given, DeliverySettings()), _generated(kind, given)
    closers = [generated.close]
    if client is None or own.session is not client.session:
        closers.append(own.session.close)
    return Connection(own, generated.runs, headers, tuple(closers))


def _generated(kind: Any, client: Client) -> Any:
    workspace = getattr(client, "workspace_id", None)
    return kind(
        api_key=client.api_key,
        tenant_id=str(workspace) if workspace else None,
        base_url=_base_of(str(client.api_url)),
        default_headers=dict(getattr(client, "_headers", None) or {}),  # of a profile's login, too
        timeout=TIMEOUT_S,
        max_retries=0,  # ours are longer, and say what they wait for
    )


def _generated_class() -> Any:
    for name in _PLACES:
        with loading:
            try:
                found = getattr(importlib.import_module(name), "Langsmith", None)
            except ImportError:
                continue
        if found is not None:
            return found
    raise SettingsError(
        "this langsmith version cannot ask for runs by the API that stays; "
        "upgrade with: pip install -U 'langsmith>=0.12'",
        setting="langsmith",
    )


def _base_of(url: str) -> str:
    """The address without the older API's path: the newer one has its own."""
    url = url.rstrip("/")
    return next((url.removesuffix(end) for end in _SUFFIXES if url.endswith(end)), url)
