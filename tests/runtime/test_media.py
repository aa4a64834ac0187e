"""Media blobs: content-addressed, sealed, bounded, erasable."""

import asyncio
import datetime as dt
import hashlib
from pathlib import Path

import pytest

from keys.seal import SealBroken
from schemas.problems import NotFound
from store.media import Blob, Media, MediaTooLarge
from store.pool import Database, connect
from tests.runtime.house import House

PLAIN = b"%PDF a contact's secret"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def _keeps(house: House, folder: Path) -> None:
    media = Media(folder, house.workspace_id, house.sealer, most_bytes=100)
    async with await connect(Database(house.url)) as conn:
        ref = await media.keep(conn, PLAIN, "application/pdf")
        assert ref == hashlib.sha256(PLAIN).hexdigest()
        assert await media.keep(conn, PLAIN, "application/pdf") == ref
        assert await media.read(ref) == PLAIN
        assert await media.known(conn, ref) == Blob("application/pdf", len(PLAIN))
        (file,) = files(folder)
        assert PLAIN not in file.read_bytes()
        assert file.stat().st_mode & 0o777 == 0o600
        with pytest.raises(MediaTooLarge):
            await media.keep(conn, b"x" * 101, "")
        file.write_bytes(file.read_bytes()[:-1] + b"x")
        with pytest.raises(SealBroken):
            await media.read(ref)
        assert await media.forget_before(conn, dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)) == 1
        assert files(folder) == []
        for gone in (ref, "../../etc/passwd"):
            with pytest.raises(NotFound):
                await media.read(gone)


def test_blobs_are_kept_sealed_and_erased(house: House, tmp_path: Path) -> None:
    asyncio.run(_keeps(house, tmp_path))
