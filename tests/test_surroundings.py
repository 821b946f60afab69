"""The suite uses no network and not the user's state directory."""

import gc
import os
import socket
import weakref
from pathlib import Path

import pytest

from langchain_respmeta._delivery.state_dir import outbox_path


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


class Cycle:
    """Something that only the collector frees, as the stream of a failed call is in some SDKs."""

    def __init__(self) -> None:
        self.itself = self


_left: list[weakref.ref[Cycle]] = []


def test_nothing_is_collected_while_a_test_runs() -> None:
    """A stream closed in the middle of its connection pool's own work would wait for the pool's lock for ever."""
    _left.append(weakref.ref(Cycle()))
    some = [[] for _ in range(10 * gc.get_threshold()[0])]  # type: ignore[var-annotated]
    assert some
    assert _left[0]() is not None


def test_what_a_test_left_is_collected_before_the_next() -> None:
    if not _left:
        pytest.skip("it looks at what the test before it left")
    assert _left[0]() is None
