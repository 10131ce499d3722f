"""One job of the workflow: call the stage, keep its words in a log, end in plain words."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from attunement.cli.locks import hold
from attunement.study.problems import StudyError


def attend(label: str, log: Path, action: Callable[[], object]) -> bool:
    """Do the work of a job; return whether it was done.

    What the work prints, and the traceback of a fault, go to `log`; the one paragraph that a
    person needs goes to the file beside it that ends in `.error`. One line goes to the screen.
    """
    complaint = log.with_suffix(".error")
    log.parent.mkdir(parents=True, exist_ok=True)
    began, paragraph = time.monotonic(), ""
    # A job of a run that was killed may still be at work: it finishes first, then this one.
    with hold(log.with_suffix(".lock"), wait=True), log.open("w", encoding="utf-8") as stream:
        complaint.unlink(missing_ok=True)
        with redirect_stdout(stream), redirect_stderr(stream):
            try:
                action()
            except StudyError as error:
                paragraph = str(error)
            except MemoryError:
                paragraph = "The memory of this machine did not suffice."
            except Exception as error:
                traceback.print_exc()
                told = " ".join(str(error).split())[:300]
                paragraph = (
                    f"An unforeseen fault stopped it ({type(error).__name__}: {told}). "
                    f"The details are in {log}; please report it with them, without client data."
                )
            stream.write(f"{paragraph or 'done'}\n")
        if paragraph:
            complaint.write_text(paragraph + "\n", encoding="utf-8")
    with suppress(OSError):  # whoever listened may be gone
        seconds = f"{time.monotonic() - began:6.1f} s"
        # Written whole, its end of line too: jobs side by side write to the same screen.
        print(f"  {label:<34} {'FAILED' if paragraph else seconds}\n", end="", flush=True)
    return not paragraph


def carry_out(snakemake: Any, **arguments: Any) -> None:
    """Call `attunement.<rule>.run` with the arguments; leave with status 1 where it fails."""
    label = f"{snakemake.wildcards.dataset:<20} {snakemake.rule}"

    def action() -> None:
        import_module(f"attunement.{snakemake.rule}").run(**arguments)

    if not attend(label, Path(snakemake.log[0]), action):
        sys.exit(1)
