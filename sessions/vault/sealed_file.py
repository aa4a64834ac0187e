"""The format of sealed files: of a session (`.vlt`) and of the spool.

    header   96 bytes: magic 8, key id 8, account id 32, generation u64, salt 32, page size u32, flags u32
    record   length u32, type u8, 3 zero bytes, AES-256-GCM ciphertext ‖ tag (`length` bytes)

All numbers are big-endian. The file's key is bound to the header without the salt; each record to the whole
header, to its own head, and by its nonce to its place in the file. So a record that was altered, moved, left
out or taken from another file does not open.

A write may be torn by a crash, and only the last: each record is synced before the next is written. So a record
that does not open is passed over if and only if no whole record follows it.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from keys.file_key import SALT_BYTES, TAG_BYTES, FileKey
from keys.master import MasterKeys
from sessions.vault.problems import VaultBroken, VaultKeyUnknown

SESSION, SPOOL = b"CLVAULT1", b"CLSPOOL1"
IMAGE, PAGES, EVENT, NOTE, CLOSED, END = range(6)

_HEADER = struct.Struct(f">8s8s32sQ{SALT_BYTES}sII")
_HEAD = struct.Struct(">IB3s")
_LENGTH = struct.Struct(">I")
_FOLLOWER = re.compile(rb"(?=.{4}[\x00-\x05]\x00\x00\x00)", re.DOTALL)
_PURPOSES = {SESSION: b"chatloom-vault-v1", SPOOL: b"chatloom-spool-v1"}

HEADER_BYTES = _HEADER.size
HEAD_BYTES = _HEAD.size


@dataclass(frozen=True, slots=True)
class Header:
    """What a sealed file says of itself in clear."""

    magic: bytes
    key_id: str
    account: bytes
    generation: int
    salt: bytes
    page_size: int = 0
    flags: int = 0

    def packed(self) -> bytes:
        return self._packed(self.salt)

    def key(self, master: bytes) -> FileKey:
        """The file's key, from the master key that `key_id` names."""
        return FileKey(master, self.salt, _PURPOSES[self.magic] + self._packed(b""))

    def _packed(self, salt: bytes) -> bytes:
        whole = _HEADER.pack(
            self.magic,
            bytes.fromhex(self.key_id),
            self.account,
            self.generation,
            salt,
            self.page_size,
            self.flags,
        )
        return whole if salt else whole[:56] + whole[56 + SALT_BYTES :]


@dataclass(frozen=True, slots=True)
class Record:
    """One record in clear, and where it ends in the file."""

    kind: int
    plain: bytes
    end: int


def read_header(path: Path, data: bytes, magic: bytes) -> Header:
    """The header of a file's bytes. Raises `VaultBroken`."""
    if len(data) < HEADER_BYTES:
        raise VaultBroken(file=str(path), record="header", why="the file is too short")
    header = Header(*_unpacked(data))
    if header.magic != magic or header.flags:
        raise VaultBroken(file=str(path), record="header", why="this is no sealed file of this version")
    return header


def key_of(path: Path, header: Header, masters: MasterKeys) -> FileKey:
    """The key of a file that was read. Raises `VaultKeyUnknown`."""
    if header.key_id not in masters.keys:
        raise VaultKeyUnknown(file=str(path), key_id=header.key_id)
    return header.key(masters.keys[header.key_id])


def sealed_record(key: FileKey, header: bytes, count: int, kind: int, plain: bytes) -> bytes:
    """Record number `count` as it is written. `header` is the packed one."""
    head = _HEAD.pack(len(plain) + TAG_BYTES, kind, bytes(3))
    return head + key.seal(count, header + head, plain)


def records(path: Path, data: bytes, key: FileKey) -> Iterator[Record]:
    """Every record, in order, up to the end or to a torn one. Raises `VaultBroken`."""
    header = data[:HEADER_BYTES]
    at, count = HEADER_BYTES, 0
    while at < len(data):
        record = _record(data, at, count, header, key)
        if record is None:
            if _goes_on(data, at, count, header, key):
                raise VaultBroken(file=str(path), record=count, why="it was altered or damaged")
            return
        yield record
        at, count = record.end, count + 1


def _unpacked(data: bytes) -> tuple[bytes, str, bytes, int, bytes, int, int]:
    magic, key_id, account, generation, salt, page_size, flags = _HEADER.unpack_from(data)
    return magic, key_id.hex(), account, generation, salt, page_size, flags


def _record(data: bytes, at: int, count: int, header: bytes, key: FileKey) -> Record | None:
    if at + HEAD_BYTES > len(data):
        return None
    head = data[at : at + HEAD_BYTES]
    length, kind, _ = _HEAD.unpack(head)
    start, end = at + HEAD_BYTES, at + HEAD_BYTES + length
    if end > len(data) or length < TAG_BYTES:
        return None
    plain = key.open(count, header + head, data[start:end])
    return None if plain is None else Record(kind, plain, end)


def _goes_on(data: bytes, at: int, count: int, header: bytes, key: FileKey) -> bool:
    """Whether a whole record that belongs later in the file stands at `at`, or anywhere after.

    A length may be what was altered, so records are looked for by the last four bytes of a head: a kind and
    three zeros.
    """
    most = (len(data) - at) // (HEAD_BYTES + TAG_BYTES) + 1
    for found in _FOLLOWER.finditer(data, at):
        start = found.start()
        (length,) = _LENGTH.unpack_from(data, start)
        fits = TAG_BYTES <= length <= len(data) - start - HEAD_BYTES
        if fits and any(_record(data, start, count + ahead, header, key) for ahead in range(1, most + 1)):
            return True
    return False
