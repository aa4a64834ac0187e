"""What can be made to go wrong at the server."""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from tests.whatsapp.binary import Node


class Moment(StrEnum):
    """When the connection drops."""

    handshake = "handshake"  # the client has said who it is
    offer = "offer"  # codes were given out
    paired = "paired"  # the client has signed, and the server has not taken note
    login = "login"  # instead of success
    upload = "upload"  # instead of taking prekeys
    active = "active"  # before what was waiting is delivered
    receive = "receive"  # when the client confirms a message, before the server takes note
    send = "send"  # when a message comes, before anybody gets it


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next message that a linked device sends."""

    error: int = 0  # the acknowledgement carries it, and nobody gets the message
    silent: bool = False  # relayed, never acknowledged
    drop: bool = False  # relayed, and the connection drops before the acknowledgement


@dataclass
class Faults:
    """What is to go wrong next, each once."""

    messages: deque[Fault] = field(default_factory=deque[Fault])
    logins: deque[Node] = field(default_factory=deque[Node])  # failures instead of success
    drops: deque[Moment] = field(default_factory=deque[Moment])
    refs: int = 6  # how many codes a client gets: with fewer it is done sooner
    spoil_pairing: bool = False  # `pair-success` is sealed with another secret
    ask_passkey: bool = False  # the account wants a passkey at linking

    def drops_at(self, moment: Moment) -> bool:
        """Whether the connection drops now; it does so once for each entry, in order."""
        if self.drops and self.drops[0] is moment:
            self.drops.popleft()
            return True
        return False
