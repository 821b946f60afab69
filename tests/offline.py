"""No network for the tests but this machine's own: what would leave it fails at once, as on a machine without one."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Any, Final

import pytest

_OWN_NAMES: Final = frozenset({None, "", "localhost", b"localhost", socket.gethostname()})


def is_here(host: Any) -> bool:
    """Whether a name or an address is this machine's."""
    if host in _OWN_NAMES:
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse_others(patch: pytest.MonkeyPatch) -> None:
    """Sockets reach, and names resolve to, this machine alone."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def is_far(of: socket.socket, address: Any) -> bool:
        return of.family in (socket.AF_INET, socket.AF_INET6) and not is_here(address[0])

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if is_far(self, address):
            raise OSError(errno.ENETUNREACH, f"a test asked for the network: {address}")
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        return errno.ENETUNREACH if is_far(self, address) else connect_ex(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_here(host) and not _is_address(host):
            raise socket.gaierror(socket.EAI_NONAME, f"a test asked for the network: {host!r}")
        return look_up(host, *args, **kwargs)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_look_up)


def _is_address(host: Any) -> bool:
    try:
        ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return True
