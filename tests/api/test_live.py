"""A live view is woken by what is published, and looks by itself where nobody publishes."""

import asyncio
import time

import pytest
import redis.asyncio

from admin_api import live
from admin_api.live import Watch
from schemas.ids import new_event_id
from store.live import Live, channel, number_channel

LONG_S = 30.0


@pytest.mark.parametrize("of_number", [False, True])
def test_what_is_published_wakes_the_view(
    of_number: bool, any_redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        monkeypatch.setattr(live, "WOKEN_POLL_S", LONG_S)
        one = new_event_id()
        publisher = Live(any_redis_url)
        running = asyncio.create_task(publisher.run())
        wire = redis.asyncio.Redis.from_url(any_redis_url)
        async with Watch(wire, asyncio.Event()) as watch:
            await watch.follow(number_channel(one) if of_number else channel(one))
            began = time.monotonic()
            if of_number:
                publisher.publish_number(new_event_id(), one)
            else:
                publisher.publish(new_event_id(), new_event_id(), {new_event_id(): (), one: ("message",)})
            await watch.pause()
        assert time.monotonic() - began < LONG_S / 2
        running.cancel()
        await wire.aclose()

    asyncio.run(scene())


def test_the_end_of_the_process_ends_the_wait(any_redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        monkeypatch.setattr(live, "WOKEN_POLL_S", LONG_S)
        wire = redis.asyncio.Redis.from_url(any_redis_url)
        closing = asyncio.Event()
        async with Watch(wire, closing) as watch:
            await watch.follow(channel(new_event_id()))
            asyncio.get_running_loop().call_later(0.01, closing.set)
            began = time.monotonic()
            await watch.pause()
        assert time.monotonic() - began < LONG_S / 2
        await wire.aclose()

    asyncio.run(scene())


@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:1/0"])
def test_without_redis_it_looks_often(url: str) -> None:
    async def scene() -> None:
        wire = redis.asyncio.Redis.from_url(url) if url else None
        async with Watch(wire, asyncio.Event()) as watch:
            await watch.follow(channel(new_event_id()))
            await asyncio.wait_for(watch.pause(), live.POLL_S * 8)
        if wire is not None:
            await wire.aclose()

    asyncio.run(scene())
