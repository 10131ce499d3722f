"""One run at a time; a lock goes with its process."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attunement.cli.locks import (
    SNAKEMAKE_LOCKS,
    SNAKEMAKE_PROCESS,
    Busy,
    alive,
    clear_stale_lock,
    hold,
    remember_process,
)


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    (tmp_path / SNAKEMAKE_LOCKS).mkdir(parents=True)
    (tmp_path / SNAKEMAKE_LOCKS / "0.output.lock").write_text("results/a.csv\n", encoding="utf-8")
    return tmp_path


def dead_process() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_only_one_holds_the_lock_and_it_is_free_afterwards(tmp_path: Path) -> None:
    lock = tmp_path / "private" / "run.lock"
    with hold(lock), pytest.raises(Busy, match="Another run is at work"), hold(lock):
        pass
    with hold(lock):
        pass


def test_a_child_that_inherits_the_lock_keeps_it(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    with hold(lock) as descriptor:
        child = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(descriptor,)
        )
    with pytest.raises(Busy), hold(lock):
        pass
    child.kill()
    child.communicate()
    with hold(lock):
        pass


def test_the_lock_of_a_dead_process_is_cleared(locked: Path) -> None:
    (locked / SNAKEMAKE_PROCESS).write_text(f"{dead_process()}\n", encoding="utf-8")
    assert clear_stale_lock(locked) is True
    assert not (locked / SNAKEMAKE_LOCKS).exists()
    assert clear_stale_lock(locked) is False


def test_a_lock_that_names_no_process_is_cleared(locked: Path) -> None:
    assert clear_stale_lock(locked) is True


def test_the_lock_of_a_living_snakemake_stays(locked: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()", "snakemake"], stdin=subprocess.PIPE)
    (locked / SNAKEMAKE_PROCESS).write_text(f"{child.pid}\n", encoding="utf-8")
    while not alive(child.pid) and child.poll() is None:
        time.sleep(0.01)  # until the system shows its name
    try:
        with pytest.raises(Busy, match=f"process {child.pid}"):
            clear_stale_lock(locked)
    finally:
        child.kill()
        child.communicate()
    assert (locked / SNAKEMAKE_LOCKS).exists()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc on this system")
def test_another_program_with_the_number_of_the_dead_one_does_not_count() -> None:
    assert not alive(1) or os.getpid() == 1
    assert not alive(dead_process())


def test_the_working_process_is_noted(tmp_path: Path) -> None:
    (tmp_path / SNAKEMAKE_PROCESS).parent.mkdir()
    remember_process(tmp_path)
    assert (tmp_path / SNAKEMAKE_PROCESS).read_text(encoding="utf-8") == f"{os.getpid()}\n"
