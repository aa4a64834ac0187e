"""Jobs as they are shown."""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from schemas.tables.jobs import Job

JobState = Literal["waiting", "running", "done", "failed", "cancelled"]


class JobOut(BaseModel):
    """A job. `progress` of `total` is done; a worker that died is replaced by another, which begins anew."""

    id: UUID
    kind: str = Field(examples=["export"])
    state: JobState
    progress: int
    total: int | None = Field(description="Null: not known yet.")
    result: dict[str, Any] | None = Field(examples=[{"rows": 1200, "bytes": 88211}])
    error: str
    attempt: int = Field(description="How often a worker has taken it.")
    cancel_asked: bool
    made_by: str
    made_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None

    @classmethod
    def of(cls, row: Job) -> "JobOut":
        return cls.model_validate(shown(row))


def shown(row: Job) -> dict[str, Any]:
    """What everybody may see of a job."""
    return row.model_dump(
        exclude={"workspace_id", "args", "owner", "held_until", "file_until"},
    )
