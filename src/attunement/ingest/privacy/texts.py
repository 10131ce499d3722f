"""What people wrote about the data and what goes out with results: meanings, titles, file names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from attunement.ingest.privacy.identifiers.prose import kind_in_heading, kind_in_prose, tells_nobody
from attunement.ingest.readers.arranged import label
from attunement.study.dataset import Dataset
from attunement.study.problems import StudyError

# Not for readers: where files lie, what stands in them, and who is to be cited.
UNSHOWN = frozenset(
    "sources licence citation truth missing_codes column columns items client session time day "
    "leave_out wide only drop by join source rater instrument".split()
)
NOT_SHOWN = "a name that is not shown"


def written(content: Any, place: str = "") -> Iterator[tuple[str, str, bool]]:
    """Yield the texts of a declaration: where they stand, the text, and whether it is a name."""
    if isinstance(content, Mapping):
        for key, one in content.items():
            inside = f"{place}.{key}" if place else str(key)
            if key in UNSHOWN:
                continue
            yield f"{inside} (its name)", str(key), True
            yield from written(one, inside)
    elif isinstance(content, list):
        for one in content:
            yield from written(one, place)
    elif isinstance(content, str):
        yield place, content, " " not in content


def guard_texts(
    dataset: Dataset, further: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """Look for direct identifiers in the texts of `dataset.yaml` that results carry.

    Parameters
    ----------
    dataset : Dataset
        Its title, `about`, meanings, units, levels, names of sources, covariates and ratings.
        `privacy.allow` lets a text in by where it stands, as `dataset.about`.
    further : mapping of str to str, optional
        More texts, by where they stand: questions of a plan.

    Returns
    -------
    list of (str, str)
        Which texts were let in by `privacy.allow`, and their kinds.

    Raises
    ------
    StudyError
        One message with the place and kind of every text that holds one; the text is not repeated.
    """
    content = dataset.model_dump(mode="json", exclude_none=True)
    told = [(f"dataset.{place}", text, name) for place, text, name in written(content)]
    told += [(f"dataset.sources.{name} (its name)", name, True) for name in dataset.sources]
    told += [(place, text, False) for place, text in (further or {}).items()]
    found: dict[str, str] = {}
    for place, text, is_name in told:
        if place.startswith("dataset.privacy.allow.") and is_name:
            continue  # the columns themselves are looked at
        kind = kind_in_heading(text) if is_name else kind_in_prose(text)
        if kind is not None:
            found.setdefault(place, kind)
    allowed = [(place, kind) for place, kind in found.items() if place in dataset.privacy.allow]
    refused = {place: kind for place, kind in found.items() if place not in dataset.privacy.allow}
    if refused:
        first = next(iter(refused))
        raise StudyError(
            "Texts that go out with the results hold direct identifiers:\n  "
            + "\n  ".join(f"{place}: {kind}" for place, kind in refused.items()),
            file=f"{dataset.name}/dataset.yaml",
            advice="Write them without names of persons, addresses, telephone and other numbers, "
            "and days (a month or year may stand). Authors belong to `citation`. A text that "
            "points at nobody is let in with the reason:\nprivacy:\n  allow: "
            f'{{"{first}": why it points at nobody}}',
        )
    return allowed


def shown_file(name: str, file: str) -> str:
    """Return what readers are told of a source: its file, or where that may not, its own name."""
    return file if tells_nobody(file) else name


def shown_column(column: str) -> str:
    """Return a column's name, or that it is not shown where it holds an identifier."""
    return NOT_SHOWN if kind_in_heading(column) else column


def shown_places(places: pd.Series, dataset: Dataset) -> pd.Series:
    """Return the files of a table as readers may see them: by name, or by their source's name."""
    known: dict[str, str] = {}
    for name, source in dataset.sources.items():
        known |= {one: name for path in source.paths for one in (path, Path(path).name)}
        known[label(name, source)] = name
    told = {}
    for place in places.dropna().unique():
        text = str(place)
        name = known.get(text) or known.get(text.partition(" [")[0], NOT_SHOWN)
        told[place] = shown_file(name, text)
    return places.map(told)
