"""Long harm to a linked number, with the real client: every message is answered once, or shown as missing."""

import random

import pytest

from tests.linked.test_number import Bot, away, killed_amid_a_burst, parrot  # noqa: F401

pytestmark = [pytest.mark.anyio, pytest.mark.drill]


async def test_twenty_kills_amid_bursts_of_four_hundred(parrot: Bot) -> None:  # noqa: F811
    chance = random.Random(77)
    for kill in range(20):
        await killed_amid_a_burst(parrot, f"burst {kill}:", 400, after=chance.randrange(400))


async def test_the_database_is_away_for_half_a_minute(parrot: Bot) -> None:  # noqa: F811
    await away(parrot, 60, for_s=30)
