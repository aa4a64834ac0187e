"""Webhooks out: endpoints that are told what happens, signed by Standard Webhooks 1.0.0."""

import datetime as dt
from typing import Annotated, Any, Literal, cast
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Path, Query, status
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field
from pydantic_core import PydanticCustomError

from admin_api.audit import audit
from admin_api.callers import CALLING, Admin
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.input import Input
from admin_api.language import HEARS, spoken
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from flows.wording import kept_in_language
from keys.signing import new_secret
from schemas.problems import NotFound, Refused
from schemas.tables.webhooks import WebhookDelivery, WebhookEndpoint, WebhookEvent
from store.admin import bots, numbers, webhooks
from store.admin.desk import Session
from store.webhooks import body_of

router = APIRouter(prefix="/webhooks", tags=["webhooks"], responses=problems(*CALLING, InputUnfit))

EventType = Literal[
    "message.received",
    "message.sent",
    "message.status",
    "run.started",
    "run.ended",
    "run.handed_off",
    "number.state",
    "bot.published",
]


DeliveryState = Literal["waiting", "delivered", "failed"]


class EndpointOff(Refused):
    """Nothing is delivered to it, so nothing is replayed."""

    code = "webhooks.endpoint_off"
    status = 409
    title = "The endpoint is disabled"
    sentence = "Endpoint {name!r} is disabled ({why}), so nothing is delivered to it. Enable it first."


def _http(url: str) -> str:
    """A URL that can be posted to."""
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fit = False
    if not fit or not url.isascii() or any(char <= " " for char in url) or "@" in parts.netloc:  # pyright: ignore
        raise PydanticCustomError("web_address", "an http or https URL without spaces or credentials")
    return url


Url = Annotated[str, AfterValidator(_http), Field(max_length=2000, examples=["https://example.com/chatloom"])]
EndpointName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Types = Annotated[
    list[EventType], Field(min_length=1, max_length=50, examples=[["run.ended", "number.state"]])
]
Names = Annotated[list[Annotated[str, Field(max_length=100, pattern=r"^[^\x00]+$")]], Field(max_length=100)]
Seq = Annotated[int, Path(ge=1, le=2**63 - 1, description="The delivery's id.")]
Key = Annotated[UUID, Path(description="The endpoint's id.")]


class EndpointIn(Input):
    """A new endpoint. It is told the `types` of events, of these `numbers` and `bots` only, if any are named."""

    name: EndpointName = Field(examples=["CRM"])
    url: Url
    types: Types
    numbers: Names = Field(default=[], description="Names or ids.", examples=[["support"]])
    bots: Names = Field(default=[], description="Names.", examples=[["table-booking"]])


class EndpointChange(Input):
    """What is left out stays. `enabled` true: it is told things again, first what waited."""

    name: EndpointName | None = None
    url: Url | None = None
    types: Types | None = None
    numbers: Names | None = None
    bots: Names | None = None
    enabled: bool | None = None


class EndpointOut(BaseModel):
    """An endpoint, without its secret. `failing_since`: no try has succeeded since then."""

    id: UUID
    name: str
    url: str
    types: list[str]
    numbers: list[UUID]
    bots: list[UUID]
    made_by: str
    created_at: dt.datetime
    failing_since: dt.datetime | None
    disabled_at: dt.datetime | None
    disabled_why: str
    old_secret_until: dt.datetime | None = Field(description="Until then the secret before signs too.")

    @classmethod
    def of(cls, row: WebhookEndpoint) -> "EndpointOut":
        why = kept_in_language(row.disabled_why, spoken())
        return cls.model_validate({**_shown(row), "disabled_why": why})


class TryOut(BaseModel):
    """One try. `answer` has its headers and the first 4,096 bytes of its body."""

    attempt: int
    at: dt.datetime
    took_ms: int
    status: int | None
    error: str
    url: str
    headers: dict[str, str]
    answer: dict[str, Any]


class EndpointMade(EndpointOut):
    """An endpoint with its secret: shown here only."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class DeliveryOut(BaseModel):
    """An event on its way to an endpoint. `status` and `error` are the last try's."""

    id: int
    event: UUID = Field(description="What comes as `webhook-id`.")
    type: str
    happened_at: dt.datetime
    state: DeliveryState
    tries: int
    status: int | None
    error: str
    next_try_at: dt.datetime | None = Field(description="Null: there is none, or the endpoint is disabled.")
    created_at: dt.datetime
    done_at: dt.datetime | None


class DeliveryShown(DeliveryOut):
    """A delivery with what was posted."""

    body: str
    log: list[TryOut]


class ReplayIn(Input):
    """Which events: by when they happened, from `since` up to, not including, `until`."""

    since: AwareDatetime = Field(examples=["2030-01-01T00:00:00Z"])
    until: AwareDatetime = Field(examples=["2030-01-02T00:00:00Z"])
    failed_only: bool = Field(True, description="False: also those that were delivered.")


