"""What a session is in, in sentences for the admin: what is, and what to do."""

import datetime as dt

from sessions.driver import Health, SessionState

FIRST_CODE_S, NEXT_CODE_S, CODES = 60.0, 20.0, 6  # whatsmeow, qrchan.go
TYPED_CODE_S = 160.0  # whatsmeow, pair-code.go

PAIR = "Pair it: in WhatsApp on the phone, open Linked devices and scan the code."

RAN_OUT = "ran-out"  # our own word: the last code was shown for its time

# How whatsmeow's QR channel may end (qrchan.go), other than by success. It says `timeout` also of a lost connection.
_PAIRING_ENDS: dict[str, tuple[SessionState, str]] = {
    RAN_OUT: ("unlinked", "The codes have run out before one was scanned. Ask for new ones."),
    "timeout": (
        "unlinked",
        "The connection to WhatsApp ended before a phone was linked. Ask for a new code.",
    ),
    "error": (
        "unlinked",
        "The phone and this server did not agree, so nothing was linked. Ask for a new code and scan that one.",
    ),
    "passkey-request": (
        "passkey_needed",
        "WhatsApp asks this account for a passkey, which linked bots cannot give. "
        "Connect the number by the Cloud API, or link another account.",
    ),
    "err-client-outdated": (
        "unlinked",
        "WhatsApp no longer takes this version. Upgrade Chatloom, then pair again.",
    ),
    "err-scanned-without-multidevice": (
        "unlinked",
        "WhatsApp on the phone is too old to link devices. Update it, then pair again.",
    ),
}
_PAIRING_ENDS["passkey-confirmation"] = _PAIRING_ENDS["passkey-request"]

# Neonize.TemporaryBan.TempBanReason
_BANS = {
    1: "it wrote to too many people who do not know it",
    2: "too many people blocked it",
    3: "it made too many groups with people who do not know it",
    4: "it sent the same message to too many people",
    5: "it used too many broadcast lists",
}


def unlinked(why: str = "") -> Health:
    return Health("unlinked", why or f"No phone is linked. {PAIR}")


def pairing(*, until: dt.datetime, qr: str = "", code: str = "") -> Health:
    why = (
        "In WhatsApp on the phone, open Linked devices, choose to link with a phone number, and type the code."
        if code
        else "In WhatsApp on the phone, open Linked devices and scan the code."
    )
    return Health("pairing", why, until, qr, code)


def pairing_ended(word: str) -> Health:
    """After a pairing that did not succeed."""
    state, why = _PAIRING_ENDS.get(word, ("unlinked", f"Nothing was linked ({word}). Ask for a new code."))
    return Health(state, why)


def connecting(account: str = "") -> Health:
    return Health("connecting", "The session is being opened.", account=account)


def online(account: str) -> Health:
    return Health("online", account=account)


def offline(account: str, why: str, until: dt.datetime | None = None) -> Health:
    return Health("offline", why, until, account=account)


def conflict(account: str) -> Health:
    return Health(
        "conflict",
        "The same session was opened somewhere else, and WhatsApp allows one. Find and stop the other "
        "(an old container, a copy of the volume), then restart this number.",
        account=account,
    )


def logged_out(account: str) -> Health:
    return Health(
        "logged_out",
        "The phone's owner or WhatsApp has unlinked this device, and its keys were destroyed here. Pair it again.",
        account=account,
    )


def banned(account: str, code: int, until: dt.datetime | None) -> Health:
    reason = _BANS.get(code, "WhatsApp does not say why")
    return Health(
        "banned",
        f"WhatsApp has banned the account for a time: {reason}. Send less, to people who wrote first; "
        "the session is opened again by itself.",
        until,
        account=account,
    )


def timelocked(account: str, until: dt.datetime) -> Health:
    return Health(
        "timelocked",
        "WhatsApp does not let this account write to people who never wrote to it, for a time that it does not "
        "tell. Who wrote first is answered as before.",
        until,
        account=account,
    )


def stuck(account: str, what: str, until: dt.datetime) -> Health:
    return Health(
        "stuck", f"Connected, but {what}. The session is opened anew by itself.", until, account=account
    )


def paused(why: str, account: str = "") -> Health:
    return Health("paused", why, account=account)
