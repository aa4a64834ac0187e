"""Secrets that flows name as secret("name"). Values go in; only names come out."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, SecretStr

from admin_api.audit import audit
from admin_api.callers import Admin, KeyMissing, RoleTooLow
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.input import Input
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from schemas.tables.secrets import Secret
from store.admin import numbers, secrets
from store.admin.page import CursorUnfit

router = APIRouter(
    prefix="/secrets", tags=["secrets"], responses=problems(KeyMissing, RoleTooLow, InputUnfit)
)

Name = Annotated[str, Path(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]


class SecretIn(Input):
    """The value."""

    value: SecretStr


class SecretOut(BaseModel):
    """A secret's name, and when it was last written."""

    name: str
    updated_at: dt.datetime

    @classmethod
    def of(cls, row: Secret) -> "SecretOut":
        return cls(name=row.name, updated_at=row.updated_at)


@router.get("", summary="List secrets", responses=problems(CursorUnfit))
async def listing(db: ReadDb, who: Admin, window: Paging) -> Page[SecretOut]:
    """The names of all secrets."""
    rows, after = await secrets.listed(db, window)
    return Page[SecretOut].of([SecretOut.of(row) for row in rows], after)


@router.put("/{name}", summary="Set a secret")
async def put(name: Name, body: SecretIn, db: WriteDb, seals: Seals, who: Admin) -> SecretOut:
    """Keep a value, sealed, in place of the one before. Requests made from now on use it."""
    row = await secrets.put(db, seals, who.workspace, name, body.value.get_secret_value())
    await audit(db, who, "secret.set", name)
    await numbers.tell(db, who.workspace)
    return SecretOut.of(row)


@router.delete(
    "/{name}",
    summary="Remove a secret",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def remove(name: Name, db: WriteDb, who: Admin) -> None:
    """Forget a secret. Flows that name it fail from now on, visibly."""
    await secrets.remove(db, who.workspace, name)
    await audit(db, who, "secret.remove", name)
    await numbers.tell(db, who.workspace)
