"""The world that a bot is checked against: what exists around it. None means "not known, so not checked"; where the
custom actions are not known, those count that the bot's own folder declares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.custom import CustomAction
from schemas.capabilities import Capabilities


@dataclass(frozen=True, slots=True)
class World:
    """Channels of the bot's numbers, teams, people (addresses), approved templates, secrets, contact fields (name to JSON Schema) and event schemas of the
    workspace.
    """

    channels: tuple[Capabilities, ...] = ()
    teams: frozenset[str] | None = None
    people: frozenset[str] | None = None
    templates: frozenset[str] | None = None
    secrets: frozenset[str] | None = None
    contact_fields: Mapping[str, Mapping[str, Any]] | None = None
    events: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    actions: tuple[CustomAction, ...] | None = None
