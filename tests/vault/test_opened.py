"""An open vault, with the library's own SQLite: each commit is on disk before the statement ends."""

import asyncio
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from keys.master import load_master_keys, rotate_file
from sessions.driver import Mark
from sessions.vault import (
    LiveFolderUnfit,
    OpenVault,
    VaultBroken,
    VaultForeign,
    VaultInUse,
    VaultKeyUnknown,
    VaultMissing,
    VaultRolledBack,
    VaultUnsettled,
    VaultUnsupported,
    VaultUnwritable,
    generations,
    open_vault,
    opened,
)
from sessions.vault.hooks import hooks
from sessions.vault.library import Connection
from sessions.vault.problems import SqliteFailed
from sessions.vault.wal import Wal, WalUnlike
from tests.until import until
from tests.vault.conftest import NUMBER, Place, link, new_keys, without

Library = Callable[[OpenVault], Connection]

KEY = bytes(range(100, 132))


def steps(connection: Connection, count: int, size: int = 100) -> None:
    connection.rows("CREATE TABLE IF NOT EXISTS steps (step INTEGER PRIMARY KEY, what BLOB)")
    for _ in range(count):
        connection.rows("INSERT INTO steps (what) VALUES (?)", (KEY * (size // 32),))


def secrets(connection: Connection, count: int) -> None:
    """As the library stores the secrets of messages (store/sqlstore/store.go, putMsgSecret)."""
    connection.rows("CREATE TABLE IF NOT EXISTS whatsmeow_message_secrets (message_id TEXT, key BLOB)")
    for _ in range(count):
        connection.rows(
            "\n\t\tINSERT INTO whatsmeow_message_secrets (message_id, key) VALUES ('A', ?)", (KEY,)
        )


def kept(place: Place, table: str = "steps") -> int:
    """How many rows of it the sealed file holds now, read as after a crash."""
    image = generations.restored(place.file, place.masters).image
    path = place.volume / "copy.db"
    path.write_bytes(image)
    connection = Connection(path)
    try:
        assert connection.rows("PRAGMA integrity_check") == [("ok",)]
        ((count,),) = connection.rows(f"SELECT count(*) FROM {table}")
        return int(count or 0)
    finally:
        connection.close()
        for left in place.volume.glob("copy.db*"):
            left.unlink()


def test_every_commit_is_sealed_when_the_statement_ends(place: Place, library: Library) -> None:
    vault = place.open()
    connection = library(vault)
    assert not vault.hooked or vault.select("SELECT 1") == [(1,)]
    for count in range(1, 20):
        steps(connection, 1)
        assert kept(place) == count
    assert vault.hooked
    assert vault.mark == Mark(1, 21)
    connection.rows("BEGIN")
    steps(connection, 5)
    connection.rows("ROLLBACK")
    assert kept(place) == 19


def test_nothing_is_in_clear_on_the_volume(place: Place, library: Library) -> None:
    vault = place.open()
    steps(library(vault), 50)
    vault.spool.append(b"Hello, this is Ada" * 10)
    vault.renew()
    steps(library(vault), 5)
    place.close(vault)
    files = list(place.folder.iterdir())
    assert sorted(file.name for file in files) == [generations.name_of(2), "spool"]
    for file in files:
        data = file.read_bytes()
        assert file.stat().st_mode & 0o777 == 0o600
        for secret in (KEY, b"Ada", b"SQLite", b"steps", place.masters.current_key):
            assert secret not in data
    assert place.folder.stat().st_mode & 0o777 == 0o700


def test_the_live_files_are_ours_alone_and_gone_afterwards(place: Place, library: Library) -> None:
    vault = place.open()
    steps(library(vault), 1)
    assert vault.path.parent.stat().st_mode & 0o777 == 0o700
    files = list(vault.path.parent.iterdir())
    assert {file.name for file in files} == {"session.db", "session.db-wal", "session.db-shm"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    place.close(vault)
    assert list(place.live.iterdir()) == []


def test_what_was_committed_is_there_again(place: Place, library: Library) -> None:
    vault = place.open()
    steps(library(vault), 30)
    secret = vault.derive(b"tags")
    assert len(secret) == 32
    assert secret != vault.derive(b"other")
    mark = place.close(vault)
    assert place.marks == [Mark(1, 1), mark]
    vault = place.open(mark)
    assert vault.select("SELECT count(*), max(what) FROM steps") == [(30, KEY * 3)]
    assert vault.derive(b"tags") == secret
    assert vault.mark == Mark(2, 1)
    assert [file.name for file in place.folder.glob("*.vlt")] == [generations.name_of(2)]


def test_many_threads_commit_while_generations_pass(place: Place, library: Library) -> None:
    vault = place.open()
    steps(library(vault), 1)
    failed: list[BaseException] = []

    def work(connection: Connection) -> None:
        try:
            for _ in range(120):
                connection.rows("INSERT INTO steps (what) VALUES (?)", (KEY * 20,))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(library(vault),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        vault.renew()
    for thread in threads:
        thread.join()
    assert failed == []
    assert vault.fault is None
    assert kept(place) == 721
    assert vault.mark.generation > 1
    assert place.faults == []


def test_the_log_is_copied_and_begins_anew(place: Place, library: Library) -> None:
    vault = place.open()
    steps(library(vault), 700)
    log = vault.path.with_name("session.db-wal").stat().st_size
    assert log < 2 * opened.CHECKPOINT_FRAMES * 4200
    assert kept(place) == 700


def test_a_reader_holds_the_log_up_and_nothing_is_lost(place: Place, library: Library) -> None:
    vault = place.open()
    connection, reader = library(vault), library(vault)
    steps(connection, 10)
    reader.rows("BEGIN")
    assert reader.rows("SELECT count(*) FROM steps") == [(10,)]
    steps(connection, 500)
    assert reader.rows("SELECT count(*) FROM steps") == [(10,)]
    reader.rows("COMMIT")
    steps(connection, 500)
    assert kept(place) == 1010


def test_a_file_that_has_grown_is_made_anew(place: Place, library: Library) -> None:
    vault = place.open()
    connection = library(vault)
    connection.rows("CREATE TABLE steps (step INTEGER PRIMARY KEY, what BLOB)")
    connection.rows("INSERT INTO steps VALUES (1, zeroblob(100000))")
    while vault.mark.generation == 1:
        connection.rows("UPDATE steps SET what = randomblob(100000)")
    assert place.file.stat().st_size < 2**20
    assert place.marks == [Mark(1, 1), Mark(2, 1)]
    assert kept(place) == 1


def test_a_grown_file_goes_on_while_no_new_one_can_be_made(
    place: Place, library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(opened, "GENERATION_BYTES", 50_000)
    monkeypatch.setattr(opened, "RETRY_BYTES", 100_000)
    vault = place.open()
    in_the_way = place.folder / f"{generations.name_of(2)}.tmp"
    in_the_way.mkdir()
    connection = library(vault)
    while "could not be renewed" not in caplog.text:
        steps(connection, 1)
    size = place.file.stat().st_size
    assert vault.mark.generation == 1
    in_the_way.rmdir()
    while vault.mark.generation == 1:
        steps(connection, 1)
    assert size < 100_000
    assert vault.fault is None


def test_a_new_generation_waits_for_the_library_but_not_for_ever(
    place: Place, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "RENEW_WAIT_S", 0.05)
    vault = place.open()
    connection = library(vault)
    steps(connection, 1)
    connection.rows("BEGIN IMMEDIATE")
    with pytest.raises(VaultUnsettled):
        vault.renew()
    connection.rows("COMMIT")
    assert vault.renew() == Mark(2, 1)


def test_a_checkpoint_that_must_wait_is_tried_later(
    place: Place, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = place.open()
    one, other = library(vault), library(vault)
    steps(one, 10)
    monkeypatch.setattr(opened, "CHECKPOINT_FRAMES", 5)
    other.rows("BEGIN IMMEDIATE")  # as when another thread writes as soon as this one has committed
    vault._checkpoint_if_due()  # type: ignore[attr-defined]
    assert vault._checkpointed == 0  # type: ignore[attr-defined]
    other.rows("COMMIT")
    steps(one, 1)
    assert vault._checkpointed > 0  # type: ignore[attr-defined]
    assert kept(place) == 11


def test_the_secret_of_what_is_sent_is_sealed_with_the_step_that_follows(
    place: Place, library: Library
) -> None:
    vault = place.open()
    one, other = library(vault), library(vault)
    secrets(one, 1)
    steps(one, 1)
    with vault.sending():
        for _ in range(3):
            before = vault.mark.records
            secrets(one, 2)
            assert (vault.mark.records, vault.left) == (before, True)
            steps(other, 1)
            assert vault.mark.records == before + 1
        assert (kept(place), kept(place, "whatsmeow_message_secrets")) == (4, 7)
        # what is anything else, or nobody's who sends, is sealed by itself
        before = vault.mark.records
        one.rows("BEGIN")
        secrets(one, 1)
        one.rows("COMMIT")
        writing = threading.Thread(target=secrets, args=(other, 1))
        writing.start()
        writing.join()
        one.rows("UPDATE whatsmeow_message_secrets SET message_id = 'B'")
        assert vault.mark.records == before + 3
    secrets(one, 1)
    assert vault.mark.records == before + 4
    place.close(vault)


def test_a_secret_that_no_step_follows_is_sealed_soon(
    place: Place, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "TEND_S", 0.01)
    vault = place.open()
    one = library(vault)
    secrets(one, 1)
    steps(one, 1)
    with vault.sending():
        secrets(one, 1)
    asyncio.run(until(lambda: kept(place, "whatsmeow_message_secrets") == 2 and not vault.left))


def test_a_secret_that_no_step_follows_is_sealed_at_the_end(place: Place, library: Library) -> None:
    vault = place.open()
    one = library(vault)
    secrets(one, 1)
    steps(one, 1)
    with vault.sending():
        secrets(one, 1)
    place.close(vault)
    assert kept(place, "whatsmeow_message_secrets") == 2


def test_a_secret_that_cannot_be_sealed_stops_the_session(
    place: Place, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "TEND_S", 0.01)
    vault = place.open()
    one = library(vault)
    secrets(one, 1)
    steps(one, 1)
    monkeypatch.setattr(generations, "write_whole", broken)
    with vault.sending():
        secrets(one, 1)
    asyncio.run(until(lambda: bool(place.faults)))
    assert isinstance(vault.fault, VaultUnwritable)
    monkeypatch.undo()


def test_a_failure_of_sqlite_is_not_taken_for_a_wait(place: Place, library: Library) -> None:
    vault = place.open()
    vault._own.gate.rows("BEGIN")  # type: ignore[attr-defined]
    with pytest.raises(SqliteFailed, match="within a transaction"):
        vault.renew()


# stopping and starting


def test_one_process_at_a_time(place: Place) -> None:
    place.open()
    with pytest.raises(VaultInUse):
        place.open()
    assert generations.in_use(place.folder)


def test_a_closed_vault_takes_no_more_commits(place: Place, library: Library, tmp_path: Path) -> None:
    other = open_vault(tmp_path / "other", place.live.with_name("other"), place.masters, UUID(int=1), None)
    others = library(other)
    vault = place.open()
    connection = library(vault)
    steps(connection, 3)
    mark = place.close(vault)
    with pytest.raises(SqliteFailed):
        connection.rows("INSERT INTO steps (what) VALUES (x'00')")
    vault = place.open(mark)
    assert vault.select("SELECT count(*) FROM steps") == [(3,)]
    steps(others, 1)
    assert other.close() == Mark(1, 3)


def test_a_commit_that_ends_after_the_vault_was_closed_fails(place: Place, library: Library) -> None:
    vault = place.open()
    connection = library(vault)
    steps(connection, 3)
    (hooked,) = hooks().connections(vault)
    hooked.covered = False
    place.close(vault)
    assert not vault.committed(hooked, 99)
    assert hooks()._committed(12345, 0, b"main", 1) != 0  # type: ignore[attr-defined]


def test_destroyed_keys_are_gone_and_generations_go_on(place: Place, library: Library) -> None:
    vault = place.open()
    connection = library(vault)
    link(connection, "4915112345678:1@s.whatsapp.net")
    vault.renew()
    before = vault.derive(b"tags")
    vault.spool.append(b"waits")
    mark = place.destroy(vault)
    assert mark == Mark(3, 1)
    assert place.marks[-1] == mark
    assert place.file.stat().st_size < 200
    vault = place.open(mark)
    assert vault.select("SELECT name FROM sqlite_master") == [("chatloom_vault",)]
    assert vault.derive(b"tags") != before
    assert vault.spool.waiting() == [(1, b"waits")]


def test_a_kill_and_lost_memory_lose_no_commit_that_was_confirmed(place: Place) -> None:
    lines = []
    with start(place, 3000) as process:
        for line in process.stdout or ():
            lines.append(line)
            if len(lines) == 300:
                process.kill()
    confirmed = max(int(line.split()[1]) for line in lines if line.endswith("\n"))
    shutil.rmtree(place.live)
    vault = place.open()
    ((count,),) = vault.select("SELECT count(*) FROM steps")
    assert confirmed <= int(count or 0) <= confirmed + 1
    assert not vault.spool.clean


def start(place: Place, size: int, largest: int = 0) -> subprocess.Popen[str]:
    words = [place.folder, place.live, place.masters.current_key.hex(), size, largest]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.vault.library_process", *map(str, words)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def test_commits_that_nobody_reports_are_noticed(place: Place, library: Library) -> None:
    vault = place.open()
    hooks().forget(vault.path)  # as with a release of the library that has another copy of SQLite
    steps(library(vault), 1)
    asyncio.run(until(lambda: bool(place.faults)))
    assert isinstance(vault.fault, VaultUnsupported)
    assert vault.fault is place.faults[0]


def test_swap_is_warned_of(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(opened.process, "swaps", lambda _: "yes")
    place.open()
    assert "may be swapped to disk" in caplog.text


# disks


def test_a_full_disk_stops_the_session_and_loses_nothing_confirmed(place: Place) -> None:
    with start(place, 3000, largest=1_000_000) as process:
        lines = process.communicate()[0].splitlines()
    confirmed = [int(line.split()[1]) for line in lines if line.startswith("step")]
    faults = [line for line in lines if line.startswith("fault")]
    assert len(faults) == 1
    assert "cannot be read or written" in faults[0]
    refused = [line.split() for line in lines if line.startswith("refused")]
    assert refused[0][2] == "1"  # the hook's error is the statement's: SQLITE_ERROR
    vault = place.open()
    assert vault.select("SELECT count(*) FROM steps") == [(confirmed[-1],)]


def test_no_room_at_opening_changes_nothing(place: Place, library: Library) -> None:
    vault = place.open()
    steps(library(vault), 3)
    mark = place.close(vault)
    before = {file.name: file.read_bytes() for file in place.folder.iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(VaultUnwritable):
            place.open(mark)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {file.name: file.read_bytes() for file in place.folder.iterdir()} == before
    assert list(place.live.iterdir()) == []
    assert place.open(mark).select("SELECT count(*) FROM steps") == [(3,)]


@pytest.fixture
def not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements fail at once, since the test's own thread is the one that would be held."""
    monkeypatch.setattr(opened, "HOLD_S", 0)


@pytest.mark.parametrize("disconnected", [False, True])
def test_a_statement_that_cannot_be_sealed_is_held_until_the_client_is_stopped(
    place: Place, library: Library, monkeypatch: pytest.MonkeyPatch, disconnected: bool
) -> None:
    vault = place.open()
    connection = library(vault)
    steps(connection, 3)
    vault.let_go()  # nothing is held
    ended: list[BaseException] = []

    def commit() -> None:
        try:
            steps(connection, 1)
        except SqliteFailed as problem:
            ended.append(problem)

    monkeypatch.setattr(generations, "write_whole", broken)
    thread = threading.Thread(target=commit)
    thread.start()
    asyncio.run(until(lambda: bool(place.faults)))
    monkeypatch.undo()
    assert ended == []
    if disconnected:
        vault.let_go()
        thread.join()
    place.close(vault)
    thread.join()
    assert len(ended) == 1
    assert place.open().select("SELECT count(*) FROM steps") in ([(3,)], [(4,)])


def test_a_volume_that_cannot_be_used_is_named(place: Place) -> None:
    place.volume.touch()
    with pytest.raises(VaultUnwritable, match=f"{NUMBER} cannot be read or written: Not a directory"):
        place.open()


@pytest.mark.usefixtures("not_held")
def test_a_renewal_that_fails_half_way_stops_the_session(
    place: Place, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = place.open()
    connection = library(vault)
    steps(connection, 3)
    monkeypatch.setattr(generations, "sync_folder", broken)
    with pytest.raises(VaultUnwritable):
        vault.renew()
    assert [str(fault) for fault in place.faults] == [str(vault.fault)]
    with pytest.raises(SqliteFailed):
        steps(connection, 1)
    monkeypatch.undo()
    place.close(vault)
    assert place.open().select("SELECT count(*) FROM steps") == [(3,)]


def broken(*_: object) -> None:
    raise OSError(5, "Input/output error")


@pytest.mark.usefixtures("not_held")
def test_a_write_that_fails_stops_the_session(
    place: Place, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = place.open()
    connection = library(vault)
    steps(connection, 3)
    monkeypatch.setattr(generations, "write_whole", broken)
    with pytest.raises(SqliteFailed):
        steps(connection, 1)
    assert isinstance(vault.fault, VaultUnwritable)
    (hooked,) = hooks().connections(vault)
    hooked.covered = False
    assert not vault.committed(hooked, 99)  # a commit that was under way at that time
    assert len(place.faults) == 1
    monkeypatch.undo()


def test_a_session_that_cannot_be_destroyed_says_so_and_is_closed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = place.open()
    monkeypatch.setattr(generations, "sync_folder", broken)
    with pytest.raises(VaultUnwritable):
        place.destroy(vault)
    monkeypatch.undo()
    place.open()


@pytest.mark.usefixtures("not_held")
def test_a_log_that_is_not_as_it_should_be_stops_the_session(place: Place, library: Library) -> None:
    vault = place.open()
    connection = library(vault)
    steps(connection, 3)
    (hooked,) = hooks().connections(vault)
    hooked.covered = False
    assert not vault.committed(hooked, 99)
    assert "WalUnlike" in str(vault.fault)


def test_the_log_is_checked(tmp_path: Path) -> None:
    header, page = b"h" * 16 + b"saltsalt" + b"c" * 8, b"p" * 512
    frame = (1).to_bytes(4, "big") + (1).to_bytes(4, "big") + b"saltsalt" + b"c" * 8 + page
    path = tmp_path / "x-wal"

    def read(*frames: bytes) -> object:
        path.write_bytes(header + b"".join(frames))
        wal = Wal(path, 512)
        try:
            return wal.next(len(frames))
        finally:
            wal.close()

    assert read(frame) == (1, {1: page})
    with pytest.raises(WalUnlike, match="another time"):
        read(frame.replace(b"saltsalt", b"pepperpe"))
    with pytest.raises(WalUnlike, match="does not end with a commit"):
        read(frame[:4] + bytes(4) + frame[8:])
    with pytest.raises(WalUnlike, match="too short"):
        read(frame[:-1])


# what is refused


def sealed(place: Place, library: Library, count: int = 5) -> Mark:
    vault = place.open()
    steps(library(vault), count)
    return place.close(vault)


def test_an_old_file_put_back_is_refused(place: Place, library: Library) -> None:
    sealed(place, library)
    old = place.file.read_bytes()
    mark = sealed(place, library)
    for file in place.folder.glob("*.vlt"):
        file.unlink()
    (place.folder / generations.name_of(1)).write_bytes(old)
    with pytest.raises(VaultRolledBack, match="is at generation 1, record 7; 2, record 6"):
        place.open(mark)
    (place.folder / generations.name_of(1)).rename(place.folder / generations.name_of(3))
    with pytest.raises(VaultBroken, match="it is of generation 1"):
        place.open(mark)


def test_a_file_cut_off_at_a_record_is_refused_by_the_mark(place: Place, library: Library) -> None:
    mark = sealed(place, library)
    file, sizes = place.file, []
    vault = place.open(mark)
    for _ in range(3):
        steps(library(vault), 1)
        sizes.append(place.file.stat().st_size)
    mark = place.close(vault)
    file = place.file
    os.truncate(file, sizes[1])
    with pytest.raises(VaultRolledBack):
        place.open(mark)
    place.open(replace(mark, records=mark.records - 1))


def test_a_session_that_is_known_but_not_there_is_not_begun_anew(place: Place, library: Library) -> None:
    mark = sealed(place, library)
    place.file.unlink()
    with pytest.raises(VaultMissing, match="--empty --above 1"):
        place.open(mark)


def test_a_key_that_is_absent_is_named_and_touches_nothing(place: Place, library: Library) -> None:
    mark = sealed(place, library)
    before = {file.name: file.read_bytes() for file in place.folder.iterdir()}
    with pytest.raises(VaultKeyUnknown, match=place.masters.current):
        place.open(mark, masters=new_keys())
    assert {file.name: file.read_bytes() for file in place.folder.iterdir()} == before
    both = new_keys(place.masters)
    vault = place.open(mark, masters=both)
    assert vault.key_id == both.current
    with pytest.raises(VaultKeyUnknown):
        generations.restored(place.file, without(both, both.current))


def test_another_numbers_file_is_refused(place: Place, library: Library) -> None:
    sealed(place, library)
    with pytest.raises(VaultForeign):
        place.open(number=UUID(int=9))


def test_another_numbers_spool_is_refused(place: Place, library: Library) -> None:
    sealed(place, library)
    other = Place(place.volume / "other", place.live)
    other.masters = place.masters
    other.close(other.open(number=UUID(int=9)))
    shutil.copy(other.folder / "spool", place.folder / "spool")
    with pytest.raises(VaultForeign, match="spool"):
        place.open()


def test_another_accounts_file_is_refused(place: Place, library: Library) -> None:
    vault = place.open()
    connection = library(vault)
    link(connection, "1:1@s.whatsapp.net")
    vault.renew()
    connection.rows("UPDATE whatsmeow_device SET jid = '2:1@s.whatsapp.net'")
    place.close(vault)
    with pytest.raises(VaultForeign):
        place.open()


def test_a_linked_account_is_bound_and_opens(place: Place, library: Library) -> None:
    vault = place.open()
    link(library(vault), "1:1@s.whatsapp.net")
    mark = place.close(vault)  # killed or stopped before it was bound: it is bound at the next opening
    vault = place.open(mark)
    account = generations.restored(place.file, place.masters).header.account
    assert account == generations.account_id(NUMBER, "1:1@s.whatsapp.net")


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (b"", "too short"),
        (b"x" * 200, "no sealed file"),
    ],
)
def test_a_file_that_is_none_is_refused(place: Place, library: Library, what: bytes, why: str) -> None:
    mark = sealed(place, library)
    place.file.write_bytes(what)
    with pytest.raises(VaultBroken, match=why):
        place.open(mark)


def test_records_of_the_wrong_kind_are_refused(place: Place) -> None:
    account = generations.account_id(NUMBER, "")
    place.folder.mkdir(parents=True)
    begun = generations.begin(place.folder, place.masters, account, 1, b"x" * 512, 512)
    image = generations.sealed_record(begun._key, begun._packed, 1, generations.IMAGE, b"y")  # type: ignore[attr-defined]
    begun.close()
    with place.file.open("ab") as file:
        file.write(image)
    with pytest.raises(VaultBroken, match="record 1: it is not of the kind"):
        place.open()


def test_an_exposed_live_folder_is_refused(place: Place) -> None:
    place.live.mkdir(parents=True, mode=0o755)
    with pytest.raises(LiveFolderUnfit, match="0700"):
        place.open()


# rotation


def test_rotation_while_commits_flow(place: Place, library: Library) -> None:
    first = place.masters = load_master_keys(place.volume, {}, create=True)
    vault = place.open()
    connection = library(vault)
    steps(connection, 3)
    second = rotate_file(place.volume)
    (place.folder / generations.ROTATE).touch()
    began = time.monotonic()
    while vault.key_id == first.current and time.monotonic() < began + 10:
        steps(connection, 1)
    asyncio.run(until(lambda: not (place.folder / generations.ROTATE).exists()))
    assert vault.key_id == second.current
    place.masters = without(second, first.current)
    ((count,),) = vault.select("SELECT count(*) FROM steps")
    assert kept(place) == count
    mark = place.close(vault)
    place.open(mark)


def test_a_rotation_that_fails_is_logged(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.masters = replace(place.masters, source=str(place.volume / "no-such-key"))
    vault = place.open()
    (place.folder / generations.ROTATE).touch()
    asyncio.run(until(lambda: not (place.folder / generations.ROTATE).exists()))
    assert "was not rotated" in caplog.text
    assert vault.mark == Mark(1, 1)


def test_the_mark_is_told_from_time_to_time(
    place: Place, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "TEND_S", 0.01)
    monkeypatch.setattr(opened, "MARK_S", 0.02)
    vault = place.open()
    steps(library(vault), 3)
    asyncio.run(until(lambda: place.marks[-1] == vault.mark))
    assert place.marks[-1] == Mark(1, 5)


def test_what_is_to_be_forgotten_is_gone_before_anything_else(place: Place, library: Library) -> None:
    vault = place.open()
    steps(library(vault), 3)
    mark = place.close(vault)
    vault = place.open(mark, first=lambda session: session.rows("DELETE FROM steps WHERE step = 2"))
    assert vault.select("SELECT step FROM steps") == [(1,), (3,)]
    place.close(vault)
    assert kept(place) == 2