class Replayed(BaseModel):
    """How many events are on their way; at most 10,000 in one request."""

    events: int


class Sent(BaseModel):
    """An event that is on its way; `event` comes as `webhook-id`."""

    event: UUID


@router.get("", summary="List webhook endpoints", dependencies=[HEARS])
async def listing(db: ReadDb, who: Admin, window: Paging) -> Page[EndpointOut]:
    """All, the latest first."""
    rows, after = await webhooks.listed(db, window)
    return Page.of([EndpointOut.of(row) for row in rows], after)


@router.post(
    "",
    summary="Make a webhook endpoint",
    status_code=status.HTTP_201_CREATED,
    responses=problems(InputUnfit, NotFound),
)
async def make(body: EndpointIn, db: WriteDb, seals: Seals, who: Admin) -> EndpointMade:
    """Have events posted to a URL, from now on. The answer holds the secret that signs them, this once.

    A post counts as taken if the answer is 2xx within 15 seconds; else it is tried again for three days.
    Addresses in private networks are refused unless the installation allows them.
    """
    secret = new_secret()
    row = WebhookEndpoint(
        workspace_id=who.workspace,
        name=body.name,
        url=body.url,
        secret=b"",
        types=sorted(set(body.types)),
        numbers=[(await numbers.named(db, name)).id for name in body.numbers],
        bots=[(await bots.named(db, name)).id for name in body.bots],
        made_by=who.name,
    )
    row.secret = webhooks.seal_secret(seals, row.id, secret)
    db.add(row)
    await numbers.tell(db, who.workspace)
    await audit(db, who, "webhook.make", row, changes={"host": urlsplit(row.url).netloc, "types": row.types})
    return EndpointMade.model_validate({**_shown(row), "secret": secret})


@router.get(
    "/{endpoint}", summary="Show a webhook endpoint", dependencies=[HEARS], responses=problems(NotFound)
)
async def show(endpoint: Key, db: ReadDb, who: Admin) -> EndpointOut:
    """What it is told, and how it fares."""
    return EndpointOut.of(await webhooks.found(db, endpoint))


@router.patch(
    "/{endpoint}",
    summary="Change a webhook endpoint",
    dependencies=[HEARS],
    responses=problems(NotFound, InputUnfit),
)
async def change(endpoint: Key, body: EndpointChange, db: WriteDb, who: Admin) -> EndpointOut:
    """Change where events go and which, or disable and enable it. A disabled one is told nothing, also not later."""
    row = await webhooks.found(db, endpoint, change=True)
    before = _shown(row)
    for name in ("name", "url"):
        if (value := getattr(body, name)) is not None:
            setattr(row, name, value)
    if body.types is not None:
        row.types = sorted(set(body.types))
    if body.numbers is not None:
        row.numbers = [(await numbers.named(db, name)).id for name in body.numbers]
    if body.bots is not None:
        row.bots = [(await bots.named(db, name)).id for name in body.bots]
    if body.enabled is True and row.disabled_at is not None:
        await webhooks.enable(db, row)
    if body.enabled is False and row.disabled_at is None:
        await webhooks.disable(db, row, f"{who.name} disabled it.")
    db.add(row)
    await numbers.tell(db, who.workspace)
    shown = _shown(row)
    names = [name for name in shown if before[name] != shown[name]]
    changes = {name: [_told(name, before[name]), _told(name, shown[name])] for name in names}
    await audit(db, who, "webhook.change", row, changes=changes)
    return EndpointOut.of(row)


@router.delete(
    "/{endpoint}",
    summary="Remove a webhook endpoint",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def remove(endpoint: Key, db: WriteDb, who: Admin) -> None:
    """Tell it nothing more, and forget its deliveries."""
    row = await webhooks.found(db, endpoint)
    await db.delete(row)
    await numbers.tell(db, who.workspace)
    await audit(db, who, "webhook.remove", row)


@router.post(
    "/{endpoint}/new-secret", summary="Give a webhook endpoint a new secret", responses=problems(NotFound)
)
async def new_one(endpoint: Key, db: WriteDb, seals: Seals, who: Admin) -> EndpointMade:
    """The new secret signs from now on, and for 24 hours also the one before, so that receivers can change over."""
    row = await webhooks.found(db, endpoint, change=True)
    secret = new_secret()
    webhooks.renew_secret(row, seals, secret)
    db.add(row)
    await audit(db, who, "webhook.new_secret", row)
    return EndpointMade.model_validate({**_shown(row), "secret": secret})


@router.post(
    "/{endpoint}/test",
    summary="Test a webhook endpoint",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NotFound),
)
async def test(endpoint: Key, db: WriteDb, who: Admin) -> Sent:
    """Post an event `webhook.test` to it, signed and tried again like all others."""
    row = await webhooks.found(db, endpoint)
    event = WebhookEvent(workspace_id=row.workspace_id, type="webhook.test", facts={"endpoint": str(row.id)})
    await webhooks.post(db, row, event)
    await audit(db, who, "webhook.test", row)
    return Sent(event=event.id)


