"""A questionnaire filled in by one client, from a file to its scores.

Answers stand in a cell in order (`0 1 . 3`), or as `all 1, 4: 3, 7: .`: every item 1, but item 4 is
3 and item 7 blank. What the file holds goes through ingest: a number out of range is listed and set
missing.
"""

import pandas as pd
import pytest

from attunement.ingest import ingest
from attunement.score import score
from attunement.study.dataset import Dataset

BESIDE = ("answers", "accepted", "listed")


def answers_of(cell, items):
    """The cell as what stands in the file, by item: text, blank where it is missing."""
    text = str(cell)
    if ":" not in text and not text.startswith("all"):
        given = text.split()
        assert len(given) == len(items), f"{len(given)} answers to {len(items)} items"
        found = dict(zip(items, given, strict=True))
    else:
        found = dict.fromkeys(items, ".")
        for part in text.split(","):
            if part.strip().startswith("all"):
                found = dict.fromkeys(items, part.split()[1])
            else:
                item, answer = part.split(":")
                assert int(item) in found
                found[int(item)] = answer.strip()
    return {item: "" if answer == "." else answer for item, answer in found.items()}


def file_of(cell, instrument):
    """The file: a row for the client, and one for another whose answers are all the lowest."""
    items = instrument.items
    other = {item: f"{instrument.response_of(item).low:g}" for item in items}
    rows = [{"id": "A"} | answers_of(cell, items), {"id": "B"} | other]
    frame = pd.DataFrame(rows, dtype="str").rename(columns=lambda name: f"i_{name}")
    return frame.rename(columns={"i_id": "id"})


def dataset_of(instrument):
    """A dataset with one questionnaire, filled in once, by the client."""
    content = {
        "name": "form",
        "title": "One form",
        "about": "cases",
        "is_not": "data",
        "licence": "none",
        "sources": {"file": {"path": "file.csv"}},
        "time": {"unit": "session", "per": 10},
        "clients": {"source": "file", "columns": {"client": "id"}},
        "responses": [
            {
                "source": "file",
                "instrument": instrument.id,
                "rater": "client",
                "client": "id",
                "at_session": 0,
                "items": "i_{item}",
            }
        ],
        "outcomes": {"primary": f"{instrument.id}.{next(iter(instrument.scales))}"},
    }
    return Dataset.model_validate(content)


def check(case, instruments, name):
    """Compare the scores of client A with the columns of the case that are named like scales."""
    instrument = instruments[name]
    dataset = dataset_of(instrument)
    tables = ingest(dataset, {"file": file_of(case["answers"], instrument)}, instruments)
    accepted = str(case.get("accepted") or "").split()
    scores = score(tables, dataset, instruments, accepted, reliability=False)["scores"]
    # Scores stand in the order of the file, whatever pseudonyms say: the first client is A.
    values = scores[scores["client"] == scores["client"].iloc[0]].set_index("scale")["value"]
    wanted = {column: value for column, value in case.items() if column not in BESIDE}
    assert wanted, "no column is named like a scale"
    for scale, value in wanted.items():
        found = None if pd.isna(values[scale]) else values[scale]
        assert found == (None if value is None else pytest.approx(value, abs=0.0005)), scale
    out_of_range = (tables["conflicts"]["kind"] == "out of range").sum()
    assert out_of_range == (case.get("listed") or 0)
