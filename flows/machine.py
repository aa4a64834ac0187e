"""The machine: one event in, one turn out.

A conversation is a state machine whose state is a small value (`flows.state.State`). `advance` takes that
value and one event, and gives the next value and a list of effects. It does nothing else: it reads no
clock (the event carries the time), draws no randomness (ids follow from the event's id), performs no
effect. So a turn may be computed again after a crash, in a simulator, in a test or in a replay, and is the
same.

A run is a stack of frames, one a flow. Only the top frame speaks. A step is reached (`enter`), and its
action answers with a `Move`: it waits, or leaves by an outcome along an edge, or calls a flow (a frame is
pushed), or stops (the frame is popped and its caller goes on). `_drive` carries a move on until something
waits or the run is over; a bound on steps ends a loop.

While a step waits, an event is offered to its action (`resume`). What the action does not take, or takes
only weakly (it would say "that is none of the choices"), may start a trigger that interrupts: its frame is
pushed on top, and when it ends the step below asks again. Each wait has a visit number and its timers carry
it, so a timer that fires late, or twice, is not taken for another's.

Above the run stand the rules that hold always, in this order: who opted out hears nothing; people first
(while a person has the floor, nothing fires and what happens is held); global words; a burst of texts is
one message; messages that come while a result is awaited wait in the backlog; who is not admitted gets
another flow.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flows import scheduled
from flows.action import Move
from flows.compiled import Compiled
from flows.context import answer_text
from flows.heard_language import learn_language
from flows.scopes import message_value
from flows.silence import fall_silent, forget_what_waits, hold, waits_for_people
from flows.state import OWNER, Silence, State, encode
from flows.turn import Turn, View
from flows.walk import (
    TooManySteps,
    admitted,
    ask_again,
    begin,
    count_anew,
    drive,
    end_run,
    fail,
    fire,
    interrupt,
    resume,
    start,
)
from flows.words import is_one_of
from flows.work import StepGone, Work
from schemas import events as ev
from schemas.effects import CancelTimer, HandOff, Note, Say, SetTimer
from schemas.messages import Text
from schemas.problems import Refused

__all__ = ["StateTooLarge", "StepGone", "TooManySteps", "advance", "enter"]

MOST_LOST = 5  # messages in a row that could not be delivered: each may lead to a step that says the next
# Not an answer to anything: no step hears them, no fallback answers.
SILENT_KINDS = ("reaction", "system")
# They change what was said, which was heard then: shown in the transcript, not fed.
CHANGED_KINDS = ("edited", "deleted")


class StateTooLarge(Refused):
    """A conversation collected more than the limit allows."""

    code = "flow.state_too_large"
    sentence = "The conversation's state has {size} bytes; the limit is {limit}."


def advance(compiled: Compiled, state: State, event: ev.Event, view: View) -> Turn:
    """What `event` causes in a conversation that stands at `state`. Total: it raises only on our own bugs."""
    work = Work(compiled, state, event, view)
    _HANDLERS[type(event)](work, event)
    return _settled(work)


def enter(compiled: Compiled, event: ev.Restarted, view: View, data: dict[str, Any]) -> Turn:
    """A conversation that begins in the middle, at the flow and step of `event`, with the flow's `data`.

    Only who tries a bot begins so: no trigger and no admission is asked, and no flow goes on when this one ends.
    """
    work = Work(compiled, State(), event, view)
    begin(work, event.flow, f"begun by {event.by}", event, step=event.step, data=data)
    return _settled(work)


def _settled(work: Work) -> Turn:
    _hear_what_waited(work)
    scheduled.keep(work)
    return _turn(work)


def _turn(work: Work) -> Turn:
    after = work.state()
    encoded = b""
    if after is not work.before:
        encoded = encode(after)
        if len(encoded) > work.view.limits.state_bytes:
            return _too_large(work, len(encoded))
    return Turn(after, (*work.effects, *work.timers.values()), work.view, tuple(work.trace), encoded)


def _too_large(work: Work, size: int) -> Turn:
    """The run is given up: what it was about to do is dropped, what it did before stays done."""
    fault = StateTooLarge(size=size, limit=work.view.limits.state_bytes)
    before = replace(work.before, backlog=(), posted=(), burst=(), held=())
    fresh = Work(work.bot, before, work.event, work.view)
    fresh.note(str(fault))
    fresh.say("broken")
    end_run(fresh, "failed", error=str(fault))
    after = fresh.state()
    effects = (*fresh.effects, *fresh.timers.values())
    return Turn(after, effects, fresh.view, tuple(fresh.trace), encode(after))


# What each event does.


def _received(work: Work, event: ev.Received) -> None:
    if event.throttled is not None:
        if event.throttled == "first" and work.silence is None and not work.opted_out:
            work.say("throttled")
        work.note("throttled: stored, not fed")
        return
    if event.message.content.kind in CHANGED_KINDS:
        work.note(f"an earlier message was {event.message.content.kind}")
        return
    text, words = answer_text(event), work.bot.words
    learn_language(work, event)
    if work.opted_out:
        if not is_one_of(text, words.start):
            work.note("opted out: stored, not fed")
            return
        work.opted_out = False
        if work.silence is not None:
            work.note("people have the floor")
            return
        work.say("opted_in")
        work.message = message_value(event)
        start(work, event, answer_anyway=False)
    elif is_one_of(text, words.opt_out):
        _opt_out(work)
    elif work.silence is not None:
        work.note("people have the floor")
    elif is_one_of(text, words.restart):
        _restart(work, event)
    elif is_one_of(text, words.person):
        _ask_for_a_person(work)
    elif work.bot.burst is not None and event.message.content.kind == "text" and work.call is None:
        work.burst.append(event)
        work.burst_visit += 1
        work.timers["burst"] = SetTimer("burst", work.event.at + work.bot.burst, work.burst_visit)
    else:
        _close_burst(work)
        _hear(work, event)


def _timer_fired(work: Work, event: ev.TimerFired) -> None:
    name, _, depth = event.timer.partition(".")
    if name == "burst":
        if event.visit == work.burst_visit:
            _close_burst(work)
        return
    if name == "expire":
        _expire(work, event)
        return
    if name == "silence":
        _silence_over(work, event)
        return
    if name == scheduled.TIMER:
        scheduled.fired(work, event, lambda due: _begin_scheduled(work, due))
        return
    place = int(depth) if depth.isascii() and depth.isdigit() else -1
    if not 0 <= place < len(work.stack) or work.stack[place].visit != event.visit:
        work.note(f"a late timer: {name}")
        return
    on_top = place == len(work.stack) - 1
    if on_top and work.silence is not None and name == "timeout" and waits_for_people(work):
        work.silence = None
        fire(work, replace(event, timer=name))
        _release(work)
    elif work.silence is not None:
        hold(work, event, "held until the conversation is given back")
    elif on_top:
        fire(work, replace(event, timer=name))
    else:
        hold(work, event, "held until the interruption is over")


def _begin_scheduled(work: Work, event: ev.TimerFired) -> bool:
    """Whether a schedule's flow began: when no run is under way, or as an interruption of what waits."""
    if work.run is None:
        return start(work, event, answer_anyway=False)
    return work.call is None and interrupt(work, event)


