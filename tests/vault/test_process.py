"""What of the machine may let an open session reach a disk."""

import os
import resource
from pathlib import Path
from types import SimpleNamespace

import pytest

from sessions.vault import LiveFolderUnfit, process

DISK = "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw"
TMPFS = "25 22 0:22 / /dev/shm rw,nosuid - tmpfs tmpfs rw,size=65536k"
NOSWAP = TMPFS + ",noswap"
RAMFS = TMPFS.replace("tmpfs tmpfs", "ramfs ramfs")
SPACES = "26 22 0:22 / /mnt/a\\040b rw - tmpfs tmpfs rw"


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(process, "_MOUNTS", tmp_path / "mounts")
    monkeypatch.setattr(process, "_SWAPS", tmp_path / "swaps")
    return tmp_path


def test_no_core_dumps() -> None:
    process.no_core_dumps()
    assert not process.dumps_core()
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def test_where_a_system_has_no_such_call_the_limit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.ctypes, "CDLL", lambda _: SimpleNamespace())
    process.no_core_dumps()
    assert not process.dumps_core()
    monkeypatch.setattr(process.resource, "getrlimit", lambda _: (-1, -1))
    assert process.dumps_core()


@pytest.mark.parametrize(
    ("mounts", "swaps", "said"),
    [
        ((DISK, TMPFS), "head\n", "no"),
        ((DISK, TMPFS), "head\n/dev/sda2\n", "yes"),
        ((DISK, NOSWAP), "head\n/dev/sda2\n", "no"),
        ((DISK, RAMFS), "head\n/dev/sda2\n", "no"),
        ((DISK, TMPFS), None, "unknown"),
        (None, "head\n/dev/sda2\n", "yes"),
    ],
)
def test_swap(system: Path, mounts: tuple[str, ...] | None, swaps: str | None, said: str) -> None:
    if mounts:
        (system / "mounts").write_text("\n".join(mounts))
    if swaps:
        (system / "swaps").write_text(swaps)
    assert process.swaps(Path("/dev/shm/x")) == said


def test_the_nearest_mount_counts(system: Path) -> None:
    (system / "mounts").write_text("\n".join([TMPFS, SPACES, DISK]))
    assert process.mounted(Path("/dev/shm/x/y")) == ("tmpfs", ["rw", "size=65536k"])
    assert process.mounted(Path("/dev/shmx")) == ("ext4", ["rw"])
    assert process.mounted(Path("/mnt/a b/c")) == ("tmpfs", ["rw"])


def test_a_folder_on_a_disk_is_refused(system: Path) -> None:
    (system / "mounts").write_text(DISK)
    with pytest.raises(LiveFolderUnfit, match=r"on a disk \(ext4\)"):
        process.check_live(system / "live", 0)


def test_where_the_system_does_not_say_any_folder_will_do(system: Path) -> None:
    process.check_live(system / "live", 0)
    assert (system / "live").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_could_replace_is_refused(system: Path) -> None:
    above = system / "above"
    above.mkdir()
    above.chmod(0o777)
    with pytest.raises(LiveFolderUnfit, match="others may replace it"):
        process.check_live(above / "live", 0)
    above.chmod(0o1777)
    process.check_live(above / "live", 0)


def test_a_folder_without_room_is_refused(system: Path) -> None:
    with pytest.raises(LiveFolderUnfit, match="MB are free"):
        process.check_live(system / "live", 2**60)


def test_anothers_folder_is_refused(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(LiveFolderUnfit, match="must be ours"):
        process.check_live(system / "live", 0)


def test_a_folder_that_cannot_be_made_is_refused(system: Path) -> None:
    (system / "file").touch()
    with pytest.raises(LiveFolderUnfit, match="cannot be made"):
        process.check_live(system / "file" / "live", 0)
