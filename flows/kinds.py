"""Which actions and triggers there are: every file in `flows/actions/` and `flows/triggers/`, in sorted order."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

import flows.actions
import flows.triggers
from flows import action, trigger
from flows.action import Action
from flows.trigger import Trigger


@cache
def actions() -> Mapping[str, type[Action]]:
    """The actions by wire name."""
    for module in sorted(info.name for info in pkgutil.iter_modules(flows.actions.__path__)):
        importlib.import_module(f"flows.actions.{module}")
    return dict(sorted(action.found().items()))


@cache
def triggers() -> Mapping[str, type[Trigger]]:
    """The triggers by wire name."""
    for module in sorted(info.name for info in pkgutil.iter_modules(flows.triggers.__path__)):
        importlib.import_module(f"flows.triggers.{module}")
    return dict(sorted(trigger.found().items()))
