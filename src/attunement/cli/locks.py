"""One run at a time in one folder, and no lock that outlives its process."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SNAKEMAKE_LOCKS = Path(".snakemake/locks")
SNAKEMAKE_PROCESS = Path(".snakemake/attunement.pid")


class Busy(Exception):
    """Another run is at work in this folder."""


@contextmanager
def hold(path: Path, *, wait: bool = False) -> Iterator[int]:
    """Hold the lock file at `path`; yield its descriptor.

    The system frees the lock when the last process that holds the descriptor has ended, however
    it ended: no lock is left behind. A child that is given the descriptor keeps the lock.

    Raises
    ------
    Busy
        Another process holds it, and `wait` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise Busy(
                "Another run is at work in this folder. Wait until it has ended, then run again."
            ) from None
        yield descriptor
    finally:
        os.close(descriptor)


def alive(process: int) -> bool:
    """Whether a process with this number runs (and, where that can be seen, is a Snakemake)."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    command = Path(f"/proc/{process}/cmdline")
    try:
        return b"snakemake" in command.read_bytes()
    except OSError:
        return True


def remember_process(root: Path) -> None:
    """Note which process runs the workflow; called when Snakemake starts working."""
    (root / SNAKEMAKE_PROCESS).write_text(f"{os.getpid()}\n", encoding="utf-8")


def clear_stale_lock(root: Path) -> bool:
    """Remove the lock of a Snakemake that is dead; return whether there was one.

    Raises
    ------
    Busy
        Its process is alive.
    """
    locks = root / SNAKEMAKE_LOCKS
    if not locks.is_dir() or not any(locks.iterdir()):
        return False
    noted = root / SNAKEMAKE_PROCESS
    text = noted.read_text(encoding="utf-8").strip() if noted.exists() else ""
    if text.isdigit() and alive(int(text)):
        raise Busy(
            f"Snakemake is at work in this folder (process {text}). "
            "Wait until it has ended, then run again."
        )
    shutil.rmtree(locks)
    return True
