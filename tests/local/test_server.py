"""Starting, stopping and telling how to use the server."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from langchain_respmeta.errors import MissingExtraError, SettingsError
from langchain_respmeta.local import LocalServer, create_app, default_db, serve


def test_it_is_there_when_it_was_made_and_stops_cleanly() -> None:
    server = LocalServer()
    assert httpx.get(f"{server.url}/ok").json() == {"ok": True}
    kept_open = httpx.Client(base_url=server.url)
    kept_open.get("/info")
    server.close()
    server.close()
    assert not server._thread.is_alive(), "whoever keeps a connection open holds nobody up"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/ok")
    kept_open.close()


def test_two_servers_do_not_share_anything() -> None:
    with LocalServer() as one, LocalServer() as two:
        httpx.post(f"{one.url}/runs", json={"name": "r", "run_type": "llm"})
        assert (len(one.store.runs()), len(two.store.runs())) == (1, 0)
        assert (len(one.requests), len(two.requests)) == (1, 0)


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with LocalServer() as server:
        with pytest.raises(
            SettingsError, match=rf"port {server.port} of 127\.0\.0\.1 is taken.*another port"
        ) as caught:
            LocalServer(port=server.port)
        assert caught.value.setting == "port"
        with pytest.raises(SettingsError, match="is taken"):
            serve(port=server.port, db=":memory:")


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1"):
        LocalServer(host="192.0.2.1")


def test_a_database_that_cannot_be_used_frees_the_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(SettingsError):
        LocalServer(db=tmp_path, port=port)
    LocalServer(port=port).close()


def test_bound_to_all_addresses_any_host_name_is_served() -> None:
    with LocalServer(host="0.0.0.0") as server:  # noqa: S104
        answer = httpx.get(f"http://127.0.0.1:{server.port}/ok", headers={"Host": "box.example"})
    assert answer.status_code == 200


def test_it_serves_on_ipv6_loopback() -> None:
    with LocalServer(host="::1") as server:
        assert server.url == f"http://[::1]:{server.port}"
        assert httpx.get(f"{server.url}/ok").status_code == 200


def test_waiting_says_how_far_it_came() -> None:
    with LocalServer() as server, pytest.raises(TimeoutError, match=r"0 of 1 runs finished in 0\.1 s"):
        server.wait_for_runs(1, timeout=0.1)


def test_the_app_can_be_mounted_without_a_server() -> None:
    with TestClient(create_app(), base_url="http://localhost") as client:
        assert client.get("/info").json()["instance_flags"] == {"zstd_compression_enabled": True}
        assert client.get("/settings").json()["display_name"]


@pytest.mark.parametrize("variable", ["RESPMETA_STATE_DIR", "XDG_STATE_HOME"])
def test_the_default_database_is_in_the_state_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.delenv("RESPMETA_STATE_DIR")  # the suite's own
    monkeypatch.setenv(variable, str(tmp_path))
    assert default_db().is_relative_to(tmp_path)
    assert default_db().name == "runs.db"


def test_serve_tells_how_to_send_runs_and_stops_on_interrupt(tmp_path: Path) -> None:
    program = "from langchain_respmeta.local import serve; serve(port=0)"
    environment = {**os.environ, "RESPMETA_STATE_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")))
    reader.start()
    deadline = time.monotonic() + 120
    while not any("Ctrl-C" in line for line in lines) and time.monotonic() < deadline:
        time.sleep(0.05)
    said = "".join(lines)
    url = next(line.split()[-1] for line in lines if "Page and API" in line)
    assert f"export LANGSMITH_ENDPOINT={url}" in said
    assert "export LANGSMITH_TRACING=true" in said
    assert "export LANGSMITH_API_KEY=anything" in said
    assert str(tmp_path / "runs.db") in said
    assert httpx.get(f"{url}/ok").status_code == 200
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    reader.join(120)
    assert "Traceback" not in errors


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("langchain_respmeta.local")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtraError, match=r"langchain-respmeta\[local\]") as caught:
        __import__("langchain_respmeta.local")
    assert (caught.value.extra, caught.value.package) == ("local", "zstandard")


_LEFT_OPEN = """
import gc, http.client, socket
from langchain_respmeta.local import LocalServer

for _ in range(3):
    with LocalServer() as server:
        kept = [http.client.HTTPConnection("127.0.0.1", server.port) for _ in range(4)]
        for connection in kept:
            connection.request("GET", "/info")
            connection.getresponse().read()
        half = socket.create_connection(("127.0.0.1", server.port))
        half.sendall(b"POST /runs HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nContent-Length: 9\\r\\n\\r\\n{")
    for connection in kept:
        connection.close()
    half.close()
    gc.collect()
"""


def test_a_closed_server_leaves_no_connection_open() -> None:
    """Also those that clients keep, and one in the middle of its request. The suite excuses open transports (of
    integrations' clients); here they are ours."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "ignore", "-W", "always::ResourceWarning", "-c", _LEFT_OPEN],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ResourceWarning" not in done.stderr