def _action_done(work: Work, event: ev.ActionDone) -> None:
    if work.run is None or work.call != event.call:
        work.note("a result that nothing waits for")
        return
    if work.silence is not None:
        hold(work, event, "held until the conversation is given back")
        return
    work.call, work.active = None, True
    work.top.result = event.result if event.ok else {"error": event.error, **event.result}
    resume(work, event)
    _interrupt_by_what_was_posted(work)


def _interrupt_by_what_was_posted(work: Work) -> None:
    """An event that came while a result was awaited may have a trigger that interrupts."""
    if work.run is None or not work.hearing:
        return
    for posted in work.posted:
        if interrupt(work, posted):
            work.posted = [one for one in work.posted if one.id != posted.id]
            return


def _posted(work: Work, event: ev.Posted) -> None:
    if work.silence is not None:
        hold(work, event, "held until the conversation is given back")
    elif work.opted_out:
        work.note("opted out: the event is stored, not fed")
    elif work.run is None:
        if not start(work, event, answer_anyway=False):
            work.note(f"no flow takes the event {event.name}")
    elif work.call is None and (resume(work, event) or interrupt(work, event)):
        work.active = True
    else:
        work.posted.append(event)
        del work.posted[: -work.view.limits.backlog]


def _undelivered(work: Work, event: ev.Undelivered) -> None:
    if work.silence is not None:
        hold(work, event, "held until the conversation is given back")
        return
    said_by = next((step for message, step in work.said if message == event.message), None)
    if said_by is None or not work.stack:
        work.note(f"a message of an earlier run could not be delivered ({event.code})")
        return
    flow, _, name = said_by.partition(".")
    try:
        step = work.flow().steps.get(name) if flow == work.top.flow else None
    except StepGone as fault:
        fail(work, fault)
        return
    if step is None or "undelivered" not in step.edges:
        work.note(f"a message of {said_by} could not be delivered ({event.code})")
        return
    work.lost += 1
    if work.lost > MOST_LOST:
        work.note(f"nothing reaches the contact ({event.code})")
        end_run(work, "failed", error=f"nothing reaches the contact: {event.code} {event.why}".strip())
        return
    work.leave_timers()
    work.call = None
    work.top.step, work.top.memory = name, {}
    work.said = [(message, by) for message, by in work.said if by != said_by]
    drive(work, Move(leaves="undelivered", note=f"{event.code} {event.why}".strip()))