@router.get(
    "/{endpoint}/deliveries",
    summary="List a webhook endpoint's deliveries",
    dependencies=[HEARS],
    responses=problems(NotFound),
)
async def deliveries(
    endpoint: Key,
    db: ReadDb,
    who: Admin,
    window: Paging,
    state: Annotated[DeliveryState | None, Query(description="Only these.")] = None,
) -> Page[DeliveryOut]:
    """What went to it, or is to go, in the last 30 days; the latest first."""
    row = await webhooks.found(db, endpoint)
    found, after = await webhooks.deliveries(db, row, window, state)
    events = await webhooks.events(db, found)
    return Page.of([DeliveryOut.model_validate(_delivery(one, events)) for one in found], after)


@router.get(
    "/{endpoint}/deliveries/{delivery}",
    summary="Show a delivery",
    dependencies=[HEARS],
    responses=problems(NotFound),
)
async def delivered(endpoint: Key, delivery: Seq, db: ReadDb, seals: Seals, who: Admin) -> DeliveryShown:
    """What was posted, and each try with the request's headers and the start of the answer. The audit names who looks."""
    row = await webhooks.found(db, endpoint)
    found = await webhooks.delivery(db, row, delivery)
    events = await webhooks.events(db, [found])
    event = events[found.event_id]
    body = body_of(seals, event.id, event.type, event.at, event.data, event.facts)
    tries = [
        TryOut.model_validate({**_fields(one, TryOut), **webhooks.open_exchange(seals, one)})
        for one in await webhooks.tries(db, found)
    ]
    await audit(db, who, "webhook.read_delivery", row, changes={"event": str(event.id)})
    return DeliveryShown.model_validate({**_delivery(found, events), "body": body.decode(), "log": tries})


@router.post(
    "/{endpoint}/deliveries/{delivery}/replay",
    summary="Deliver an event once more",
    dependencies=[HEARS],
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NotFound, EndpointOff),
)
async def again(endpoint: Key, delivery: Seq, db: WriteDb, who: Admin) -> DeliveryOut:
    """Post it again with the same `webhook-id`; one that waits for its next try goes now."""
    row = await _on(db, endpoint)
    found = await webhooks.again(db, await webhooks.delivery(db, row, delivery))
    await audit(db, who, "webhook.replay", row, changes={"event": str(found.event_id)})
    return DeliveryOut.model_validate(_delivery(found, await webhooks.events(db, [found])))


@router.post(
    "/{endpoint}/replay",
    summary="Deliver a range of events once more",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NotFound, EndpointOff),
)
async def replay(endpoint: Key, body: ReplayIn, db: WriteDb, who: Admin) -> Replayed:
    """Post again what happened in a time and went to this endpoint, in its order. What still waits is left alone."""
    row = await _on(db, endpoint)
    since, until = body.since.astimezone(dt.UTC), body.until.astimezone(dt.UTC)
    count = await webhooks.replay(db, row, since, until, body.failed_only)
    changes = {"since": since.isoformat(), "until": until.isoformat(), "events": count}
    await audit(db, who, "webhook.replay", row, changes=changes)
    return Replayed(events=count)


async def _on(db: Session, endpoint: UUID) -> WebhookEndpoint:
    """One to which events are delivered now. Raises `NotFound`, `EndpointOff`."""
    row = await webhooks.found(db, endpoint)
    if row.disabled_at is not None:
        raise EndpointOff(name=row.name, why=kept_in_language(row.disabled_why, spoken()) or "by an admin")
    return row


def _delivery(row: WebhookDelivery, events: dict[UUID, WebhookEvent]) -> dict[str, Any]:
    event = events[row.event_id]
    due = row.due_at if row.state == "waiting" and row.due_at < webhooks.NEVER else None
    return {
        **_fields(row, DeliveryOut),
        "id": row.seq,
        "event": event.id,
        "type": event.type,
        "happened_at": event.at,
        "tries": row.attempt,
        "next_try_at": due,
    }


def _fields(row: object, shape: type[BaseModel]) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in shape.model_fields if hasattr(row, name)}
    return {**found, "error": kept_in_language(found["error"], spoken())}


def _shown(row: WebhookEndpoint) -> dict[str, Any]:
    names = set(EndpointOut.model_fields) - {"old_secret_until"}
    return {**{name: getattr(row, name) for name in names}, "old_secret_until": row.old_until}


def _told(name: str, value: Any) -> Any:
    """A field's value for the audit; of a URL only the host, since more of it may be a secret."""
    if name == "url":
        return urlsplit(value).netloc
    return [str(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value and str(value)
