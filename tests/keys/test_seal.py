"""Sealing: round trips, and that whatever was altered or moved is refused."""

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import seal
from keys.master import MasterKeys, key_id
from keys.seal import (
    DataKeyBroken,
    MasterKeyUnknown,
    PlaceUnnameable,
    SealBroken,
    Sealer,
    new_data_key,
    rewrap,
    unwrap,
    wrap,
    wrapped_by,
)

DATA_KEY, OLD, NEW = bytes(range(32)), bytes(range(1, 33)), bytes(range(2, 34))
OURS, THEIRS = UUID(int=1), UUID(int=2)
BEFORE = MasterKeys(key_id(OLD), {key_id(OLD): OLD})
BOTH = MasterKeys(key_id(NEW), {key_id(NEW): NEW, key_id(OLD): OLD})
AFTER = MasterKeys(key_id(NEW), {key_id(NEW): NEW})

sealer = Sealer(DATA_KEY, OURS)
names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
places = st.tuples(names, names, st.binary(max_size=16))


def flipped(data: bytes, bit: int) -> bytes:
    return bytes(byte ^ (1 << bit % 8) if at == bit // 8 else byte for at, byte in enumerate(data))


@given(place=places, plain=st.binary(max_size=300))
def test_round_trip(place: tuple[str, str, bytes], plain: bytes) -> None:
    sealed = sealer.seal(*place, plain)
    assert len(sealed) == 61 + len(plain)
    assert sealer.open(*place, sealed) == plain
    assert Sealer(DATA_KEY, OURS).open(*place, sealed) == plain


@given(plain=st.binary(max_size=40), data=st.data())
def test_any_flipped_bit_is_refused(plain: bytes, data: st.DataObject) -> None:
    sealed = sealer.seal("messages", "body", b"1", plain)
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    with pytest.raises(SealBroken):
        sealer.open("messages", "body", b"1", flipped(sealed, bit))


@given(cut=st.integers(0, 70))
def test_any_cut_is_refused(cut: int) -> None:
    sealed = sealer.seal("messages", "body", b"1", b"0123456789")
    with pytest.raises(SealBroken):
        sealer.open("messages", "body", b"1", sealed[:cut])


@given(place=places, other=places)
def test_another_place_is_refused(place: tuple[str, str, bytes], other: tuple[str, str, bytes]) -> None:
    sealed = sealer.seal(*place, b"hello")
    if place != other:
        with pytest.raises(SealBroken):
            sealer.open(*other, sealed)


def test_another_workspace_or_key_is_refused() -> None:
    sealed = sealer.seal("messages", "body", b"1", b"hello")
    for stranger in (Sealer(DATA_KEY, THEIRS), Sealer(new_data_key(), OURS)):
        with pytest.raises(SealBroken):
            stranger.open("messages", "body", b"1", sealed)


def test_refusal_names_the_place_and_not_the_contents() -> None:
    sealed = sealer.seal("messages", "body", b"row", b"hello")
    with pytest.raises(SealBroken) as broken:
        sealer.open("messages", "body", b"rows", sealed)
    assert "messages.body" in str(broken.value)
    assert broken.value.facts == {"table": "messages", "column": "body"}


@pytest.mark.parametrize(("table", "column"), [("a\0", "b"), ("a", "\0b")])
def test_places_are_named_without_nul(table: str, column: str) -> None:
    with pytest.raises(PlaceUnnameable):
        sealer.seal(table, column, b"", b"")
    with pytest.raises(PlaceUnnameable):
        sealer.blind(table + column, "")


def test_spent_sub_key_is_rolled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "MOST_SEALS", 3)
    fresh = Sealer(DATA_KEY, OURS)
    sealed = [fresh.seal("t", "c", b"", bytes([n])) for n in range(7)]
    assert [len(list(run)) for _, run in itertools.groupby(sealed, lambda value: value[1:33])] == [3, 3, 1]
    assert [fresh.open("t", "c", b"", value) for value in sealed] == [bytes([n]) for n in range(7)]