def _taken_over(work: Work, event: ev.TakenOver) -> None:
    team = work.silence.team if work.silence else ""
    fall_silent(work, Silence("taken_over", event.at, by=event.by, team=team))
    work.note(f"taken over by {event.by}")


def _owner_wrote(work: Work, event: ev.OwnerWrote) -> None:
    """A silence that other people hold stays theirs; the owner's own counts from his last message."""
    if event.message.content.kind in (*SILENT_KINDS, *CHANGED_KINDS):
        work.note("the owner did something on his phone")
        return
    others = work.silence is not None and work.silence.by != OWNER
    since = min(event.message.sent_at, event.at)
    until = None if event.silent_s is None else since + dt.timedelta(seconds=event.silent_s)
    if others or (until is not None and until <= event.at):
        work.note("the owner wrote on his phone")
        return
    before = work.silence.until if work.silence is not None else None
    if until is not None and before is not None:
        until = max(until, before)
    fall_silent(work, Silence("taken_over", since, by=OWNER, until=until))
    if until is not None:
        work.timers["silence"] = SetTimer("silence", until, 0)
    work.note("the owner wrote on his phone: he has the floor")


def _returned(work: Work, event: ev.Returned) -> None:
    if work.silence is None:
        work.note("given back, though nobody had it")
        return
    work.silence, work.active = None, True
    held, work.held = work.held, []
    if work.stack and work.call is None and not resume(work, event):
        ask_again(work, event)
    work.held = [*held, *work.held]
    _release(work)


def _replied(work: Work, event: ev.Replied) -> None:
    if work.opted_out:
        work.emit(Note("Not sent: the contact does not want messages."))
        return
    work.emit(Say(event.body, by=event.by))


def _ended(work: Work, event: ev.Ended) -> None:
    work.silence = None
    forget_what_waits(work)
    end_run(work, "ended_by_person")


def _restarted(work: Work, event: ev.Restarted) -> None:
    if work.opted_out:
        work.emit(Note("Not restarted: the contact does not want messages."))
        return
    work.silence = None
    forget_what_waits(work)
    bottom = work.stack[0] if work.stack else None
    named = [event.flow, bottom.flow if bottom else "", work.bot.order[0]]
    flow = next(name for name in named if name in work.bot.flows)
    step = event.step if event.step in work.bot.flows[flow].steps else ""
    kept = _still_valid(work, flow, bottom.data) if bottom and step and bottom.flow == flow else {}
    end_run(work, "restarted")
    begin(work, flow, f"restarted by {event.by}", event, step=step, data=kept)


def _migrated(work: Work, event: ev.Migrated) -> None:
    """`flows.migration` moves a run; this one has nothing to move."""
    work.note(f"nothing to move to version {event.version}")


def _opted_out(work: Work, event: ev.OptedOut) -> None:
    work.opted_out = event.opted_out
    if event.opted_out:
        work.silence = None
        forget_what_waits(work)
        end_run(work, "opted_out")


def _contact_changed(work: Work, event: ev.ContactChanged) -> None:
    work.change_contact(event.fields)


_HANDLERS: dict[type[Any], Callable[[Work, Any], None]] = {
    ev.Received: _received,
    ev.TimerFired: _timer_fired,
    ev.ActionDone: _action_done,
    ev.Posted: _posted,
    ev.Undelivered: _undelivered,
    ev.TakenOver: _taken_over,
    ev.OwnerWrote: _owner_wrote,
    ev.Returned: _returned,
    ev.Replied: _replied,
    ev.Ended: _ended,
    ev.Restarted: _restarted,
    ev.Migrated: _migrated,
    ev.OptedOut: _opted_out,
    ev.ContactChanged: _contact_changed,
}


