"""A copy of the library that talks to the emulator and trusts its root key.

Two byte patterns are replaced by others of the same length, in a copy in a folder of the test's own
that goes first on PYTHONPATH. The installed library is never written to.
"""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from tests.whatsapp import installed, media
from tests.whatsapp.curve import KeyPair, new_key_pair
from tests.whatsapp.nursery import Nursery

ROOT = Path(__file__).parent.parent.parent
NOWHERE = "http://127.0.0.1:9"  # whatever the client would fetch elsewhere fails at once
URL = b"wss://web.whatsapp.com/ws/chat"
ROOT_KEY = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")
PORTS = range(20000, 30000)  # five digits, and below what the system gives to outgoing connections


class NotTheLibraryWeKnow(Exception):
    """A byte pattern is not in the library exactly once, so that a release changed what we replace."""


@dataclass(frozen=True)
class Redirected:
    """A patched copy: the folder for PYTHONPATH, the port it dials, the root key it trusts."""

    folder: Path
    port: int
    root: KeyPair
    media_port: int
    trusted: Path  # certificates, for SSL_CERT_FILE
    holds: tuple[socket.socket, ...]  # keep the ports ours while no server listens on them
    nursery: Nursery  # of processes that load the copy

    @property
    def environment(self) -> dict[str, str]:
        """What a process is to have so that its client talks to the emulator."""
        return {"PYTHONPATH": str(self.folder), "SSL_CERT_FILE": str(self.trusted)}

    def close(self) -> None:
        self.nursery.close()
        for hold in self.holds:
            hold.close()


def redirect(folder: Path) -> Redirected:
    """Make the copy in `folder`. Raises NotTheLibraryWeKnow when the library has changed."""
    (hold, port), (media_hold, media_port) = _hold_a_port(), _hold_a_port()
    root = new_key_pair()
    copy = folder / "neonize"
    copy.mkdir()
    library = installed.library()
    for entry in installed.package().iterdir():
        if entry != library:
            (copy / entry.name).symlink_to(entry)
    data = patched(library.read_bytes(), {URL: _url(port), ROOT_KEY: root.public})
    (copy / library.name).write_bytes(data)
    trusted = media.authority(folder)
    nursery = Nursery(
        {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{folder}:{ROOT}",
            "SSL_CERT_FILE": str(trusted),
            "HTTPS_PROXY": NOWHERE,
            "HTTP_PROXY": NOWHERE,
        }
    )
    return Redirected(folder, port, root, media_port, trusted, (hold, media_hold), nursery)


def patched(data: bytes, replacements: dict[bytes, bytes]) -> bytes:
    """`data` with each pattern replaced; each must be there exactly once."""
    for old, new in replacements.items():
        if len(old) != len(new):
            raise ValueError(f"{new!r} is not as long as {old!r}")
        if (count := data.count(old)) != 1:
            raise NotTheLibraryWeKnow(f"{old!r} is {count} times in the library, not once")
        data = data.replace(old, new)
    return data


def _url(port: int) -> bytes:
    return f"ws://127.0.0.1:{port}/ws/chat?x".encode()


def _hold_a_port() -> tuple[socket.socket, int]:
    start = PORTS.start + os.getpid() % len(PORTS)
    for port in [*range(start, PORTS.stop), *range(PORTS.start, start)]:
        hold = socket.socket()
        hold.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            # two holders with SO_REUSEPORT could share a port: the first bind is without it
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
            hold.bind(("127.0.0.1", port))
        except OSError:
            hold.close()
            continue
        return hold, port
    raise OSError("no free port for the emulator")
