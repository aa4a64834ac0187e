"""What a turn makes of the thread of a conversation: who has the floor is in the state, threads tell how it was."""

from flows.state import Silence, State
from flows.turn import Turn
from runtime.conversations import Conversation
from schemas.effects import HandOff
from schemas.events import Event, OwnerWrote, TakenOver
from schemas.ids import derived_id
from store.threads import ThreadAssigned, ThreadChange, ThreadClosed, ThreadOpened

OUTCOMES = {  # by the event that ended it
    "returned": "given_back",
    "ended": "ended",
    "restarted": "restarted",
    "opted_out": "opted_out",
    "timer_fired": "timed_out",
    "received": "opted_out",  # by the word that stops all messages: no other is heard meanwhile
}


def thread_changes(conversation: Conversation, event: Event, turn: Turn) -> list[ThreadChange]:
    """In their order. `conversation` is as it was before the turn."""
    before, after = conversation.state.silence, turn.state.silence
    if before is after or before == after:
        return []
    if before is not None and after is not None and isinstance(event, TakenOver | OwnerWrote):
        if (before.by, before.team) == (after.by, after.team):
            return []
        return [ThreadAssigned(conversation.id, event.at, after.by, after.team, after.by)]
    found: list[ThreadChange] = []
    if before is not None:
        found.append(
            ThreadClosed(
                conversation.id, event.at, getattr(event, "by", ""), OUTCOMES.get(event.kind, event.kind)
            )
        )
    if after is not None:
        found.append(_opened(conversation, event, turn, after))
    return found


def _opened(conversation: Conversation, event: Event, turn: Turn, silence: Silence) -> ThreadOpened:
    over = next((one for one in reversed(turn.effects) if isinstance(one, HandOff)), None)
    if silence.how == "handed_off" and over is not None:
        flow, _, step = over.step.rpartition(".")
        by = f"flow {flow}" if flow else ""  # without a step: the contact asked for a person
    else:
        flow, step = _place(turn.state)
        by = silence.by
    return ThreadOpened(
        derived_id(event.id, "thread"),
        conversation.id,
        event.at,
        silence.how,
        by,
        flow,
        step,
        silence.team,
        silence.by,
    )


def _place(state: State) -> tuple[str, str]:
    top = state.run.stack[-1] if state.run else None
    return (top.flow, top.step) if top else ("", "")
