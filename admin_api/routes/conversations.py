"""Conversations of a number, and what was said in them."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import AnyHttpUrl, BaseModel, Field

from admin_api.acting import ACTING, TakenOut, by
from admin_api.audit import audit
from admin_api.callers import Agent, Caller, KeyMissing, RoleTooLow
from admin_api.conversation_filters import Filtering, Sorting, StepAlone
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.input import Input
from admin_api.language import HEARS, spoken
from admin_api.pages import SORTING, Page, Paging, cursor_of, cursor_text
from admin_api.problems import InputUnfit, problems
from flows.wording import kept_in_language
from keys.seal import Sealer
from schemas.capabilities import utf16_length
from schemas.events import Ended, Event, Replied, Restarted, Returned, TakenOver
from schemas.ids import derived_id, new_event_id
from schemas.messages import Media as File
from schemas.messages import MediaKind, Outgoing, Template, Text, outgoing_codec
from schemas.problems import NotFound, Refused
from schemas.tables.numbers import Number
from sessions import registry
from store.admin import arrivals, attachments, conversations, dead_letters, numbers, reply_drafts
from store.admin.attachments import Attachment
from store.admin.conversations import Place
from store.admin.desk import Session
from store.admin.page import CursorUnfit

router = APIRouter(
    prefix="/numbers/{number}/conversations",
    tags=["conversations"],
    responses=problems(KeyMissing, RoleTooLow, InputUnfit, NotFound),
)


class NoBot(Refused):
    """No bot serves the number, so nothing there acts."""

    code = "conversations.no_bot"
    status = 409
    title = "No bot serves the number"
    sentence = "No bot serves number {number!r}, and without one nothing is sent there. Assign one first."


class ReplyUnfit(Refused):
    """The channel cannot carry it."""

    code = "conversations.reply_unfit"
    status = 422
    title = "The channel cannot carry that"
    sentence = "{why}"


class LastOut(BaseModel):
    """The latest message, and the beginning of its words, if it has any."""

    direction: str
    kind: str
    text: str
    by: str
    status: str
    created_at: dt.datetime


class NotFailed(Refused):
    """Only what failed is sent again."""

    code = "conversations.not_failed"
    status = 409
    title = "That did not fail"
    sentence = "Message {message} has not failed: it is {state}. Only a failed message is sent again."


class ConversationOut(BaseModel):
    """Where a conversation stands.

    `name`: what the contact is called, or his number. `held_by`: who of the team has the floor. `last` is given in
    lists.
    """

    id: UUID
    number: UUID
    contact: UUID
    status: str
    flow: str
    step: str
    version: int | None
    team: str
    opted_out: bool
    last_in_at: dt.datetime | None
    updated_at: dt.datetime
    name: str
    held_by: str
    last: LastOut | None = None

    @classmethod
    def of(cls, row: conversations.Talk, last: conversations.Line | None = None) -> "ConversationOut":
        return cls(**{**row._asdict(), "contact": row.contact_id, "last": last and _last(last)})


class LineOut(BaseModel):
    """A message: `body` is the content of what a contact sent, or the body of what was sent to him.

    `amended`: its writer changed it later (`edited`) or took it back (`deleted`). `status` is `unconfirmed` where
    no delivery report came though the contact was active afterwards; `resends`: how often it was sent anew
    for that.
    """

    id: UUID
    direction: str
    kind: str
    body: dict[str, Any]
    status: str
    error: str
    by: str
    flow: str
    step: str
    version: int | None
    provider_id: str
    amended: str
    resends: int
    status_at: dt.datetime
    created_at: dt.datetime


class TranscriptPage(Page[LineOut]):
    """A part of a transcript, in the order in which it was said."""

    newer: str | None = Field(
        None, description="Give it as `newer` for what was said after. Null: this goes to the latest."
    )


class TurnOut(BaseModel):
    """What one event caused: the `trace` names steps and outcomes, without what was said."""

    id: UUID
    kind: str
    at: dt.datetime
    run: UUID | None
    version: int | None
    trace: list[dict[str, Any]]


class LinkedFile(Input):
    """A file that the channel fetches from a public address."""

    kind: MediaKind
    link: AnyHttpUrl
    caption: Annotated[str, Field(max_length=4096)] = ""
    filename: Annotated[str, Field(max_length=240)] = ""


class AttachedFile(Input):
    """A file that was uploaded for this conversation."""

    ref: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    kind: MediaKind
    caption: Annotated[str, Field(max_length=4096)] = ""
    filename: Annotated[str, Field(max_length=240)] = ""
    voice: Annotated[bool, Field(description="An audio that was spoken into the page.")] = False


class TemplateIn(Input):
    """An approved template, by its name and language, with its components as the channel takes them."""

    name: Annotated[str, Field(min_length=1, max_length=512)]
    language: Annotated[str, Field(min_length=1, max_length=20)]
    components: Annotated[list[dict[str, Any]], Field(max_length=20)] = []


class ReplyIn(Input):
    """One of: words, a file at an address, a file that was uploaded, a template."""

    text: Annotated[str, Field(max_length=65_536)] = ""
    file: LinkedFile | None = None
    attachment: AttachedFile | None = None
    template: TemplateIn | None = None

    model_config = {"json_schema_extra": {"examples": [{"text": "I am Nino. How can I help?"}]}}


class SentAgainOut(BaseModel):
    """What goes out: the message itself where it stood in the dead letters, else a new one with its content."""

    message: UUID
    anew: bool


class RestartIn(Input):
    """Where to begin: a step of a flow, which keeps what that flow collected; left out: the run's first flow."""

    flow: Annotated[str, Field(max_length=200)] = ""
    step: Annotated[str, Field(max_length=200)] = ""


