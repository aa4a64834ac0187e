"""What a trigger is: a pydantic model of its parameters that says whether an event starts its flow.

One file a trigger under `flows/triggers/`, found by folder, with the same marks as actions.
"""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from schemas.events import Event

Evaluate = Callable[[str], Any]


class Trigger(BaseModel):
    """The base of all triggers. Frozen; `name` is the file's name and the wire name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str] = ""

    @abstractmethod
    def fires(self, event: Event, evaluate: Evaluate) -> bool:
        """Whether `event` starts the flow. `evaluate` gives the value of one of its expressions."""


T = TypeVar("T", bound=Trigger)
_found: dict[str, type[Trigger]] = {}


def trigger(cls: type[T]) -> type[T]:
    """Register a trigger under its module's name. A double name fails loudly."""
    name = cls.__module__.rpartition(".")[2]
    if name in _found:
        raise RuntimeError(f"two triggers are called {name!r}")
    cls.name = name
    _found[name] = cls
    return cls


def found() -> dict[str, type[Trigger]]:
    """The triggers registered so far."""
    return _found
