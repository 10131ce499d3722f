"""Snakemake as a child process: started, listened to, stopped, never shown raw."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from attunement.cli.paths import PRIVATE, SNAKEMAKE_REPORT, all_outputs

LOG = PRIVATE / "snakemake.log"
PROFILE = "workflow/profiles/default"
# What Snakemake says when it has done all it could and some job had failed.
ENDED_WITH_FAILURES = "Exiting because a job execution failed"
NOTHING_TO_DO = "Nothing to be done"
SECONDS_TO_STOP = 20


def usable_cores() -> int:
    """How many cores this process may use."""
    with suppress(AttributeError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM like Ctrl-C, so that children are stopped as well."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Engine:
    """One call of Snakemake for some datasets."""

    def __init__(self, root: Path, datasets: list[str], cores: int, lock: int) -> None:
        self.root, self.datasets, self.cores, self.lock = root, datasets, cores, lock
        self.did_something = False

    def _command(self, datasets: list[str], *more: str) -> list[str]:
        return [
            *(sys.executable, "-P", "-m", "snakemake", "--snakefile", "Snakefile"),
            *("--workflow-profile", PROFILE, "--cores", str(self.cores), *more),
            *("--config", f"datasets={' '.join(datasets)}"),
        ]

    def run(self) -> bool:
        """Run the workflow; return whether it came to its end (with or without failed jobs).

        The first dataset goes first: it is the longest of the shipped ones, and the one looked at.
        """
        first = all_outputs(self.datasets[0], "report")[0].as_posix()
        log = self.root / LOG
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as errors, _termination_as_interrupt():
            child = subprocess.Popen(
                self._command(self.datasets, "--prioritize", first),
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                errors="replace",
                # The child inherits the lock of this run: while it lives, no other run starts.
                pass_fds=(self.lock,),
                start_new_session=True,
            )
            try:
                assert child.stdout is not None
                for line in child.stdout:
                    print(line, end="", flush=True)
                status = child.wait()
            except BaseException:
                self._stop(child)
                raise
        said = log.read_text(encoding="utf-8", errors="replace")
        self.did_something = NOTHING_TO_DO not in said
        return status == 0 or (status == 1 and ENDED_WITH_FAILURES in said)

    @staticmethod
    def _stop(child: subprocess.Popen[str]) -> None:
        for number in (signal.SIGINT, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(child.pid, number)
            with suppress(subprocess.TimeoutExpired):
                child.wait(SECONDS_TO_STOP)
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)

    def reason(self) -> str:
        """The last words of Snakemake, in one line, and where the rest stands."""
        said = (self.root / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
        last = [line.strip() for line in said if line.strip()][-3:]
        return f"{' '.join(last)[:400]} (all of it: {LOG})"

    def write_report(self, datasets: list[str]) -> None:
        """Write Snakemake's own report: how each result was made. It holds run times.

        It is an extra: where it cannot be made, its log says why and the run goes on.
        """
        log = self.root / PRIVATE / "snakemake_report.log"
        made = (self.root / SNAKEMAKE_REPORT).with_name(".snakemake_report.partial.html")
        with log.open("w", encoding="utf-8") as stream:
            status = subprocess.run(
                self._command(datasets, "--nolock", "--report", str(made.relative_to(self.root))),
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                check=False,
            ).returncode
        if status == 0 and made.exists():
            made.replace(self.root / SNAKEMAKE_REPORT)
        else:
            made.unlink(missing_ok=True)
            print(f"  (Snakemake's own report could not be made; see {log})", flush=True)
