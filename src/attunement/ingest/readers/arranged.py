"""The sources of a dataset as its declarations use them: stacked, joined, the right rows only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from attunement.ingest.readers.download import file_name
from attunement.ingest.readers.joining import join
from attunement.ingest.readers.raw import Raw, from_memory
from attunement.ingest.readers.stacking import only_rows, stack
from attunement.study.dataset import Dataset, Source
from attunement.study.problems import StudyError


def label(name: str, source: Source) -> str:
    """What messages and the conflict list call a source: its file, else its package table."""
    if source.url is not None:
        return file_name(source.url)
    sheet = f" [{source.sheet}]" if source.sheet else ""
    files = " and ".join(Path(path).name + sheet for path in source.paths)
    joined = " with ".join(source.join or [])
    return files or source.package or joined or name


def tidied(raws: list[Raw], name: str, source: Source) -> Raw:
    """The files of a source as one, without what `drop` and `only` leave at the door."""
    return only_rows(stack(raws, source, label(name, source)), source)


def arranged(dataset: Dataset, given: Mapping[str, Raw | pd.DataFrame]) -> dict[str, Raw]:
    """Every declared source, those that are joined from others included.

    Parameters
    ----------
    dataset : Dataset
        The declaration.
    given : dict of Raw or DataFrame
        What was read (as it is), or tables from memory (of which `drop` and `only` are honoured).

    Raises
    ------
    StudyError
        A source is not given or is empty, or cannot be joined.
    """
    done: dict[str, Raw] = {}

    def one(name: str, waiting: tuple[str, ...]) -> Raw:
        source = dataset.sources[name]
        if name in waiting:
            raise StudyError(
                f"The source '{name}' is joined with itself",
                file=f"{dataset.name}/dataset.yaml",
                advice="Correct `join`.",
            )
        if name not in done:
            there = given.get(name)
            if there is None and source.join is not None:
                parts = {part: one(part, (*waiting, name)) for part in source.join}
                forms = {part: _form(dataset.sources[part]) for part in source.join}
                there = tidied([join(source, parts, forms, label(name, source))], name, source)
            elif isinstance(there, pd.DataFrame) and not there.empty:
                there = tidied([from_memory(label(name, source), there)], name, source)
            if not isinstance(there, Raw) or there.frame.empty:
                raise StudyError(
                    f"The source '{name}' is declared but empty",
                    file=label(name, source),
                    rows=0,
                    advice="Put the data there, or take the source out of dataset.yaml.",
                )
            done[name] = there
        return done[name]

    return {name: one(name, ()) for name in dataset.sources}


def _form(source: Source) -> tuple[str, str]:
    return source.decimal, source.dates
