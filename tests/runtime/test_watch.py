"""Messages that a channel took and seems to have lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.runtime.house import House, furnish
from tests.runtime.test_send_policy import PLAIN, Polite

Scene = Callable[[House, Polite], Awaitable[None]]
QUICK: dict[str, Any] = {"look_s": 0.1, "report_grace_s": 0.0}


def status(house: House, text: str, channel: Polite) -> str:
    sent = next(message for _, said, message in channel.sent if said == text)
    return f"SELECT status FROM messages WHERE number_id = '{house.number_id}' AND id = '{sent}'"


async def marks_what_was_not_reported_though_the_contact_wrote(house: House, channel: Polite) -> None:
    async with house.serve(channel, **QUICK):
        await house.hear(("1", "a"), ("2", "other"))
        await channel.until(lambda: len(channel.sent) == 2)
        await house.until(status(house, "1:a", channel), "sent")
        await house.hear(("1", "b"))
        await house.until(status(house, "1:a", channel), "unconfirmed")
        assert await house.rows(
            "SELECT error_code FROM messages WHERE number_id = %s AND status = 'unconfirmed'", house.number_id
        ) == [("unconfirmed",)]
        assert (await house.rows(status(house, "1:other", channel)))[0] == (
            "sent",
        )  # he was not active since
        sent = next(message for _, said, message in channel.sent if said == "1:a")
        await house.report(f"p:{sent}", "delivered")  # it was only late
        await house.until(status(house, "1:a", channel), "delivered")
    assert len(channel.sent) == 3


async def marks_what_was_not_reported_though_a_later_one_was(house: House, channel: Polite) -> None:
    async with house.serve(channel, **QUICK):
        await house.hear(("1", "two"))
        await channel.until(lambda: len(channel.sent) == 2)
        await house.until(status(house, "1:second", channel), "sent")
        second = next(message for _, said, message in channel.sent if said == "1:second")
        await house.report(f"p:{second}", "read")
        await house.until(status(house, "1:first", channel), "unconfirmed")
        assert (await house.rows(status(house, "1:second", channel)))[0] == ("read",)
    assert channel.texts("1") == ["1:first", "1:second"]


async def sends_it_again_once_where_that_is_wanted(house: House, channel: Polite) -> None:
    async with house.serve(channel, **QUICK):
        await house.hear(("1", "a"))
        await channel.until(lambda: len(channel.sent) == 1)
        await house.until(status(house, "1:a", channel), "sent")
        await house.hear(("1", "b"))
        await channel.until(lambda: channel.texts("1").count("1:a") == 2)
        await house.until(status(house, "1:a", channel), "sent")
        await house.hear(("1", "c"))
        await house.until(status(house, "1:a", channel), "unconfirmed")
        await channel.until(lambda: channel.texts("1").count("2:b") == 2)
    assert channel.texts("1").count("1:a") == 2
    again = await house.rows(
        "SELECT resends FROM messages WHERE number_id = %s AND direction = 'out' ORDER BY created_at",
        house.number_id,
    )
    assert again == [(1,), (1,), (0,)]


async def looks_for_nothing_when_told_so(house: House, channel: Polite) -> None:
    async with house.serve(channel, **QUICK):
        await house.hear(("1", "a"))
        await channel.until(lambda: len(channel.sent) == 1)
        await house.until(status(house, "1:a", channel), "sent")
        await house.hear(("1", "b"), ("1", "later 0.5"))  # several looks in between
        await channel.until(lambda: len(channel.sent) == 3)
    assert await house.rows(status(house, "1:a", channel)) == [("sent",)]


@pytest.mark.parametrize(
    ("scene", "unconfirmed"),
    [
        (marks_what_was_not_reported_though_the_contact_wrote, "mark"),
        (marks_what_was_not_reported_though_a_later_one_was, "mark"),
        (sends_it_again_once_where_that_is_wanted, "resend"),
        (looks_for_nothing_when_told_so, "off"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_watch(scene: Scene, unconfirmed: str, runtime_url: str, tmp_path: Any) -> None:
    house = furnish(runtime_url, tmp_path, {**PLAIN, "unconfirmed": unconfirmed})
    asyncio.run(scene(house, Polite()))  # type: ignore[arg-type]
