"""Which channels there are: one driver a file in `sessions/drivers/`, found by folder, imported when asked for."""

import importlib
import pkgutil
from typing import cast

import sessions.drivers
from schemas.problems import NotFound
from sessions.driver import Driver


def names() -> list[str]:
    """The channels that have a driver, sorted. Imports none of them."""
    return sorted(module.name for module in pkgutil.iter_modules(sessions.drivers.__path__))


def driver(channel: str) -> type[Driver]:
    """The driver class of a channel: the module's `DRIVER`. Raises `NotFound`."""
    if channel not in names():
        raise NotFound(what="channel", name=channel)
    module = importlib.import_module(f"sessions.drivers.{channel}")
    return cast("type[Driver]", module.DRIVER)
