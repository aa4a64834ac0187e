"""What the machine is, and what processes of it use. Linux only: it reads /proc."""

import os
import platform
import subprocess
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

_TICK = os.sysconf("SC_CLK_TCK")


def described() -> dict[str, Any]:
    """Cores, processor, memory and versions."""
    about = Path("/proc/cpuinfo").read_text()
    model = next((line.partition(":")[2].strip() for line in about.splitlines() if "model name" in line), "?")
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "cores": os.cpu_count(),
        "processor": model,
        "memory_mb": memory,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "uvloop": version("uvloop"),
        "psycopg": version("psycopg"),
        "commit": commit,
    }


def cpu_s(pid: int, *, family: bool = False) -> float:
    """Seconds of processor time that a process used; with its children, living and reaped, if `family`."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    ticks = int(parts[11]) + int(parts[12])
    if family:
        ticks += int(parts[13]) + int(parts[14])
        for child in _children(pid):
            with suppress(FileNotFoundError):  # it has ended: its parent reaps what it used
                ticks += round(cpu_s(child, family=True) * _TICK)
    return ticks / _TICK


def busy_s() -> float:
    """Seconds of processor time that everything on this machine used, others' programs too."""
    user, nice, system, _, _, irq, softirq, *_ = map(int, Path("/proc/stat").read_text().split()[1:11])
    return (user + nice + system + irq + softirq) / _TICK


def rss_mb(pid: int) -> float:
    """Resident memory of a process."""
    return _status_kb(pid, "VmRSS") / 1024


def pss_mb(pid: int) -> float:
    """Resident memory of a process, with shared pages divided among those who share them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def family(pid: int) -> list[int]:
    """A process and all that come from it."""
    return [pid, *(one for child in _children(pid) for one in family(child))]


def _status_kb(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