@router.get("", summary="List conversations", responses=problems(StepAlone, *SORTING))
async def listing(
    number: str, db: ReadDb, seals: Seals, who: Agent, window: Sorting, wanted: Filtering
) -> Page[ConversationOut]:
    """The liveliest first. Filters that are given must all hold."""
    key = (await numbers.named(db, number)).id
    rows, after = await conversations.listed(db, seals, key, wanted, window)
    last = await conversations.last_lines(db, seals, rows)
    await audit(db, who, "conversation.list", key, changes={"count": len(rows)})
    return Page[ConversationOut].of([ConversationOut.of(row, last.get(row.id)) for row in rows], after)


@router.get("/{conversation}", summary="Show a conversation")
async def show(number: str, conversation: UUID, db: ReadDb, seals: Seals, who: Agent) -> ConversationOut:
    """Where it stands."""
    key = (await numbers.named(db, number)).id
    return ConversationOut.of(await conversations.shown(db, seals, key, conversation))


@router.get("/{conversation}/transcript", summary="Read a transcript", responses=problems(CursorUnfit))
async def transcript(
    number: str,
    conversation: UUID,
    db: ReadDb,
    seals: Seals,
    who: Agent,
    window: Paging,
    around: Annotated[
        UUID | None,
        Query(description="The message that is to be in the middle, instead of the latest at the end."),
    ] = None,
    newer: Annotated[
        str,
        Query(max_length=500, description="What the page before gave as `newer`: what was said after that."),
    ] = "",
) -> TranscriptPage:
    """The latest messages, in the order in which they were said; `next` leads to those before them.

    `around` begins elsewhere. Of `after`, `newer` and `around`, one counts: the first of these that is given.
    """
    key = (await numbers.named(db, number)).id
    await conversations.found(db, key, conversation)
    if newer and window.after is None:
        page = await conversations.pages_on(db, seals, key, conversation, cursor_of(newer), window.limit)
    elif around and window.after is None:
        page = await conversations.page_around(db, seals, key, conversation, around, window.limit)
    else:
        page = await conversations.pages(db, seals, key, conversation, window)
    await audit(db, who, "conversation.read", conversation)
    return TranscriptPage(
        items=[LineOut(**line._asdict()) for line in page.lines],
        next=cursor_text(page.older),
        newer=cursor_text(page.newer),
    )


@router.get(
    "/{conversation}/turns",
    summary="List a conversation's turns",
    dependencies=[HEARS],
    responses=problems(CursorUnfit),
)
async def turns(number: str, conversation: UUID, db: ReadDb, who: Agent, window: Paging) -> Page[TurnOut]:
    """What happened, the latest first: which event, at which version, through which steps. No contents."""
    key = (await numbers.named(db, number)).id
    await conversations.found(db, key, conversation)
    rows, after = await conversations.turns(db, key, conversation, window)
    found = [TurnOut(**row._asdict()) for row in rows]
    for line in (line for turn in found for line in turn.trace if line.get("note")):
        line["note"] = kept_in_language(line["note"], spoken())
    return Page[TurnOut].of(found, after)


@router.post(
    "/{conversation}/take-over",
    summary="Take a conversation over",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NoBot, *ACTING),
)
async def take_over(number: str, conversation: UUID, db: WriteDb, seals: Seals, who: Agent) -> TakenOut:
    """The bot is silent until the conversation is given back."""
    event = TakenOver(new_event_id(), dt.datetime.now(dt.UTC), by(who))
    return await _act(db, seals, who, number, conversation, event, "take_over")


@router.post(
    "/{conversation}/reply",
    summary="Write to the contact",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NoBot, ReplyUnfit, *ACTING),
)
async def reply(
    number: str, conversation: UUID, body: ReplyIn, db: WriteDb, seals: Seals, who: Agent
) -> TakenOut:
    """A message of the caller's own, in the caller's name. It goes out in its turn, whoever has the floor.

    To a contact who opted out nothing is sent: the transcript says so.
    """
    row = await numbers.named(db, number)
    place = Place(row.id, conversation)
    content = _content(
        row, body, await attachments.found(db, place, body.attachment.ref) if body.attachment else None
    )
    event = Replied(new_event_id(), dt.datetime.now(dt.UTC), by(who), content)
    if body.attachment:
        await attachments.use(db, who.workspace, place, body.attachment.ref, _message_of(event))
    if who.user is not None:
        await reply_drafts.drop(db, who.user, conversation)
    return await _act(db, seals, who, number, conversation, event, "reply")


