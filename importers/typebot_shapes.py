"""What is read of a Typebot export (version 6).

Source: packages/schemas of baptisteArno/typebot.io.
"""

from typing import Any

from pydantic import Field

from importers.imported import Part


class Item(Part):
    """A choice, or a case of a condition."""

    id: str
    outgoingEdgeId: str | None = None
    content: Any = None
    title: str | None = None
    path: str | None = None


class Block(Part):
    """One thing in a group."""

    id: str
    type: str
    outgoingEdgeId: str | None = None
    content: dict[str, Any] = Field(default_factory=dict[str, Any])
    options: dict[str, Any] = Field(default_factory=dict[str, Any])
    items: list[Item] = Field(default_factory=list[Item])


class Group(Part):
    """Blocks that follow one another."""

    id: str
    title: str = ""
    blocks: list[Block]


class Target(Part):
    """Where an edge leads."""

    groupId: str
    blockId: str | None = None


class Edge(Part):
    """A way."""

    id: str
    to: Target


class Event(Part):
    """What begins it."""

    type: str
    outgoingEdgeId: str | None = None


class Variable(Part):
    """What a bot keeps."""

    id: str
    name: str


class Export(Part):
    """The file."""

    name: str = ""
    groups: list[Group]
    edges: list[Edge]
    variables: list[Variable] = Field(default_factory=list[Variable])
    events: list[Event] | None = None
