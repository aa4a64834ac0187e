"""What a session is in, and why."""

import datetime as dt

from schemas.reasons import Reason, reason
from sessions.driver import Health, SessionState

FIRST_CODE_S, NEXT_CODE_S, CODES = 60.0, 20.0, 6  # whatsmeow, qrchan.go
TYPED_CODE_S = 160.0  # whatsmeow, pair-code.go

RAN_OUT = "ran-out"  # our own word: the last code was shown for its time

# How whatsmeow's QR channel may end (qrchan.go), other than by success. It says `timeout` also of a lost connection.
_PAIRING_ENDS: dict[str, tuple[SessionState, str]] = {
    RAN_OUT: ("unlinked", "session.codes_ran_out"),
    "timeout": ("unlinked", "session.pairing_cut"),
    "error": ("unlinked", "session.pairing_disagreed"),
    "passkey-request": ("passkey_needed", "session.passkey"),
    "passkey-confirmation": ("passkey_needed", "session.passkey"),
    "err-client-outdated": ("unlinked", "session.pairing_outdated"),
    "err-scanned-without-multidevice": ("unlinked", "session.phone_outdated"),
}

_BANS = {
    1: "strangers",
    2: "blocked",
    3: "groups",
    4: "same",
    5: "lists",
}  # Neonize.TemporaryBan.TempBanReason


def unlinked(code: str = "session.no_phone") -> Health:
    return Health("unlinked", reason(code))


def pairing(*, until: dt.datetime, qr: str = "", code: str = "") -> Health:
    return Health("pairing", reason("session.type" if code else "session.scan"), until, qr, code)


def pairing_ended(word: str) -> Health:
    """After a pairing that did not succeed."""
    if word not in _PAIRING_ENDS:
        return Health("unlinked", reason("session.pairing_ended", word=word))
    state, code = _PAIRING_ENDS[word]
    return Health(state, reason(code))


def connecting(account: str = "") -> Health:
    return Health("connecting", reason("session.opening"), account=account)


def online(account: str) -> Health:
    return Health("online", account=account)


def offline(account: str, why: Reason, until: dt.datetime | None = None) -> Health:
    return Health("offline", why, until, account=account)


def conflict(account: str) -> Health:
    return Health("conflict", reason("session.conflict"), account=account)


def logged_out(account: str) -> Health:
    return Health("logged_out", reason("session.logged_out"), account=account)


def banned(account: str, code: int, until: dt.datetime | None) -> Health:
    why = reason(f"session.banned_{_BANS.get(code, 'untold')}")
    return Health("banned", why, until, account=account)


def timelocked(account: str, until: dt.datetime) -> Health:
    return Health("timelocked", reason("session.timelocked"), until, account=account)


def stuck(account: str, why: Reason, until: dt.datetime) -> Health:
    return Health("stuck", why, until, account=account)


def paused(why: Reason, account: str = "") -> Health:
    return Health("paused", why, account=account)
