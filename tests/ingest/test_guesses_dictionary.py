"""A data dictionary beside the data: its choices are the labels of codes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from guess_builders import IDS, N, asked, drafted, items, numbers

from attunement.ingest.guesses.dictionary import with_dictionary
from attunement.ingest.readers.raw import Raw
from attunement.study.instruments import Instrument, load_instruments

DICTIONARY = pd.DataFrame(
    [
        ("end_reason", "discharge", "radio", "How did it end?", "1, Completed | 2, Dropped out"),
        ("last_appt", "discharge", "radio", "Last one", "1, Attended | 2, No show | 3, Cancelled"),
        ("gender", "demographics", "radio", "Gender", "1, Woman | 2, Man | 3, Non-binary, other"),
        ("dx", "demographics", "checkbox", "Diagnosis", "1, Depression | 2, Anxiety"),
        ("sum", "demographics", "calc", "Sum", "[a] + [b]"),
    ],
    columns=["Variable / Field Name", "Form Name", "Field Type", "Field Label",
             "Choices, Calculations, OR Slider Labels"],
)  # fmt: skip


@pytest.fixture(scope="module")
def known(repository: Path) -> dict[str, Instrument]:
    return load_instruments(repository / "data" / "instruments")


def data() -> dict[str, list[str]]:
    table = {"record_id": IDS, "gender": numbers(1, 3), "end_reason": numbers(1, 2, seed=3)}
    table |= {"last_appt": numbers(1, 3, seed=4), "dx___1": numbers(0, 1)}
    return table | items("phq9_{}", 9, 0, 3)


def test_choices_become_labels(known: dict) -> None:
    parts = [
        ("data", {"path": "a.xlsx"}, Raw("a.xlsx [Data]", pd.DataFrame(data()))),
        ("words", {"path": "a.xlsx"}, Raw("a.xlsx [Dictionary]", DICTIONARY)),
    ]
    left, labelled, done = with_dictionary(parts)
    assert labelled == {"a.xlsx [Dictionary]": ["end_reason", "last_appt", "gender"]}
    assert "3 column(s)" in done[0]
    ((_, _, raw),) = left
    _, dataset, text = drafted(known, data=raw)
    columns = dataset.endings.columns
    assert columns["ending"].values == {"1": "completed", "2": "dropped_out"}
    assert columns["last_appointment"].values == {"1": "attended", "2": "missed", "3": "cancelled"}
    assert "'2': missed  # No show" in text
    assert dataset.clients.covariates["gender"].levels == ["Woman", "Man", "Non-binary, other"]
    assert dataset.clients.covariates["dx_1"].meaning == "Diagnosis: Depression"


def test_data_without_a_dictionary_stay_as_they_are() -> None:
    parts = [("data", {"path": "a.csv"}, Raw("a.csv", pd.DataFrame(data())))]
    assert with_dictionary(parts) == (parts, {}, [])


def test_codes_of_the_last_appointment_are_no_covariate(known: dict) -> None:
    draft, dataset, _ = drafted(known, data=data())
    assert dataset.endings.columns["last_appointment"].values == {"1": None, "2": None, "3": None}
    assert "last_appt" not in dataset.clients.covariates
    assert asked(draft, "'last_appt'", "last appointment")


def test_what_was_told_at_discharge_is_nothing_to_adjust_for(known: dict) -> None:
    table = {"record_id": [one for one in IDS for _ in (0, 1)],
             "redcap_event_name": ["baseline_arm_1", "discharge_arm_1"] * N,
             "severity": [cell for one in numbers(1, 9) for cell in (one, "")],
             "satisfaction": [cell for one in numbers(1, 9) for cell in ("", one)]}  # fmt: skip
    table |= items("phq9_{}", 9, 0, 3, 2 * N)
    _, dataset, _ = drafted(known, data=table)
    assert "severity" in dataset.clients.covariates
    assert "satisfaction" not in dataset.clients.covariates


def test_a_codebook_in_another_form_is_named(known: dict) -> None:
    book = {"Variable": ["sex", "end"], "Code": ["1", "2"], "Label": ["w", "m"]}
    draft, _, _ = drafted(known, data=data(), codes=book)
    assert asked(draft, "codes.csv", "what the codes of other columns mean")
