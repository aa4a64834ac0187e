"""A number's process end to end: from the inbox to the channel, exactly once and in order."""

import asyncio

from tests.runtime.house import Channel, House


async def _talk(house: House) -> None:
    channel = Channel()
    async with house.serve(channel):
        await house.hear(("1", "hello"), ("2", "ciao"))
        await channel.until(lambda: len(channel.sent) == 2)
        await house.hear(("1", "again"))
        await channel.until(lambda: len(channel.sent) == 3)
    assert channel.texts("1") == ["1:hello", "2:again"]
    assert channel.texts("2") == ["1:ciao"]


def test_answers_reach_the_channel(house: House) -> None:
    asyncio.run(_talk(house))
