"""Numbers: add them, assign a bot, pause, resume, remove."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import BaseModel, Field, SecretStr, ValidationError

from admin_api import etag
from admin_api.audit import audit
from admin_api.callers import Admin, Caller, Editor, KeyMissing, RoleTooLow, Viewer
from admin_api.check import BotUnfit, checked, refuse_errors
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.etag import CONDITIONS, IfMatch
from admin_api.input import Input
from admin_api.language import HEARS
from admin_api.live import tell
from admin_api.pages import SORTING, Page, Paging, sorting
from admin_api.plain_json import PlainObject
from admin_api.problems import InputUnfit, problems
from admin_api.reasons import WhyCode, WhyFacts, fields
from schemas.ids import new_event_id
from schemas.problems import NotFound, Refused
from schemas.tables.bots import Bot
from schemas.tables.numbers import Number
from sessions import registry
from store.admin import apps, bots, numbers
from store.admin.desk import Session, Taken
from store.admin.page import CursorUnfit, Window

router = APIRouter(
    prefix="/numbers", tags=["numbers"], responses=problems(KeyMissing, RoleTooLow, InputUnfit)
)


class SettingsUnfit(Refused):
    """The settings are not those of the channel."""

    code = "numbers.settings_unfit"
    status = 422
    sentence = "Setting {at} of channel {channel}: {why}"


class NumberSecretsUnfit(Refused):
    """The secrets are not those that the channel needs."""

    code = "numbers.secrets_unfit"
    status = 422
    sentence = "A number on {channel} has the secrets {needs}; given: {given}."


class NotPublished(Refused):
    """Nothing is published, so nothing could be served."""

    code = "numbers.bot_not_published"
    status = 409
    sentence = "Bot {bot!r} has no published version. Publish one, or name a version."


class AccountMissing(Refused):
    """The vendor's id of the number is needed."""

    code = "numbers.account_missing"
    status = 422
    sentence = "A number on {channel} needs the vendor's id of it, as `account`."


class AppMissing(Refused):
    """The channel's webhooks come by an app, and none is named."""

    code = "numbers.app_missing"
    status = 422
    sentence = "A number on {channel} needs an app, by which its webhooks come in. Add one first."


class NotSure(Refused):
    """Removing asks to be meant."""

    code = "numbers.not_sure"
    status = 409
    sentence = "Removing number {number!r} cannot be undone. Repeat with sure=true."


class NumberIn(Input):
    """A new number. `account` is the vendor's id of it (Cloud API: the phone number's id)."""

    name: Annotated[str, Field(pattern=r"^[\w][\w .+-]{0,63}$")]
    channel: str
    account: Annotated[str, Field(max_length=200)] = ""
    app: str | None = None
    settings: PlainObject = {}
    secrets: dict[str, SecretStr] = {}
    bot: str | None = None
    version: Annotated[int, Field(ge=1)] | None = None


class AssignIn(Input):
    """The bot to serve, at a version; without one: whatever is published."""

    bot: str
    version: Annotated[int, Field(ge=1)] | None = None


class ChangeIn(Input):
    """What is to change. Secrets that are named replace those of the same name; settings replace all."""

    settings: PlainObject | None = None
    secrets: dict[str, SecretStr] = {}


class NumberOut(BaseModel):
    """A number. `state` is what its process says, `desired` what people want. `etag`: of its settings."""

    id: UUID
    name: str
    channel: str
    account: str
    app: str | None = Field(description="The app by which its webhooks come in.")
    settings: dict[str, Any]
    etag: str = Field(description="Give it as If-Match, in quotes, to change the settings.")
    desired: str
    state: str
    state_why: str
    why_code: WhyCode
    why_facts: WhyFacts
    state_since: dt.datetime
    bot: str | None
    version: int | None
    published_version: int | None
    created_at: dt.datetime

    @classmethod
    def of(cls, row: Number, known: dict[UUID, Bot], app: str | None) -> "NumberOut":
        bot = known.get(row.bot_id) if row.bot_id else None
        return cls(
            id=row.id,
            name=row.name,
            channel=row.channel,
            account=row.account,
            app=app,
            settings=row.settings,
            etag=_etag(row),
            desired=row.desired,
            state=row.state,
            state_why=row.state_why,
            why_code=row.why_code,
            why_facts=row.why_facts,
            state_since=row.state_since,
            bot=bot.name if bot else None,
            version=row.bot_version,
            published_version=bot.published_version if bot else None,
            created_at=row.created_at,
        )


class StateOut(BaseModel):
    """A change of a number: what people wanted from then on, what its process said, and why."""

    desired: Literal["running", "paused", "removed"]
    state: str
    why: str
    why_code: WhyCode
    why_facts: WhyFacts
    at: dt.datetime


