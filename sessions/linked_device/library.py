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
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any, NoReturn

from schemas.problems import Refused
from sessions.linked_device import protobufs

log = logging.getLogger(__name__)

_loading = threading.Lock()
_LONG = re.compile(r"[\w+/=@.:-]{9,}")  # addresses, keys, ids

# Packages that neonize imports, with the names that it takes from them, for what nobody here asks of it: to fetch what
# a link shows, to draw codes in a terminal, to fetch its own binary anew. They take half a second and 28 MB.
_LEFT_OUT: dict[str, tuple[str, ...]] = {
    "httpx": (),
    "linkpreview": ("link_preview",),
    "phonenumbers": ("PhoneNumberFormat", "format_number", "parse"),
    "requests": ("get",),
    "segno": (),
    "tqdm": ("tqdm",),
}


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
    root = logging.getLogger()
    guard = logging.NullHandler()
    root.addHandler(guard)  # makes its basicConfig do nothing
    try:
        with _lean():
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


@contextmanager
def _lean() -> Generator[None]:
    """While inside, an import of what is left out gives an empty module; those that are loaded already stay."""
    absent = _LEFT_OUT.keys() - sys.modules.keys()
    for name in absent:
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__dict__.update(dict.fromkeys(_LEFT_OUT[name], _not_here))
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def _not_here(*_: Any, **__: Any) -> NoReturn:
    raise OSError("its binary is not there")  # it would take one from the net, whatever that is


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
