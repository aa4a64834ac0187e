"""Arrays in PostgreSQL's binary form, made by hand: the hot path sends columns, not rows.

Where a statement says `%(ids)b::uuid[]`, a list under `ids` is encoded as exactly that type. psycopg's own
list dumper looks at each item for its type; for the few types that columns have, joining bytes is several
times faster, and a column of only NULLs still has a type.

Source: PostgreSQL's `array_recv` and the types' `recv` functions (src/backend/utils/adt).
"""

import datetime as dt
import struct
from collections.abc import Callable, Sequence
from typing import Any

from psycopg import adapters
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = struct.Struct("!iiIii")
_NULL = b"\xff\xff\xff\xff"
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_EPOCH_DAY = dt.date(2000, 1, 1).toordinal()
_length = struct.Struct("!i").pack
_int2 = struct.Struct("!ih").pack
_int4 = struct.Struct("!ii").pack
_int8 = struct.Struct("!iq").pack


class _Encoded:
    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


def _uuid(value: Any) -> bytes:
    return b"\x00\x00\x00\x10" + value.bytes


def _text(value: str) -> bytes:
    raw = value.encode()
    return _length(len(raw)) + raw


def _bytea(value: bytes) -> bytes:
    return _length(len(value)) + value


def _bool(value: bool) -> bytes:
    return b"\x00\x00\x00\x01\x01" if value else b"\x00\x00\x00\x01\x00"


def _timestamptz(value: dt.datetime) -> bytes:
    past = value - _EPOCH
    return _int8(8, (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds)


def _date(value: dt.date) -> bytes:
    return _int4(4, value.toordinal() - _EPOCH_DAY)


# name in SQL -> OID of the element, OID of the array, encoder of an element with its length
_TYPES: dict[str, tuple[int, int, Callable[[Any], bytes]]] = {
    "uuid": (2950, 2951, _uuid),
    "text": (25, 1009, _text),
    "bytea": (17, 1001, _bytea),
    "bool": (16, 1000, _bool),
    "int2": (21, 1005, lambda value: _int2(2, value)),
    "int4": (23, 1007, lambda value: _int4(4, value)),
    "int8": (20, 1016, lambda value: _int8(8, value)),
    "timestamptz": (1184, 1185, _timestamptz),
    "date": (1082, 1182, _date),
}


def encoder(type_name: str) -> Callable[[Sequence[Any]], _Encoded]:
    """What turns a list into a parameter of type `type_name[]`. Raises `KeyError` for a type not listed."""
    oid, array_oid, one = _TYPES[type_name]
    kind = _kinds[array_oid]

    def encode(values: Sequence[Any]) -> _Encoded:
        if not values:
            return kind(struct.pack("!iiI", 0, 0, oid))
        parts = [_NULL if value is None else one(value) for value in values]
        return kind(_HEAD.pack(1, 1, oid, len(values), 1) + b"".join(parts))

    return encode


def _register(array_oid: int) -> type[_Encoded]:
    class Encoded(_Encoded):
        __slots__ = ()

    class ArrayDumper(Dumper):
        format = Format.BINARY
        oid = array_oid

        def dump(self, obj: _Encoded) -> bytes:
            return obj.data

    adapters.register_dumper(Encoded, ArrayDumper)
    return Encoded


_kinds = {array_oid: _register(array_oid) for _, array_oid, _ in _TYPES.values()}
