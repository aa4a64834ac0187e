"""Files that jobs made for somebody to download: sealed, `<folder>/<job>.<attempt>`, mode 0600.

    file     record…, the last one marked
    record   bytes of the sealed part u32, its top bit set in the last record ‖ sealed part

Each part is sealed for its job, attempt and number, and for being the last or not: parts cannot be swapped between
files, left out or cut off without being seen. A part has at most `PART` bytes, so memory is bounded.
"""

import os
import re
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from keys.seal import Sealer
from schemas.problems import NotFound, Refused

PART = 256 * 1024
LAST = 1 << 31
_HEAD = 4
_NAME = re.compile(r"([0-9a-f-]{36})\.(\d{1,9})", re.ASCII)


class ExportBroken(Refused):
    """The file was cut off or altered on the disk."""

    code = "exports.broken"
    status = 500
    title = "The file is damaged"
    sentence = "The file of export {export} was cut off or altered on the disk. Start the export again."


class ExportWriter:
    """What is written here is sealed on its way to the disk. A binary file, as far as writers of formats ask.

    Raises `OSError` where the disk refuses.
    """

    closed = False

    def __init__(self, folder: Path, job: UUID, attempt: int, sealer: Sealer) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path_of(folder, job, attempt)
        self.path.unlink(missing_ok=True)
        self._file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._sealer = sealer
        self._row = _Row(job, attempt)
        self._part = bytearray()
        self._count = 0
        self.bytes = 0

    def write(self, said: bytes | memoryview) -> int:
        """Take bytes."""
        self._part += said
        self.bytes += len(said)
        while len(self._part) > PART:
            self._seal(bytes(self._part[:PART]), False)
            del self._part[:PART]
        return len(said)

    def tell(self) -> int:
        """How many bytes were written."""
        return self.bytes

    def flush(self) -> None:
        """Nothing is flushed before its part is full."""

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        """What a format's writer calls at its end; the file ends with `finish` or `drop`."""

    def finish(self) -> None:
        """The last part, and all of it on the disk."""
        self._seal(bytes(self._part), True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def drop(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError):  # what a full disk refused is tried once more by closing
            self._file.close()
        self.path.unlink(missing_ok=True)

    def _seal(self, part: bytes, last: bool) -> None:
        sealed = self._sealer.seal("jobs", "file", self._row(self._count, last), part)
        self._file.write((len(sealed) | (LAST if last else 0)).to_bytes(_HEAD, "big") + sealed)
        self._count += 1


def parts(folder: Path, job: UUID, attempt: int, sealer: Sealer) -> Generator[bytes]:
    """What was written, part by part. Raises `NotFound`, `ExportBroken`, `SealBroken`."""
    row = _Row(job, attempt)
    try:
        file = path_of(folder, job, attempt).open("rb")
    except FileNotFoundError:
        raise NotFound(what="file of the export", name=str(job)) from None
    with file:
        count, last = 0, False
        while not last:
            head = int.from_bytes(file.read(_HEAD), "big")
            last = bool(head & LAST)
            size = head & ~LAST
            if not size or len(sealed := file.read(size)) != size:
                raise ExportBroken(export=job)
            yield sealer.open("jobs", "file", row(count, last), sealed)
            count += 1


def path_of(folder: Path, job: UUID, attempt: int) -> Path:
    """Where an attempt's file is."""
    return folder / f"{job}.{attempt}"


def found(folder: Path) -> list[tuple[UUID, int]]:
    """The jobs and attempts that have a file here."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []
    return [(UUID(name[1]), int(name[2])) for name in map(_NAME.fullmatch, names) if name]


def drop(folder: Path, job: UUID, attempt: int) -> None:
    """Delete an attempt's file, if there is one."""
    path_of(folder, job, attempt).unlink(missing_ok=True)


class _Row:
    """The name of each part, by which it is sealed."""

    def __init__(self, job: UUID, attempt: int) -> None:
        self._of = job.bytes + attempt.to_bytes(4, "big")

    def __call__(self, count: int, last: bool) -> bytes:
        return self._of + count.to_bytes(8, "big") + bytes([last])
