"""How far the ratchets to a contact's devices have come, and whether the library has lost a step.

whatsmeow decrypts and encrypts at the same time, each with the session as it found it in the database (send.go,
message.go). Where a decryption writes its session over one that has sent meanwhile, the sending chain goes back,
and the next message of ours is sealed with a key that was used before: WhatsApp confirms it, and the contact's
phone drops it as a repeat, without a word. Measured: up to 1 in 100 messages amid a burst.

It can be seen before the next message goes: the chain of the same ratchet key is shorter than it was. Then a
message of no consequence is sent first, to be dropped in its stead.

Source of the format: libsignal's LocalStorageProtocol.proto (RecordStructure, SessionStructure, Chain).
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

# Field numbers: RecordStructure.currentSession, SessionStructure.senderChain, Chain.senderRatchetKey,
# Chain.chainKey, ChainKey.index
_CURRENT, _SENDER, _RATCHET, _CHAIN_KEY, _INDEX = 1, 6, 1, 3, 1
_HELD = 20_000


class Step(NamedTuple):
    """The sending chain: its ratchet key, and how many messages it has sealed."""

    ratchet: bytes
    sealed: int


def step_of(record: bytes) -> Step | None:
    """The sending chain in a stored session, or None if there is none."""
    session = _bytes(record, _CURRENT)
    chain = _bytes(session, _SENDER)
    ratchet, key = _bytes(chain, _RATCHET), _bytes(chain, _CHAIN_KEY)
    if not ratchet:
        return None
    return Step(
        ratchet,
        next((value for field, value in _fields(key) if field == _INDEX and isinstance(value, int)), 0),
    )


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


def _bytes(message: bytes, wanted: int) -> bytes:
    for field, value in _fields(message):
        if field == wanted and isinstance(value, bytes):
            return value
    return b""


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """The fields of a serialized protobuf message. Stops at what is none."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        match tag & 7:
            case 0:
                value, at = _varint(message, at)
                yield tag >> 3, value
            case 2:
                size, at = _varint(message, at)
                yield tag >> 3, message[at : at + size]
                at += size
            case _:
                return


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            break
    return value, at
