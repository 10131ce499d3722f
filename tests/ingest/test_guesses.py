"""Guesses from columns alone: what is taken for what, and what is asked instead."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from guess_builders import IDS, N, asked, drafted, items, numbers, repeated, response

from attunement.ingest.guesses.aliases import Known
from attunement.ingest.guesses.names import pieces
from attunement.ingest.guesses.parts import apart
from attunement.ingest.guesses.when import date_order, number_occasions
from attunement.ingest.readers.raw import Raw
from attunement.study.instruments import Instrument, load_instruments


@pytest.fixture(scope="module")
def known(repository: Path) -> dict[str, Instrument]:
    return load_instruments(repository / "data" / "instruments")


def column(name: str) -> dict:
    return {"column": name, "values": None, "order_from": None}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("PHQ9_s1_i3", ["phq", "9", "s", "1", "i", "3"]),
        ("PHQ9_FirstScore", ["phq", "9", "first", "score"]),
        ("PHQtotal", ["phq", "total"]),
        ("C-NIP 12", ["c", "nip", "12"]),
        ("Gespräch_Qualität2", ["gesprach", "qualitat", "2"]),
    ],
)
def test_names_fall_into_words_and_numbers(name: str, parts: list[str]) -> None:
    assert [piece.text for piece in pieces(name)] == parts


# pattern of the names, what the draft should say of it
WIDE = [
    ("PHQ9_s{when}_i{item}", "phq9", 9, 3, "PHQ9_s{session}_i{item}", "session"),
    ("phq9_{item}_t{when}", "phq9", 9, 3, "phq9_{item}_t{time}", "occasion"),
    ("T{when}_ORS_{item}", "ors", 4, 10, "T{time}_ORS_{item}", "occasion"),
    ("PHQ_{item}_wk{when}", "phq9", 9, 3, "PHQ_{item}_wk{time}", "week"),
    ("GAD7Item{item}Sitzung{when}", "gad7", 7, 3, "GAD7Item{item}Sitzung{session}", "session"),
    ("core10.{item}.sesion{when}", "core10", 10, 4, "core10.{item}.sesion{session}", "session"),
]


@pytest.mark.parametrize(("pattern", "instrument", "n", "high", "template", "unit"), WIDE)
def test_occasions_in_names_become_a_template(
    known: dict, pattern: str, instrument: str, n: int, high: int, template: str, unit: str
) -> None:
    columns = {"code": IDS}
    for when in (1, 2, 3):
        columns |= items(pattern.replace("{when}", str(when)).replace("{item}", "{}"), n, 0, high)
    _, dataset, _ = drafted(known, table=columns)
    found = response(dataset, instrument)
    key = "session" if unit == "session" else "time"
    assert found["items"] == template
    assert found[key]["column"] == "{" + key + "}"
    assert dataset.time.unit == unit


def test_words_for_occasions_are_numbered_in_their_order_and_asked(known: dict) -> None:
    columns = {"id": IDS} | items("ors{}_post", 4, 0, 10) | items("ors{}_pre", 4, 0, 10)
    draft, dataset, _ = drafted(known, table=columns)
    assert response(dataset, "ors")["items"] == "ors{item}_{time}"
    assert dataset.sources["table"].occasions == {"post": 1, "pre": 0}
    assert dataset.time.unit == "occasion"
    assert asked(draft, "pre = 0, post = 1")


def test_first_and_last_scores_of_a_service(known: dict) -> None:
    columns = {
        "PathwayID": IDS,
        "PHQ9_FirstScore": numbers(5, 27),
        "PHQ9_LastScore": numbers(0, 20),
        "GAD_FirstScore": numbers(5, 21),
        "GAD_LastScore": numbers(0, 20),
        "TreatmentCareContact_Count": numbers(1, 20),
        "CompletedTreatment_Flag": ["True", "False"] * (N // 2),
        "ReliableImprovement_Flag": ["True", "False"] * (N // 2),
        "Gender": ["1", "2"] * (N // 2),
    }
    draft, dataset, _ = drafted(known, table=columns)
    assert response(dataset, "phq9")["items"] == {"total": "PHQ9_{time}Score"}
    assert response(dataset, "gad7")["items"] == {"total": "GAD_{time}Score"}
    assert dataset.sources["table"].occasions == {"First": 0, "Last": 1}
    assert dataset.endings is not None
    assert dataset.endings.columns["last_session"].column == "TreatmentCareContact_Count"
    assert asked(draft, "CompletedTreatment_Flag")
    # What a system worked out from the outcome is no covariate; codes are a category.
    assert set(dataset.clients.covariates) == {"gender"}
    assert dataset.clients.covariates["gender"].kind == "category"


def test_the_number_of_a_questionnaire_is_not_its_last_item(known: dict) -> None:
    """PHQ_9 is the ninth item of PHQ_1 to PHQ_9; PHQ_9 alone is the questionnaire."""
    columns = {"id": IDS} | items("PHQ_{}", 9, 0, 3) | items("GAD_{}", 7, 0, 3)
    columns |= items("BDI_{}", 21, 0, 3)
    _, dataset, _ = drafted(known, table=columns)
    assert response(dataset, "phq9")["items"] == "PHQ_{item}"
    assert response(dataset, "gad7")["items"] == "GAD_{item}"
    assert response(dataset, "bdi2")["items"] == "BDI_{item}"
    _, alone, _ = drafted(known, table={"id": IDS, "PHQ-9": numbers(0, 27)})
    assert response(alone, "phq9")["items"] == {"total": "PHQ-9"}


def test_padded_numbers_are_mapped_one_by_one(known: dict) -> None:
    columns = {"id": IDS} | {f"core10_{i:02d}": numbers(0, 4, seed=i) for i in range(1, 11)}
    _, dataset, _ = drafted(known, table=columns)
    found = response(dataset, "core10")["items"]
    assert found["1"] == "core10_01"
    assert found["10"] == "core10_10"


def test_items_with_names_are_items(known: dict) -> None:
    names = ("individual", "interpersonal", "social", "overall")
    columns = {"id": IDS} | {f"ORS_{name}": numbers(0, 10, seed=len(name)) for name in names}
    _, dataset, _ = drafted(known, table=columns)
    assert response(dataset, "ors")["items"] == {
        "1": "ORS_individual", "2": "ORS_interpersonal", "3": "ORS_social", "4": "ORS_overall",
    }  # fmt: skip


def test_titles_tell_what_names_do_not(known: dict) -> None:
    columns = {"Client code": IDS} | items("Q1_{}", 9, 0, 3) | items("Q2_{}", 4, 0, 10)
    titles = {f"Q1_{i}": f"PHQ-9: how often - {i}" for i in range(1, 10)}
    titles |= {f"Q2_{i}": f"Outcome Rating Scale - {i}" for i in range(1, 5)}
    raw = Raw("survey.csv", pd.DataFrame(columns), titles=titles)
    _, dataset, _ = drafted(known, survey=raw)
    assert response(dataset, "phq9")["items"] == "Q1_{item}"
    assert response(dataset, "ors")["items"] == "Q2_{item}"


def test_who_answered_is_read_from_the_names(known: dict) -> None:
    columns = {"id": IDS} | items("WAI_SR_K_{}", 12, 1, 5) | items("WAI_SR_T_{}", 12, 1, 5)
    _, dataset, _ = drafted(known, table=columns)
    assert response(dataset, "wai_sr", "client")["items"] == "WAI_SR_K_{item}"
    assert response(dataset, "wai_sr", "therapist")["items"] == "WAI_SR_T_{item}"


def test_a_name_of_several_forms_is_settled_by_range_or_asked(known: dict) -> None:
    seven = {"id": IDS} | items("WAI_{}", 12, 1, 7)
    draft, dataset, _ = drafted(known, table=seven)
    assert response(dataset, "wai_s")
    five = {"id": IDS} | items("WAI_{}", 12, 2, 4)
    draft, _, _ = drafted(known, table=five)
    assert asked(draft, "Which form was used?")


def test_another_coding_is_asked_not_accepted(known: dict) -> None:
    table = {"id": IDS} | items("PHQ-9 {}", 9, 1, 4) | items("ORS{}", 4, 0, 10)
    draft, dataset, _ = drafted(known, table=table)
    assert asked(draft, "0 to 3", "1 to 4", "coded from 1", "subtracts 1")
    assert response(dataset, "phq9")["values"] == {"1": 0, "2": 1, "3": 2, "4": 3}


def test_no_questionnaire_is_claimed_by_its_range_alone(known: dict) -> None:
    columns = {"id": IDS} | items("mood{}", 9, 0, 3)
    draft, dataset, _ = drafted(known, table=columns)
    assert [one.instrument for one in dataset.responses] == ["mood"]
    assert asked(draft, "Which questionnaire", "mood1 to mood9")


def test_missing_codes_recur_outside_the_range_and_spare_the_preferences(known: dict) -> None:
    phq = items("phq9_{}", 9, 0, 3)
    phq["phq9_1"][3:6] = ["99", "-9", "99"]
    phq["phq9_2"][3:6] = ["-9", "k.A.", "k.A."]
    columns = {"id": IDS} | phq | items("cnip_{}", 18, -3, 3)
    draft, dataset, _ = drafted(known, table=columns)
    assert dataset.missing_codes == ["-9", "99", "k.A."]
    assert dataset.preference is not None
    assert dataset.preference.coding == "left_positive"
    assert asked(draft, "left_negative", "The answers themselves cannot tell")


def test_nine_is_an_answer_where_it_is_possible(known: dict) -> None:
    columns = {"id": IDS} | items("ors_{}", 4, 0, 10)
    columns["ors_1"][5:9] = ["9", "9", "8", "9"]
    _, dataset, _ = drafted(known, table=columns)
    assert dataset.missing_codes == []


def test_one_to_seven_is_the_other_coding_of_the_preferences(known: dict) -> None:
    draft, dataset, _ = drafted(known, table={"id": IDS} | items("C-NIP {}", 18, 1, 7)
                                | items("phq9_{}", 9, 0, 3))  # fmt: skip
    assert dataset.preference is not None
    assert dataset.preference.coding == "one_to_seven_left_low"
    assert asked(draft, "Does 1 stand for the pole printed on the left")


def test_two_german_files_with_an_ending(known: dict) -> None:
    people = {
        "Klientennummer": IDS,
        "Behandler": [f"B{i % 4}" for i in range(N)],
        "Alter": numbers(18, 70),
        "Geschlecht": ["m", "w"] * (N // 2),
        "Therapieende": ["regulär", "abgebrochen", "läuft", "Umzug"] * (N // 4 - 1)
        + ["seltsam"] * 4,
        "letzter_Termin": ["erschienen", "abgesagt", "nicht erschienen"] * (N // 3),
        "vereinbarte_Sitzungen": numbers(10, 25),
    }
    visits = {
        "Klientennummer": repeated(),
        "Sitzungsnr": ["1", "2", "3"] * N,
        "Datum": ["04.03.2021", "14.03.2021", "28.03.2021"] * N,
        "anwesend": ["ja", "nein", "ja"] * N,
        "erhalten_direktiv": numbers(-3, 3, 3 * N),
        "erhalten_warm": numbers(-3, 3, 3 * N, seed=2),
    } | items("ORS_{}", 4, 0, 10, 3 * N)
    draft, dataset, _ = drafted(known, people=people, visits=visits)
    assert dataset.clients.source == "people"
    assert dataset.clients.columns["therapist"].column == "Behandler"
    assert dataset.sessions is not None
    assert dataset.sessions.columns["attended"].values == {"ja": True, "nein": False}
    assert dataset.sources["visits"].dates == "day_first"
    assert dataset.endings is not None
    told = dataset.endings.columns["ending"].values
    assert told == {"regulär": "completed", "abgebrochen": "dropped_out", "läuft": "ongoing",
                    "Umzug": "other"}  # fmt: skip
    assert asked(draft, "'seltsam'")
    last = dataset.endings.columns["last_appointment"].values
    assert last == {"erschienen": "attended", "abgesagt": "cancelled", "nicht erschienen": "missed"}
    assert dataset.endings.columns["sessions_planned"].column == "vereinbarte_Sitzungen"
    assert response(dataset, "delivered_style")["items"] == {
        "TD_CD": "erhalten_direktiv", "WS_FC": "erhalten_warm",
    }  # fmt: skip
    assert set(dataset.privacy.quasi_identifiers) == {"alter", "geschlecht"}


def test_dates_number_sessions_where_no_column_does(known: dict) -> None:
    columns = {"client": repeated(), "date": ["2021-03-04", "2021-03-11", "2021-04-01"] * N}
    draft, dataset, _ = drafted(known, table=columns | items("phq9_{}", 9, 0, 3, 3 * N))
    assert response(dataset, "phq9")["session"] == {"column": "date", "order_from": 1}
    assert asked(draft, "numbered by 'date'", "order_from: 0")


@pytest.mark.parametrize(
    ("dates", "order", "sure"),
    [
        (["03/04/2021", "25/04/2021"], "day_first", True),
        (["03/04/2021", "04/25/2021"], "month_first", True),
        (["03.04.2021", "04.05.2021"], "day_first", True),
        (["03/04/2021", "04/05/2021"], "day_first", False),
    ],
)
def test_a_number_above_twelve_tells_day_from_month(dates: list, order: str, sure: bool) -> None:
    from attunement.ingest.guesses.columns import look

    table = look("t", {}, Raw("t.csv", pd.DataFrame({"date": dates})))
    found = date_order(list(table.columns.values()))
    assert found is not None
    assert (found.order, found.sure) == (order, sure)


def test_events_of_a_database_are_occasions(known: dict) -> None:
    columns = {
        "record_id": repeated(),
        "redcap_event_name": ["baseline_arm_1", "session_1_arm_1", "session_2_arm_1"] * N,
        "age": [age if i == 0 else "" for age in numbers(18, 70) for i in range(3)],
    } | items("phq9_{}", 9, 0, 3, 3 * N)
    draft, dataset, _ = drafted(known, table=columns)
    when = response(dataset, "phq9")["session"]
    assert when["values"] == {"baseline_arm_1": 0, "session_1_arm_1": 1, "session_2_arm_1": 2}
    assert set(dataset.clients.covariates) == {"age"}
    assert asked(draft, "redcap_event_name")


def test_the_order_of_words_for_occasions() -> None:
    assert number_occasions(["post", "pre", "follow-up"]) == {"pre": 0, "post": 1, "follow-up": 2}
    assert number_occasions(["T1", "T2", "baseline"]) == {"baseline": 0, "T1": 1, "T2": 2}
    assert number_occasions(["session 1", "session 2", "katamnese"]) == {
        "session 1": 1, "session 2": 2, "katamnese": 3,
    }  # fmt: skip


def test_a_draft_without_a_questionnaire_says_what_is_lacking(known: dict) -> None:
    from pydantic import ValidationError

    with pytest.raises(ValidationError):
        drafted(known, table={"id": IDS, "colour": ["red", "blue"] * (N // 2)})


def test_a_file_that_names_no_client_is_left_out_and_asked(known: dict) -> None:
    notes = {"topic": ["a", "b"], "remark": ["c", "d"]}
    draft, dataset, _ = drafted(known, table={"id": IDS} | items("phq9_{}", 9, 0, 3), notes=notes)
    assert set(dataset.sources) == {"table"}
    assert asked(draft, "notes.csv", "names the client")


def test_values_that_yaml_would_misread_are_quoted(known: dict) -> None:
    columns = {
        "id": IDS,
        "smokes": ["yes", "no"] * (N // 2),
        "place": ["a: b", "#c"] * (N // 2),
    } | items("phq9_{}", 9, 0, 3)
    _, dataset, text = drafted(known, table=columns)
    assert dataset.clients.covariates["place"].levels == ["#c", "a: b"]
    assert dataset.clients.covariates["smokes"].kind == "flag"
    assert "because" in text


def test_scores_under_names_of_different_forms_are_placed_one_by_one(known: dict) -> None:
    columns = {"rownames": IDS} | {f"bdi.{when}": numbers(0, 50) for when in ("pre", "2m", "8m")}
    draft, dataset, _ = drafted(known, trial=columns)
    assert response(dataset, "bdi2")["wide"] == {"bdi.pre": 0, "bdi.2m": 2, "bdi.8m": 8}
    assert dataset.time.unit == "month"
    assert asked(draft, "bdi.8m = 8")
    columns = {"Client ID": IDS, "Intake ORS": numbers(0, 30), "Most recent ORS": numbers(0, 40)}
    _, dataset, _ = drafted(known, trial=columns)
    assert response(dataset, "ors")["wide"] == {"Intake ORS": 0, "Most recent ORS": 1}


def test_ids_without_a_name_for_them_are_asked(known: dict) -> None:
    columns = {"answer": IDS} | items("phq9_{}", 9, 0, 3)
    draft, dataset, _ = drafted(known, table=columns)
    assert dataset.clients.columns["client"].column == "answer"
    assert asked(draft, "No column is named as clients are")


def test_a_mean_is_a_score_only_where_the_key_gives_a_mean(known: dict) -> None:
    columns = {"id": IDS, "CORE-OM mean": numbers(0, 4), "PHQ9 mean": numbers(0, 3)}
    draft, dataset, _ = drafted(known, table=columns)
    assert response(dataset, "core_om")["items"] == {"total": "CORE-OM mean"}
    assert asked(draft, "PHQ9 mean", "not understood")


def test_repeated_forms_of_a_record_are_taken_apart(known: dict) -> None:
    rows = pd.DataFrame(
        {
            "record_id": [one for one in IDS for _ in range(3)],
            "redcap_repeat_instrument": ["", "visit", "visit"] * N,
            "redcap_repeat_instance": ["", "1", "2"] * N,
            "age": ["40", "", ""] * N,
        }
    )
    for name in items("ors_{}", 4, 0, 10):
        rows[name] = ["", "5", "7"] * N
    made = apart([("table", {"path": "x.csv"}, Raw("x.csv", rows))], Known(known))
    assert [(name, fields["only"]) for name, fields, _ in made] == [
        ("table", {"redcap_repeat_instrument": [""]}),
        ("visit", {"redcap_repeat_instrument": ["visit"]}),
    ]
    assert list(made[0][2].frame) == ["record_id", "age"]
    assert "age" not in made[1][2].frame


def test_a_row_for_each_questionnaire_is_taken_apart(known: dict) -> None:
    rows = pd.DataFrame(
        {
            "client": [one for one in IDS for _ in range(2)],
            "session": ["1"] * 2 * N,
            "measure": ["PHQ-9", "GAD-7"] * N,
            "score": ["5", "7"] * N,
        }
    )
    made = apart([("table", {"path": "x.csv"}, Raw("x.csv", rows))], Known(known))
    assert [(name, fields["only"]) for name, fields, _ in made] == [
        ("phq_9", {"measure": ["PHQ-9"]}), ("gad_7", {"measure": ["GAD-7"]}),
    ]  # fmt: skip
    assert made[0][2].titles == {"score": "PHQ-9"}
    plain = [("table", {}, Raw("x.csv", rows.drop(columns="measure")))]
    assert apart(plain, Known(known)) == plain


def test_a_therapist_in_another_file_is_put_beside_the_clients(known: dict) -> None:
    people = {"client": IDS, "age": numbers(18, 70)}
    visits = {
        "client": repeated(),
        "therapist": [f"T{i % 4}" for i in range(N) for _ in range(3)],
        "session": ["1", "2", "3"] * N,
    } | items("ors_{}", 4, 0, 10, 3 * N)
    _, dataset, _ = drafted(known, people=people, visits=visits)
    assert dataset.sources["clients_joined"].join == ["visits", "people"]
    assert dataset.clients.source == "clients_joined"
    assert dataset.clients.columns["therapist"].column == "therapist"
    assert set(dataset.clients.covariates) == {"age"}
    # A client without a visit would be lost by putting the files side by side: then it is asked.
    people = {name: [*column, "99"] for name, column in people.items()}
    draft, dataset, _ = drafted(known, people=people, visits=visits)
    assert dataset.clients.source == "people"
    assert asked(draft, "The therapist stands in 'therapist' of visits.csv")


def test_a_survey_names_its_client_by_the_code_given_to_it(known: dict) -> None:
    columns = {
        "ResponseId": [f"R_{number}" for number in range(3 * N)],
        "ExternalReference": repeated(),
        "Session": ["1", "2", "3"] * N,
    } | items("PHQ9_{}", 9, 0, 3, 3 * N)
    _, dataset, _ = drafted(known, survey=columns)
    assert dataset.clients.columns["client"].column == "ExternalReference"


def test_ids_are_known_by_the_other_file(known: dict) -> None:
    numbered = [str(100 + number) for number in range(N)]
    people = {"patient": numbered, "sex": ["f", "m"] * (N // 2)}
    visits = {"who": [one for one in numbered for _ in range(2)], "visit": ["1", "2"] * N}
    _, dataset, _ = drafted(known, people=people, visits=visits | items("ors_{}", 4, 0, 10, 2 * N))
    assert response(dataset, "ors")["client"]["column"] == "who"
