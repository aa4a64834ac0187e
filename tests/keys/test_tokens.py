"""Tokens: what was signed is read, what was altered, is too old or of another kind is not."""

import base64
import time
from uuid import UUID

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.master import MasterKeys, key_id
from keys.tokens import ACCESS_S, Access, Tokens

OLD, NEW = bytes(32), bytes(range(32))
SAID = Access(UUID(int=1), UUID(int=2), "editor", UUID(int=3))


def masters(*keys: bytes) -> MasterKeys:
    return MasterKeys(key_id(keys[0]), {key_id(key): key for key in keys})


TOKENS = Tokens(masters(NEW))


def test_an_access_token_says_what_was_said() -> None:
    assert TOKENS.read_access(TOKENS.access(SAID)) == SAID


def test_an_access_token_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - ACCESS_S - 1)
    token = TOKENS.access(SAID)
    monkeypatch.undo()
    assert TOKENS.read_access(token) is None


@pytest.mark.parametrize("left_out", ["sub", "ws", "role", "sid", "exp", "iat", "iss"])
def test_a_token_with_less_than_all_says_nothing(left_out: str) -> None:
    whole = jwt.decode(TOKENS.access(SAID), options={"verify_signature": False})
    del whole[left_out]
    key = TOKENS._access[key_id(NEW)]  # pyright: ignore[reportPrivateUsage]
    assert TOKENS.read_access(jwt.encode(whole, key, "HS256", {"kid": key_id(NEW)})) is None


def test_a_token_of_another_algorithm_or_key_says_nothing() -> None:
    whole = jwt.decode(TOKENS.access(SAID), options={"verify_signature": False})
    head = {"kid": key_id(NEW)}
    assert TOKENS.read_access(jwt.encode(whole, "", "none", head)) is None
    assert (
        TOKENS.read_access(jwt.encode(whole, NEW, "HS256", head)) is None
    )  # the master key itself signs nothing
    assert TOKENS.read_access(jwt.encode(whole, bytes(64), "HS512", head)) is None
    assert TOKENS.read_access(Tokens(masters(OLD)).access(SAID)) is None


@given(st.text())
def test_anything_else_says_nothing(text: str) -> None:
    assert TOKENS.read_access(text) is None
    assert TOKENS.read_refresh(text) is None


@given(st.uuids(), st.integers(0, 2**32 - 1))
def test_a_refresh_token_says_its_sign_in_and_turn(sign_in: UUID, turn: int) -> None:
    token = TOKENS.refresh(sign_in, turn)
    assert TOKENS.read_refresh(token) == (sign_in, turn)
    assert TOKENS.refresh(sign_in, turn) == token


@given(st.integers(0, 60), st.integers(1, 255))
def test_an_altered_refresh_token_says_nothing(place: int, change: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(TOKENS.refresh(UUID(int=7), 1)))
    raw[place] ^= change
    assert TOKENS.read_refresh(base64.urlsafe_b64encode(raw).decode()) is None


def test_tokens_outlive_a_rotation_of_the_master_key() -> None:
    before, after, retired = Tokens(masters(OLD)), Tokens(masters(NEW, OLD)), Tokens(masters(NEW))
    refresh, access = before.refresh(UUID(int=7), 1), before.access(SAID)
    assert after.read_refresh(refresh) == (UUID(int=7), 1)
    assert after.read_access(access) == SAID
    assert retired.read_refresh(refresh) is retired.read_access(access) is None
    assert after.refresh(UUID(int=7), 1) != refresh
    assert retired.read_refresh(after.refresh(UUID(int=7), 2)) == (UUID(int=7), 2)


def test_the_kinds_are_not_exchanged() -> None:
    assert TOKENS.read_refresh(TOKENS.access(SAID)) is None
    assert TOKENS.read_access(TOKENS.refresh(UUID(int=7), 1)) is None
