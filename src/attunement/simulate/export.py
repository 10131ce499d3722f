"""A simulated study as files that a person can open, or as frames in memory."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from attunement.simulate.damage import damage
from attunement.simulate.records import records
from attunement.simulate.study import Study
from attunement.simulate.truth import TRUTH, write_truth
from attunement.study.files import csv_text, write_text


def sources(study: Study, damaged: bool = True) -> dict[str, pd.DataFrame]:
    """Return the study's tables by source name, in the layout of its files.

    Parameters
    ----------
    study : Study
        A simulated study.
    damaged : bool
        True: text, with the gaps, codes and slips of clinics' files, as read from the files.
        False: clean and numeric, for studies in memory (gaps by design only).
    """
    frames = records(study)
    return damage(study, frames) if damaged else frames


def write(study: Study, folder: Path) -> list[Path]:
    """Write a study's CSV files and its truth into a folder; return the files written."""
    folder = Path(folder)
    written = []
    for name, frame in sources(study).items():
        written.append(folder / f"{name}.csv")
        write_text(written[-1], csv_text(frame))
    write_truth(study.world, folder / TRUTH)
    return [*written, folder / TRUTH]
