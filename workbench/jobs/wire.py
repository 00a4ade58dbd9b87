"""Messages between processes: one JSON object a line, over a socket or a pipe."""

import contextlib
import json
import os
import socket
from typing import Any

Message = dict[str, Any]
LONGEST_LINE = 64 << 20  # bytes; more is no message but a fault
_CHUNK = 1 << 16


class Wire:
    """One end of a connected socket. Whole messages only; the other end's death is an EOFError.

    Only one thread may receive; sending is for one thread at a time too.
    """

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self._rest = b""

    def fileno(self) -> int:
        """The descriptor, to wait for."""
        return self.end.fileno()

    def send(self, message: Message) -> None:
        """Send one message.

        Raises:
            EOFError: the other end is gone.
        """
        data = json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"
        try:
            self.end.sendall(data)
        except OSError as error:
            raise EOFError("The other end of the wire is gone.") from error

    def receive(self) -> list[Message]:
        """Wait until something has come, and return the whole messages there are (none of a part of one).

        Raises:
            EOFError: the other end is gone, or sends what is no message.
        """
        try:
            data = self.end.recv(_CHUNK)
        except OSError as error:
            raise EOFError("The other end of the wire is gone.") from error
        if not data or len(self._rest) > LONGEST_LINE:
            raise EOFError("The other end of the wire is gone.")
        *lines, self._rest = (self._rest + data).split(b"\n")
        try:
            return [json.loads(line) for line in lines if line]
        except ValueError as error:
            raise EOFError("The other end of the wire sent no message.") from error

    def close_writing(self) -> None:
        """Hang up, but go on hearing what the other end still says."""
        with contextlib.suppress(OSError):
            self.end.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Hang up."""
        self.end.close()


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected ends; each is closed in a new program unless it is handed over."""
    return socket.socketpair()


def take_over(descriptor: int) -> Wire:
    """The wire whose end the parent process left at this descriptor."""
    os.set_inheritable(descriptor, False)
    return Wire(socket.socket(fileno=descriptor))
