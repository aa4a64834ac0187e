"""Rows: what a batch writes of events, messages and conversations, as the store takes it."""

import traceback

from flows.state import OWNER, Run, encode, position
from runtime.conversations import Conversation
from runtime.effects import Work
from runtime.lane import Letter
from schemas.events import Event, OwnerWrote, Received
from schemas.ids import new_event_id
from schemas.messages import Deleted, Edited, content_codec
from schemas.problems import Refused
from store.conversations import ConversationRow
from store.events import EventRow
from store.inbox import Pending
from store.leases import Lease
from store.messages import MessageRow
from store.outbox import OutboxRow
from store.quarantine import QuarantineRow


class StateTooLarge(Refused):
    code = "runtime.state_too_large"
    sentence = "The conversation's state would have {size} bytes; {most} are allowed."


def row_of_conversation(work: Work, conversation: Conversation) -> ConversationRow:
    """Where a conversation stands after its turns. Raises `StateTooLarge`."""
    state = work.encoded.get(conversation.id) or encode(conversation.state)
    most = conversation.view.limits.state_bytes if conversation.view else len(state)
    if len(state) > most:
        raise StateTooLarge(size=len(state), most=most)
    where = position(conversation.state)
    return ConversationRow(
        conversation.id,
        conversation.contact_id,
        state,
        conversation.stored_contact() if conversation.fresh else None,
        where.status,
        where.flow,
        where.step,
        where.version,
        where.run_id,
        where.team,
        where.opted_out,
        work.last_in.get(conversation.id),
    )


def row_of_event(
    conversation: Conversation, event: Event, plain: bytes, trace: str, run: Run | None, version: int | None
) -> EventRow:
    """What was processed, in which run, by which version."""
    return EventRow(
        event.id,
        conversation.id,
        run.id if run else None,
        run.version if run else version,
        event.kind,
        event.at,
        plain,
        trace,
    )


def row_of_letter(letter: Letter) -> OutboxRow:
    """A message to send; one that is marked goes with the commit."""
    return OutboxRow(
        letter.id,
        letter.conversation_id,
        letter.priority,
        "sending" if letter.marked else "queued",
        1 if letter.marked else 0,
        letter.reply_to,
        letter.created_at,
    )


def received(conversation: Conversation, event: Received) -> MessageRow:
    """What a contact wrote: its content is in the event."""
    return MessageRow(
        event.id,
        conversation.id,
        "in",
        event.message.content.kind,
        None,
        "received",
        event.message.provider_id,
        "",
        "",
        None,
        "",
        -1,
        event.at,
    )


def written_by_owner(conversation: Conversation, event: OwnerWrote) -> MessageRow:
    """What the owner typed on his phone: the channel has it already."""
    content = event.message.content
    body = content_codec.dump_json(content)
    return MessageRow(
        event.id,
        conversation.id,
        "out",
        content.kind,
        body,
        "sent",
        event.message.provider_id,
        "",
        "",
        None,
        OWNER,
        -1,
        event.at,
    )


def aside(lease: Lease, row: Pending, plain: bytes, error: Exception) -> QuarantineRow:
    """An event that cannot be processed, kept whole."""
    return QuarantineRow(
        new_event_id(),
        lease.workspace_id,
        lease.number_id,
        None,
        row.source_id,
        row.conversation_id,
        row.kind,
        row.received_at,
        plain,
        f"{type(error).__name__}: {error if isinstance(error, Refused) else 'see the log'}",
    )


def changed(event: Event) -> tuple[str, str] | None:
    """The provider's id of the message that an event changes, and how."""
    if isinstance(event, Received | OwnerWrote) and isinstance(event.message.content, Edited | Deleted):
        return event.message.content.to_provider_id, event.message.content.kind
    return None


def place_of(error: BaseException) -> str:
    """An error's type and place, and its cause's, without its text: that may hold what a contact said."""
    shown = "".join([type(error).__name__, "\n", *traceback.format_tb(error.__traceback__)])
    return f"{shown}from {place_of(error.__cause__)}" if error.__cause__ else shown
