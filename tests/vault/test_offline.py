"""What an operator does with sealed sessions; through the functions, and through the command."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from keys.master import MasterKeys, load_master_keys, rotate_file
from schemas.problems import NotFound
from sessions.driver import Mark
from sessions.vault import (
    OpenVault,
    VaultBroken,
    VaultForeign,
    VaultInUse,
    VaultKeyUnknown,
    VaultRolledBack,
    generations,
    offline,
)
from sessions.vault.generations import ROTATE
from sessions.vault.library import Connection
from sessions.vault.offline import MoveUseless, NotRotated, RestoreUnclear
from tests.vault.conftest import NUMBER, Place, link, new_keys, without

Library = Callable[[OpenVault], Connection]
JID = "4915112345678:1@s.whatsapp.net"


def written(place: Place, library: Library, steps: int, mark: Mark | None = None) -> Mark:
    """A linked session that was open for a while, and has an event in its spool."""
    vault = place.open(mark)
    connection = library(vault)
    connection.rows("CREATE TABLE IF NOT EXISTS steps (step INTEGER PRIMARY KEY)")
    if not vault.select("SELECT 1 FROM sqlite_master WHERE name = 'whatsmeow_device'"):
        link(connection, JID)
    vault.renew()
    for _ in range(steps):
        connection.rows("INSERT INTO steps VALUES (NULL)")
    vault.spool.append(b"waits")
    return place.close(vault)


def count(vault: OpenVault) -> object:
    return vault.select("SELECT count(*) FROM steps")[0][0]


def everything(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_standing(place: Place, library: Library) -> None:
    assert offline.numbers(place.volume) == []
    mark = written(place, library, 3)
    (place.volume / "lost+found").mkdir()
    (place.volume / "file").touch()
    assert offline.numbers(place.volume) == [NUMBER]

    def standing(masters: MasterKeys = place.masters) -> offline.Standing:
        return offline.standing(place.volume, NUMBER, masters)

    now = standing()
    assert (now.state, now.generation, now.records, now.key) == ("closed", 2, 4, "current")
    assert now.spool_bytes > 96
    assert now.bytes == place.file.stat().st_size
    vault = place.open(mark)
    assert standing().state == "open"
    place.close(vault)
    assert standing(new_keys(place.masters)).key == "old"
    foreign = standing(new_keys())
    assert (foreign.key, foreign.records) == ("absent", None)
    assert "not among those loaded" in foreign.fault
    place.file.write_bytes(place.file.read_bytes()[:-1000] + b"\0")
    data = bytearray(place.file.read_bytes())
    data[100] ^= 1
    place.file.write_bytes(data)
    assert "record 0" in standing().fault
    place.file.write_bytes(b"")
    assert "too short" in standing().fault
    place.file.unlink()
    (place.folder / "spool").unlink()
    assert standing() == offline.Standing(str(NUMBER), "none")


def test_numbers_are_named_by_their_beginning(tmp_path: Path) -> None:
    for name in ("0aa00000-0000-0000-0000-000000000001", "0ab00000-0000-0000-0000-000000000001"):
        (tmp_path / name).mkdir()
    assert str(offline.chosen(tmp_path, "0AA")).startswith("0aa")
    assert offline.chosen(tmp_path, str(NUMBER)) == NUMBER
    for said in ("0a", "", "1"):
        with pytest.raises(NotFound):
            offline.chosen(tmp_path, said)


def test_verify_opens_every_record(place: Place, library: Library) -> None:
    written(place, library, 3)
    assert offline.verified(place.volume, NUMBER, place.masters).records == 4
    with pytest.raises(NotFound):
        offline.verified(place.volume, UUID(int=1), place.masters)
    data = bytearray(place.file.read_bytes())
    data[-9000] ^= 1
    place.file.write_bytes(data)
    with pytest.raises(VaultBroken):
        offline.verified(place.volume, NUMBER, place.masters)


def test_a_session_of_before_it_was_used_verifies(place: Place) -> None:
    place.close(place.open())
    assert offline.verified(place.volume, NUMBER, place.masters).mark == Mark(1, 1)
    place.destroy(place.open())
    assert offline.verified(place.volume, NUMBER, place.masters).image == b""


# backup and restore


def test_an_open_session_is_backed_up_and_restored_as_a_later_one(place: Place, library: Library) -> None:
    mark = written(place, library, 3)
    vault = place.open(mark)
    backup, at = offline.backed_up(place.volume, NUMBER, place.masters, place.volume)
    assert backup.name == f"{NUMBER}-{generations.name_of(3)}"
    assert backup.stat().st_mode & 0o777 == 0o600
    assert at == vault.mark
    with pytest.raises(VaultInUse):
        offline.restored_backup(place.volume, NUMBER, place.masters, backup, False, 0)
    place.close(vault)
    mark = written(place, library, 4)
    done = offline.restored_backup(place.volume, NUMBER, place.masters, backup, False, 0)
    assert done.mark == Mark(mark.generation + 1, 1)
    assert (done.backup, done.replaced) == (Mark(3, 1), mark.generation)
    vault = place.open(mark)
    assert count(vault) == 3
    assert vault.spool.waiting() == [(1, b"waits"), (2, b"waits")]


def test_a_lost_volume_is_restored_above_what_is_known(place: Place, library: Library) -> None:
    written(place, library, 3)
    backup, _ = offline.backed_up(place.volume, NUMBER, place.masters, place.volume / "backup")
    mark = replace(written(place, library, 2), generation=9)
    shutil.rmtree(place.folder)
    offline.restored_backup(place.volume, NUMBER, place.masters, backup, False, 0)
    with pytest.raises(VaultRolledBack, match="--above 9"):
        place.open(mark)
    offline.restored_backup(place.volume, NUMBER, place.masters, backup, False, 9)
    assert count(place.open(mark)) == 3


def test_a_session_is_given_up(place: Place, library: Library) -> None:
    mark = written(place, library, 3)
    offline.restored_backup(place.volume, NUMBER, place.masters, None, True, mark.generation)
    vault = place.open(mark)
    assert vault.select("SELECT name FROM sqlite_master") == [("chatloom_vault",)]


def test_a_backup_that_does_not_fit_touches_nothing(place: Place, library: Library) -> None:
    written(place, library, 3)
    backup, _ = offline.backed_up(place.volume, NUMBER, place.masters, place.volume / "backup")
    before = everything(place.folder)
    with pytest.raises(VaultForeign):
        offline.restored_backup(place.volume, UUID(int=3), place.masters, backup, False, 0)
    with pytest.raises(VaultKeyUnknown):
        offline.restored_backup(place.volume, NUMBER, new_keys(), backup, False, 0)
    for file, empty in ((None, False), (backup, True)):
        with pytest.raises(RestoreUnclear):
            offline.restored_backup(place.volume, NUMBER, place.masters, file, empty, 0)
    backup.write_bytes(backup.read_bytes()[:5000])
    with pytest.raises(VaultBroken):
        offline.restored_backup(place.volume, NUMBER, place.masters, backup, False, 0)
    assert everything(place.folder) == before


def test_a_new_generation_during_a_backup_is_read_instead(
    place: Place, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = written(place, library, 3)
    vault = place.open(mark)
    read = offline.restored

    def late(path: Path, masters: MasterKeys) -> generations.Restored:
        if path.name == generations.name_of(3):
            vault.renew()
        return read(path, masters)

    monkeypatch.setattr(offline, "restored", late)
    assert offline.backed_up(place.volume, NUMBER, place.masters, place.volume)[1] == Mark(4, 1)


# rotation


def test_a_closed_session_is_rotated_with_its_spool(place: Place, library: Library) -> None:
    mark = written(place, library, 3)
    older, place.masters = place.masters, new_keys(place.masters)
    assert offline.keys_in_use(place.volume) == {older.current}
    assert offline.rotated(place.volume, NUMBER, place.masters)
    assert not offline.rotated(place.volume, NUMBER, place.masters)
    assert offline.keys_in_use(place.volume) == {place.masters.current}
    place.masters = without(place.masters, older.current)
    vault = place.open(mark)
    assert count(vault) == 3
    assert vault.spool.clean
    assert vault.spool.waiting() == [(1, b"waits")]
    assert not offline.rotated(place.volume, UUID(int=5), place.masters)


def test_a_session_without_a_spool_is_rotated(place: Place, library: Library) -> None:
    written(place, library, 3)
    (place.folder / "spool").unlink()
    keys = new_keys(place.masters)
    assert offline.rotated(place.volume, NUMBER, keys)
    assert offline.keys_in_use(place.volume) == {keys.current}


def test_an_open_session_is_rotated_by_its_process(place: Place, library: Library) -> None:
    first = place.masters = load_master_keys(place.volume, {}, create=True)
    vault = place.open()
    connection = library(vault)
    connection.rows("CREATE TABLE steps (step INTEGER PRIMARY KEY)")
    second = rotate_file(place.volume)
    going = threading.Event()

    def flow() -> None:
        while not going.is_set():
            connection.rows("INSERT INTO steps VALUES (NULL)")

    thread = threading.Thread(target=flow)
    thread.start()
    try:
        assert offline.rotated(place.volume, NUMBER, second)
    finally:
        going.set()
        thread.join()
    assert vault.fault is None
    assert vault.key_id == second.current
    assert offline.keys_in_use(place.volume) == {second.current}
    said = count(vault)
    place.masters = without(second, first.current)
    mark = place.close(vault)
    assert count(place.open(mark)) == said


def test_a_process_that_cannot_rotate_is_named(place: Place) -> None:
    place.open()  # its key is in memory only, as if from the environment
    older = place.masters.current
    with pytest.raises(NotRotated, match=older):
        offline.rotated(place.volume, NUMBER, new_keys(place.masters))
    assert not (place.folder / ROTATE).exists()


def test_a_process_that_does_not_answer_is_named(place: Place, library: Library) -> None:
    written(place, library, 1)
    with generations.locked(place.folder), pytest.raises(NotRotated):
        offline.rotated(place.volume, NUMBER, new_keys(place.masters), wait_s=0.1)
    assert not (place.folder / ROTATE).exists()


# moving


def test_a_session_moves_to_another_volume(place: Place, library: Library) -> None:
    mark = written(place, library, 3)
    other = place.volume / "other"
    assert offline.moved(place.volume, NUMBER, place.masters, other) == mark
    assert list(place.folder.iterdir()) == []
    with pytest.raises(NotFound):
        offline.moved(place.volume, NUMBER, place.masters, other)
    place.folder = other / str(NUMBER)
    vault = place.open(mark)
    assert count(vault) == 3
    assert vault.spool.clean
    assert vault.spool.waiting() == [(1, b"waits")]


def test_an_open_session_or_a_later_one_there_is_not_moved(place: Place, library: Library) -> None:
    mark = written(place, library, 3)
    other = place.volume / "other"
    vault = place.open(mark)
    with pytest.raises(VaultInUse):
        offline.moved(place.volume, NUMBER, place.masters, other)
    place.close(vault)
    shutil.copytree(place.folder, other / str(NUMBER), dirs_exist_ok=True)
    before = everything(place.folder)
    with pytest.raises(MoveUseless):
        offline.moved(place.volume, NUMBER, place.masters, other)
    assert everything(place.folder) == before


def test_a_session_without_a_spool_moves(place: Place, library: Library) -> None:
    mark = written(place, library, 1)
    (place.folder / "spool").unlink()
    assert offline.moved(place.volume, NUMBER, place.masters, place.volume / "other") == mark


# the command


class Command:
    """`chatloom vault …` in a home of its own, which has one session."""

    def __init__(self, place: Place, library: Library) -> None:
        place.masters = load_master_keys(place.volume, {}, create=True)
        self.place = place
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHATLOOM")},
            "CHATLOOM_HOME": str(place.volume),
            "CHATLOOM_SESSIONS": str(place.volume),
            "CHATLOOM_SESSIONS_LIVE": str(place.live.parent),
        }
        self.mark = written(place, library, 3)

    def __call__(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", "vault", *words],
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def command(place: Place, library: Library) -> Command:
    return Command(place, library)


def test_the_command_says_how_all_stands(command: Command) -> None:
    said = json.loads(command("status", "--json"))
    assert said["core_dumps"] == "off"
    assert said["live_in_memory"] is True
    assert said["live_may_be_swapped"] in ("yes", "no")
    (session,) = said["sessions"]
    assert (session["generation"], session["records"], session["key"]) == (2, 4, "current")
    for words in ("status", "verify"):
        assert str(NUMBER) in command(words)
    command.place.file.write_bytes(b"")
    assert "too short" in command("status", code=1)
    assert "too short" in command("verify", code=1)
    assert "too short" in command("backup", str(command.place.volume), code=5)


def test_the_command_rotates_and_moves(command: Command) -> None:
    rotate_file(command.place.volume)
    (row,) = json.loads(command("rotate", "--json", str(NUMBER)[:8]))
    assert row["rotated"] is True
    (row,) = json.loads(command("rotate", "--json"))
    assert row["rotated"] is False
    command("move", str(NUMBER), "--to", str(command.place.volume / "other"))
    assert "none" in command("status")


def test_the_command_names_what_it_could_not_rotate(command: Command) -> None:
    rotate_file(command.place.volume)
    command.place.file.write_bytes(command.place.file.read_bytes()[:500])
    assert "record 0" in command("rotate", code=1)


def test_the_command_backs_up_and_restores(command: Command) -> None:
    (row,) = json.loads(command("backup", str(command.place.volume), "--json"))
    assert "as were sent to them since 20" in command("restore", str(NUMBER), row["file"])
    assert "link the phone again" in command("restore", str(NUMBER), "--empty", "--above", "77")
    (session,) = json.loads(command("status", "--json"))["sessions"]
    assert session["generation"] == 78
    (command.place.volume / str(UUID(int=8))).mkdir()
    assert "not a folder" in command("backup", str(command.place.volume / "nowhere"), code=2)


def test_the_command_names_the_file_that_the_system_refuses(command: Command) -> None:
    said = command("backup", str(command.place.volume / "no" / "folder"), code=5)
    assert "no/folder.tmp cannot be read or written: No such file" in said


def test_an_exposed_or_absent_key_file_is_refused(command: Command) -> None:
    key = command.place.volume / "master.key"
    key.chmod(0o644)
    assert "chmod 600" in command("status", code=5)
    key.unlink()
    assert "no master key" in command("verify", code=5)
