"""Which channels there are: one driver a file in `sessions/drivers/`, found by folder, imported when asked for."""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any, cast

import sessions.drivers
from schemas.capabilities import Capabilities
from schemas.problems import NotFound
from sessions.driver import Able, Driver


def names() -> list[str]:
    """The channels that have a driver, sorted. Imports none of them."""
    return sorted(module.name for module in pkgutil.iter_modules(sessions.drivers.__path__))


def driver(channel: str) -> type[Driver]:
    """The driver class of a channel: the module's `DRIVER`. Raises `NotFound`."""
    if channel not in names():
        raise NotFound(what="channel", name=channel)
    module = importlib.import_module(f"sessions.drivers.{channel}")
    return cast("type[Driver]", module.DRIVER)


def capabilities(channel: str, settings: Mapping[str, Any]) -> Capabilities:
    """What a number of a channel can show, with its settings. Raises `NotFound`."""
    one = driver(channel)
    if not hasattr(one, "able_with"):
        return one.capabilities
    return cast("Able", one).able_with(one.settings_model.model_validate(dict(settings)))
