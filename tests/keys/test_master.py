"""The master key: where it comes from, what is refused, how it rotates."""

import base64
import os
import shlex
import sys
from pathlib import Path

import pytest

from keys import master
from keys.master import (
    MasterKeyExposed,
    MasterKeyInUse,
    MasterKeyInvalid,
    MasterKeyMissing,
    MasterKeyUnreadable,
    key_id,
    load_again,
    load_master_keys,
    retire_file,
    rotate_file,
)
from schemas.problems import NotFound, Refused

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
TEXT, OTHER_TEXT = base64.b64encode(KEY).decode(), base64.b64encode(OTHER).decode()


def printing(text: str) -> str:
    return shlex.join([sys.executable, "-S", "-c", f"print({text!r})"])


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_id_is_eight_bytes_of_sha256() -> None:
    assert key_id(bytes(32)) == "66687aadf862bd77"


def test_first_start_makes_a_private_key_once(tmp_path: Path) -> None:
    home = tmp_path / "data"
    made = load_master_keys(home, {}, create=True)
    assert (home / "master.key").stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in home.iterdir()] == ["master.key"]
    assert load_master_keys(home, {}, create=True) == made
    assert load_master_keys(home, {}, create=False) == made
    assert len(made.current_key) == 32


def test_second_of_two_first_starts_keeps_the_first_ones_key(tmp_path: Path) -> None:
    master._create(tmp_path / "master.key")
    first = load_master_keys(tmp_path, {}, create=False)
    master._create(tmp_path / "master.key")
    assert load_master_keys(tmp_path, {}, create=False) == first
    assert [entry.name for entry in tmp_path.iterdir()] == ["master.key"]


def test_missing_key_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyMissing, match=r"master\.key"):
        load_master_keys(tmp_path, {}, create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", [TEXT, f"{key_id(KEY)} {TEXT}", f"\n{TEXT}\n{OTHER_TEXT}\n"])
def test_environment_comes_first(tmp_path: Path, given: str) -> None:
    environ = {"CHATLOOM_MASTER_KEY": given, "CHATLOOM_MASTER_KEY_FILE": "/nowhere"}
    masters = load_master_keys(tmp_path, environ, create=True)
    assert (masters.current, masters.current_key) == (key_id(KEY), KEY)
    assert not (tmp_path / "master.key").exists()


def test_file_comes_second(tmp_path: Path) -> None:
    path = written(tmp_path / "elsewhere", f"{key_id(OTHER)} {OTHER_TEXT}\n{key_id(KEY)} {TEXT}\n")
    environ = {"CHATLOOM_MASTER_KEY_FILE": str(path), "CHATLOOM_MASTER_KEY_COMMAND": "false"}
    masters = load_master_keys(tmp_path, environ, create=True)
    assert masters.current == key_id(OTHER)
    assert masters.keys == {key_id(OTHER): OTHER, key_id(KEY): KEY}
    assert masters.source == str(path)


def test_command_comes_third(tmp_path: Path) -> None:
    masters = load_master_keys(tmp_path, {"CHATLOOM_MASTER_KEY_COMMAND": printing(TEXT)}, create=True)
    assert masters.current_key == KEY


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("false", "status 1"),
        ("no-such-secrets-manager", "cannot be run"),
        ("'unclosed", "cannot be run"),
        (shlex.join([sys.executable, "-S", "-c", "import signal; signal.pause()"]), "no answer in 0 s"),
    ],
)
def test_command_that_gives_no_key(
    tmp_path: Path, command: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "pause" in command:
        monkeypatch.setattr(master, "COMMAND_TIMEOUT_S", 0.01)
    with pytest.raises(MasterKeyUnreadable, match=why):
        load_master_keys(tmp_path, {"CHATLOOM_MASTER_KEY_COMMAND": command}, create=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "there is no key"),
        ("not base64!", "not base64"),
        ("ключ", "not base64"),
        (base64.b64encode(bytes(31)).decode(), "31 bytes"),
        (f"{key_id(OTHER)} {TEXT}", "not this key's"),
        (f"a b {TEXT}", "not this key's"),
        (f"{TEXT}\nAAAA", "line 2: these are 3 bytes"),
    ],
)
def test_wrong_key_is_refused_and_left_alone(tmp_path: Path, text: str, why: str) -> None:
    path = written(tmp_path / "master.key", text)
    with pytest.raises(MasterKeyInvalid, match=why) as refused:
        load_master_keys(tmp_path, {}, create=True)
    assert path.read_text() == text
    assert TEXT not in str(refused.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    written(tmp_path / "master.key", TEXT, mode)
    with pytest.raises(MasterKeyExposed, match=r"chmod 600 .*master\.key") as refused:
        load_master_keys(tmp_path, {}, create=True)
    assert isinstance(refused.value, Refused)


def test_folder_in_place_of_the_key(tmp_path: Path) -> None:
    (tmp_path / "master.key").mkdir()
    with pytest.raises(MasterKeyUnreadable, match="directory"):
        load_master_keys(tmp_path, {}, create=True)


def test_rotation_keeps_the_old_key_until_it_is_retired(tmp_path: Path) -> None:
    old = load_master_keys(tmp_path, {}, create=True)
    both = rotate_file(tmp_path)
    assert list(both.keys) == [both.current, old.current]
    assert both.current != old.current
    assert both == load_master_keys(tmp_path, {}, create=False)
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
    new = retire_file(tmp_path, old.current)
    assert new.keys == {both.current: both.current_key}
    assert [entry.name for entry in tmp_path.iterdir()] == ["master.key"]


def test_only_an_old_and_known_key_can_be_retired(tmp_path: Path) -> None:
    masters = load_master_keys(tmp_path, {}, create=True)
    with pytest.raises(MasterKeyInUse):
        retire_file(tmp_path, masters.current)
    with pytest.raises(NotFound):
        retire_file(tmp_path, "0011223344556677")
    assert load_master_keys(tmp_path, {}, create=False) == masters


@pytest.mark.parametrize("home", ["", "absent"])
def test_rotation_needs_a_key_file(tmp_path: Path, home: str) -> None:
    with pytest.raises(MasterKeyMissing):
        rotate_file(tmp_path / home)


def test_failed_rotation_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    masters = load_master_keys(tmp_path, {}, create=True)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        rotate_file(tmp_path)
    assert load_master_keys(tmp_path, {}, create=False) == masters
    assert [entry.name for entry in tmp_path.iterdir()] == ["master.key"]


def test_keys_do_not_show() -> None:
    assert "keys=" not in repr(master.MasterKeys(key_id(KEY), {key_id(KEY): KEY}))


def test_a_living_process_reads_its_source_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_file = load_master_keys(tmp_path, {}, create=True)
    rotated = rotate_file(tmp_path)
    assert load_again(in_file) == rotated
    in_environment = load_master_keys(tmp_path, {"CHATLOOM_MASTER_KEY": TEXT}, create=False)
    assert load_again(in_environment) is in_environment
    told = written(tmp_path / "told", TEXT)
    command = {"CHATLOOM_MASTER_KEY_COMMAND": f"cat {shlex.quote(str(told))}"}
    printed = load_master_keys(tmp_path, command, create=False)
    assert load_again(printed) is printed  # the command is not in this process's environment
    monkeypatch.setenv(*command.popitem())
    told.write_text(f"{OTHER_TEXT}\n{TEXT}\n")
    assert load_again(printed).current == key_id(OTHER)
