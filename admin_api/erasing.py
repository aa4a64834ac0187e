"""What the API says of an erasure."""

import datetime as dt
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from store.admin.erasures import Erasure


class ErasureOut(BaseModel):
    """`ordered`: he is gone from the lists, and who writes under his names is somebody new. `swept`: everything that
    was kept of him is deleted. `closed`: what came late too, ten minutes later, and every linked phone's session has
    forgotten him. `pending` names the numbers whose session has not: one that is stopped does so at its next start.
    `removed` counts rows by table.
    """

    contact: UUID
    state: Literal["ordered", "swept", "closed"]
    ordered_by: str
    ordered_at: dt.datetime
    swept_at: dt.datetime | None
    closed_at: dt.datetime | None
    removed: dict[str, int]
    pending: list[str]

    @classmethod
    def of(cls, row: Erasure) -> "ErasureOut":
        state = "closed" if row.closed_at else "swept" if row.swept_at else "ordered"
        return cls(contact=row.id, state=state, **{k: v for k, v in row._asdict().items() if k != "id"})
