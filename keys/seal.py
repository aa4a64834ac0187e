"""Sealing: how what contacts say rests in the database.

Each workspace has a data key, wrapped by the master key. It never encrypts anything itself. Each `Sealer`,
so each process start, derives a sub-key of its own from it by HKDF with 32 random bytes of salt, and uses
that for at most 2**30 seals with a counter as nonce. Random nonces under one lasting key would pass
AES-GCM's safe bound within a week at full load; counters under one lasting key would repeat at a restart.

    wrapped data key   version 1 ‖ master key id 8 ‖ nonce 12 ‖ ciphertext 32 ‖ tag 16
    sealed value       version 1 ‖ sub-key salt 32 ‖ nonce 12 ‖ ciphertext ‖ tag 16

A sealed value is bound to its place (workspace, table, column, row): moved elsewhere it does not open.
A forked child rolls its sub-keys, since it would go on with its parent's counters.

Source: NIST SP 800-38D, section 8.2.1 (deterministic nonces); RFC 5869 (HKDF).
"""

import hmac
import itertools
import os
import threading
import weakref
from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.master import KEY_BYTES, KEY_ID_BYTES, MasterKeys
from schemas.problems import Misuse, Refused

VERSION = b"\x01"
SALT_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
MOST_SEALS = 2**30
KEPT_SUB_KEYS = 1024

_NONCE_AT = 1 + SALT_BYTES
_BODY_AT = _NONCE_AT + NONCE_BYTES
_WRAPPED_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES


class SealBroken(Misuse):
    code = "keys.seal_broken"
    title = "A sealed value does not open"
    sentence = (
        "A sealed value in {table}.{column} does not open: it was altered, or belongs to another place."
    )


class PlaceUnnameable(Misuse):
    code = "keys.place_unnameable"
    title = "A name holds a NUL"
    sentence = "A table, a column and a kind of identity are named without NUL."


class DataKeyBroken(Misuse):
    code = "keys.data_key_broken"
    title = "A data key does not open"
    sentence = (
        "The data key of workspace {workspace} does not open: it was altered, or is another workspace's."
    )


class MasterKeyUnknown(Refused):
    code = "keys.master_unknown"
    status = 500
    title = "A master key is absent"
    sentence = (
        "The data key of workspace {workspace} is wrapped by master key {key_id}, which is not among "
        "those loaded. Put it back as a further line of the key's source."
    )


def new_data_key() -> bytes:
    return os.urandom(KEY_BYTES)


def wrap(data_key: bytes, masters: MasterKeys, workspace_id: UUID) -> bytes:
    """The data key as it may be stored: sealed by the current master key, for this workspace only."""
    head = VERSION + bytes.fromhex(masters.current)
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(masters.current_key).encrypt(nonce, data_key, _wrap_bound(head, workspace_id))
    return head + nonce + sealed


def unwrap(wrapped: bytes, masters: MasterKeys, workspace_id: UUID) -> bytes:
    """The data key, by whichever of `masters` wrapped it."""
    head, rest = wrapped[: 1 + KEY_ID_BYTES], wrapped[1 + KEY_ID_BYTES :]
    if len(wrapped) != _WRAPPED_BYTES or head[:1] != VERSION:
        raise DataKeyBroken(workspace=str(workspace_id))
    key_id = wrapped_by(wrapped)
    if key_id not in masters.keys:
        raise MasterKeyUnknown(workspace=str(workspace_id), key_id=key_id)
    try:
        return AESGCM(masters.keys[key_id]).decrypt(
            rest[:NONCE_BYTES], rest[NONCE_BYTES:], _wrap_bound(head, workspace_id)
        )
    except InvalidTag:
        raise DataKeyBroken(workspace=str(workspace_id)) from None


def rewrap(wrapped: bytes, masters: MasterKeys, workspace_id: UUID) -> bytes:
    """The same data key under the current master key. What it sealed stays as it is."""
    return wrap(unwrap(wrapped, masters, workspace_id), masters, workspace_id)


def wrapped_by(wrapped: bytes) -> str:
    """The id of the master key that wrapped a data key."""
    return wrapped[1 : 1 + KEY_ID_BYTES].hex()