class RemovalOut(BaseModel):
    """What removing a number would do."""

    secrets: list[str] = Field(description="Deleted.")
    unsent: int = Field(description="Messages that are never sent, dead letters among them.")
    unprocessed: int = Field(description="What came in and is never answered.")
    timers: int = Field(description="They never fire.")
    calls: int = Field(
        description="Calls of webhooks by flows that are never made, or whose answer nobody hears."
    )
    open_runs: int = Field(description="They stay where they are.")
    linked: bool = Field(description="The phone stays linked until somebody unlinks it: unlink it first.")
    conversations: int = Field(
        description="They stay, with all that was said, as long as retention keeps it."
    )


@router.get("", summary="List numbers", responses=problems(*SORTING))
async def listing(
    db: ReadDb, who: Viewer, window: Annotated[Window, Depends(sorting("name", "created_at"))]
) -> Page[NumberOut]:
    """All numbers in service, by name."""
    rows, after = await numbers.listed(db, window)
    known = await bots.by_ids(db, (row.bot_id for row in rows))
    by = await apps.names(db, (row.app_id for row in rows))
    return Page[NumberOut].of([NumberOut.of(row, known, by.get(row.app_id)) for row in rows], after)


@router.post(
    "",
    summary="Add a number",
    dependencies=[HEARS],
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        NotFound, Taken, SettingsUnfit, NumberSecretsUnfit, AppMissing, NotPublished, BotUnfit
    ),
)
async def add(body: NumberIn, db: WriteDb, seals: Seals, who: Admin) -> NumberOut:
    """Take a number into service. It starts as soon as a supervisor sees it."""
    driver = registry.driver(body.channel)
    app = await apps.named(db, body.app) if body.app else None
    if app is None and getattr(driver, "app_secret_names", ()):
        raise AppMissing(channel=body.channel)
    given = {name: value.get_secret_value() for name, value in body.secrets.items()}
    if set(given) != set(driver.secret_names):
        needs, have = ", ".join(driver.secret_names) or "none", ", ".join(given) or "none"
        raise NumberSecretsUnfit(channel=body.channel, needs=needs, given=have)
    key = new_event_id()
    if driver.secret_names and not body.account:
        raise AccountMissing(channel=body.channel)
    row = Number(
        id=key,
        workspace_id=who.workspace,
        name=body.name,
        channel=body.channel,
        app_id=app.id if app else None,
        account=body.account or str(key),
        settings=_settings(body.channel, body.settings),
        secrets=b"",
    )
    if body.bot:
        await _assign(db, row, AssignIn(bot=body.bot, version=body.version))
    await numbers.add(db, seals, row, given)
    await audit(db, who, "number.add", row, changes={"channel": row.channel, "bot": body.bot})
    tell(db, "numbers", "added", number=row.id)
    await numbers.tell(db, row.id)
    return await _out(db, row)


@router.get("/{number}", summary="Show a number", responses=problems(NotFound))
async def show(number: str, db: ReadDb, who: Viewer, response: Response) -> NumberOut:
    """One number, by name or id. `ETag` is of its settings."""
    row = await numbers.named(db, number)
    response.headers["ETag"] = etag.quoted(_etag(row))
    return await _out(db, row)


@router.patch(
    "/{number}",
    summary="Change a number's settings or secrets",
    responses=problems(NotFound, SettingsUnfit, NumberSecretsUnfit, *CONDITIONS),
)
async def change(
    number: str,
    body: ChangeIn,
    db: WriteDb,
    seals: Seals,
    who: Admin,
    unchanged: IfMatch,
    response: Response,
) -> NumberOut:
    """The number's process takes them when it next starts its session.

    New settings replace all: they take the `ETag` of those that were seen, as `If-Match`.
    """
    row = await numbers.named(db, number)
    before = row.settings
    if body.settings is not None:
        await db.refresh(row, with_for_update=True)
        before = row.settings
        unchanged.require(f"The settings of number {row.name!r}", _etag(row), theirs=row.settings)
        row.settings = _settings(row.channel, body.settings)
    names = registry.driver(row.channel).secret_names
    if strange := set(body.secrets) - set(names):
        raise NumberSecretsUnfit(
            channel=row.channel, needs=", ".join(names) or "none", given=", ".join(sorted(strange))
        )
    if body.secrets:
        given = {name: value.get_secret_value() for name, value in body.secrets.items()}
        await numbers.set_secrets(db, seals, row, given)
    numbers.try_again(row)
    db.add(row)
    changed = {"settings": [before, row.settings]} if before != row.settings else {}
    await audit(db, who, "number.change", row, changes={**changed, "secrets": sorted(body.secrets)})
    tell(db, "numbers", "changed", number=row.id)
    await numbers.tell(db, row.id)
    response.headers["ETag"] = etag.quoted(_etag(row))
    return await _out(db, row)


