"""One R process that holds the data and fits on request, so that its runs can take turns."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from timing import TooSlow

WORKER = Path(__file__).with_name("worker.R")


class RProcess:
    """R with a data set loaded. A command over its limit ends the process; the next starts anew."""

    def __init__(self, frame: pd.DataFrame | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._process: subprocess.Popen[str] | None = None
        self._load = ""
        if frame is not None:
            self.load(frame)

    def load(self, frame: pd.DataFrame) -> None:
        """Put a data set, all of numbers, in place of the one before."""
        place = Path(self._folder.name) / "frame"
        with place.open("wb") as file:
            for name in frame.columns:
                file.write(frame[name].to_numpy(dtype=float).tobytes())
        self._load = "load " + "\t".join([str(place), str(len(frame)), *frame.columns])
        if self._process is not None:
            self.ask(self._load)

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                ["Rscript", "--vanilla", str(WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            if self._load:
                self.ask(self._load)
        return self._process

    def ask(self, command: str, limit: float = 600.0) -> NDArray[np.float64]:
        """The numbers that R answers.

        Raises
        ------
        TooSlow
            If there is no answer after `limit` seconds.
        RuntimeError
            If R fails, with its message.
        """
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        timer = threading.Timer(limit, process.kill)
        timer.start()
        try:
            process.stdin.write(command + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            self._process = None
            if process.wait() == -9:
                raise TooSlow(f"stopped after {limit:.0f} s")
            raise RuntimeError(f"R ended with status {process.returncode} at: {command}")
        if line.startswith("!"):
            raise RuntimeError(f"R: {line[1:].strip()} at: {command}")
        return np.array([float(word.replace("NA", "nan")) for word in line.split()[1:]])

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()
            self._process = None
        self._folder.cleanup()


def found() -> bool:
    """Whether R with lme4 is here."""
    if shutil.which("Rscript") is None:
        return False
    command = ["Rscript", "--vanilla", "-e", "library(lme4)"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def versions() -> dict[str, str]:
    """Versions of R and of the packages used; a package that is absent is left out."""
    process = RProcess()
    known = {"R": process.ask("R")}
    for package in ("lme4", "lmerTest", "pbkrtest"):
        known[package] = process.ask(f"version {package}")
    process.close()
    return {
        name: ".".join(str(int(part)) for part in parts)
        for name, parts in known.items()
        if np.isfinite(parts).all()
    }
