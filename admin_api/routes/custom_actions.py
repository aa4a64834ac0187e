"""Custom actions: kinds of steps that an integration declares, and answers when a bot reaches one.

A call is a POST, signed by Standard Webhooks 1.0.0. Its answer is `{"outcome": …, "data": …}`, at once, or after a 202
by the address in `callback`.
"""

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, Field

from admin_api import calling
from admin_api.audit import audit
from admin_api.callers import CALLING, Admin, Editor, Open
from admin_api.check import DiagnosticOut, diagnostics, world
from admin_api.database import OwnDb, ReadDb, Seals, WriteDb
from admin_api.input import Input
from admin_api.language import HEARS, spoken
from admin_api.pages import Page, Paging
from admin_api.plain_json import PlainObject
from admin_api.problems import InputUnfit, problems
from admin_api.routes.webhooks import Url
from keys.signing import new_secret
from schemas.effects import CallWebhook
from schemas.ids import new_event_id
from schemas.problems import NotFound, Refused
from schemas.tables.columns import now
from schemas.tables.custom_actions import CustomAction
from store.admin import custom_actions, numbers
from store.admin.desk import Session, Taken
from store.admin.page import CursorUnfit

router = APIRouter(
    prefix="/custom-actions", tags=["custom actions"], responses=problems(*CALLING, InputUnfit)
)

LONGEST_S = 30 * 24 * 3600


class DeclarationUnfit(Refused):
    """What was declared cannot be a kind of step."""

    code = "custom_actions.unfit"
    status = 422
    title = "That cannot be a kind of step"
    sentence = "{at}: {why}"


class InUse(Refused):
    """Versions in service would not run any more. `diagnostics` says where, by bot and version."""

    code = "custom_actions.in_use"
    status = 409
    title = "Bots use it"
    sentence = (
        "Bot {bot!r}, version {version}, would not run any more: {first}. Publish one without it first."
    )


class SampleUnfit(Refused):
    """The sample does not fit the declared input."""

    code = "custom_actions.sample_unfit"
    status = 422
    title = "The sample does not fit"
    sentence = "input{at}: {why}"


ActionName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$", examples=["crm_find"])]
Named = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="The action's name.")]
Words = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
Outcomes = Annotated[list[ActionName], Field(min_length=1, max_length=20, examples=[["found", "missing"]])]
Within = Annotated[int, Field(ge=1, le=LONGEST_S, description="Seconds that an answer may take to come.")]

_EXAMPLE = {
    "name": "crm_find",
    "title": "Find in the CRM",
    "url": "https://crm.example.com/chatloom",
    "input_schema": {
        "type": "object",
        "required": ["email"],
        "properties": {"email": {"type": "string", "title": "E-mail"}},
    },
    "outcomes": ["found", "missing"],
    "result_schema": {"type": "object", "properties": {"id": {"type": "string"}}},
}


class ActionIn(Input):
    """A new kind of step. `input_schema` is of type object; each of its properties is a key of the step's `with`."""

    name: ActionName
    url: Url
    input_schema: PlainObject
    outcomes: Outcomes
    title: Words = ""
    description: Words = ""
    ui_schema: PlainObject = {}
    result_schema: PlainObject | None = Field(
        None, description="JSON Schema of `data` in an answer. Null: any."
    )
    answer_within_s: Within = 3600

    model_config = {"json_schema_extra": {"examples": [_EXAMPLE]}}


class ActionChange(Input):
    """What is left out stays. What bots in service need cannot go: 409."""

    url: Url | None = None
    input_schema: PlainObject | None = None
    outcomes: Outcomes | None = None
    title: Words | None = None
    description: Words | None = None
    ui_schema: PlainObject | None = None
    result_schema: PlainObject | None = None
    answer_within_s: Within | None = None


class CustomActionOut(BaseModel):
    """A declared kind of step, without its secret."""

    id: UUID
    name: str
    title: str
    description: str
    url: str
    input_schema: dict[str, Any]
    ui_schema: dict[str, Any]
    outcomes: list[str]
    result_schema: dict[str, Any] | None
    answer_within_s: int
    made_by: str
    created_at: dt.datetime
    updated_at: dt.datetime
    old_secret_until: dt.datetime | None = Field(description="Until then the secret before signs too.")

    @classmethod
    def of(cls, row: CustomAction) -> "CustomActionOut":
        return cls.model_validate(_shown(row))


