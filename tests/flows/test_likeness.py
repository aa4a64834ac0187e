"""The likeness of words, against its plain definition."""

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from flows.likeness import likeness

WORDS = st.text("abcè 👋", max_size=9)


@given(WORDS, WORDS)
def test_is_the_share_of_letters_that_a_longest_common_subsequence_keeps(one: str, other: str) -> None:
    @cache
    def kept(i: int, j: int) -> int:
        if i == len(one) or j == len(other):
            return 0
        if one[i] == other[j]:
            return 1 + kept(i + 1, j + 1)
        return max(kept(i + 1, j), kept(i, j + 1))

    both = len(one) + len(other)
    expected = 200 * kept(0, 0) / both if both else 100
    assert abs(likeness(one, other, 0) - expected) < 1e-9
    assert likeness(one, other, 80) == (
        likeness(one, other, 0) if expected >= 80 else likeness(one, other, 80)
    )
    assert (likeness(one, other, 80) >= 80) == (expected >= 80)
