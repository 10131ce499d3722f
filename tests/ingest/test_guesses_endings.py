"""What `new` makes of phrases about endings: who ended it, and when, outweigh single words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from guess_builders import IDS, N, asked, drafted, items, numbers

from attunement.ingest.guesses.ending_words import ending_word
from attunement.ingest.readers.raw import Raw
from attunement.study.instruments import Instrument, load_instruments


@pytest.fixture(scope="module")
def known(repository: Path) -> dict[str, Instrument]:
    return load_instruments(repository / "data" / "instruments")


NHS = {  # NHS Talking Therapies, the end codes of versions 1.5 and 2
    "Completed scheduled treatment": "completed",
    "Dropped out of treatment (unscheduled discontinuation)": "dropped_out",
    "Mutually agreed completion of treatment": "completed",
    "Termination of treatment earlier than Care Professional planned": "dropped_out",
    "Termination of treatment earlier than patient requested": "other",
    "Referred to other service": "referred",
    "Referred to another therapy service by mutual agreement": "referred",
    "Deceased": "other",
    "Deceased (Seen and taken on for a course of treatment)": "other",
    "Deceased (Seen but not taken on for a course of treatment)": "other",
    "Not Known": "unknown",
    "Not Known (Seen and taken on for a course of treatment)": "unknown",
    "Suitable for IAPT service, but patient declined treatment that was offered": None,
    "Not suitable for IAPT service - no action taken or directed back to referrer": None,
    "Not suitable for IAPT service - signposted elsewhere with mutual agreement of patient": None,
    "Discharged by mutual agreement following advice and support": None,
    "Discharged in advance of treatment": None,
    "Incomplete Assessment (Patient dropped out)": None,
    "Not assessed": None,
}
OTHERS = {
    "Abbruch durch Patient*in": "dropped_out",
    "Abbruch durch Therapeut*in": "other",
    "Abbruch durch die Klinik": "other",
    "Abbruch durch Patient und Therapeut": None,
    "Abbruch ohne Absprache": "dropped_out",
    "Abbruch in Absprache": None,
    "Beendet durch Patientin": None,
    "vorzeitig beendet": None,
    "regulär beendet": "completed",
    "Gestopt door therapeut": "other",
    "Abandon par le thérapeute": "other",
    "terminated by therapist": "other",
    "Treatment ended before planned": None,
    "Left before completion": None,
    "Planned termination": "completed",
    "Termination of planned treatment": "completed",
    "Not completed": None,
    "dropped out": "dropped_out",
}


@pytest.mark.parametrize(("phrase", "meaning"), (NHS | OTHERS).items())
def test_what_a_phrase_means(phrase: str, meaning: str | None) -> None:
    assert ending_word(phrase) == meaning
    assert ending_word(phrase.upper()) == meaning


def test_a_phrase_that_leaves_it_open_is_asked(known: dict) -> None:
    ends = [list(NHS)[at % len(NHS)] for at in range(N)]
    table = {"PathwayID": IDS, "EndReason": ends} | items("phq9_{}", 9, 0, 3)
    draft, dataset, _ = drafted(known, table=table)
    assert dataset.endings is not None
    told = {text: word for text, word in NHS.items() if word is not None}
    assert dataset.endings.columns["ending"].values == told
    assert asked(draft, "EndReason", "declined treatment")


def test_codes_of_an_ending_stand_beside_their_labels(known: dict) -> None:
    labels = {"1": "regulär beendet", "2": "Abbruch durch Patient*in",
              "6": "Abbruch durch Therapeut*in", "7": "Abbruch nach Absprache"}  # fmt: skip
    last = {"1": "wahrgenommen", "2": "nicht erschienen", "3": "abgesagt"}
    frame = pd.DataFrame(
        {"PatNr": IDS, "Ende": [list(labels)[at % 4] for at in range(N)],
         "LetzterTermin": [list(last)[at % 3] for at in range(N)]}
        | {"phq9": numbers(0, 27)}
    )  # fmt: skip
    raw = Raw("clinic.sav", frame, labels={"Ende": labels, "LetzterTermin": last})
    draft, _, text = drafted(known, table=raw)
    assert "'6': other  # Abbruch durch Therapeut*in" in text
    assert "'3': cancelled  # abgesagt" in text
    assert "its words are 1" not in text
    assert "'Abbruch durch Therapeut*in' is an end by" in text
    assert asked(draft, "7 (Abbruch nach Absprache)")


def test_the_end_codes_of_the_nhs(known: dict) -> None:
    codes = ["42", "43", "44", "45", "46", "47", "48", "49", "10", "96"]
    table = {"PathwayID": IDS, "EndCode": [codes[at % 10] for at in range(N)]}
    draft, dataset, _ = drafted(known, table=table | {"phq9": numbers(0, 27)})
    assert dataset.endings is not None
    values = dataset.endings.columns["ending"].values or {}
    assert values["47"] == "dropped_out"
    assert values["48"] == "other"
    assert values["10"] is None
    assert asked(draft, "EndCode")
