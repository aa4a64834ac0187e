"""What people keep beside a conversation: notes, and what is to be done. The contact sees neither."""

import datetime as dt
from uuid import UUID

from sqlmodel import Field, SQLModel

from schemas.ids import new_event_id
from schemas.tables.columns import generated_moment, maybe_moment, moment


class ConversationNote(SQLModel, table=True):
    """A note. `body` is sealed."""

    __tablename__ = "conversation_notes"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    number_id: UUID
    conversation_id: UUID
    body: bytes = b""
    by: str
    created_at: dt.datetime = moment()
    edited_at: dt.datetime | None = maybe_moment()


class ConversationTask(SQLModel, table=True):
    """Something to do. `body` is sealed; `team_id` and `user_id` are who does it, both None: whoever comes to it.

    `due` is `due_at`, or the end of all days, so that lists have an order. The database writes it.
    """

    __tablename__ = "conversation_tasks"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    number_id: UUID
    conversation_id: UUID
    body: bytes = b""
    team_id: UUID | None = Field(default=None, foreign_key="teams.id")
    user_id: UUID | None = Field(default=None, foreign_key="users.id")
    due_at: dt.datetime | None = maybe_moment()
    due: dt.datetime = generated_moment("coalesce(due_at, '9999-12-31 00:00:00+00'::timestamptz)")
    by: str
    created_at: dt.datetime = moment()
    done_at: dt.datetime | None = maybe_moment()
    done_by: str = ""


class ReplyDraft(SQLModel, table=True):
    """What somebody has begun to write to a contact. `body` is sealed."""

    __tablename__ = "reply_drafts"  # pyright: ignore[reportAssignmentType]
    user_id: UUID = Field(foreign_key="users.id", primary_key=True)
    conversation_id: UUID = Field(primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    number_id: UUID
    body: bytes = b""
    updated_at: dt.datetime = moment()
