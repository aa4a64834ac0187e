"""The key of a sealed file: a record opens only as the one that it is, in the file that it is of."""

from hypothesis import given
from hypothesis import strategies as st

from keys.file_key import SALT_BYTES, SECRET_BYTES, TAG_BYTES, FileKey, derived, new_salt, new_secret

MASTER, SALT = bytes(range(32)), bytes(SALT_BYTES)


@given(st.binary(max_size=64), st.integers(0, 2**63), st.binary(max_size=8))
def test_a_record_opens_as_itself_only(plain: bytes, count: int, bound: bytes) -> None:
    key = FileKey(MASTER, SALT, b"vault")
    sealed = key.seal(count, bound, plain)
    assert len(sealed) == len(plain) + TAG_BYTES
    assert FileKey(MASTER, SALT, b"vault").open(count, bound, sealed) == plain
    assert key.open(count + 1, bound, sealed) is None
    assert key.open(count, bound + b"x", sealed) is None
    assert key.open(count, bound, sealed[:-1] + bytes([sealed[-1] ^ 1])) is None
    for other in (
        FileKey(MASTER[::-1], SALT, b"vault"),
        FileKey(MASTER, b"1" * SALT_BYTES, b"vault"),
        FileKey(MASTER, SALT, b"spool"),
    ):
        assert other.open(count, bound, sealed) is None


def test_salts_and_secrets_are_new_each_time() -> None:
    assert (len(new_salt()), len(new_secret())) == (SALT_BYTES, SECRET_BYTES)
    assert new_salt() != new_salt()
    assert new_secret() != new_secret()


def test_what_is_derived_is_for_one_purpose() -> None:
    assert derived(MASTER, b"a") == derived(MASTER, b"a")
    assert len({derived(MASTER, b"a"), derived(MASTER, b"b"), derived(MASTER[::-1], b"a")}) == 3
