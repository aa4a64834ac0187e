"""How far the ratchets to a contact's devices have come, and whether the library has lost a step.

whatsmeow decrypts and encrypts at the same time, each with the session as it found it in the database (send.go,
message.go). Where a decryption writes its session over one that has sent meanwhile, the sending chain goes back,
and the next message of ours is sealed with a key that was used before: WhatsApp confirms it, and the contact's
phone drops it as a repeat, without a word. Measured: up to 1 in 100 messages amid a burst.

It can be seen before the next message goes: the chain of the same ratchet key is shorter than it was. Then a
message of no consequence is sent first, to be dropped in its stead.

Source of the format: libsignal-protocol-go, state/record (SessionStructure, StateStructure, ChainStructure), which
its serializer writes as JSON (serialize/ProtoBufferSerializer.go: messages are protobufs, sessions are not).
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

_HELD = 20_000


class Step(NamedTuple):
    """The sending chain: its ratchet key, and how many messages it has sealed."""

    ratchet: str
    sealed: int


def step_of(record: bytes) -> Step | None:
    """The sending chain in a stored session, or None if there is none."""
    try:
        match json.loads(record):
            case {
                "SessionState": {
                    "SenderChain": {
                        "SenderRatchetKeyPublic": str(ratchet),
                        "ChainKey": {"Index": int(index)},
                    }
                }
            } if ratchet:
                return Step(ratchet, index)
            case _:
                return None
    except ValueError:
        return None


class Ratchets:
    """The furthest that each device's chain is known to have been."""

    def __init__(self) -> None:
        self._furthest: dict[str, Step] = {}

    def went_back(self, now: Mapping[str, Step]) -> bool:
        """Whether a message sealed now would use a key again."""
        return any(
            known.ratchet == step.ratchet and step.sealed < known.sealed
            for device, step in now.items()
            if (known := self._furthest.get(device)) is not None
        )

    def sealed(self, before: Mapping[str, Step], after: Mapping[str, Step]) -> None:
        """A message was sealed in between: each chain that did not turn has come one further, whatever is stored."""
        for device, step in after.items():
            known = [one for one in (before.get(device), self._furthest.get(device)) if one is not None]
            same = [one.sealed for one in known if one.ratchet == step.ratchet]
            started = before.get(device)
            if started is not None and started.ratchet == step.ratchet:
                same.append(started.sealed + 1)
            self._furthest[device] = Step(step.ratchet, max([step.sealed, *same]))
        if len(self._furthest) > _HELD:
            self._furthest.clear()
