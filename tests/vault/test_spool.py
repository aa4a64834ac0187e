"""The spool: what came in stays until the inbox has it."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.vault import Spool, SpoolFull, VaultKeyUnknown, generations, spool
from sessions.vault.generations import account_id
from sessions.vault.spool import Leftover, left_over
from tests.until import until
from tests.vault.conftest import NUMBER, Place, new_keys

MASTERS = new_keys()
ACCOUNT = account_id(NUMBER, "")

Opening = Callable[[], Spool]


@pytest.fixture
def again(tmp_path: Path) -> Iterator[Opening]:
    """Opens the spool, as after a kill of the process that had it."""
    path = tmp_path / "spool"
    opened: list[Spool] = []

    def opening() -> Spool:
        left = left_over(path, MASTERS) if path.exists() else Leftover(clean=True)
        opened.append(Spool(path, MASTERS, ACCOUNT, left))
        return opened[-1]

    yield opening
    for each in opened:
        if not each._closed:  # type: ignore[attr-defined]
            each.close(clean=False)


def events(held: Spool) -> list[bytes]:
    return [event for _, event in held.waiting()]


def test_events_survive_a_kill_in_order(again: Opening) -> None:
    held = again()
    assert held.clean
    assert [held.append(b"one"), held.append(b""), held.append(b"three")] == [1, 2, 3]
    held = again()
    assert not held.clean
    assert held.damage == ""
    assert held.waiting() == [(1, b"one"), (2, b""), (3, b"three")]
    assert held.waiting(2) == [(1, b"one"), (2, b"")]
    assert held.append(b"four") == 4


def test_what_the_inbox_has_is_dropped(again: Opening) -> None:
    held = again()
    for number in range(10):
        held.append(b"%d" % number)
    held.drop(4)
    assert held.depth == 6
    assert len(events(again())) == 10  # dropping is lazy: repeats do no harm
    held = again()
    held.drop(10)
    asyncio.run(until(lambda: left_over(held.path, MASTERS) == Leftover(ACCOUNT)))
    size = held.path.stat().st_size
    held.append(b"next")
    assert held.path.stat().st_size < size + 100
    assert events(again()) == [b"next"]


def test_a_stop_in_good_order_is_known(again: Opening) -> None:
    held = again()
    held.append(b"waits")
    held.close(clean=True)
    held = again()
    assert held.clean
    assert events(held) == [b"waits"]
    held.close(clean=False)
    assert not again().clean


def test_what_was_dropped_before_a_stop_in_good_order_does_not_come_again(again: Opening) -> None:
    held = again()
    held.append(b"one")
    held.drop(1)
    held.close(clean=True)
    assert left_over(held.path, MASTERS) == Leftover(ACCOUNT, clean=True)


def test_a_note_is_kept_beside_the_events(again: Opening) -> None:
    held = again()
    assert held.note == b""
    held.keep_note(b"17")
    held.append(b"event")
    held.keep_note(b"18")
    assert again().note == b"18"
    held = again()
    held.drop(1)
    asyncio.run(until(lambda: left_over(held.path, MASTERS) == Leftover(ACCOUNT, (), b"18")))


def test_a_kill_while_it_begins_anew_loses_no_note(again: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    held = again()
    held.keep_note(b"17")
    for number in range(1, 100):
        held.append(b"%d" % number)
    seen: list[Leftover] = []
    truncate = os.ftruncate

    def between(file: int, size: int) -> None:
        seen.append(left_over(held.path, MASTERS))
        truncate(file, size)
        seen.append(left_over(held.path, MASTERS))

    monkeypatch.setattr(os, "ftruncate", between)
    held.drop(99)
    asyncio.run(until(lambda: len(seen) > 1))
    assert seen == [Leftover(ACCOUNT, (), b"17")] * 2
    held.append(b"next")
    assert left_over(held.path, MASTERS) == Leftover(ACCOUNT, (b"next",), b"17")


def test_dropped_events_do_not_fill_the_disk(again: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "COMPACT_BYTES", 5_000)
    held = again()
    for number in range(1, 200):
        held.append(b"x")
        held.drop(number - 1)  # there is always one that waits
        held.keep_note(b"y" * 100)
    assert held.path.stat().st_size < 15_000
    assert 0 < again().depth < 100
    assert again().note == b"y" * 100


def test_no_room_to_compact_is_no_fault(again: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "COMPACT_BYTES", 1_000)
    held = again()
    (held.path.parent / "spool.tmp").mkdir()
    for number in range(1, 30):
        held.append(b"x" * 100)
        held.drop(number - 1)
    (held.path.parent / "spool.tmp").rmdir()
    assert events(again())[-1:] == [b"x" * 100]


def test_a_compaction_that_fails_half_way_is_a_fault_until_all_is_dropped(
    again: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "COMPACT_BYTES", 1_000)
    held = again()
    for _ in range(20):
        held.append(b"x" * 100)
    monkeypatch.setattr(generations, "sync_folder", broken)
    with pytest.raises(SpoolFull, match="Input/output"):
        held.drop(15)
    with pytest.raises(SpoolFull):
        held.append(b"y")
    held.drop(16)
    monkeypatch.undo()
    held.drop(21)
    held.append(b"z")
    assert events(again()) == [b"z"]


def broken(*_: object) -> None:
    raise OSError(5, "Input/output error")


def test_a_full_disk_is_said_and_heals(again: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    held = again()
    held.append(b"one")
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:10]))
    with pytest.raises(SpoolFull, match="No space left"):
        held.append(b"two")
    monkeypatch.undo()
    with pytest.raises(SpoolFull):
        held.append(b"three")
    with pytest.raises(SpoolFull):
        held.keep_note(b"n")
    assert left_over(held.path, MASTERS).events == (b"one",)
    assert events(held) == [b"one", b"two", b"three"]  # the inbox may be on another disk
    held.drop(3)
    held.append(b"four")
    assert events(again()) == [b"four"]


def test_a_disk_that_does_not_sync_is_said(again: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    held = again()
    monkeypatch.setattr(os, "fdatasync", broken)
    held.append(b"one")

    def refused() -> bool:
        try:
            held.append(b"more")
        except SpoolFull:
            return True
        return False

    asyncio.run(until(refused))
    monkeypatch.undo()
    held.close(clean=True)
    assert not again().clean


def test_it_is_bounded(again: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST_BYTES", 1_000)
    held = again()
    for _ in range(8):
        held.append(b"x" * 80)
    with pytest.raises(SpoolFull, match="8 events wait for the inbox"):
        held.append(b"x" * 80)
    held.drop(8)
    held.append(b"x")


def test_threads_append_side_by_side(again: Opening) -> None:
    held = again()

    def work(name: int) -> None:
        for count in range(50):
            held.append(b"%d %d" % (name, count))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [event.split() for event in events(again())]
    assert len(found) == 300
    for name in range(6):
        assert [int(count) for who, count in found if int(who) == name] == list(range(50))


def test_a_closed_spool_takes_nothing(again: Opening) -> None:
    held = again()
    held.append(b"one")
    held.close(clean=True)
    for attempt in (
        lambda: held.append(b"two"),
        lambda: held.drop(1),
        lambda: held.keep_note(b""),
        lambda: held.renew(MASTERS),
    ):
        with pytest.raises(SpoolFull, match="it is closed"):
            attempt()


def test_it_goes_on_under_another_key(again: Opening) -> None:
    held = again()
    held.append(b"one")
    keys = new_keys()
    held.renew(keys)
    held.append(b"two")
    with pytest.raises(VaultKeyUnknown):
        left_over(held.path, MASTERS)
    assert left_over(held.path, keys).events == (b"one", b"two")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=20), min_size=1, max_size=6), st.data())
def test_a_damaged_spool_gives_what_is_before_the_damage(said: list[bytes], data: st.DataObject) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spool"
        held = Spool(path, MASTERS, ACCOUNT, Leftover())
        for event in said:
            held.append(event)
        held.close(clean=True)
        whole = path.read_bytes()
        at = data.draw(st.integers(0, len(whole) - 1))
        changed = bytearray(whole)
        changed[at] ^= 1
        path.write_bytes(bytes(changed) if data.draw(st.booleans()) else whole[:at])
        try:
            left = left_over(path, MASTERS)
        except VaultKeyUnknown:
            assert 8 <= at < 16
            return
        assert not left.clean
        assert list(left.events) == said[: len(left.events)]


def test_a_damaged_spool_is_put_aside_and_said(place: Place) -> None:
    vault = place.open()
    for number in range(5):
        vault.spool.append(b"%d" % number)
    place.close(vault)
    path = place.folder / "spool"
    data = bytearray(path.read_bytes())
    data[96 + 25 + 10] ^= 1
    path.write_bytes(data)
    vault = place.open()
    assert "spool, record 1: it was altered" in vault.spool.damage
    assert not vault.spool.clean
    assert events(vault.spool) == [b"0"]
    assert (place.folder / "spool.damaged").read_bytes() == data


def test_a_session_without_its_spool_was_not_stopped_in_good_order(place: Place) -> None:
    place.close(place.open())
    (place.folder / "spool").unlink()
    assert not place.open().spool.clean
