"""Layouts that clinics have and that were once misread: what `new` makes of each."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from guess_builders import IDS, asked, drafted, items, numbers, repeated, response

from attunement.ingest.guesses.aliases import Known
from attunement.ingest.guesses.answers_below import demand_no_row_per_answer
from attunement.ingest.guesses.columns import look
from attunement.ingest.guesses.names import pieces
from attunement.ingest.guesses.parts import apart
from attunement.ingest.guesses.yearly import demand_one_sheet, stacked
from attunement.ingest.readers.raw import Raw
from attunement.study.instruments import Instrument, load_instruments
from attunement.study.problems import StudyError

LONG = len(repeated())
VISITS = [str(n) for _ in IDS for n in (1, 2, 3)]
ORS = {"ORS total": numbers(0, 40, LONG)}


@pytest.fixture(scope="module")
def known(repository: Path) -> dict[str, Instrument]:
    return load_instruments(repository / "data" / "instruments")


def raw(name: str, columns: dict[str, list[str]]) -> Raw:
    return Raw(name, pd.DataFrame(columns))


def test_the_range_in_brackets_is_no_part_of_a_name(known: dict) -> None:
    assert [piece.text for piece in pieces("ORS total (0-40)")] == ["ors", "total"]
    table = {"client": repeated(), "Session no.": VISITS, "ORS total (0-40)": ORS["ORS total"]}
    _, dataset, _ = drafted(known, table=table)
    assert response(dataset, "ors")["items"] == {"total": "ORS total (0-40)"}
    assert response(dataset, "ors")["session"]["column"] == "Session no."


FRENCH = ("N° du patient", "Thérapeute", "Séance")
REFS = ("ClientRef", "TherapistRef", "SessionNo")
GERMAN = ("Patient/in", "Therapeut/in", "Sitzung Nr.")


@pytest.mark.parametrize("names", [FRENCH, REFS, GERMAN])
def test_names_of_client_therapist_and_session(known: dict, names: tuple[str, ...]) -> None:
    client, therapist, session = names
    who = [f"T{int(one[1:]) % 4:02d}" for one in repeated()]  # T01 is no occasion here
    _, dataset, _ = drafted(
        known, table={client: repeated(), therapist: who, session: VISITS} | ORS
    )
    assert dataset.clients.columns["client"].column == client
    assert dataset.clients.columns["therapist"].column == therapist
    assert response(dataset, "ors")["session"]["column"] == session


def test_therapists_called_t01_are_not_occasions(known: dict) -> None:
    code = [f"T{int(one[1:]) % 4:02d}" for one in repeated()]
    days = [f"{n}-Mar-2021" for _ in IDS for n in (3, 10, 17)]
    table = {"client": repeated(), "group": code, "seen": days} | ORS
    _, dataset, _ = drafted(known, table=table)
    assert response(dataset, "ors")["session"] == {"column": "seen", "order_from": 1}


def test_what_is_the_same_on_all_rows_of_a_client_is_no_rating_of_sessions(known: dict) -> None:
    sex = [str(1 + int(one[1:]) % 3) for one in repeated()]
    table = {"client": repeated(), "session": VISITS, "sex": sex} | ORS
    _, dataset, _ = drafted(known, table=table)
    assert not dataset.ratings
    assert "sex" in dataset.clients.covariates


def test_files_of_the_same_form_become_one_source() -> None:
    years = [
        (f"visits_{year}", {"path": f"/c/visits_{year}.csv"},
         raw(f"visits_{year}.csv",
             {"client": repeated(), "session": [f"{int(one) + later}" for one in VISITS]} | ORS))
        for year, later in ((2021, 0), (2022, 3))
    ]  # fmt: skip
    ((name, fields, whole),) = stacked(years)
    assert name == "visits"
    assert fields["path"] == ["/c/visits_2021.csv", "/c/visits_2022.csv"]
    assert len(whole.frame) == 2 * LONG


def test_a_file_for_each_occasion_is_not_put_below_another() -> None:
    parts = [
        (name, {"path": f"/c/{name}.csv"},
         raw(f"{name}.csv", {"client": IDS, "ORS": numbers(0, 40)}))
        for name in ("pre", "post")
    ]  # fmt: skip
    assert stacked(parts) == parts


def test_clients_are_those_of_all_questionnaires_in_one_column(known: dict) -> None:
    columns = {
        "client": [*IDS[:20], *IDS[4:]], "session": ["1"] * 40,
        "instrument": ["ORS"] * 20 + ["PHQ-9"] * 20, "score": numbers(0, 27, 40),
    }  # fmt: skip
    parts = apart([("l", {"path": "l.csv"}, raw("l.csv", columns))], Known(known))
    assert [name for name, _, _ in parts] == ["l", "ors", "phq_9"]
    assert set(parts[0][2].frame["client"]) == set(IDS)
    assert "score" not in parts[0][2].frame


@pytest.mark.parametrize("names", [("item", "value"), ("Frage", "Antwort"), ("which", "score")])
def test_a_row_for_each_answer_is_refused_and_the_way_out_is_told(
    known: dict, names: tuple[str, str]
) -> None:
    item, value = names
    rows = [(who, f"PHQ9_{i}") for who in IDS for i in range(1, 10)]
    columns = {
        "client": [who for who, _ in rows], item: [i for _, i in rows],
        value: numbers(0, 3, len(rows)),
    }  # fmt: skip
    table = look("long", {"path": "long.csv"}, raw("long.csv", columns))
    with pytest.raises(StudyError) as told:
        demand_no_row_per_answer(table, Known(known))
    assert f"CASESTOVARS /ID=client /INDEX={item}" in str(told.value)
    assert f"names_from = `{item}`" in str(told.value)


def test_a_row_for_each_session_is_not_taken_for_one_of_each_answer(known: dict) -> None:
    columns = {"client": repeated(), "item": VISITS, "score": numbers(0, 40, LONG)}
    columns |= {"session": VISITS}
    table = look("long", {"path": "long.csv"}, raw("long.csv", columns))
    demand_no_row_per_answer(table, Known(known))


def test_ids_written_otherwise_in_another_file_are_asked_about(known: dict) -> None:
    clients = {"client": [one.lower() for one in IDS], "age": numbers(18, 60)}
    draft, _, _ = drafted(
        known, clients=clients, visits={"client": repeated(), "session": VISITS} | ORS
    )
    assert asked(draft, f"{len(IDS)} ids", "other capitals")
    assert not any(one in question.text for question in draft.questions for one in IDS)


def test_years_of_two_digits_are_not_read_and_said_so(known: dict) -> None:
    days = [f"{n:02d}.03.21" for _ in IDS for n in (3, 10, 17)]
    draft, dataset, _ = drafted(
        known, table={"client": repeated(), "session": VISITS, "Datum": days} | ORS
    )
    assert asked(draft, "'Datum'", "two digits")
    assert "day" not in response(dataset, "ors")


def test_no_outcome_is_told_from_nothing_found(known: dict) -> None:
    draft, _, _ = drafted(known, table={"id": IDS} | items("cnip{}", 18, -3, 3))
    assert asked(draft, "Only Cooper-Norcross Inventory of Preferences was found")


def test_a_form_not_understood_comes_with_a_line_to_paste(known: dict) -> None:
    table = {"client": repeated(), "session": VISITS} | ORS
    table |= {f"PHQ frob {i}": numbers(0, 3, LONG, seed=i) for i in range(1, 10)}
    draft, _, text = drafted(known, table=table)
    assert asked(draft, "PHQ frob 1", "add such a line under responses")
    said = " ".join(text.replace("#", " ").split())
    assert "instrument: phq9, rater: client, client: client, session: session" in said
    assert "PHQ frob {item}" in text


def test_codes_of_an_ending_say_nothing_until_they_are_told(known: dict) -> None:
    table = {"client": IDS, "Ende": numbers(1, 4)} | items("PHQ9_{}", 9, 0, 3)
    draft, dataset, _ = drafted(known, table=table)
    assert dataset.endings is not None
    assert set((dataset.endings.columns["ending"].values or {}).values()) == {None}
    assert asked(draft, "What do the values of 'Ende' mean?", "not told")


def test_end_codes_of_the_nhs_are_known(known: dict) -> None:
    codes = ["46", "47", "49", "14"] * (len(IDS) // 4)
    table = {"PathwayID": IDS, "EndCode": codes} | {"PHQ9_FirstScore": numbers(0, 27)}
    draft, dataset, _ = drafted(known, table=table)
    assert dataset.endings is not None
    assert dataset.endings.columns["ending"].values == {
        "46": "completed", "47": "dropped_out", "49": "other", "14": None
    }  # fmt: skip
    assert asked(draft, "'EndCode'", "each null")


def test_names_with_marks_of_yaml_are_quoted(known: dict) -> None:
    came = ["ja, gern", "nein"] * (LONG // 2)
    table = {"Klient*in": repeated(), "Sitzung": VISITS, "erschienen?": ["ja"] * LONG} | ORS
    table |= {"Ende: wie?": came}
    drafted(known, table=table)  # it compares what the text says with what the draft says


def test_the_tenth_question_of_the_phq_is_no_item(known: dict) -> None:
    table = {"client": repeated(), "session": VISITS, "PHQ_total": numbers(0, 27, LONG)}
    table |= items("PHQ{}", 10, 0, 3, LONG)
    _, dataset, _ = drafted(known, table=table)
    assert response(dataset, "phq9")["items"] == "PHQ{item}"


def test_totals_of_ten_sessions_are_not_items(known: dict) -> None:
    table = {"client": IDS} | {f"PHQ_s{n}": numbers(0, 27, seed=n) for n in range(1, 11)}
    _, dataset, _ = drafted(known, table=table)
    assert response(dataset, "phq9")["items"] == {"total": "PHQ_s{session}"}


def test_a_form_in_millimetres_is_not_scored(known: dict) -> None:
    table = {"client": repeated(), "session": VISITS} | items("ORS_{}", 4, 0, 100, LONG)
    table |= items("PHQ9_{}", 9, 0, 3, LONG)
    draft, dataset, _ = drafted(known, table=table)
    assert [one.instrument for one in dataset.responses] == ["phq9"]
    assert asked(draft, "0 to 10", "0 to 100", "divide by 10")


def test_each_scale_has_its_own_limits(known: dict) -> None:
    table = {"client": repeated(), "session": VISITS, "CORE-OM mean": numbers(0, 4, LONG)}
    table |= {"CORE-OM clinical score": numbers(0, 40, LONG)}
    draft, _, _ = drafted(known, table=table)
    assert not asked(draft, "Is it this instrument")


def test_a_form_in_two_files_without_an_occasion_is_asked_about(known: dict) -> None:
    form = {"client": IDS} | items("PHQ9_{}", 9, 0, 3)
    draft, _, _ = drafted(known, pre=form, post=form)
    assert asked(draft, "stands in several files", "at_session: 0")


def test_a_file_for_each_questionnaire_is_not_put_below_another() -> None:
    parts = [
        (name, {"path": f"/c/{name}.csv"},
         raw(f"{name}.csv", {"client": repeated(), "session": VISITS, "score": ["1"] * LONG}))
        for name in ("hope", "stress")
    ]  # fmt: skip
    assert stacked(parts) == parts


def test_sheets_that_go_on_from_one_another_are_refused() -> None:
    visits = [str(int(one) + 3) for one in VISITS]
    parts = [
        (f"year_{n}", {"path": "/c/a.xlsx", "sheet": f"202{n}"},
         raw("a.xlsx", {"client": repeated(), "session": when} | ORS))
        for n, when in enumerate((VISITS, visits))
    ]  # fmt: skip
    with pytest.raises(StudyError, match="Copy their rows"):
        demand_one_sheet(parts)
    demand_one_sheet([parts[0], (*parts[1][:2], parts[0][2])])  # the same rows: something else


def test_a_letter_written_on_to_the_instrument(known: dict) -> None:
    table = {"id": IDS} | {f"orst{n}": numbers(0, 40, seed=n) for n in range(1, 8)}
    _, dataset, _ = drafted(known, table=table)
    assert response(dataset, "ors")["items"] == {"total": "orst{time}"}


def test_items_without_a_name_in_a_file_that_has_one(known: dict) -> None:
    wishes = {"client": IDS} | items("Item{}", 18, -3, 3)
    visits = {"client": repeated(), "session": VISITS} | ORS
    _, dataset, _ = drafted(known, c_nip=wishes, visits=visits)
    assert response(dataset, "cnip")["items"] == "Item{item}"


def test_the_wrong_number_of_items_is_not_the_form_of_the_file(known: dict) -> None:
    wishes = {"client": IDS} | items("Item{}", 17, -3, 3)
    _, dataset, _ = drafted(known, c_nip=wishes, visits={"client": repeated(), "session": VISITS}
                            | ORS)  # fmt: skip
    assert [one.instrument for one in dataset.responses if one.source == "c_nip"] != ["cnip"]


def test_what_became_of_a_session_says_who_came(known: dict) -> None:
    words = ["Attended", "DNA", "cancelled"] * (LONG // 3)
    table = {"client": repeated(), "session": VISITS, "Status": words} | ORS
    _, dataset, _ = drafted(known, table=table)
    assert dataset.sessions is not None
    assert dataset.sessions.columns["attended"].values == {
        "Attended": True, "DNA": False, "cancelled": False
    }  # fmt: skip


def test_dutch_words(known: dict) -> None:
    ended = [("regulier", "voortijdig", "onbekend")[int(one[1:]) % 3] for one in repeated()]
    table = {"Cliëntnummer": repeated(), "Sessienummer": VISITS, "Reden afsluiting": ended}
    table |= {"ORS totaalscore": ORS["ORS total"]}
    _, dataset, _ = drafted(known, table=table)
    assert response(dataset, "ors")
    assert dataset.endings is not None
    assert dataset.endings.columns["ending"].values == {
        "regulier": "completed", "voortijdig": "dropped_out", "onbekend": "unknown"
    }  # fmt: skip


def test_a_number_of_sessions_is_not_the_number_of_a_session(known: dict) -> None:
    table = {"client": IDS, "n_session": numbers(2, 20)} | items("PHQ9_{}", 9, 0, 3)
    _, dataset, _ = drafted(known, table=table)
    assert response(dataset, "phq9")["at_session"] == 0


def test_the_level_none_is_kept_and_codes_of_diagnoses_are_a_category(known: dict) -> None:
    many = len(IDS)
    table = {
        "client": IDS,
        "allergies": ["none", "none", "penicillin", "latex"] * (many // 4) + ["none"] * (many % 4),
        "snomed": ["35489007", "197480006"] * (many // 2) + ["35489007"] * (many % 2),
        "PHQ9 total": numbers(0, 27, many),
    }
    _, dataset, _ = drafted(known, clients=table)
    assert dataset.clients is not None
    assert "none" in (dataset.clients.covariates["allergies"].levels or [])
    assert dataset.clients.covariates["snomed"].kind == "category"


def test_gender_x_is_a_category_and_asked_about(known: dict) -> None:
    table = {"client": IDS, "Gender": ["F", "M", "F"] * 7 + ["X"] * 3, "form": ["1", "2", "X"] * 8}
    draft, dataset, _ = drafted(known, table=table | items("PHQ9_{}", 9, 0, 3))
    assert dataset.clients.covariates["gender"].levels == ["F", "M", "X"]
    assert "X" not in (dataset.clients.covariates["form"].levels or [])
    assert asked(draft, "'X' in 'Gender'", "3 times")


def test_words_for_missing_beside_letters_stay_missing(known: dict) -> None:
    table = {"client": IDS, "gender": ["F", "M", "NA"] * 8} | items("PHQ9_{}", 9, 0, 3)
    _, dataset, _ = drafted(known, table=table)
    assert dataset.clients.covariates["gender"].levels == ["F", "M"]
    assert dataset.missing_codes == ["NA"]


def test_clients_with_two_therapists_are_counted_and_a_rule_is_offered(known: dict) -> None:
    who = [f"T{int(one[1:]) % 4 + 11}" for one in repeated()]
    table = {"client": repeated(), "therapist": who, "session": VISITS} | ORS
    draft, _, text = drafted(known, table=table)
    assert "one for each client" in " ".join(text.replace("#", " ").split())
    assert not asked(draft, "more than one therapist")
    table["therapist"] = ["T15", *who[1:-1], "T15"]
    draft, _, text = drafted(known, table=table)
    assert f"but 2 of {len(IDS)} clients with more than one" in " ".join(
        text.replace("#", " ").split()
    )
    assert asked(draft, "more than one therapist in 'therapist': 2", "check")
    assert "rules: {two_therapists: first}" in text


def test_how_often_an_outcome_was_answered_counts_no_empty_cells(known: dict) -> None:
    table = {"client": IDS} | items("PHQ9_s1_i{}", 9, 0, 3)
    table |= {name: cells[:5] + [""] * (len(IDS) - 5)
              for name, cells in items("PHQ9_s2_i{}", 9, 0, 3).items()}  # fmt: skip
    draft, _, _ = drafted(known, table=table)
    told = draft.reasons[("outcomes",)][0]
    assert told == f"phq9.total: answered most often, {len(IDS) + 5} times"
