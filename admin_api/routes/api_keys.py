"""API keys, by which programs call."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status
from pydantic import AwareDatetime, BaseModel, Field

from admin_api import one_time
from admin_api.audit import audit
from admin_api.callers import CALLING, Admin, PersonNeeded, RoleName, Steward
from admin_api.database import ReadDb, WriteDb
from admin_api.input import Input
from admin_api.pages import SORTING, Page, sorting
from admin_api.person import PersonName, unstored
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound, Refused
from schemas.tables.columns import now
from schemas.tables.people import ApiKey
from store.admin import api_keys
from store.admin.page import Window

router = APIRouter(
    prefix="/api-keys",
    tags=["api keys"],
    responses=problems(*CALLING, PersonNeeded, InputUnfit),
    dependencies=[Depends(unstored)],
)

Scope = Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,40}(:read)?$", examples=["numbers:read"])]


class ScopeUnknown(Refused):
    """No resource is called so."""

    code = "api_keys.scope_unknown"
    status = 422
    sentence = "There is no resource {name!r}. A scope is one of these, or one of these with :read: {known}."


class ExpiryPast(Refused):
    """The key would have expired already."""

    code = "api_keys.expiry_past"
    status = 422
    sentence = "{at} is past. Name a moment to come, or leave it out for a key that does not expire."


class ApiKeyIn(Input):
    """A new key: what it may do at most (`role`), and, if `scopes` are given, on which resources only."""

    name: PersonName
    role: RoleName
    scopes: list[Scope] | None = Field(
        None,
        max_length=50,
        description="Resources, with `:read` for reading only. Null: all that the role may.",
    )
    expires_at: AwareDatetime | None = Field(
        None, description="Null: never.", examples=["2030-01-01T00:00:00Z"]
    )


class ApiKeyOut(BaseModel):
    """A key, without itself: `hint` is how it begins. `used_at` is true to the minute."""

    id: UUID
    name: str
    hint: str
    role: RoleName
    scopes: list[str] | None
    made_by: str
    created_at: dt.datetime
    expires_at: dt.datetime | None
    used_at: dt.datetime | None

    @classmethod
    def of(cls, row: ApiKey) -> "ApiKeyOut":
        return cls.model_validate(_shown(row))


class ApiKeyMade(ApiKeyOut):
    """A new key, itself included: shown once."""

    key: str = Field(examples=["clk_6Zq1v0Jm2mGk0b2w4Q7y9S8r5T3u1WxYzAbCdEfGhIj"])


@router.get("", summary="List API keys", responses=problems(*SORTING))
async def listing(
    db: ReadDb, who: Admin, window: Annotated[Window, Depends(sorting("-created_at", "name"))]
) -> Page[ApiKeyOut]:
    """Those that were not revoked, the latest first."""
    rows, after = await api_keys.listed(db, window)
    return Page.of([ApiKeyOut.of(row) for row in rows], after)


@router.post(
    "",
    summary="Make an API key",
    status_code=status.HTTP_201_CREATED,
    responses=problems(InputUnfit, ScopeUnknown, ExpiryPast),
)
async def make(body: ApiKeyIn, db: WriteDb, who: Steward, request: Request) -> ApiKeyMade:
    """Give a program a key of its own. It is shown here only. Keys make no keys and no people."""
    known: set[str] = request.app.state.resources
    for scope in body.scopes or ():
        if scope.removesuffix(":read") not in known:
            raise ScopeUnknown(name=scope, known=", ".join(sorted(known)))
    if body.expires_at is not None and body.expires_at <= now():
        raise ExpiryPast(at=body.expires_at.isoformat())
    key = one_time.new(one_time.API_KEY)
    row = ApiKey(
        workspace_id=who.workspace,
        name=body.name,
        hint=key[:8],
        hash=one_time.kept(key),
        role=body.role,
        scopes=body.scopes,
        made_by=who.name,
        expires_at=body.expires_at and body.expires_at.astimezone(dt.UTC),
    )
    await api_keys.add(db, row)
    expires = row.expires_at and row.expires_at.isoformat()
    changes = {"role": row.role, "scopes": row.scopes, "expires_at": expires}
    await audit(db, who, "api_key.make", row, changes=changes)
    return ApiKeyMade.model_validate({**_shown(row), "key": key})


@router.get("/{key}", summary="Show an API key", responses=problems(NotFound))
async def show(key: UUID, db: ReadDb, who: Admin) -> ApiKeyOut:
    """What it may do, and when it was last used."""
    return ApiKeyOut.of(await api_keys.found(db, key))


@router.delete(
    "/{key}",
    summary="Revoke an API key",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def revoke(key: UUID, db: WriteDb, who: Steward) -> None:
    """It opens nothing from now on."""
    await audit(db, who, "api_key.revoke", await api_keys.found(db, key))
    await api_keys.revoke(db, key)


def _shown(row: ApiKey) -> dict[str, object]:
    return {name: getattr(row, name) for name in ApiKeyOut.model_fields}
