"""What is read of a TextIt, RapidPro or goflow export (flow spec 13 and 14).

Source: nyaruka/goflow, packages flows/definition, flows/actions and flows/routers.
"""

from typing import Any

from pydantic import Field

from importers.imported import Part


class Group(Part):
    """A group of contacts."""

    name: str = ""


class Known(Part):
    """Another flow, or a field, by what it is called."""

    uuid: str = ""
    name: str = ""
    key: str = ""


class Action(Part):
    """What a node does when it is reached."""

    uuid: str
    type: str
    text: str = ""
    attachments: list[str] = Field(default_factory=list[str])
    quick_replies: list[Any] = Field(default_factory=list[Any])
    flow: Known | None = None
    field: Known | None = None
    topic: Known | str | None = None  # of a ticket; of a message, which kind WhatsApp takes it for
    groups: list[Group] = Field(default_factory=list[Group])
    name: str = ""
    value: str = ""
    language: str = ""
    note: str = ""
    body: str = ""
    url: str = ""
    method: str = "GET"
    headers: dict[str, str] = Field(default_factory=dict[str, str])
    result_name: str = ""
    terminal: bool = False


class Case(Part):
    """One test of a router."""

    type: str
    arguments: list[str] = Field(default_factory=list[str])
    category_uuid: str


class Category(Part):
    """Where tests lead."""

    uuid: str
    name: str
    exit_uuid: str


class Timeout(Part):
    """How long is waited."""

    seconds: int
    category_uuid: str


class Wait(Part):
    """What is waited for."""

    type: str
    timeout: Timeout | None = None


class Router(Part):
    """Which way a node is left by."""

    type: str
    wait: Wait | None = None
    result_name: str = ""
    categories: list[Category] = Field(default_factory=list[Category])
    default_category_uuid: str | None = None
    operand: str = ""
    cases: list[Case] = Field(default_factory=list[Case])


class Exit(Part):
    """A way out of a node."""

    uuid: str
    destination_uuid: str | None = None


class Node(Part):
    """Actions, then a router, then exits."""

    uuid: str
    actions: list[Action] = Field(default_factory=list[Action])
    router: Router | None = None
    exits: list[Exit]


class Flow(Part):
    """One flow."""

    uuid: str
    name: str
    language: str = "eng"
    type: str = "messaging"
    nodes: list[Node]
    localization: dict[str, dict[str, dict[str, Any]]] = Field(
        default_factory=dict[str, dict[str, dict[str, Any]]]
    )


class Trigger(Part):
    """What starts a flow."""

    trigger_type: str = ""
    keyword: str | None = None
    keywords: list[str] | None = None
    flow: Known | None = None


class Export(Part):
    """The file."""

    flows: list[Flow] = Field(min_length=1)
    triggers: list[Trigger] = Field(default_factory=list[Trigger])
