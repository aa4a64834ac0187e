"""What of the process and the machine may let an open session reach a disk: core dumps, swap, the live folder."""

import ctypes
import os
import resource
import shutil
import stat
from pathlib import Path

from sessions.vault.problems import LiveFolderUnfit

IN_MEMORY = ("tmpfs", "ramfs")
LEAST_FREE = 16 * 2**20  # bytes; a session of some thousand contacts and its log

_PR_SET_DUMPABLE = 4
_PR_GET_DUMPABLE = 3
_MOUNTS = Path("/proc/self/mountinfo")
_SWAPS = Path("/proc/swaps")


def no_core_dumps() -> None:
    """From now on a crash of this process, or a debugger of our own user, does not write out its memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl = getattr(ctypes.CDLL(None), "prctl", None)  # Linux only
    if prctl is not None:
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def dumps_core() -> bool:
    """Whether a crash of this process would write out its memory."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    dumpable = prctl is None or prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) != 0
    return dumpable and resource.getrlimit(resource.RLIMIT_CORE)[0] != 0


def check_live(folder: Path, needed: int) -> None:
    """Make the folder for open sessions, private. Raises `LiveFolderUnfit`. `needed`: bytes of the session."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LiveFolderUnfit(folder=str(folder), why=f"it cannot be made ({error.strerror})") from error
    found = folder.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise LiveFolderUnfit(folder=str(folder), why="others may enter it; it must be ours, of mode 0700")
    for above in Path(os.path.realpath(folder)).parents:
        found = above.stat()
        open_to_others = found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX
        if found.st_uid not in (0, os.getuid()) or open_to_others:
            raise LiveFolderUnfit(folder=str(folder), why=f"others may replace it, in {above}")
    kind = mounted(folder)
    if kind and kind[0] not in IN_MEMORY:
        raise LiveFolderUnfit(folder=str(folder), why=f"it is on a disk ({kind[0]}), not in memory (tmpfs)")
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE + 2 * needed:
        raise LiveFolderUnfit(folder=str(folder), why=f"only {free // 2**20} MB are free there")


def swaps(folder: Path) -> str:
    """Whether what lies in `folder` may be swapped to disk: `no`, `yes`, or `unknown`."""
    if not _SWAPS.exists():
        return "unknown"
    if len(_SWAPS.read_text().splitlines()) <= 1:
        return "no"
    kind = mounted(folder)
    return "no" if kind and (kind[0] == "ramfs" or "noswap" in kind[1]) else "yes"


def mounted(folder: Path) -> tuple[str, list[str]] | None:
    """The file system that `folder` is on and its options; None where the system does not say.

    Source: proc_pid_mountinfo(5).
    """
    if not _MOUNTS.exists():
        return None
    there = Path(os.path.realpath(folder))
    best: tuple[int, tuple[str, list[str]]] = (-1, ("", []))
    for line in _MOUNTS.read_text().splitlines():
        before, _, after = line.partition(" - ")
        point = Path(before.split()[4].encode().decode("unicode_escape"))
        kind, _, options = after.split(maxsplit=2)
        if there.is_relative_to(point) and len(point.parts) >= best[0]:
            best = (len(point.parts), (kind, options.split(",")))
    return best[1]
