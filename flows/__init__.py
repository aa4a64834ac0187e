"""The pure engine: load, check, compile, advance. The theory stands at the top of `flows/machine.py`.

The verbs are looked up when they are first used, so that importing one part does not import them all.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.bot import load
    from flows.checking import check
    from flows.compiler import compile
    from flows.completion import complete
    from flows.inspection import inspect
    from flows.machine import advance

__all__ = ["advance", "check", "compile", "complete", "inspect", "load"]

_HOMES = {
    "load": "bot",
    "compile": "compiler",
    "complete": "completion",
    "check": "checking",
    "advance": "machine",
    "inspect": "inspection",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
