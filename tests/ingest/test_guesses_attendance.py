"""What `new` makes of columns that say whether the client came."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from guess_builders import IDS, N, asked, drafted, items, numbers, repeated

from attunement.ingest.readers.raw import Raw
from attunement.study.instruments import Instrument, load_instruments

LONG = len(repeated())
VISITS = [str(n) for _ in IDS for n in (1, 2, 3)]
ORS = {"ORS total": numbers(0, 40, LONG)}
WORDS = ["Attended", "DNA", "Cancelled by patient", "Did not attend", "Cancelled by service"]


@pytest.fixture(scope="module")
def known(repository: Path) -> dict[str, Instrument]:
    return load_instruments(repository / "data" / "instruments")


def wide(attended: dict[str, list[str]]) -> dict[str, list[str]]:
    table = {"client": IDS}
    for n in (1, 2, 3):
        table |= {f"Date_s{n}": ["2021-03-0" + str(n)] * N}
        table |= {name: cells for name, cells in attended.items() if name.endswith(str(n))}
        table |= items(f"PHQ9_s{n}_i{{}}", 9, 0, 3)
    return table


def test_words_for_who_came_in_columns_of_sessions(known: dict) -> None:
    some = {
        "Attend_s1": ["Attended"] * N,  # at the first session all came
        "Attend_s2": [WORDS[at % 5] for at in range(N)],
        "Attend_s3": ["Attended"] * 2 + [""] * (N - 2),
    }
    draft, dataset, _ = drafted(known, table=wide(some))
    assert dataset.sessions is not None
    assert dataset.sessions.columns["attended"].column == "Attend_s{session}"
    assert dataset.sessions.columns["attended"].values == {
        word: word == "Attended" for word in WORDS
    }
    assert not dataset.clients.covariates
    assert not asked(draft, "take place")


def test_a_word_that_is_not_known_is_asked(known: dict) -> None:
    cells = ["Attended", "DNA", "Zoom trouble"] * (N // 3)
    draft, dataset, _ = drafted(known, table=wide({f"Attend_s{n}": cells for n in (1, 2, 3)}))
    assert dataset.sessions.columns["attended"].values == {"Attended": True, "DNA": False}
    assert asked(draft, "Attend_s{session}", "'Zoom trouble'")


def test_sessions_with_dates_alone_are_asked_about(known: dict) -> None:
    draft, dataset, text = drafted(known, table=wide({}))
    assert "attended" not in dataset.sessions.columns
    assert asked(draft, "whether the client came")
    assert "attended: {column: COLUMN" in " ".join(text.replace("#", " ").split())


def test_labelled_codes_of_rows_are_no_rating(known: dict) -> None:
    labels = {"1": "erschienen", "2": "unentschuldigt gefehlt", "3": "abgesagt"}
    frame = pd.DataFrame(
        {"PatNr": repeated(), "Sitzung": VISITS, "Erschienen": numbers(1, 3, LONG)} | ORS
    )
    raw = Raw("visits.sav", frame, labels={"Erschienen": labels})
    _, dataset, text = drafted(known, visits=raw)
    assert not dataset.ratings
    attended = dataset.sessions.columns["attended"]
    assert attended.values == {"1": True, "2": False, "3": False}
    assert "'2': false  # unentschuldigt gefehlt" in text


def test_codes_without_labels_are_asked(known: dict) -> None:
    table = {"client": repeated(), "session": VISITS, "Erschienen": numbers(1, 3, LONG)} | ORS
    draft, dataset, _ = drafted(known, visits=table)
    assert not dataset.ratings
    assert dataset.sessions.columns["attended"].values == {"1": None, "2": None, "3": None}
    assert asked(draft, "Which codes of 'Erschienen'")


def test_presence_from_1_to_4_may_be_a_rating(known: dict) -> None:
    table = {"client": repeated(), "session": VISITS, "presence": numbers(1, 4, LONG)} | ORS
    _, dataset, _ = drafted(known, visits=table)
    assert "presence" in dataset.ratings


def test_where_no_column_says_who_came_the_remedy_is_named(known: dict) -> None:
    draft, _, _ = drafted(known, visits={"client": repeated(), "session": VISITS} | ORS)
    assert asked(draft, "Is every row", "whether the client came")


def test_what_is_told_for_each_occasion_is_no_covariate_of_clients(known: dict) -> None:
    table = {"client": IDS, "ward": ["A", "B"] * (N // 2)}
    for n in (1, 2, 3):
        table |= {f"Attend_T{n}": ["Attended", "DNA"] * (N // 2), f"PHQ9_T{n}": numbers(0, 27)}
        table |= {f"mode_T{n}": ["online", "room"] * (N // 2)}
    draft, dataset, _ = drafted(known, table=table)
    assert list(dataset.clients.covariates) == ["ward"]
    assert "Attend_T1" in draft.reasons[("sources", "table")][0]