@router.post(
    "/{number}/assign",
    summary="Assign a bot",
    dependencies=[HEARS],
    responses=problems(NotFound, NotPublished, BotUnfit),
)
async def assign(number: str, body: AssignIn, db: WriteDb, who: Editor) -> NumberOut:
    """The bot, and the version or whatever is published, that new runs on this number use.

    Refused while the checker finds errors, with the limits of the number's channel too.
    """
    row = await numbers.named(db, number)
    await _assign(db, row, body)
    numbers.try_again(row)
    db.add(row)
    await audit(db, who, "number.assign", row, changes={"bot": body.bot, "version": body.version})
    tell(db, "numbers", "assigned", number=row.id)
    await numbers.tell(db, row.id)
    return await _out(db, row)


@router.post("/{number}/pause", summary="Pause a number", responses=problems(NotFound))
async def pause(number: str, db: WriteDb, who: Admin) -> NumberOut:
    """Stop receiving and sending on this number. Open conversations stay where they are."""
    return await _desire(db, who, number, "paused")


@router.post("/{number}/resume", summary="Resume a number", responses=problems(NotFound))
async def resume(number: str, db: WriteDb, who: Admin) -> NumberOut:
    """Go on where it was paused, or given up after failures; what came in meanwhile is answered now."""
    return await _desire(db, who, number, "running")


@router.get("/{number}/states", summary="List a number's states", responses=problems(NotFound, CursorUnfit))
async def states(number: str, db: ReadDb, who: Viewer, window: Paging) -> Page[StateOut]:
    """What became of it, the latest first: kept 90 days, on every channel."""
    rows, after = await numbers.states(db, await numbers.named(db, number), window)
    return Page[StateOut].of(
        [StateOut.model_validate({**row._asdict(), **fields(row.why)}) for row in rows], after
    )


@router.get("/{number}/removal", summary="Tell what removing would do", responses=problems(NotFound))
async def removal(number: str, db: ReadDb, seals: Seals, who: Admin) -> RemovalOut:
    """A dry run of `DELETE`: nothing is changed."""
    row = await numbers.named(db, number)
    found = await numbers.removal(db, row)
    return RemovalOut(secrets=numbers.secret_names(seals, row), **found._asdict())


@router.delete(
    "/{number}",
    summary="Remove a number",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound, NotSure),
)
async def remove(
    number: str, db: WriteDb, who: Admin, sure: Annotated[bool, Query(description="Must be true.")] = False
) -> None:
    """Take a number out of service for good. Its conversations stay, its secrets go."""
    if not sure:
        raise NotSure(number=number)
    row = await numbers.named(db, number)
    await audit(db, who, "number.remove", row)
    await numbers.remove(db, number)
    tell(db, "numbers", "removed", number=row.id)
    await numbers.tell(db, row.id)


async def _out(db: Session, row: Number) -> NumberOut:
    by = await apps.names(db, [row.app_id])
    return NumberOut.of(row, await bots.by_ids(db, [row.bot_id]), by.get(row.app_id))


async def _desire(db: Session, who: Caller, number: str, desired: str) -> NumberOut:
    row = await numbers.named(db, number)
    row.desired = desired
    numbers.try_again(row)
    db.add(row)
    await audit(db, who, "number.pause" if desired == "paused" else "number.resume", row)
    tell(db, "numbers", "state", number=row.id)
    await numbers.tell(db, row.id)
    return await _out(db, row)


async def _assign(db: Session, row: Number, body: AssignIn) -> None:
    bot = await bots.named(db, body.bot)
    version = body.version or bot.published_version
    if version is None:
        raise NotPublished(bot=bot.name)
    kept = await bots.version(db, bot, version)
    refuse_errors(bot.name, await checked(db, kept.files, bot.name, number=row, version=kept))
    row.bot_id, row.bot_version = bot.id, body.version


def _etag(row: Number) -> str:
    """The tag of a number's settings."""
    return etag.of_text(orjson.dumps(row.settings, option=orjson.OPT_SORT_KEYS).decode())


def _settings(channel: str, given: dict[str, Any]) -> dict[str, Any]:
    try:
        model = registry.driver(channel).settings_model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"]) or "(all)"
        raise SettingsUnfit(channel=channel, at=at, why=first["msg"]) from error
    return model.model_dump(mode="json", exclude_unset=True)