class CustomActionMade(CustomActionOut):
    """With its secret: shown here only."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class SampleIn(Input):
    """An input to try it with."""

    input: PlainObject = Field(examples=[{"email": "ana@example.com"}])


class TriedOut(BaseModel):
    """What came of it: `fault` says why the answer is none; empty with `later`: it will come by the callback."""

    status: int | None
    took_ms: int
    later: bool
    outcome: str | None
    data: Any
    fault: str


@router.get("", summary="List custom actions", responses=problems(CursorUnfit))
async def listing(db: ReadDb, who: Editor, window: Paging) -> Page[CustomActionOut]:
    """All, by name."""
    rows, after = await custom_actions.listed(db, window)
    return Page[CustomActionOut].of([CustomActionOut.of(row) for row in rows], after)


@router.post(
    "",
    summary="Declare a custom action",
    dependencies=[HEARS],
    status_code=status.HTTP_201_CREATED,
    responses=problems(DeclarationUnfit, Taken),
)
async def declare(body: ActionIn, db: WriteDb, seals: Seals, who: Admin) -> CustomActionMade:
    """From now on flows may have such steps. The answer holds the secret that signs calls, this once."""
    secret = new_secret()
    row = CustomAction(**body.model_dump(), workspace_id=who.workspace, secret=b"", made_by=who.name)
    _fit(row)
    await custom_actions.add(db, seals, row, secret)
    await audit(db, who, "custom_action.declare", row, changes={"host": urlsplit(row.url).netloc})
    await numbers.tell(db, who.workspace)
    return CustomActionMade.model_validate({**_shown(row), "secret": secret})


@router.get("/{name}", summary="Show a custom action", responses=problems(NotFound))
async def show(name: Named, db: ReadDb, who: Editor) -> CustomActionOut:
    """As it was declared."""
    return CustomActionOut.of(await custom_actions.named(db, name))


@router.patch(
    "/{name}",
    summary="Change a custom action",
    dependencies=[HEARS],
    responses=problems(NotFound, DeclarationUnfit, InUse),
)
async def change(name: Named, body: ActionChange, db: WriteDb, who: Admin) -> CustomActionOut:
    """Change what it is called by, or takes. Refused where a version in service would not run any more."""
    row = await custom_actions.named(db, name, change=True)
    given = body.model_dump(exclude_unset=True)
    # Null takes back that answers are checked; of anything else it says nothing.
    changed = {name: value for name, value in given.items() if value is not None or name == "result_schema"}
    for field, value in changed.items():
        setattr(row, field, value)
    _fit(row)
    row.updated_at = now()
    db.add(row)
    await db.flush()
    await _refuse_harm(db, name)
    await audit(db, who, "custom_action.change", row, changes={"fields": sorted(changed)})
    await numbers.tell(db, who.workspace)
    return CustomActionOut.of(row)


@router.delete(
    "/{name}",
    summary="Remove a custom action",
    dependencies=[HEARS],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound, InUse),
)
async def remove(name: Named, db: WriteDb, who: Admin) -> None:
    """Flows may have such steps no more. Refused while a version in service has one."""
    row = await custom_actions.named(db, name, change=True)
    await db.delete(row)
    await db.flush()
    await _refuse_harm(db, name)
    await audit(db, who, "custom_action.remove", row)
    await numbers.tell(db, who.workspace)


@router.post("/{name}/new-secret", summary="Give a custom action a new secret", responses=problems(NotFound))
async def renew(name: Named, db: WriteDb, seals: Seals, who: Admin) -> CustomActionMade:
    """The new secret signs from now on, and for 24 hours also the one before, so that receivers can change over."""
    row = await custom_actions.named(db, name, change=True)
    secret = new_secret()
    custom_actions.renew_secret(row, seals, secret)
    db.add(row)
    await audit(db, who, "custom_action.new_secret", row)
    return CustomActionMade.model_validate({**_shown(row), "secret": secret})


@router.post(
    "/{name}/try",
    summary="Try a custom action",
    dependencies=[HEARS],
    responses=problems(NotFound, SampleUnfit),
)
async def attempt(
    name: Named, body: SampleIn, own: OwnDb, seals: Seals, who: Editor, open_here: Open
) -> TriedOut:
    """Call it once with a sample, signed as a bot's call is, and check the answer. It says `"try": true` and has no callback."""
    from flows.custom import CustomAction as Declared  # the engine is imported when it is needed
    from flows.custom import fault_of_answer, fault_of_input
    from flows.wording import in_language, kept_in_language

    async with own() as db:
        row = await custom_actions.named(db, name)
        kind = Declared.of(*custom_actions.shape(row))
        if fault := fault_of_input(kind, body.input):
            raise SampleUnfit(at=fault[0], why=fault[1])
        sample = CallWebhook("POST", (), json=body.input, id=new_event_id())
        call, secrets = calling.of_action(sample, row, seals)
        await audit(db, who, "custom_action.try", row)
    tried = await calling.attempt(open_here, call, secrets)
    fault, found = kept_in_language(tried.answer.error, spoken()), {}
    if tried.answer.ok and not tried.later:
        fault = fault_of_answer(kind, tried.answer.result["json"])
        found = {} if fault else tried.answer.result["json"]
    return TriedOut(
        status=tried.status,
        took_ms=tried.took_ms,
        later=tried.later,
        outcome=found.get("outcome"),
        data=found.get("data"),
        fault=in_language(fault, spoken()),
    )


def _fit(row: CustomAction) -> None:
    """Raises `DeclarationUnfit` for what cannot be a kind of step."""
    from flows.custom import CustomAction as Declared
    from flows.custom import fault_of_declaration
    from flows.kinds import actions

    if fault := fault_of_declaration(Declared.of(*custom_actions.shape(row)), actions()):
        raise DeclarationUnfit(at=fault[0], why=fault[1])


async def _refuse_harm(db: Session, name: str) -> None:
    """Raises `InUse` where a version in service has errors now."""
    around = await world(db)

    def errors(one: custom_actions.Serving) -> list[DiagnosticOut]:
        with_its_own = replace(around, events=one.events)
        found = [DiagnosticOut.of(one) for one in diagnostics(one.files, with_its_own)]
        return [one for one in found if one.severity == "error"]

    for one in await custom_actions.serving(db, name):
        if found := await asyncio.to_thread(errors, one):
            first = f"{found[0].file}:{found[0].line}: {found[0].message}"
            shown = [one.model_dump() for one in found]
            raise InUse(bot=one.bot, version=one.version, first=first, diagnostics=shown)


def _shown(row: CustomAction) -> dict[str, Any]:
    shown = row.model_dump(exclude={"secret", "old_secret", "old_until", "workspace_id"})
    return {**shown, "old_secret_until": row.old_until}
