"""Files that contacts send: fetched beside the turns, tried again, kept sealed, and named in the message."""

import asyncio
import hashlib
from dataclasses import replace
from typing import Any

import orjson

from schemas.messages import Media as File
from sessions.driver import Rejected, Unreachable
from store.media import Media
from tests.runtime.house import Channel, House

PLAIN = b"\x89PNG a contact's secret"
REF = hashlib.sha256(PLAIN).hexdigest()


class Gallery(Channel):
    """A channel with one file; `failures` are raised first."""

    def __init__(self, *failures: Exception) -> None:
        super().__init__(media_bytes=(("image", 50),))
        self.failures = list(failures)
        self.asked: list[tuple[str, int]] = []

    def driver(self, _: str) -> type[Any]:
        owner = self

        class Fetches(super().driver(_)):
            async def fetch(self, media: File, max_bytes: int) -> bytes:
                owner.asked.append((media.provider_ref, max_bytes))
                if owner.failures:
                    raise owner.failures.pop(0)
                return PLAIN

        return Fetches


async def _send(house: House) -> None:
    image = File("image", "image/png", caption="look", provider_ref="77")
    await house.take([replace(house.message("1", ""), content=image)])


async def _until(house: House, state: str, attempt: int) -> None:
    await house.until(
        "SELECT state || attempt FROM action_calls WHERE kind = 'fetch_media'"
        f" AND number_id = '{house.number_id}'",
        f"{state}{attempt}",
    )


async def _content(house: House) -> dict[str, Any]:
    rows = await house.rows(
        "SELECT id, body FROM messages WHERE number_id = %s AND direction = 'in'", house.number_id
    )
    ((key, body),) = rows
    return orjson.loads(house.sealer.open("messages", "body", key.bytes, body))


async def _tried_again(house: House) -> None:
    channel = Gallery(Unreachable("gone"), Unreachable("gone"))
    async with house.serve(channel, send_backoff_s=0.3):
        await _send(house)
        await _until(house, "queued", 1)
    async with house.serve(channel, send_backoff_s=0.01):
        await _until(house, "done", 3)
    assert channel.asked == [("77", 50)] * 3
    content = await _content(house)
    assert (content["state"], content["ref"], content["caption"]) == ("ready", REF, "look")
    assert await Media(house.home / "media", house.workspace_id, house.sealer).read(REF) == PLAIN
    assert not [
        path for path in (house.home / "media").rglob("*") if path.is_file() and PLAIN in path.read_bytes()
    ]


def test_a_fetch_is_tried_again_also_by_the_next_process(house: House) -> None:
    asyncio.run(_tried_again(house))


async def _gone(house: House, channel: Gallery, attempt: int, **settings: Any) -> None:
    async with house.serve(channel, **settings):
        await _send(house)
        await _until(house, "failed", attempt)
    content = await _content(house)
    assert (content["state"], content["ref"]) == ("gone", "")


def test_a_file_that_the_channel_no_longer_has_is_gone(house: House) -> None:
    asyncio.run(_gone(house, Gallery(Rejected("no_media", "no such file")), 1))


def test_a_fetch_is_given_up_in_the_end(house: House) -> None:
    asyncio.run(_gone(house, Gallery(Unreachable("gone")), 1, send_give_up_s=0.0))


async def _cannot(house: House) -> None:
    channel = Channel()
    async with house.serve(channel):
        await _send(house)
        await channel.until(lambda: len(channel.sent) == 1)
    assert not await house.rows("SELECT 1 FROM action_calls WHERE number_id = %s", house.number_id)


def test_a_channel_that_cannot_fetch_is_not_asked(house: House) -> None:
    asyncio.run(_cannot(house))
