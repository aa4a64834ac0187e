"""The generated classes of WhatsApp's and neonize's messages, loaded without neonize itself.

`import neonize` loads a Go library that does not survive a fork; its protobuf modules are plain Python. They are
found under the same top-level names by which neonize's own modules import them, so there is one of each.
"""

import importlib
import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any


@cache
def module(name: str) -> Any:
    """A generated module, for example `waE2E.WAWebProtobufsE2E_pb2`. Raises `ModuleNotFoundError`."""
    spec = importlib.util.find_spec("neonize")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("neonize is not installed", name="neonize")
    folder = str(Path(spec.origin).parent / "proto")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(name)


def e2e() -> Any:
    """What is said between phones: `Message` and its parts."""
    return module("waE2E.WAWebProtobufsE2E_pb2")


def common() -> Any:
    """`MessageKey`."""
    return module("waCommon.WACommon_pb2")


def neonize() -> Any:
    """What the library tells and takes: `JID`, `Message`, `Receipt`, …"""
    return module("Neonize_pb2")
