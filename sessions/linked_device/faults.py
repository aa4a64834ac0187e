"""Why a message was not sent: the library's words to one of the port's problems. Pure.

Sources: whatsmeow's errors.go, send.go and request.go. What is not known is taken as "it may have been sent".
"""

import re

from schemas.problems import Problem
from sessions.driver import Rejected, Throttled, Unreachable

TIMELOCK = "463"
TIMELOCK_S = 24 * 3600.0  # WhatsApp does not say for how long
AGAIN_S = 5.0
_SERVER = re.compile(r"server returned error (\d+)")

_REFUSALS = {
    "479": "WhatsApp says that the message is malformed",
    "400": "WhatsApp says that the request is malformed",
    "401": "WhatsApp says that this number may not",
    "403": "WhatsApp says that this number may not",
    "404": "there is no such account or group on WhatsApp",
    "406": "WhatsApp does not accept the message",
    "420": "WhatsApp does not accept the message",
}

# Before anything went on the wire.
_NOT_SENT = (
    "websocket not connected",
    "failed to get device list",
    "failed to get user info",
    "failed to get group members",
    "failed to get LID",
    "client is nil",
    "the store doesn't contain a device JID",
    "failed to send usync query",
    "failed to fetch prekeys",
)


def never_sent(words: str) -> bool:
    """Whether the message certainly did not leave."""
    refused = _SERVER.search(words)
    if refused is not None and refused[1] == TIMELOCK:
        return True
    return any(known in words for known in _NOT_SENT) or "no LID found" in words


def problem(words: str) -> Problem:
    """What `SendFailed` means."""
    if found := _SERVER.search(words):
        code = found[1]
        if code == "429":
            return Throttled("WhatsApp asks for fewer messages")
        if code == TIMELOCK:
            why = "WhatsApp does not let this number write to people who never wrote to it, for a time (463)"
            return Throttled(why, TIMELOCK_S, "new")
        if code.startswith("5"):
            return Unreachable(f"WhatsApp has a fault ({code})")
        return Rejected(code, _REFUSALS.get(code, "WhatsApp refuses the message"))
    if "no LID found" in words:
        return Rejected("not_on_whatsapp", "the number is not on WhatsApp")
    if any(known in words for known in _NOT_SENT):
        return Throttled("there is no connection to WhatsApp", AGAIN_S)
    if "timed out waiting for message send response" in words:
        return Unreachable("WhatsApp did not confirm the message", maybe_sent=True)
    return Unreachable("the connection to WhatsApp broke while the message was sent", maybe_sent=True)
