"""What goes into a turn beside state and event, and what comes out of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.state import State
from schemas.capabilities import Capabilities
from schemas.effects import Effect
from schemas.messages import Identity


@dataclass(frozen=True, slots=True)
class Limits:
    """The guards of one turn."""

    steps: int = 100
    template_chars: int = 10_000
    state_bytes: int = 256 * 1024
    backlog: int = 50


@dataclass(frozen=True, slots=True)
class View:
    """What the engine may see of the world: frozen for the turn, and changed only by its own writes.

    `contact` holds the profile's fields (`name`, `language`, `timezone`, what the workspace declares) and
    `id`, a text that never changes, by which variants and shares are chosen. `number` has `id` and `name`.
    """

    contact: Mapping[str, Any]
    number: Mapping[str, Any]
    capabilities: Capabilities
    limits: Limits = field(default_factory=Limits)


def seen_of(
    contact: str, profile: Mapping[str, Any], name: str, language: str, identities: Iterable[Identity]
) -> dict[str, Any]:
    """What a view shows of a contact: the profile, and where it says nothing of a name or language what the channel does."""
    seen = {**profile, "id": contact}
    seen["name"] = profile.get("name") or name
    seen["language"] = profile.get("language") or language
    if phone := next((one.value for one in identities if one.kind == "phone"), ""):
        seen["phone"] = phone
    return seen


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of what happened: the step that ran and the outcome that it left by (empty: it waits).

    `note` is for people and holds no values that a contact gave. `unset` names inserted values that were
    not there.
    """

    flow: str
    step: str
    outcome: str = ""
    note: str = ""
    unset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What one event causes.

    `view` carries the turn's own contact changes to the next event of a batch. `encoded` is the state as
    `flows.state.encode` writes it, or empty when the state is the one that came in.
    """

    state: State
    effects: tuple[Effect, ...]
    view: View
    trace: tuple[Trace, ...] = ()
    encoded: bytes = b""
