"""What the machine is and what processes use of it, read from /proc (Linux; elsewhere the numbers are zero)."""

from __future__ import annotations

import os
import platform
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterable
from ctypes import CDLL
from importlib.metadata import version
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_SET_DEATH_SIGNAL = 1


def facts() -> dict[str, str]:
    """Return what a reader must know of the machine and of the versions."""
    return {
        "processor": _first("cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": _gigabytes(_first("meminfo", "MemTotal")),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": ", ".join(f"{name} {version(name)}" for name in ("asyncpg", "uvicorn", "uvloop", "msgspec")),
    }


def load_average() -> float:
    """Return how many processes wanted to run during the last minute."""
    return os.getloadavg()[0]


def _first(file: str, name: str) -> str:
    path = _PROC / file
    if not path.exists():
        return ""
    found = (line.partition(":")[2].strip() for line in path.read_text().splitlines() if line.startswith(name))
    return next(found, "")


def _gigabytes(kilobytes: str) -> str:
    number = kilobytes.split()
    return f"{int(number[0]) / 1024**2:.1f} GiB" if number else "unknown"


def family(pid: int) -> list[int]:
    """Return a process and everything it has started that still runs."""
    parents: dict[int, list[int]] = {}
    for entry in _PROC.glob("[0-9]*"):
        if (fields := _stat(int(entry.name))) is not None:
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found


def _stat(pid: int) -> list[str] | None:
    """Return the fields of a process after its name: state, parent, …"""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process, its children and those of them that have ended."""
    ticks = 0
    for one in family(pid):
        if (fields := _stat(one)) is not None:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICKS


def resident(pids: Iterable[int]) -> float:
    """Return the resident memory of processes in MB, the pages they share with nobody and with others alike."""
    return sum(_kilobytes(pid, "VmRSS") for pid in pids) / 1024


def anonymous(pids: Iterable[int]) -> float:
    """Return the part of the resident memory in MB that is no file's copy: what the processes made themselves."""
    return sum(_kilobytes(pid, "RssAnon") for pid in pids) / 1024


def _kilobytes(pid: int, name: str) -> int:
    value = _first(f"{pid}/status", name) if (_PROC / str(pid)).exists() else ""
    return int(value.split()[0]) if value else 0


def dying_with_us(how: signal.Signals = signal.SIGKILL) -> Callable[[], None] | None:
    """Return what a child does first so that it never outlives us; None off Linux."""
    if sys.platform != "linux":
        return None
    prctl = CDLL(None).prctl

    def ask_the_kernel() -> None:
        prctl(_SET_DEATH_SIGNAL, int(how))

    return ask_the_kernel
