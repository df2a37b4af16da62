"""Tells a service manager how the program is doing, as systemd's sd_notify does."""

from collections.abc import MutableMapping

SOCKET_VARIABLE = "NOTIFY_SOCKET"

_SECONDS = 1.0
"""A manager that does not listen holds nobody up for longer."""


class ServiceManager:
    """Whoever started the program and listens. Where nobody does, nothing is said."""

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        # Taken out: a browser or a pager that we start must not speak for us.
        address = environ.pop(SOCKET_VARIABLE, "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._status: str | None = None

    def alive(self, status: str) -> None:
        """Say that the work goes on. The first time it also says that it has begun."""
        news = [] if self._status is not None else ["READY=1"]
        if status != self._status:
            news.append(f"STATUS={status}")
        self._status = status
        self._tell(*news, "WATCHDOG=1")

    def stopping(self) -> None:
        """Say that it ends."""
        self._tell("STOPPING=1")

    def _tell(self, *lines: str) -> None:
        if not self._address:
            return
        import socket

        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.settimeout(_SECONDS)
                line.connect(self._address)
                line.send("\n".join(lines).encode())
        except (OSError, AttributeError, ValueError):
            # No refund suffers from a manager that went away, or from a system without such lines.
            return
