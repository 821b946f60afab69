"""Run the server in a thread of this process, or as the program."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import uvicorn

from langchain_respmeta._delivery.state_dir import state_dir
from langchain_respmeta.errors import RespMetaError, SettingsError
from langchain_respmeta.local.api.app import create_app
from langchain_respmeta.local.api.middleware import LOOPBACK_HOSTS
from langchain_respmeta.local.context import RequestLog
from langchain_respmeta.local.limits import Limits
from langchain_respmeta.local.store.retention import Bounds, read_bounds
from langchain_respmeta.local.store.store import Store

DEFAULT_PORT: Final = 2727
_LAST_PORT: Final = 65_535
_START_S: Final = 60.0
_STOP_S: Final = 60.0


class LocalServer:
    """The embedded server in a background thread of this process.

        with LocalServer() as server:
            client = langsmith.Client(api_url=server.url, api_key="anything")
            ...
            server.store.runs(run_type="llm")

    Args:
        db: The SQLite file; None for one that is deleted at the end.
        port: 0 takes a free one.
        host: The address to bind. Other than loopback, any host name is answered.
        limits: How large requests may be.
        info: Laid over what `GET /info` answers, for tests of clients.
        keep: How long runs are kept, as in `30d`; always, unless told.
        max_size: How large the database may become, as in `2GB`: the oldest traces go.

    Raises:
        SettingsError: The port is taken, the file cannot be used, or a bound cannot be read.
    """

    def __init__(
        self,
        db: str | Path | None = None,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        limits: Limits | None = None,
        info: Mapping[str, Any] | None = None,
        keep: str | None = None,
        max_size: str | None = None,
    ) -> None:
        bounds = read_bounds(keep, max_size, environ={})
        self.requests = RequestLog()
        self._socket = _bind(host, port)
        try:
            self.store = Store(db)
        except SettingsError:
            self._socket.close()
            raise
        self.host = host
        self.port = int(self._socket.getsockname()[1])
        app = create_app(
            self.store,
            allowed_hosts=_allowed(host),
            limits=limits,
            info=info,
            requests=self.requests,
            bounds=bounds,
        )
        self._server = _uvicorn_server(app, limits or Limits())
        self._thread = threading.Thread(target=self._run, name=f"respmeta-server-{self.port}", daemon=True)
        self._thread.start()
        self._wait_started()

    @property
    def url(self) -> str:
        """Its address, as in `http://127.0.0.1:53211`."""
        return _url(self.host, self.port)

    def wait(self, ready: Callable[[Store], object], timeout: float = 60.0) -> None:
        """Return when `ready(store)` is true.

        Raises:
            TimeoutError: It was not within `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while not ready(self.store):
            if time.monotonic() > deadline:
                raise TimeoutError(f"what was waited for did not happen within {timeout} s")
            time.sleep(0.02)

    def wait_for_runs(self, count: int, timeout: float = 60.0) -> list[dict[str, Any]]:
        """Return all runs as soon as at least `count` of them are finished.

        Raises:
            TimeoutError: They were not within `timeout` seconds; the text has their number.
        """

        def finished(store: Store) -> int:
            with store.read() as connection:
                found = connection.execute("SELECT COUNT(*) FROM runs WHERE end_us IS NOT NULL").fetchone()
            return int(found[0])

        try:
            self.wait(lambda store: finished(store) >= count, timeout)
        except TimeoutError:
            raise TimeoutError(f"{finished(self.store)} of {count} runs finished in {timeout} s") from None
        return self.store.runs()

    def close(self) -> None:
        """Stop serving and close the database. Calling it again does nothing."""
        self._server.should_exit = True
        self._thread.join(_STOP_S)
        self._socket.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def _wait_started(self) -> None:
        deadline = time.monotonic() + _START_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                self.close()
                raise RespMetaError("the embedded server did not start")
            time.sleep(0.002)


def serve(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    db: str | Path | None = None,
    *,
    keep: str | None = None,
    max_size: str | None = None,
    echo: Callable[[str], None] = print,
    as_json: bool = False,
) -> None:
    """Serve until interrupted, after printing how to send runs here.

    Args:
        host: The address to bind. Loopback by default; there is no password.
        port: 0 takes a free one.
        db: The SQLite file; None for `runs.db` in the user's state directory.
        keep: How long runs are kept, as in `30d`; RESPMETA_SERVER_KEEP, else always.
        max_size: How large the database may become, as in `2GB`: the oldest traces go. RESPMETA_SERVER_MAX_SIZE, else any size.
        echo: Writes one line for the user.
        as_json: Write one line of JSON for a program instead: `url`, `db`, and `environment` to send runs here.

    Raises:
        SettingsError: The port is taken, the file cannot be used, or a bound cannot be read.
    """
    bounds = read_bounds(keep, max_size)
    path = Path(db) if db is not None else default_db()
    with (
        contextlib.closing(_bind(host, port)) as listener,
        contextlib.closing(Store(path, tell=None if as_json else echo)) as store,
    ):
        url = _url(host, int(listener.getsockname()[1]))
        for line in [_welcome_json(url, store.path)] if as_json else _welcome(url, store.path, host, bounds):
            echo(line)
        app = create_app(store, allowed_hosts=_allowed(host), requests=RequestLog(keep=0), bounds=bounds)
        with contextlib.suppress(KeyboardInterrupt):
            _uvicorn_server(app, Limits()).run(sockets=[listener])


def default_db() -> Path:
    """`runs.db` in the user's state directory (RESPMETA_STATE_DIR, else the platform's place).

    Raises:
        SettingsError: There is no such directory.
    """
    try:
        return state_dir() / "runs.db"
    except OSError as exc:
        raise SettingsError(str(exc), setting="RESPMETA_STATE_DIR") from exc


def _environment(url: str) -> dict[str, str]:
    return {"LANGSMITH_TRACING": "true", "LANGSMITH_ENDPOINT": url, "LANGSMITH_API_KEY": "anything"}


def _welcome_json(url: str, db: Path) -> str:
    return json.dumps({"url": url, "db": str(db), "environment": _environment(url)})


def _welcome(url: str, db: Path, host: str, bounds: Bounds) -> list[str]:
    lines = [
        f"Runs are kept in {db}{f', {bounds.describe()}' if bounds.are_any else ''}",
        f"Page and API:    {url}",
        "",
        "Send LangChain's runs here:",
        *(f"  export {name}={value}" for name, value in _environment(url).items()),
        "",
        "Stop with Ctrl-C.",
    ]
    if host not in LOOPBACK_HOSTS:
        lines.insert(2, "Anyone who reaches this address can read and change the runs: there is no password.")
    return lines


def _uvicorn_server(app: Any, limits: Limits) -> uvicorn.Server:
    # The level alone: a log configuration of uvicorn's would replace the user's.
    config = uvicorn.Config(
        app,
        http="h11",  # its requests' heads are bounded
        limit_concurrency=limits.connections,
        log_config=None,
        log_level="warning",
        access_log=False,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


def _bind(host: str, port: int) -> socket.socket:
    if not 0 <= port <= _LAST_PORT:
        raise SettingsError(f"there is no port {port}: it is 0 (a free one) to {_LAST_PORT}", setting="port")
    if not host:
        raise SettingsError("the host is empty; 127.0.0.1 is this machine alone", setting="host")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sets TCP_NODELAY only where it is: without it each answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, UnicodeError) as exc:
        listener.close()
        raise _bind_error(host, port, exc) from exc
    return listener


def _bind_error(host: str, port: int, exc: OSError | UnicodeError) -> SettingsError:
    if isinstance(exc, UnicodeError):
        return SettingsError(f"{host!r} is no host name", setting="host")
    if exc.errno == errno.EACCES:
        return SettingsError(
            f"port {port} may only be used by the system's administrator; choose one above 1023",
            setting="port",
        )
    if exc.errno == errno.EADDRINUSE:
        return SettingsError(
            f"port {port} of {host} is taken, perhaps by another respmeta serve; "
            "stop that, or choose another port (0 takes a free one)",
            setting="port",
        )
    return SettingsError(f"{host} port {port} cannot be served: {exc.strerror or exc}", setting="host")


def _allowed(host: str) -> frozenset[str] | None:
    return LOOPBACK_HOSTS if host in LOOPBACK_HOSTS else None


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
