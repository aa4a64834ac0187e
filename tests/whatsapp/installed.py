"""Where the installed library is, and its generated protobuf modules.

The modules are loaded without importing `neonize` itself, which would load the Go library into this
process: a test's process only plays the server.
"""

import importlib
import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any


@cache
def package() -> Path:
    """The folder of the installed neonize package."""
    spec = importlib.util.find_spec("neonize")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("neonize is not installed: uv sync")
    return Path(spec.origin).parent


@cache
def library() -> Path:
    """The installed Go library, never to be written to."""
    (found,) = package().glob("neonize-*.so")
    return found


def _module(name: str) -> Any:
    folder = str(package() / "proto")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(name)


adv = _module("waAdv.WAAdv_pb2")
cert = _module("waCert.WACert_pb2")
e2e = _module("waE2E.WAWebProtobufsE2E_pb2")
wa6 = _module("waWa6.WAWebProtobufsWa6_pb2")
server_sync = _module("waServerSync.WAWebProtobufsServerSync_pb2")
sync_action = _module("waSyncAction.WAWebProtobufSyncAction_pb2")
