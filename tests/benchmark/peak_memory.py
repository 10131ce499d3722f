"""Peak memory of one whole call in a fresh process: `python peak_memory.py S4` prints megabytes."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

STATUS = Path("/proc/self/status")


def peak() -> float:
    """Most memory this process has held so far, in MB (10^6 bytes).

    On Linux the kernel's own figure for this program: `ru_maxrss` would count what the process
    that started it held.
    """
    if STATUS.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB", STATUS.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) * 1024 / 1e6
    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return usage / 1e6 if sys.platform == "darwin" else usage * 1024 / 1e6


def of_whole_call(size: str) -> tuple[float, float]:
    """Megabytes before the call (libraries and data frame) and at the peak, in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(folder) / "frame.npz")
        for step in ("make", "fit"):
            command = [sys.executable, __file__, step, size, place]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    before, most = done.stdout.split()
    return float(before), float(most)


def _make(size: str, place: str) -> None:
    import numpy as np
    from models import data

    frame = data(size)
    np.savez(place, **{name: frame[name].to_numpy() for name in frame.columns})


def _fit(place: str) -> None:
    """Fit once; the frame is read column by column, so that reading it takes no more than it."""
    import numpy as np
    import pandas as pd
    from models import LINEAR, RANDOM

    from attunement.mixed import fit_linear

    with np.load(place) as columns:
        frame = pd.DataFrame({name: columns[name] for name in columns.files}, copy=False)
    before = peak()
    fit_linear(LINEAR, frame, RANDOM, df="satterthwaite")
    print(before, peak())


if __name__ == "__main__":
    if sys.argv[1] == "make":
        _make(*sys.argv[2:])
    elif sys.argv[1] == "fit":
        _fit(sys.argv[3])
    else:
        print("before the call {:.0f} MB, at most {:.0f} MB".format(*of_whole_call(sys.argv[1])))
