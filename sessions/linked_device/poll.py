"""Votes in polls: sealed by their sender with a key from the poll's own secret. Pure.

Source: whatsmeow's msgsecret.go ("Poll Vote"). Which of his and our addresses the sender used, LID or phone, is
not told, so all are tried.
"""

from collections.abc import Iterable
from itertools import product
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sessions.linked_device.protobufs import e2e

_USE = b"Poll Vote"


def votes(update: Any, secret: bytes, askers: Iterable[str], voters: Iterable[str]) -> list[bytes] | None:
    """The SHA-256 of each option chosen, or None if no key fits. `update`: a `waE2E.PollUpdateMessage`.

    `askers` and `voters` are the possible addresses of who asked and who voted.
    """
    poll = update.pollCreationMessageKey.ID.encode()
    for asker, voter in product(askers, voters):
        info = poll + asker.encode() + voter.encode() + _USE
        key = HKDF(SHA256(), 32, None, info).derive(secret)
        try:
            plain = AESGCM(key).decrypt(
                update.vote.encIV, update.vote.encPayload, poll + b"\x00" + voter.encode()
            )
        except InvalidTag:
            continue
        return list(e2e().PollVoteMessage.FromString(plain).selectedOptions)
    return None
