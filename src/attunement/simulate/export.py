"""A simulated study as files: the tables that a person can open, and the truth beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from attunement.simulate.damage import damage
from attunement.simulate.records import records
from attunement.simulate.study import Study
from attunement.simulate.world import World
from attunement.study.files import csv_text, write_text
from attunement.study.problems import StudyError
from attunement.study.strict import read_yaml

TRUTH = "truth.yaml"
HEAD = """# The known truth of a simulated study. `generating` is written by `attunement simulate`;
# `targets`: what each planned specification estimates on a very large sample of the same world.
"""


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


def generating(world: World) -> dict[str, Any]:
    """Return the generating values: every parameter with its source, and what follows from them."""
    content = world.model_dump()
    named = content.pop("sources")
    shown: dict[str, Any] = {"seed": content.pop("seed")}
    for part, values in content.items():
        shown[part] = {
            name: {"value": value, "source": named.get(f"{part}.{name}", "assumed")}
            for name, value in values.items()
        }
    shown["follows"] = world.constants()
    return shown


def write_truth(world: World, path: Path) -> None:
    """Write the generating values; a section `targets` that stands there already stays."""
    path = Path(path)
    content: dict[str, Any] = {"generating": generating(world)}
    if path.exists():
        earlier = read_yaml(path)
        if not isinstance(earlier, dict):
            raise StudyError("The file holds no sections", file=path, advice="Delete it.")
        content |= {name: value for name, value in earlier.items() if name != "generating"}
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    write_text(path, HEAD + text)


def write(study: Study, folder: Path) -> list[Path]:
    """Write a study's CSV files and its truth into a folder; return the files written."""
    folder = Path(folder)
    written = []
    for name, frame in sources(study).items():
        written.append(folder / f"{name}.csv")
        write_text(written[-1], csv_text(frame))
    write_truth(study.world, folder / TRUTH)
    return [*written, folder / TRUTH]
