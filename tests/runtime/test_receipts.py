"""Folding of delivery reports: a maximum, whatever the order, the repeats and the batches."""

import datetime as dt
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from runtime.receipts import better, fold
from store.receipts import RANKS, PendingReceipt

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
