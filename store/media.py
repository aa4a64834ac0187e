"""Media: sealed blobs on disk, found by the SHA-256 of their plain bytes within a workspace.

`<folder>/<workspace>/<first two digits>/<ref>`, mode 0600. A blob is written beside its place, synced and
then moved there, so that what has a name is whole; the same bytes twice are one blob. The row in `media`
comes after the file: a file without a row is of no account, and may be written again.
"""

import asyncio
import datetime as dt
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from keys.seal import Sealer
from schemas.problems import NotFound, Refused
from store.named_sql import run
from store.pool import Connection
from store.problems import problems

MOST_BYTES = 100 * 1024 * 1024  # the largest that a channel carries: a document
_REF = re.compile(r"[0-9a-f]{64}")


class MediaTooLarge(Refused):
    code = "store.media_too_large"
    status = 413
    sentence = "The file has {size} bytes; {most} are allowed."


class Blob(NamedTuple):
    """What is known of a blob."""

    mime: str
    size: int


class Media:
    """The blobs of one workspace under `folder`. Disk work is done in threads."""

    def __init__(
        self, folder: Path, workspace_id: UUID, sealer: Sealer, most_bytes: int = MOST_BYTES
    ) -> None:
        self._folder = folder / str(workspace_id)
        self._workspace_id = workspace_id
        self._sealer = sealer
        self._most = most_bytes

    async def keep(self, conn: Connection, plain: bytes, mime: str) -> str:
        """Store bytes; returns their ref. Raises `MediaTooLarge`, `OSError` where the disk refuses."""
        ref = await self.write(plain)
        params = {"workspace": self._workspace_id, "ref": ref, "mime": mime, "bytes": len(plain)}
        with problems():
            await run(conn, "media", "note", params)
        await self.write(plain)  # if its time was over a moment before it was noted
        return ref

    async def write(self, plain: bytes) -> str:
        """The file alone, without its row; returns its ref. Raises as `keep` does."""
        if len(plain) > self._most:
            raise MediaTooLarge(size=len(plain), most=self._most)
        return await asyncio.to_thread(self._write, plain)

    async def known(self, conn: Connection, ref: str) -> Blob:
        """What is known of a blob. Raises `NotFound`."""
        with problems():
            params = {"workspace": self._workspace_id, "ref": ref}
            row = await (await run(conn, "media", "known", params)).fetchone()
        if row is None:
            raise NotFound(what="file", name=ref)
        return Blob(*row)

    async def read(self, ref: str) -> bytes:
        """The bytes of a blob. Raises `NotFound`, or `SealBroken` where the file was altered."""
        return await asyncio.to_thread(self._read, ref)

    async def forget(self, conn: Connection, refs: list[str]) -> None:
        """Erase blobs, within the caller's transaction: if a file does not go, its row stays.

        The files go while their rows are locked, so who keeps the same bytes at this moment waits, and writes them.
        """
        with problems():
            await run(conn, "media", "forget", {"workspace": self._workspace_id, "refs": refs})
        await asyncio.to_thread(self._unlink, refs)

    async def forget_before(self, conn: Connection, before: dt.datetime, limit: int = 1000) -> int:
        """Erase blobs that nobody has kept since then, as `forget` does; returns how many, at most `limit`."""
        with problems():
            async with conn.transaction():
                params = {"workspace": self._workspace_id, "before": before, "limit": limit}
                rows = await (await run(conn, "media", "expired", params)).fetchall()
                await asyncio.to_thread(self._unlink, [ref for (ref,) in rows])
        return len(rows)

    def _unlink(self, refs: list[str]) -> None:
        for ref in refs:
            self._path(ref).unlink(missing_ok=True)

    def _path(self, ref: str) -> Path:
        if not _REF.fullmatch(ref):
            raise NotFound(what="file", name=ref)
        return self._folder / ref[:2] / ref

    def _write(self, plain: bytes) -> str:
        ref = hashlib.sha256(plain).hexdigest()
        path = self._path(ref)
        if path.exists():
            return ref
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        sealed = self._sealer.seal("media", "blob", bytes.fromhex(ref), plain)
        handle, draft = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        return ref

    def _read(self, ref: str) -> bytes:
        try:
            sealed = self._path(ref).read_bytes()
        except FileNotFoundError:
            raise NotFound(what="file", name=ref) from None
        return self._sealer.open("media", "blob", bytes.fromhex(ref), sealed)
