"""The Go library, loaded once in a process and kept quiet. Never before a fork: its threads do not survive one.

neonize sets up logging and prints to standard output; so its file descriptor is given to nobody, and our own
output goes on under another. Standard error is left alone: a crash of the library is told there, and one line
("Press Ctrl+C to exit") at each start.
"""

import logging
import os
import re
import sys
import threading
from functools import cache
from types import ModuleType
from typing import Any

from schemas.problems import Refused
from sessions.linked_device import protobufs

log = logging.getLogger(__name__)

_loading = threading.Lock()
_LONG = re.compile(r"[\w+/=@.:-]{9,}")  # addresses, keys, ids


class NoLibrary(Refused):
    """neonize, or the libmagic that it wants, is not there."""

    code = "session.no_library"
    status = 500
    sentence = "WhatsApp's client library cannot be loaded: {why}. Install Chatloom's dependencies anew (make setup)."

    def __init__(self, why: str) -> None:
        super().__init__(why=why)


def load() -> Any:
    """neonize's `client` module. From any thread. Raises `NoLibrary`."""
    with _loading:
        return _loaded()


@cache
def _loaded() -> Any:
    try:
        import pylibmagic  # noqa: F401  # pyright: ignore[reportUnusedImport, reportMissingTypeStubs]  (finds libmagic)
    except ImportError as error:
        raise NoLibrary("pylibmagic, which carries libmagic, is missing") from error
    protobufs.neonize()
    _leave_out_previews()
    root = logging.getLogger()
    guard = logging.NullHandler()
    root.addHandler(guard)  # makes its basicConfig do nothing
    try:
        from neonize import client  # pyright: ignore[reportMissingTypeStubs]
    except (ImportError, OSError, RuntimeError) as error:
        raise NoLibrary(scrubbed(str(error))) from error
    finally:
        root.removeHandler(guard)
    for name in ("neonize", "whatsmeow", "Whatsmeow"):
        logging.getLogger(name).setLevel(logging.ERROR)
    _keep_output_ours()
    return client


def scrubbed(text: str) -> str:
    """What the library says, without addresses, numbers, keys and ids."""
    return _LONG.sub(lambda hit: hit[0] if hit[0].isalpha() else "…", text)


def _leave_out_previews() -> None:
    """neonize can fetch what a link shows, with a package that takes 18 MB of memory: nobody here asks for it."""
    if "linkpreview" not in sys.modules:
        empty = ModuleType("linkpreview")
        empty.__dict__["link_preview"] = None
        sys.modules["linkpreview"] = empty


def _keep_output_ours() -> None:
    try:
        ours = os.dup(1)
    except OSError:
        return  # closed: nothing is lost
    nowhere = os.open(os.devnull, os.O_WRONLY)
    sys.stdout.flush()
    os.dup2(nowhere, 1)
    os.close(nowhere)
    if sys.stdout is sys.__stdout__:
        sys.stdout = os.fdopen(ours, "w", buffering=1, encoding=sys.stdout.encoding, errors=sys.stdout.errors)
