"""Why a number or its session is in the state that it is in: a sentence, and the code and facts that it is made of.

The code stays as it is once released: the web UI has words for it in each of its languages
(`admin_ui/src/locales/*/numbers.json`, under `reason`), and shows the sentence of a code that it does not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.problems import Problem

Fact = str | int | float | bool | None

SENTENCES: Mapping[str, str] = {
    "number.access_ended": "The channel ended our access.",
    "number.fault": "Something failed on our side ({kind}). The log has the details.",
    "number.not_there": "Its row, its channel or its bot is not there.",
    "number.process_ended": "Its process ended ({exit_code}).",
    "number.memory": "Its process held {held_mb} MB, more than the {limit_mb} of CHATLOOM_PROCESS_MEMORY_MB.",
    "number.tried_again": "{cause} Failure {failures}: it is tried again after {pause_s} s.",
    "number.given_up": (
        "{cause} Given up after {failures} failures in {minutes} minutes. Mend the cause, then resume the number."
    ),
    "session.ended": "The session ended.",
    "session.opening": "The session is being opened.",
    "session.resting": "The number is paused. Resume it to go on.",
    "session.unserved": "No process serves the number. It starts with `chatloom up`, `chatloom supervise` or `chatloom number`.",
    "session.no_phone": "No phone is linked. Pair it: in WhatsApp on the phone, open Linked devices and scan the code.",
    "session.scan": "In WhatsApp on the phone, open Linked devices and scan the code.",
    "session.type": "In WhatsApp on the phone, open Linked devices, choose to link with a phone number, and type the code.",
    "session.no_code": "WhatsApp gave no code for this phone number. Check the number, or scan a QR code.",
    "session.codes_ran_out": "The codes have run out before one was scanned. Ask for new ones.",
    "session.pairing_cut": "The connection to WhatsApp ended before a phone was linked. Ask for a new code.",
    "session.pairing_disagreed": (
        "The phone and this server did not agree, so nothing was linked. Ask for a new code and scan that one."
    ),
    "session.passkey": (
        "WhatsApp asks this account for a passkey, which linked bots cannot give. "
        "Connect the number by the Cloud API, or link another account."
    ),
    "session.pairing_outdated": "WhatsApp no longer takes this version. Upgrade Chatloom, then pair again.",
    "session.phone_outdated": "WhatsApp on the phone is too old to link devices. Update it, then pair again.",
    "session.pairing_ended": "Nothing was linked ({word}). Ask for a new code.",
    "session.unreachable_pairing": "WhatsApp cannot be reached from this server. Check its network, then try again.",
    "session.unreachable": "WhatsApp cannot be reached from this server; it is tried again.",
    "session.connection_down": "The connection to WhatsApp is down; it is tried again.",
    "session.refused": "WhatsApp refuses the connection (reason {reason}). It is tried again.",
    "session.outdated": "WhatsApp no longer takes this version: upgrade Chatloom. It is tried again.",
    "session.unanswered": (
        "Connected, but WhatsApp has left {questions} questions in a row unanswered. The session is opened anew by itself."
    ),
    "session.unconfirmed": (
        "Connected, but WhatsApp has left a message unconfirmed, and nothing else came since. "
        "The session is opened anew by itself."
    ),
    "session.conflict": (
        "The same session was opened somewhere else, and WhatsApp allows one. Find and stop the other "
        "(an old container, a copy of the volume), then restart this number."
    ),
    "session.logged_out": (
        "The phone's owner or WhatsApp has unlinked this device, and its keys were destroyed here. Pair it again."
    ),
    "session.timelocked": (
        "WhatsApp does not let this account write to people who never wrote to it, for a time that it does not "
        "tell. Who wrote first is answered as before."
    ),
    "session.unsealed": "The session would not be sealed, so it was stopped. Report this release of neonize.",
    **{
        f"session.banned_{how}": (
            f"WhatsApp has banned the account for a time: {what}. Send less, to people who wrote first; "
            "the session is opened again by itself."
        )
        for how, what in {
            "strangers": "it wrote to too many people who do not know it",
            "blocked": "too many people blocked it",
            "groups": "it made too many groups with people who do not know it",
            "same": "it sent the same message to too many people",
            "lists": "it used too many broadcast lists",
            "untold": "WhatsApp does not say why",
        }.items()
    },
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why. `code` names the declaration or the problem that it comes from; empty: there is only the sentence."""

    sentence: str = ""
    code: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict[str, Fact])


NONE = Reason()


def reason(code: str, **facts: Fact) -> Reason:
    """The one that is declared as `code`."""
    return Reason(SENTENCES[code].format(**facts), code, facts)


def because(cause: Reason, code: str, **facts: Fact) -> Reason:
    """The one that is declared as `code`, with its cause in it: `cause` says it, `cause_code` and its facts make it."""
    said = cause.sentence if cause.sentence.endswith((".", "!", "?", "…")) else f"{cause.sentence}."
    known = {**cause.facts, "cause": said, "cause_code": cause.code, **facts}
    return Reason(SENTENCES[code].format_map(known), code, known)


def of_error(error: BaseException) -> Reason:
    """What went wrong: a problem by its own code; else it is our fault."""
    if not isinstance(error, Problem):
        return reason("number.fault", kind=type(error).__name__)
    plain: dict[str, Fact] = {
        name: fact if isinstance(fact, str | int | float | bool | None) else str(fact)
        for name, fact in error.facts.items()
    }
    return Reason(str(error), error.code, plain)
