"""Apps: accounts with vendors that sign their webhooks."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import BaseModel, Field, SecretStr

from admin_api.audit import audit
from admin_api.callers import Admin, KeyMissing, Open, RoleTooLow
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.input import Input
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound, Refused
from schemas.tables.apps import App
from schemas.tables.columns import now
from sessions import registry
from store.admin import apps, numbers
from store.admin.desk import Taken
from store.admin.page import CursorUnfit

router = APIRouter(prefix="/apps", tags=["apps"], responses=problems(KeyMissing, RoleTooLow, InputUnfit))


class AppSecretsUnfit(Refused):
    """The secrets are not those that the channel needs."""

    code = "apps.secrets_unfit"
    status = 422
    sentence = "An app on {channel} has the secrets {needs}; given: {given}."


class NoDoor(Refused):
    """The channel's vendor calls no door."""

    code = "apps.no_door"
    status = 422
    sentence = "Channel {channel} has no door, so it needs no app."


class AppIn(Input):
    """A new app. `secrets` are written, sealed and never shown."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    channel: str = "cloud_api"
    secrets: dict[str, SecretStr]


class AppChange(Input):
    """Secrets that are named replace those of the same name. For `both_hours` those before open too; 0: not at all."""

    secrets: Annotated[dict[str, SecretStr], Field(min_length=1)]
    both_hours: Annotated[int, Field(ge=0, le=720)] = 24


class AppOut(BaseModel):
    """An app. `hook` is the path that the vendor is to call."""

    id: UUID
    name: str
    channel: str
    hook: str
    created_at: dt.datetime
    old_secrets_until: dt.datetime | None = Field(description="Until then the secrets before open too.")

    @classmethod
    def of(cls, app: App, public_url: str) -> "AppOut":
        return cls(
            id=app.id,
            name=app.name,
            channel=app.channel,
            hook=f"{public_url}/hooks/{app.channel}/{app.name}",
            created_at=app.created_at,
            old_secrets_until=app.old_until if app.old_until and app.old_until > now() else None,
        )


@router.get("", summary="List apps", responses=problems(CursorUnfit))
async def listing(db: ReadDb, who: Admin, open_here: Open, window: Paging) -> Page[AppOut]:
    """All apps, by name."""
    rows, after = await apps.listed(db, window)
    return Page[AppOut].of([AppOut.of(app, open_here.config.public_url) for app in rows], after)


@router.post(
    "",
    summary="Add an app",
    status_code=status.HTTP_201_CREATED,
    responses=problems(NotFound, Taken, AppSecretsUnfit),
)
async def add(body: AppIn, db: WriteDb, seals: Seals, who: Admin, open_here: Open) -> AppOut:
    """Keep an app with its secrets. Give the vendor `hook` as the webhook's address."""
    needs: tuple[str, ...] = getattr(registry.driver(body.channel), "app_secret_names", ())
    if not needs:
        raise NoDoor(channel=body.channel)
    given = {name: value.get_secret_value() for name, value in body.secrets.items()}
    if set(given) != set(needs) or not all(given.values()):
        raise AppSecretsUnfit(channel=body.channel, needs=", ".join(needs), given=", ".join(given) or "none")
    app = App(workspace_id=who.workspace, name=body.name, channel=body.channel, secrets=b"")
    await apps.add(db, seals, app, given)
    await audit(db, who, "app.add", app, changes={"channel": app.channel})
    await numbers.tell(db, who.workspace)
    return AppOut.of(app, open_here.config.public_url)


@router.patch("/{name}", summary="Change an app's secrets", responses=problems(NotFound, AppSecretsUnfit))
async def change(
    name: str, body: AppChange, db: WriteDb, seals: Seals, who: Admin, open_here: Open
) -> AppOut:
    """Rotate them in place: give the vendor the new ones while both open the door. They are never shown."""
    row = await apps.named(db, name)
    needs: tuple[str, ...] = getattr(registry.driver(row.channel), "app_secret_names", ())
    given = {each: value.get_secret_value() for each, value in body.secrets.items()}
    if set(given) - set(needs) or not all(given.values()):
        raise AppSecretsUnfit(channel=row.channel, needs=", ".join(needs), given=", ".join(sorted(given)))
    await apps.set_secrets(db, seals, row, given, dt.timedelta(hours=body.both_hours))
    await audit(db, who, "app.change", row, changes={"secrets": sorted(given), "both_hours": body.both_hours})
    await numbers.tell(db, who.workspace)
    return AppOut.of(row, open_here.config.public_url)


@router.delete(
    "/{name}",
    summary="Remove an app",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound, apps.AppInUse),
)
async def remove(name: str, db: WriteDb, who: Admin) -> None:
    """Forget an app. Its door answers 404 from then on."""
    await audit(db, who, "app.remove", await apps.named(db, name))
    await apps.remove(db, name)
    await numbers.tell(db, who.workspace)
