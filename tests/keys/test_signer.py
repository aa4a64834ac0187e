"""Signatures: what was signed is known, what was altered, of another purpose or another key is not."""

from hypothesis import given
from hypothesis import strategies as st

from keys.master import MasterKeys, key_id
from keys.signer import Signer

OLD, NEW = bytes(32), bytes(range(32))


def masters(*keys: bytes) -> MasterKeys:
    return MasterKeys(key_id(keys[0]), {key_id(key): key for key in keys})


SIGNER = Signer(masters(NEW), "tests")


@given(st.binary(), st.binary())
def test_only_what_was_signed_is_right(said: bytes, other: bytes) -> None:
    signature = SIGNER.sign(said)
    assert SIGNER.right(SIGNER.current, said, signature)
    assert SIGNER.right(SIGNER.current, other, signature) == (said == other)


def test_a_signature_counts_for_one_purpose() -> None:
    assert not SIGNER.right(SIGNER.current, b"x", Signer(masters(NEW), "other").sign(b"x"))


def test_an_older_key_counts_while_it_is_loaded() -> None:
    before = Signer(masters(OLD), "tests")
    both = Signer(masters(NEW, OLD), "tests")
    assert both.current == SIGNER.current
    assert both.right(before.current, b"x", before.sign(b"x"))
    assert both.knows(before.current)
    assert not SIGNER.knows(before.current)
    assert not SIGNER.right(before.current, b"x", before.sign(b"x"))
