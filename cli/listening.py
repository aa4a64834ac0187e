"""The socket that `serve` listens on."""

import socket

from schemas.problems import Refused


class PortTaken(Refused):
    """Somebody else listens there."""

    code = "serve.port_taken"
    status = 409
    sentence = "{host}:{port} cannot be listened on: {why}. Set CHATLOOM_PORT to another port."


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, taken before anything else is started. Raises `PortTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named: asyncio turns Nagle off (40 ms for an answer of two packets) only where it is known.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise PortTaken(host=host, port=port, why=error.strerror or str(error)) from error
    listener.setblocking(False)
    return listener


def address(listener: socket.socket) -> str:
    """The URL at which this machine reaches a listener."""
    return url(*listener.getsockname()[:2])


def url(host: str, port: int) -> str:
    """The URL at which this machine reaches who listens there."""
    if host in ("0.0.0.0", "::"):  # noqa: S104
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
