"""What a turn tells: live views how a conversation changed, and the workspace's webhook endpoints what they want."""

from collections.abc import Mapping, Set
from typing import Any
from uuid import UUID

import orjson

from flows.state import State
from flows.turn import Turn
from runtime.conversations import Conversation
from schemas.effects import EndRun, HandOff, StartRun
from schemas.events import Event, Received
from schemas.ids import derived_id
from store.webhooks import Told

STATUSES = frozenset({"message.sent", "message.status"})


def told(
    wanted: Set[str],
    number: Mapping[str, Any],
    bot_id: UUID | None,
    conversation: Conversation,
    event: Event,
    turn: Turn,
) -> list[Told]:
    """What is wanted of a turn, in its order."""
    found: list[Told] = []

    def tell(kind: str, **facts: Any) -> None:
        data = {"number": number, "conversation": conversation.id, "contact": _contact(conversation), **facts}
        name = f"told:{len(found)}"
        found.append(Told(derived_id(event.id, name), kind, conversation.id, event.at, orjson.dumps(data)))

    if isinstance(event, Received) and "message.received" in wanted:
        tell("message.received", message={"id": event.id, "at": event.at, **_plain(event)})
    run = turn.state.run
    for effect in turn.effects:
        match effect:
            case StartRun() if "run.started" in wanted:
                begun = {"id": effect.id, "flow": effect.flow, "trigger": effect.trigger}
                tell("run.started", run={**begun, "bot": bot_id, "version": effect.version})
            case EndRun() if "run.ended" in wanted:
                ended = {"id": effect.id, "flow": effect.flow, "bot": bot_id, "how": effect.how}
                result = {"result": effect.result, "error": effect.error, "data": effect.data}
                tell("run.ended", run={**ended, **result})
            case HandOff() if "run.handed_off" in wanted:
                where = {"id": run.id if run else None, "bot": bot_id, "step": effect.step}
                tell("run.handed_off", run=where, team=effect.team, note=effect.note)
            case _:
                pass
    return found


def moved(before: State, after: State) -> str:
    """How it changed where a conversation stands: handed_off, given_back, state; empty: it did not."""
    if (before.silence is None) != (after.silence is None):
        return "given_back" if after.silence is None else "handed_off"
    return "" if before is after or _place(before) == _place(after) else "state"


def _place(state: State) -> tuple[object, ...]:
    run = state.run
    return (state.opted_out, run and (run.id, run.stack[-1].flow, run.stack[-1].step))


def _contact(conversation: Conversation) -> dict[str, Any]:
    identities = [{"kind": one.kind, "value": one.value} for one in conversation.identities]
    return {"id": conversation.contact_id, "name": conversation.profile_name, "identities": identities}


def _plain(event: Received) -> dict[str, Any]:
    message = event.message
    return {
        "provider_id": message.provider_id,
        "sent_at": message.sent_at,
        "reply_to": message.reply_to,
        "participant": message.participant,
        "content": message.content,
    }