def test_nonces_never_repeat_across_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "MOST_SEALS", 100)
    fresh = Sealer(DATA_KEY, OURS)
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda _: fresh.seal("t", "c", b"", b""), range(2000)))
    assert len({value[1:45] for value in sealed}) == 2000
    assert len({value[1:33] for value in sealed}) == 20


def test_roll_by_hand_and_by_one_who_came_late() -> None:
    fresh = Sealer(DATA_KEY, OURS)
    spent = fresh._sub_key
    fresh.roll()
    current = fresh._sub_key
    assert current is not spent
    assert fresh._roll(spent) is current


def test_forked_child_seals_under_a_sub_key_of_its_own() -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, sealer.seal("t", "c", b"", b"child"))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reader, 200)
    os.close(reader)
    os.close(writer)
    assert theirs[1:33] != sealer.seal("t", "c", b"", b"")[1:33]
    assert sealer.open("t", "c", b"", theirs) == b"child"


def test_all_sealers_roll_in_a_child() -> None:
    fresh = Sealer(DATA_KEY, OURS)
    spent = fresh._sub_key
    seal._roll_all_in_child()
    assert fresh._sub_key is not spent


@given(kind=names, value=st.text(), other=st.text())
def test_blind_index_is_stable_and_tells_values_apart(kind: str, value: str, other: str) -> None:
    assert sealer.blind(kind, value) == Sealer(DATA_KEY, OURS).blind(kind, value)
    assert len(sealer.blind(kind, value)) == 32
    assert (sealer.blind(kind, value) == sealer.blind(kind, other)) == (value == other)


def test_blind_words_are_numbers_of_64_bits_in_no_order_of_the_words() -> None:
    found = sealer.blind_words(["one", "two", "one", ""])
    assert found == sorted(set(found)) == Sealer(DATA_KEY, OURS).blind_words(["two", "", "one"])
    assert len(found) == 3
    assert all(-(2**63) <= one < 2**63 for one in found)
    assert int.from_bytes(sealer.blind("word", "one")[:8], "big", signed=True) in found


def test_blind_index_differs_by_kind_workspace_and_key() -> None:
    found = {
        one.blind(kind, "15550001")
        for one in (sealer, Sealer(DATA_KEY, THEIRS), Sealer(new_data_key(), OURS))
        for kind in ("phone", "lid")
    }
    assert len(found) == 6


def test_blind_index_takes_any_text() -> None:
    assert len(sealer.blind("phone", "\ud800\0")) == 32


@given(key=st.binary(min_size=32, max_size=32), workspace=st.uuids())
def test_wrapped_key_comes_back(key: bytes, workspace: UUID) -> None:
    wrapped = wrap(key, BOTH, workspace)
    assert wrapped_by(wrapped) == BOTH.current
    assert unwrap(wrapped, BOTH, workspace) == key


@given(bit=st.integers(0, 69 * 8 - 1))
def test_altered_wrapped_key_is_refused(bit: int) -> None:
    with pytest.raises((DataKeyBroken, MasterKeyUnknown)):
        unwrap(flipped(wrap(DATA_KEY, BOTH, OURS), bit), BOTH, OURS)


def test_wrapped_key_of_another_workspace_or_length_is_refused() -> None:
    wrapped = wrap(DATA_KEY, BOTH, OURS)
    with pytest.raises(DataKeyBroken):
        unwrap(wrapped, BOTH, THEIRS)
    with pytest.raises(DataKeyBroken):
        unwrap(wrapped[:-1], BOTH, OURS)


def test_rotation_wraps_anew() -> None:
    old = wrap(DATA_KEY, BEFORE, OURS)
    new = rewrap(old, BOTH, OURS)
    assert (wrapped_by(old), wrapped_by(new)) == (BEFORE.current, AFTER.current)
    assert unwrap(new, AFTER, OURS) == DATA_KEY
    with pytest.raises(MasterKeyUnknown, match=BEFORE.current):
        unwrap(old, AFTER, OURS)
