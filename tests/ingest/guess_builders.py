"""Small made-up files for the tests of guesses, and a draft from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import yaml

from attunement.ingest.guesses.assemble import draft_of
from attunement.ingest.guesses.columns import look
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.write import text_of
from attunement.ingest.readers.raw import Raw
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument

N = 24
IDS = [f"K{number:03d}" for number in range(N)]


def numbers(low: int, high: int, rows: int = N, seed: int = 1) -> list[str]:
    """Whole numbers between two limits, both of which occur."""
    made = np.random.default_rng(seed).integers(low, high + 1, rows)
    made[:2] = low, high
    return [str(one) for one in made]


def items(pattern: str, n: int, low: int, high: int, rows: int = N) -> dict[str, list[str]]:
    """Columns of items, as `items("phq9_{}", 9, 0, 3)`."""
    return {pattern.format(i): numbers(low, high, rows, seed=i) for i in range(1, n + 1)}


def repeated(times: int = 3) -> list[str]:
    """Ids of a long file."""
    return [one for one in IDS for _ in range(times)]


def drafted(
    instruments: dict[str, Instrument],
    fields: dict[str, dict[str, Any]] | None = None,
    **tables: dict[str, list[str]] | Raw,
) -> tuple[Draft, Dataset, str]:
    """A draft from columns of text, the dataset it declares, and its text."""
    looked = []
    for name, columns in tables.items():
        raw = columns if isinstance(columns, Raw) else Raw(f"{name}.csv", pd.DataFrame(columns))
        own = {"path": f"{name}.csv"} | (fields or {}).get(name, {})
        looked.append(look(name, own, raw))
    draft = draft_of("clinic", looked, instruments)
    text = text_of(draft)
    assert yaml.safe_load(text) == draft.content, "the text must say what the draft says"
    return draft, Dataset.model_validate(yaml.safe_load(text)), text


def response(dataset: Dataset, instrument: str, rater: str = "client") -> dict[str, Any]:
    """What a dataset says of one questionnaire, without what is not set."""
    found = [r for r in dataset.responses if r.instrument == instrument and r.rater == rater]
    assert len(found) == 1, [r.instrument for r in dataset.responses]
    return found[0].model_dump(exclude_none=True, exclude_defaults=True)


def asked(draft: Draft, *words: str) -> bool:
    """Some open question holds all these words."""
    return any(all(word in one.text for word in words) for one in draft.questions)
