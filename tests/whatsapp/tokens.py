"""The dictionaries of WhatsApp's node encoding, read from the installed library at run time.

So nothing is copied, and what the emulator reads always matches what the library writes. The library
is an ELF file of Go: a slice of strings is a row of (address, length) pairs whose addresses are filled
in at load time, by RELATIVE relocations. `xmlstreamstart` is the second token of the first dictionary.
"""

import struct
from dataclasses import dataclass
from functools import cache

from tests.whatsapp import installed

ANCHOR = b"xmlstreamstart"
SINGLE = 236
DOUBLE = 256
DICTIONARIES = 4
_RELATIVE = {62: 8, 183: 1027}  # machine (x86-64, AArch64): the number of its RELATIVE relocation


@dataclass(frozen=True)
class Tokens:
    """`single[i]` is the string of byte i; `double[d][i]` that of byte 236 + d followed by i."""

    single: tuple[str, ...]
    double: tuple[tuple[str, ...], ...]


class NoDictionaries(Exception):
    """The library does not hold the dictionaries where Go's compiler was seen to put them."""


@cache
def tokens() -> Tokens:
    return _Elf(installed.library().read_bytes()).tokens()


class _Elf:
    def __init__(self, data: bytes) -> None:
        self.data = data
        if data[:6] != b"\x7fELF\x02\x01":
            raise NoDictionaries("not a 64-bit little-endian ELF file")
        (self.machine,) = struct.unpack_from("<H", data, 18)
        (sections,) = struct.unpack_from("<Q", data, 40)
        size, count = struct.unpack_from("<HH", data, 58)
        # name, type, flags, address, offset, size, link, info, alignment, entry size
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", data, sections + i * size) for i in range(count)]

    def tokens(self) -> Tokens:
        pointers = self._pointers()
        anchors = self._find(ANCHOR)
        for place in [place for place, target in pointers.items() if target in anchors]:
            first = place - 16  # the empty string has no address, hence no relocation
            single = self._strings(pointers, first, SINGLE)
            if (
                single is None
                or single[0] != ""
                or single[1] != ANCHOR.decode()
                or single[2] != "xmlstreamend"
            ):
                continue
            return Tokens(single, self._double(pointers))
        raise NoDictionaries("no row of strings begins with the first token")

    def _double(self, pointers: dict[int, int]) -> tuple[tuple[str, ...], ...]:
        starts = self._find(b"read-self")
        headers = {target: place for place, target in pointers.items()}
        for place, target in pointers.items():
            if target not in starts:
                continue
            row = self._strings(pointers, place, DOUBLE)
            if row is None or row[0] != "read-self" or row[1] != "active":
                continue
            header = headers.get(place)
            if header is not None and self._lengths(header) == (DOUBLE, DOUBLE):
                return self._rows(pointers, header)
        raise NoDictionaries("no row of strings begins with the first double token")

    def _rows(self, pointers: dict[int, int], header: int) -> tuple[tuple[str, ...], ...]:
        rows: list[tuple[str, ...]] = []
        for index in range(DICTIONARIES):
            place = pointers.get(header + 24 * index)
            row = None if place is None else self._strings(pointers, place, DOUBLE)
            if row is None:
                raise NoDictionaries(f"dictionary {index} is not beside the first")
            rows.append(row)
        return tuple(rows)

    def _lengths(self, header: int) -> tuple[int, int]:
        return struct.unpack_from("<QQ", self.data, self._offset(header + 8))

    def _find(self, text: bytes) -> set[int]:
        found: set[int] = set()
        at = self.data.find(text)
        while at >= 0:
            found.add(self._address(at))
            at = self.data.find(text, at + 1)
        return found

    def _strings(self, pointers: dict[int, int], place: int, count: int) -> tuple[str, ...] | None:
        strings: list[str] = []
        for at in range(place, place + 16 * count, 16):
            (length,) = struct.unpack_from("<Q", self.data, self._offset(at) + 8)
            if length > 200 or (length and at not in pointers):
                return None
            start = self._offset(pointers[at]) if length else 0
            strings.append(self.data[start : start + length].decode())
        return tuple(strings)

    def _pointers(self) -> dict[int, int]:
        """Where each address is filled in at load time, and what it is."""
        relative = _RELATIVE.get(self.machine)
        pointers: dict[int, int] = {}
        for section in self.sections:
            if section[1] == 4:  # SHT_RELA
                rows = self.data[section[4] : section[4] + section[5]]
                for place, info, addend in struct.iter_unpack("<QQq", rows):
                    if info == relative:
                        pointers[place] = addend
        return pointers

    def _offset(self, address: int) -> int:
        for _, kind, _, start, offset, size, *_ in self.sections:
            if start and kind != 8 and start <= address < start + size:  # 8: SHT_NOBITS
                return address - start + offset
        raise NoDictionaries(f"address {address:#x} is in no section")

    def _address(self, offset: int) -> int:
        for _, kind, _, start, begin, size, *_ in self.sections:
            if start and kind != 8 and begin <= offset < begin + size:
                return offset - begin + start
        return -1
