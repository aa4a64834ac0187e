"""A contact's files go with him, also when a disk or a kill cuts the sweep off."""

import asyncio
from pathlib import Path

import httpx
import pytest

from jobs import erasures
from schemas.problems import Outside
from store.media import Media
from store.pool import lent
from tests.api.people import sql
from tests.api.talk import Talk
from tests.live import Live
from tests.worker import worker

PHONE = "4366098765"


def test_a_sweep_that_was_cut_off_finds_the_files_again(
    server: Live, api: httpx.Client, tmp_path: Path
) -> None:
    talk = Talk(server, api)
    with talk.served(tmp_path):
        talk.hear(PHONE, "hello", kind="phone")
        talk.until_said("Say a word, Visitor.")
    (contact,) = api.get("/api/v1/contacts", params={"phone": PHONE}).json()["items"]

    async def planted() -> Path:
        async with worker(server) as desk:
            async with lent(desk.pool) as conn:
                media = Media(desk.home / "media", talk.workspace, talk.sealer)
                ref = await media.keep(conn, b"a picture of him", "image/png")
            sql(
                server,
                "INSERT INTO media_uses (workspace_id, ref, message_id, number_id, month, conversation_id)"
                " SELECT workspace_id, %s, id, number_id, month, conversation_id FROM messages"
                " WHERE number_id = %s LIMIT 1",
                ref,
                talk.number,
            )
            (file,) = (desk.home / "media").rglob(ref)
            return file

    async def swept() -> None:
        async with worker(server) as desk:
            await erasures.do(desk)

    file = asyncio.run(planted())
    sealed = file.read_bytes()
    assert api.delete(f"/api/v1/contacts/{contact['id']}", params={"sure": True}).is_success
    file.unlink()
    file.mkdir()  # the disk refuses
    with pytest.raises(Outside, match="IsADirectoryError"):
        asyncio.run(swept())
    file.rmdir()
    file.write_bytes(sealed)
    asyncio.run(swept())
    assert api.get(f"/api/v1/erasures/{contact['id']}").json()["state"] == "swept"
    assert not file.exists()
