"""The embedded, LangSmith-compatible server: runs and feedback in one SQLite file, and a page to look at them.

It is for one machine and one person, and the double that tests talk to instead of LangSmith. It imports `_delivery`, `record`,
`_process` and `errors`; starlette and uvicorn come with the extra `local`.
"""

from __future__ import annotations

from langchain_respmeta.errors import MissingExtraError

try:
    from langchain_respmeta.local.api.app import create_app
    from langchain_respmeta.local.api.server import DEFAULT_PORT, LocalServer, default_db, serve
    from langchain_respmeta.local.context import Fault, RequestLog, RequestRecord
    from langchain_respmeta.local.limits import Limits
    from langchain_respmeta.local.store.store import Store
except ModuleNotFoundError as exc:
    if (exc.name or "").startswith("langchain_respmeta"):
        raise
    raise MissingExtraError("The embedded server", extra="local", package=str(exc.name)) from exc

__all__ = [
    "DEFAULT_PORT",
    "Fault",
    "Limits",
    "LocalServer",
    "RequestLog",
    "RequestRecord",
    "Store",
    "create_app",
    "default_db",
    "serve",
]