@router.post(
    "/{conversation}/messages/{message}/send-again",
    summary="Send a failed message again",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NoBot, NotFailed, *ACTING),
)
async def send_again(
    number: str, conversation: UUID, message: UUID, db: WriteDb, seals: Seals, who: Agent
) -> SentAgainOut:
    """A dead letter goes back into the queue. What the channel refused goes as a new message, in the caller's name."""
    row = await numbers.named(db, number)
    said = await conversations.message(db, seals, row.id, conversation, message)
    if said.direction != "out" or said.status != "failed":
        raise NotFailed(message=message, state="received" if said.direction == "in" else said.status)
    if (letter := await dead_letters.of_message(db, row.id, message)) is not None:
        await dead_letters.retry(db, [letter])
        await audit(db, who, "conversation.send_again", conversation, changes={"message": str(message)})
        return SentAgainOut(message=message, anew=False)
    content = outgoing_codec.validate_python(said.body)
    event = Replied(new_event_id(), dt.datetime.now(dt.UTC), by(who), content)
    if isinstance(content, File) and content.ref:
        await attachments.use(db, who.workspace, Place(row.id, conversation), content.ref, _message_of(event))
    await _act(db, seals, who, number, conversation, event, "send_again")
    return SentAgainOut(message=_message_of(event), anew=True)


@router.post(
    "/{conversation}/give-back",
    summary="Give a conversation back",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NoBot, *ACTING),
)
async def give_back(number: str, conversation: UUID, db: WriteDb, seals: Seals, who: Agent) -> TakenOut:
    """The bot goes on where it was. What fell due meanwhile happens now."""
    event = Returned(new_event_id(), dt.datetime.now(dt.UTC), by(who))
    return await _act(db, seals, who, number, conversation, event, "give_back")


@router.post(
    "/{conversation}/end",
    summary="End a run",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NoBot, *ACTING),
)
async def end(number: str, conversation: UUID, db: WriteDb, seals: Seals, who: Agent) -> TakenOut:
    """What the bot was doing there is over. The contact's next message begins anew."""
    event = Ended(new_event_id(), dt.datetime.now(dt.UTC), by(who))
    return await _act(db, seals, who, number, conversation, event, "end")


@router.post(
    "/{conversation}/restart",
    summary="Restart at a step",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NoBot, *ACTING),
)
async def restart(
    number: str,
    conversation: UUID,
    db: WriteDb,
    seals: Seals,
    who: Agent,
    body: RestartIn | None = None,
) -> TakenOut:
    """Begin anew with the version that the number serves. A step that it does not have: at the flow's first."""
    place = body or RestartIn()
    event = Restarted(new_event_id(), dt.datetime.now(dt.UTC), by(who), place.flow, place.step)
    return await _act(db, seals, who, number, conversation, event, "restart")


async def _act(
    db: Session,
    seals: Sealer,
    who: Caller,
    number: str,
    conversation: UUID,
    event: Event,
    does: str,
) -> TakenOut:
    row = await numbers.named(db, number)
    await conversations.found(db, row.id, conversation)
    if row.bot_id is None:
        raise NoBot(number=row.name)
    await arrivals.act(db, seals, row, conversation, event)
    await audit(db, who, f"conversation.{does}", conversation)
    return TakenOut.of(event, row, conversation)


def _last(line: conversations.Line) -> LastOut:
    body = line.body.get("content") or line.body
    text = next((str(body[name]) for name in ("text", "caption", "title", "emoji") if body.get(name)), "")
    return LastOut(**{**line._asdict(), "text": text[:200]})


def _message_of(event: Replied) -> UUID:
    """The id that the reply's message will have: it is the first thing that the event causes."""
    return derived_id(event.id, 0)


def _content(number: Number, body: ReplyIn, kept: Attachment | None) -> Outgoing:
    """What is to be sent; `kept`: the file that is attached. Raises `ReplyUnfit`."""
    can = registry.capabilities(number.channel, number.settings)
    if sum(map(bool, (body.text, body.file, body.attachment, body.template))) != 1:
        raise ReplyUnfit(why="Send one thing: a text, a file, an attachment or a template.")
    if body.template is not None:
        if not can.template:
            raise ReplyUnfit(why=f"{number.channel} has no templates.")
        return Template(body.template.name, body.template.language, tuple(body.template.components))
    sent = body.attachment or body.file
    if sent is None:
        if utf16_length(body.text) > can.text:
            raise ReplyUnfit(why=f"A text on {number.channel} has at most {can.text} characters.")
        return Text(body.text)
    if sent.kind not in can.media:
        raise ReplyUnfit(why=f"{number.channel} carries no {sent.kind}.")
    if utf16_length(sent.caption) > can.caption:
        raise ReplyUnfit(why=f"A caption on {number.channel} has at most {can.caption} characters.")
    if isinstance(sent, LinkedFile):
        return File(sent.kind, caption=sent.caption, filename=sent.filename, link=str(sent.link))
    return File(
        sent.kind,
        mime=kept.mime if kept else "",
        caption=sent.caption,
        filename=sent.filename,
        state="ready",
        ref=sent.ref,
        voice=sent.voice,
    )