class Sealer:
    """Seals, opens and blind-indexes the values of one workspace. Safe to share between threads."""

    def __init__(self, data_key: bytes, workspace_id: UUID) -> None:
        self._data_key = data_key
        self.workspace_id = workspace_id
        self._workspace = workspace_id.bytes
        self._bounds: dict[tuple[str, str], bytes] = {}
        self._cipher = lru_cache(maxsize=KEPT_SUB_KEYS)(self._derive_cipher)
        self._blind_key = self._derive(b"chatloom-blind-v1", b"")
        self._rolling = threading.Lock()
        self._sub_key = self._new_sub_key()
        _sealers.add(self)

    def seal(self, table: str, column: str, row_id: bytes, plain: bytes) -> bytes:
        """`plain`, sealed for this place."""
        sub_key = self._sub_key
        while (count := next(sub_key.counter)) >= MOST_SEALS:
            sub_key = self._roll(sub_key)
        nonce = count.to_bytes(NONCE_BYTES, "big")
        bound = self._bounds.get((table, column)) or self._bind(table, column)
        return sub_key.head + nonce + sub_key.cipher.encrypt(nonce, plain, bound + row_id)

    def open(self, table: str, column: str, row_id: bytes, sealed: bytes) -> bytes:
        """What was sealed for this place, or `SealBroken`."""
        if len(sealed) < _BODY_AT + TAG_BYTES or sealed[:1] != VERSION:
            raise SealBroken(table=table, column=column)
        bound = self._bounds.get((table, column)) or self._bind(table, column)
        cipher = self._cipher(sealed[1:_NONCE_AT])
        try:
            return cipher.decrypt(sealed[_NONCE_AT:_BODY_AT], sealed[_BODY_AT:], bound + row_id)
        except InvalidTag:
            raise SealBroken(table=table, column=column) from None

    def blind(self, kind: str, value: str) -> bytes:
        """32 bytes by which SQL finds an identity without knowing it. The same for the same workspace."""
        if "\0" in kind:
            raise PlaceUnnameable()
        said = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._blind_key, said, "sha256")

    def blind_words(self, terms: Iterable[str]) -> list[int]:
        """Numbers of 64 bits, sorted, by which SQL finds messages that hold these without knowing them."""
        return sorted({int.from_bytes(self.blind("word", one)[:8], "big", signed=True) for one in terms})

    def roll(self) -> None:
        """Go on under a new sub-key."""
        self._roll(self._sub_key)

    def _roll(self, spent: "_SubKey") -> "_SubKey":
        with self._rolling:
            if self._sub_key is spent:
                self._sub_key = self._new_sub_key()
            return self._sub_key

    def _roll_in_child(self) -> None:
        self._rolling = threading.Lock()
        self._sub_key = self._new_sub_key()

    def _new_sub_key(self) -> "_SubKey":
        salt = os.urandom(SALT_BYTES)
        return _SubKey(salt, self._cipher(salt))

    def _bind(self, table: str, column: str) -> bytes:
        if "\0" in table or "\0" in column:
            raise PlaceUnnameable()
        bound = VERSION + self._workspace + f"{table}\0{column}\0".encode()
        self._bounds[table, column] = bound
        return bound

    def _derive_cipher(self, salt: bytes) -> AESGCM:
        return AESGCM(self._derive(b"chatloom-seal-v1", salt))

    def _derive(self, purpose: bytes, salt: bytes) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt, purpose + self._workspace).derive(self._data_key)


class _SubKey:
    __slots__ = ("cipher", "counter", "head")

    def __init__(self, salt: bytes, cipher: AESGCM) -> None:
        self.head = VERSION + salt
        self.cipher = cipher
        self.counter = itertools.count()


_sealers: "weakref.WeakSet[Sealer]" = weakref.WeakSet()


def _roll_all_in_child() -> None:
    for sealer in list(_sealers):
        sealer._roll_in_child()  # pyright: ignore[reportPrivateUsage]


os.register_at_fork(after_in_child=_roll_all_in_child)


def _wrap_bound(head: bytes, workspace_id: UUID) -> bytes:
    return b"chatloom-data-key" + head + workspace_id.bytes