# A message on its way to a step.


def _hear(work: Work, event: ev.Received) -> None:
    if work.call is None:
        _feed(work, event)
    elif event.message.content.kind not in SILENT_KINDS:
        work.backlog.append(event)
        if len(work.backlog) > work.view.limits.backlog:
            del work.backlog[0]
            work.emit(
                Note("The oldest waiting message was left out: too many came while an answer was awaited.")
            )


def _hear_what_waited(work: Work) -> None:
    """Messages that an action's result was awaited for; then posted events, when the run that kept them is over."""
    while work.backlog and work.hearing:
        _feed(work, work.backlog.pop(0))
    while work.posted and work.run is None and work.hearing:
        event = work.posted.pop(0)
        if not start(work, event, answer_anyway=False):
            work.note(f"no flow takes the event {event.name}")
    if work.silence is not None and work.backlog:
        work.backlog = []
        work.note("people have the floor: what waited is theirs")


def _feed(work: Work, event: ev.Received) -> None:
    heard = event.message.content.kind not in SILENT_KINDS
    if work.run is None:
        work.message = message_value(event)
        start(work, event, answer_anyway=heard)
    elif heard:
        work.message, work.active = message_value(event), True
        if not resume(work, event) and not interrupt(work, event):
            work.note("nothing takes this message")


def _close_burst(work: Work) -> None:
    """The texts of an open burst are one message with its parts."""
    if not work.burst:
        return
    parts = [answer_text(one) for one in work.burst]
    last, work.burst = work.burst[-1], []
    work.timers["burst"] = CancelTimer("burst")
    whole = replace(last.message, content=Text("\n".join(parts)))
    _hear(work, replace(last, message=whole, parts=tuple(parts)))


# Silence, expiry, global words.


def _release(work: Work) -> None:
    """The bot has the floor again: timers that fell due count from now, the rest happens now."""
    if work.silence is not None:
        return
    held, work.held = work.held, []
    for happened in held:
        if isinstance(happened, ev.TimerFired):
            count_anew(work, happened)
        else:
            _HANDLERS[type(happened)](work, happened)


def _silence_over(work: Work, event: ev.TimerFired) -> None:
    """The owner has written no more. The bot says nothing by itself: it hears again."""
    until = work.silence.until if work.silence is not None else None
    if until is None or until > event.at:
        work.note("a late timer: silence")
        return
    work.silence = None
    work.note("the owner has written no more: the bot has the floor again")
    _release(work)


def _expire(work: Work, event: ev.TimerFired) -> None:
    run, span = work.run, work.bot.expire_after
    if run is None or span is None:
        return
    if work.silence is not None:
        hold(work, event, "held until the conversation is given back")
        return
    due = run.active_at + span
    if due > work.event.at or work.call is not None:
        work.timers["expire"] = SetTimer("expire", max(due, work.event.at + dt.timedelta(minutes=1)), 0)
        return
    end_run(work, "expired")
    if work.bot.document.on_expire:
        begin(work, work.bot.document.on_expire, "expired", event)


def _still_valid(work: Work, flow: str, data: dict[str, Any]) -> dict[str, Any]:
    """What of a run's data this version's schema still takes."""
    fields = work.bot.flows[flow].fields
    return {name: value for name, value in data.items() if name in fields and fields[name].takes(value)}


def _opt_out(work: Work) -> None:
    work.silence = None
    forget_what_waits(work)
    end_run(work, "opted_out")
    work.opted_out = True
    work.say("opted_out", start=work.bot.words.start[0])


def _restart(work: Work, event: ev.Received) -> None:
    flow = work.stack[0].flow if work.stack else work.bot.order[0]
    if flow not in work.bot.flows:
        flow = work.bot.order[0]
    forget_what_waits(work)
    end_run(work, "restarted")
    work.message = message_value(event)
    admit = work.bot.admit
    if admit is not None and not admitted(work, event):
        flow = admit.flow
    begin(work, flow, "restart word", event)


def _ask_for_a_person(work: Work) -> None:
    team = work.bot.document.team
    fall_silent(work, Silence("handed_off", work.event.at, team=team))
    work.say("handed_off")
    work.emit(HandOff(team, ""))
