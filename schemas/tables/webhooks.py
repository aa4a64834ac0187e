"""Webhooks out: endpoints, what they are told, and each delivery."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from schemas.ids import new_event_id
from schemas.tables.columns import maybe_moment, moment

_TEXTS: Any = ARRAY(Text)
_IDS: Any = ARRAY(Uuid)
_JSON: Any = JSONB


class WebhookEndpoint(SQLModel, table=True):
    """Where a workspace's events go. `secret` and `old_secret` are sealed; both sign until `old_until`.

    `numbers` and `bots` narrow what it is told; empty: all. `failing_since`: no try has succeeded since.
    """

    __tablename__ = "webhook_endpoints"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    name: str
    url: str
    secret: bytes
    old_secret: bytes | None = None
    old_until: dt.datetime | None = maybe_moment()
    types: list[str] = Field(sa_type=_TEXTS)
    numbers: list[UUID] = Field(default_factory=list, sa_type=_IDS)
    bots: list[UUID] = Field(default_factory=list, sa_type=_IDS)
    made_by: str
    created_at: dt.datetime = moment()
    failing_since: dt.datetime | None = maybe_moment()
    disabled_at: dt.datetime | None = maybe_moment()
    disabled_why: str = ""


class WebhookEvent(SQLModel, table=True):
    """What happened. `data` is sealed JSON where it holds what people said, else it is in `facts`."""

    __tablename__ = "webhook_events"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    type: str
    number_id: UUID | None = None
    bot_id: UUID | None = None
    conversation_id: UUID | None = None
    at: dt.datetime = moment()
    data: bytes | None = None
    facts: dict[str, Any] | None = Field(default=None, sa_type=_JSON)


class WebhookDelivery(SQLModel, table=True):
    """An event on its way to one endpoint. `state`: waiting, delivered, failed. In a `lane` order is kept."""

    __tablename__ = "webhook_deliveries"  # pyright: ignore[reportAssignmentType]
    seq: int | None = Field(default=None, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    endpoint_id: UUID = Field(foreign_key="webhook_endpoints.id")
    event_id: UUID = Field(foreign_key="webhook_events.id")
    lane: UUID
    state: str = "waiting"
    attempt: int = 0
    due_at: dt.datetime = moment()
    claimed_until: dt.datetime | None = maybe_moment()
    status: int | None = None
    error: str = ""
    created_at: dt.datetime = moment()
    done_at: dt.datetime | None = maybe_moment()


class WebhookTry(SQLModel, table=True):
    """One try. `exchange` is sealed JSON: the request's URL and headers, the answer's headers and start."""

    __tablename__ = "webhook_tries"  # pyright: ignore[reportAssignmentType]
    delivery_seq: int = Field(primary_key=True, foreign_key="webhook_deliveries.seq")
    attempt: int = Field(primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    at: dt.datetime = moment()
    took_ms: int
    status: int | None = None
    error: str = ""
    exchange: bytes
