"""Folding of delivery reports: a maximum, whatever the order, the repeats and the batches."""

import asyncio
import datetime as dt
import itertools
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.receipts import Reports, fold
from store import leases, turns
from store.pool import Database, connect
from store.receipts import RANKS, Folded, PendingReceipt, better
from tests.runtime.house import Channel, House
from tests.runtime.test_telling import endpoint

MESSAGES = [UUID(int=n) for n in range(1, 4)]
NAMES = {f"p{n}": message for n, message in enumerate(MESSAGES)}
START = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)

receipts = st.lists(
    st.builds(
        PendingReceipt,
        id=st.integers(0, 10**6),
        message_id=st.sampled_from([None, *MESSAGES]),
        provider_id=st.sampled_from([*NAMES, "unknown"]),
        status=st.sampled_from(sorted(RANKS)),
        at=st.integers(0, 5).map(lambda s: START + dt.timedelta(seconds=s)),
        error_code=st.sampled_from(["", "1", "2"]),
        error=st.just(""),
    ),
    max_size=30,
)


@given(receipts, st.randoms())
def test_order_and_repeats_do_not_matter(reports: list[PendingReceipt], rng) -> None:
    best, used = fold(reports, NAMES)
    shuffled = reports * 2
    rng.shuffle(shuffled)
    assert fold(shuffled, NAMES)[0] == best
    assert sorted(used) == sorted(one.id for one in reports if one.message_id or one.provider_id in NAMES)


@given(receipts, st.integers(0, 30))
def test_batches_do_not_matter(reports: list[PendingReceipt], cut: int) -> None:
    first, second = fold(reports[:cut], NAMES)[0], fold(reports[cut:], NAMES)[0]
    merged = dict(first)
    for message, one in second.items():
        merged[message] = better(merged[message], one) if message in merged else one
    assert merged == fold(reports, NAMES)[0]


@given(receipts)
def test_the_best_is_the_highest(reports: list[PendingReceipt]) -> None:
    best, _ = fold(reports, {})
    for message, one in best.items():
        assert RANKS[one.status] == max(RANKS[r.status] for r in reports if r.message_id == message)


@pytest.mark.parametrize("statuses", list(itertools.permutations(["unconfirmed", "delivered", "read"])))
def test_what_is_said_twice_before_a_commit_is_written_as_the_best(
    statuses: tuple[str, ...], house: House, runtime_url: str
) -> None:
    channel = Channel()

    async def scene() -> None:
        await endpoint(house, runtime_url, "https://example.com", ["message.status"])
        async with house.serve(channel):
            await house.hear(("39081", "hello"))
            await channel.until(lambda: len(channel.sent) == 1)
        message, now = UUID(channel.sent[0][2]), dt.datetime.now(dt.UTC)
        beside = turns.Beside(folded=[Folded(message, status, now) for status in statuses])
        async with await connect(Database(house.url)) as conn:
            lease = await leases.acquire(conn, *house.place, "a test", 5.0)
            assert lease is not None
            entry = turns.Entry(lease, house.sealer, house.bot_id, None, beside, turns.Ask(now), True)
            await turns.write(conn, [entry])
        assert await house.rows("SELECT status FROM messages WHERE id = %s", message) == [("read",)]
        told = await house.rows(
            "SELECT facts #>> '{message,status}' FROM webhook_events WHERE workspace_id = %s",
            house.workspace_id,
        )
        assert told == [("read",)]

    asyncio.run(scene())


def test_an_older_report_that_is_found_during_a_look_is_not_skipped(house: House) -> None:
    """The hint comes between the question and its answer."""

    def nothing(_: UUID) -> None:
        raise AssertionError

    reports = Reports(cast(Any, None), cast(Any, None), cast(Any, None), nothing)
    for id_, now in ((50, 100.0), (60, 110.0)):
        row = PendingReceipt(id_, None, "p", "sent", START, "", "")
        reports.took([row], reports.first, now)
    assert reports.first == 50
    asked_from = reports.first
    reports.look_from(7)
    reports.took([], asked_from, 120.0)
    assert reports.first == 7
    reports.took([], 7, 121.0)
    assert reports.first == 60
