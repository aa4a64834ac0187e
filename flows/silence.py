"""People have the floor: what the bot does not hear meanwhile, and what is held until it does again."""

from flows.state import Silence
from flows.work import StepGone, Work
from schemas import events as ev

HELD_KEPT = 50


def fall_silent(work: Work, silence: Silence) -> None:
    """What was not heard yet is theirs."""
    work.silence = silence
    work.backlog, work.burst = [], []


def hold(work: Work, event: ev.TimerFired | ev.ActionDone | ev.Posted | ev.Undelivered, why: str) -> None:
    """What happened is kept until the bot has the floor again."""
    work.held.append(event)
    del work.held[:-HELD_KEPT]
    work.note(why)


def waits_for_people(work: Work) -> bool:
    """Whether the silence is that of the top frame's own handoff, which may time out."""
    if work.silence is None or work.silence.how != "handed_off":
        return False
    try:
        return work.step().action.name == "handoff"
    except StepGone:
        return False


def forget_what_waits(work: Work) -> None:
    """A person, or a word, put an end to what was under way."""
    work.backlog, work.posted, work.burst, work.held = [], [], [], []
