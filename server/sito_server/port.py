"""One port for several processes, and for nobody else.

With SO_REUSEPORT any program of the same user could listen on the same port and be given a share of the
connections. The supervisor binds the port first without it, which fails if anybody is there, and only then opens it to
its workers; it keeps its own socket, which listens to nothing, so that the port is never free while it lives.
Programs of other users, programs that do not share ports, and another `sito serve` are refused by the system from
then on. A program of the same user that shares its ports is not: the supervisor looks for one every few seconds and
cries out. Give sito a user of its own.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

from sito.errors import UsageError
from sito_server.config import Address

LISTEN_STATE = "0A"  # in the tables of the system


class Guard:
    """Holds a port for the workers of one supervisor.

    Args:
        address: Port 0 lets the system choose.

    Attributes:
        address: The address with the port that is held.

    Raises:
        UsageError: CLI405 somebody listens there, or it is no address of this machine.
    """

    def __init__(self, address: Address) -> None:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            # Connections of a former server that are still ending do not count as somebody.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((address.host, address.port))
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        except OSError:
            self._socket.close()
            raise UsageError(
                "CLI405", expected="a free address of this machine", got=f"{address}, which cannot be bound",
                where="--listen", todo="stop what listens there or choose another port",
            ) from None  # fmt: skip
        self.address = Address(address.host, self._socket.getsockname()[1])

    def close(self) -> None:
        """Let the port go."""
        self._socket.close()


def listeners(port: int) -> set[str]:
    """Return the numbers (inodes) of all sockets of this machine that listen on a TCP port."""
    found: set[str] = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path("/proc/net", table).read_text("ascii").splitlines()[1:]:
                words = line.split()
                if words[3] == LISTEN_STATE and int(words[1].rpartition(":")[2], 16) == port:
                    found.add(words[9])
    return found


def sockets_of(pid: int) -> set[str]:
    """Return the numbers (inodes) of the sockets of a process of ours."""
    found: set[str] = set()
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                kind, _, number = str(entry.readlink()).partition(":")
                if kind == "socket":
                    found.add(number.strip("[]"))
    return found
