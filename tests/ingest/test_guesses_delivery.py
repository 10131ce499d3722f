"""What `new` makes of ratings that name the dimensions of the preference inventory."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml
from guess_builders import IDS, asked, drafted, items, numbers, repeated, response

from attunement.ingest.readers.raw import Raw
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument, load_instruments

LONG = len(repeated())
VISITS = [str(n) for _ in IDS for n in (1, 2, 3)]
ORS = {"ORS total": numbers(0, 40, LONG)}
WHO = {"client": repeated(), "session": VISITS}
ENGLISH = ["sess_direct", "sess_emot", "sess_past", "sess_warm"]
GERMAN = ["Erh_Direktiv", "Erh_Emotion", "Erh_Vergangen", "Erh_Waerme"]
DUTCH = ["zitting_directief", "zitting_emotioneel", "zitting_verleden", "zitting_warmte"]
DIMENSIONS = ["TD_CD", "EI_ER", "PO_PR", "WS_FC"]


@pytest.fixture(scope="module")
def known(repository: Path) -> dict[str, Instrument]:
    return load_instruments(repository / "data" / "instruments")


def rated(names: list[str], low: int, high: int) -> dict[str, list[str]]:
    return {name: numbers(low, high, LONG, seed=at) for at, name in enumerate(names)}


@pytest.mark.parametrize("names", [ENGLISH, GERMAN, DUTCH, ENGLISH[:3]])
def test_the_dimensions_on_the_scale_of_the_inventory(known: dict, names: list[str]) -> None:
    wishes = {"client": IDS} | items("cnip_{}", 18, 1, 7)
    visits = WHO | ORS | rated(names, 1, 7)
    draft, dataset, _ = drafted(known, wishes=wishes, visits=visits)
    assert response(dataset, "delivered_style")["items"] == dict(
        zip(DIMENSIONS, names, strict=False)
    )
    assert dataset.delivery.rating == "delivered_style"
    assert not dataset.delivery.commensurable
    assert list(dataset.ratings) == ["delivered_style"]
    assert asked(draft, "same scale by design")
    (poles,) = (one for one in draft.questions if "Which end of what sessions gave" in one.text)
    assert poles.answers[0] == "coding: one_to_seven_left_low"
    (limits,) = (one for one in draft.questions if "are low and high" in one.text)
    assert limits.answers == ("low: 1", "high: 7")


def test_labels_name_the_dimensions_where_the_names_do_not(known: dict) -> None:
    titles = {
        "E1a": "Sitzung war therapeutengeleitet (+3) vs. klientengeleitet (-3)",
        "E1b": "Sitzung war emotional intensiv (+3) vs. zurückhaltend (-3)",
        "E1c": "Sitzung: Vergangenheit (+3) vs. Gegenwart (-3)",
        "E1d": "Sitzung: warm unterstützend (+3) vs. herausfordernd (-3)",
    }
    frame = pd.DataFrame(WHO | ORS | rated(list(titles), -3, 3) | items("CNIP_{}", 18, -3, 3, LONG))
    _, dataset, text = drafted(known, visits=Raw("visits.sav", frame, titles=titles))
    assert response(dataset, "delivered_style")["items"] == dict(
        zip(DIMENSIONS, titles, strict=True)
    )
    assert dataset.ratings["delivered_style"].low == -3
    assert "therapeutengeleitet (+3)" in text


def test_columns_of_sessions(known: dict) -> None:
    table = {"client": IDS} | items("cnip_{}", 18, -3, 3)
    for n in (1, 2):
        table |= {f"directive_s{n}": numbers(-3, 3), f"emotional_s{n}": numbers(-3, 3, seed=2),
                  f"past_s{n}": numbers(-3, 3, seed=3), f"ors_s{n}": numbers(0, 40)}  # fmt: skip
    _, dataset, _ = drafted(known, table=table)
    assert response(dataset, "delivered_style")["items"]["PO_PR"] == "past_s{session}"


@pytest.mark.parametrize(
    ("names", "low", "high"), [(ENGLISH[:2], 1, 7), (ENGLISH, 0, 10), ([*ENGLISH, "warmth"], 1, 7)]
)
def test_what_is_not_certain_is_asked_once(
    known: dict, names: list[str], low: int, high: int
) -> None:
    wishes = {"client": IDS} | items("cnip_{}", 18, 1, 7)
    draft, dataset, text = drafted(known, wishes=wishes, visits=WHO | ORS | rated(names, low, high))
    assert dataset.delivery is None
    assert set(names) <= set(dataset.ratings)
    (question,) = (one for one in draft.questions if "section delivery" in one.text)
    source, rating, delivery = question.answers
    pasted = yaml.safe_load(f"responses:\n{source}\nratings:\n{rating}\n{delivery}")
    content = dict(draft.content) | {"delivery": pasted["delivery"]}
    content["responses"] = draft.content["responses"] + pasted["responses"]
    content["ratings"] = draft.content["ratings"] | pasted["ratings"]
    assert Dataset.model_validate(content).delivery.rating == "given"
    said = " ".join(text.replace("#", " ").split())
    assert "instrument: given" in said
    assert "delivery: {rating: given, raters: [client], commensurable: false}" in said


def test_without_an_inventory_ratings_stay_what_they_are(known: dict) -> None:
    draft, dataset, _ = drafted(known, visits=WHO | ORS | rated(ENGLISH, 1, 7))
    assert set(dataset.ratings) == set(ENGLISH)
    assert not asked(draft, "section delivery")


def test_fractions_of_a_rating_have_their_step(known: dict) -> None:
    halves = [f"{at % 7}.5" if at % 2 else str(at % 7) for at in range(LONG)]
    tenths = [f"{at % 10}.{at % 9}" for at in range(LONG)]
    table = WHO | ORS | {"wishes_met": tenths, "hope": halves, "calm": numbers(0, 4, LONG)}
    _, dataset, _ = drafted(known, visits=table)
    assert {name: one.step for name, one in dataset.ratings.items()} == {
        "wishes_met": 0.1, "hope": 0.5, "calm": 1
    }  # fmt: skip
