"""The suite keeps to itself: no network, nobody's state directory."""

import os
import socket
from pathlib import Path

import pytest

from langchain_respmeta.langsmith._state_dir import outbox_path


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_no_other_machine_is_reached(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        socket.socket(family, socket.SOCK_STREAM) as asked,
        pytest.raises(OSError, match="asked for the network"),
    ):
        asked.connect((host, 443))


@pytest.mark.parametrize("name", ["api.smith.langchain.com", "openrouter.ai"])
def test_no_name_is_looked_up(name: str) -> None:
    with pytest.raises(socket.gaierror, match="asked for the network"):
        socket.getaddrinfo(name, 443)


def test_this_machine_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        socket.create_connection(("localhost", listening.getsockname()[1])).close()


def test_the_users_own_state_is_not_touched() -> None:
    assert not outbox_path().is_relative_to(Path.home() / ".local")
    assert Path(os.environ["RESPMETA_STATE_DIR"]).is_dir()
