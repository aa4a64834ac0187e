"""Kills at random moments, again and again, with the real client: every message is answered once, or shown."""

import random

import pytest

from tests.linked.test_number import Bot, killed_amid_a_burst, parrot  # noqa: F401

pytestmark = [pytest.mark.anyio, pytest.mark.drill]


async def test_twenty_kills_amid_bursts_of_four_hundred(parrot: Bot) -> None:  # noqa: F811
    chance = random.Random(77)
    for kill in range(20):
        await killed_amid_a_burst(parrot, f"burst {kill}:", 400, after=chance.randrange(400))
