"""Exports of survey tools, dates of digits, and headers in other languages."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from guess_builders import IDS, N, asked, drafted, items, numbers, repeated, response

from attunement.cli.inspect_files import inspect
from attunement.ingest.guesses.columns import unmarked
from attunement.ingest.guesses.names import words
from attunement.ingest.readers.raw import Raw
from attunement.study.instruments import Instrument, load_instruments

LONG = len(repeated())
VISITS = [str(n) for _ in IDS for n in (0, 1, 2)]
ORS = {"ORS total": numbers(0, 40, LONG)}
QUESTIONS = {
    "IPAddress": "IP Address",
    "RecipientEmail": "Recipient Email",
    "LocationLatitude": "Location Latitude",
    "ResponseId": "Response ID",
    "Q1": "Please enter your participant code",
    "Q2": "Which session is this?",
    "Q4_1": "In this session the therapist was ... - directive",
    "Q4_2": "In this session the therapist was ... - emotional",
    "Q4_3": "In this session the therapist was ... - past",
    "Q4_4": "In this session the therapist was ... - warm",
}


@pytest.fixture(scope="module")
def known(repository: Path) -> dict[str, Instrument]:
    return load_instruments(repository / "data" / "instruments")


def survey(**changes: list[str]) -> Raw:
    columns = {
        "IPAddress": [f"10.{i % 250}.7.{3 + i // 250}" for i in range(LONG)],
        "RecipientEmail": [f"someone{i}@example.org" for i in range(LONG)],
        "LocationLatitude": [f"51.{2000 + i}" for i in range(LONG)],
        "ResponseId": [f"R_{i}x{i * i}" for i in range(LONG)],
        "ExternalReference": [""] * LONG,
        "Q1": repeated(),
        "Q2": VISITS,
    }
    columns |= items("Q3_{}", 9, 0, 3, LONG) | items("Q4_{}", 4, -3, 3, LONG) | changes
    phq = {f"Q3_{i}": f"PHQ-9: over the last two weeks - Item {i}" for i in range(1, 10)}
    frame = pd.DataFrame(columns).replace("", pd.NA)
    return Raw("survey.csv", frame, titles=QUESTIONS | phq)


def inspected(known: dict, raw: Raw) -> tuple:
    return inspect("clinic", [("survey", {"path": "survey.csv", "header_rows": 3}, raw)], known)


def test_questions_of_a_survey_name_the_client_and_the_session(known: dict) -> None:
    draft, drop = inspected(known, survey())
    assert draft.content["clients"]["columns"]["client"] == "Q1"
    because = draft.reasons[("clients", "columns")]
    assert any("Please enter your participant code" in one for one in because)
    phq = next(one for one in draft.content["responses"] if one["instrument"] == "phq9")
    assert phq["session"] == "Q2"
    assert draft.content["time"]["unit"] == "session"
    assert set(drop["survey"]) >= {"IPAddress", "RecipientEmail", "LocationLatitude"}


def test_questions_tell_what_a_session_gave(known: dict) -> None:
    draft, _ = inspected(known, survey())
    given = next(r for r in draft.content["responses"] if r["instrument"] == "delivered_style")
    told = {"TD_CD": "Q4_1", "EI_ER": "Q4_2", "PO_PR": "Q4_3", "WS_FC": "Q4_4"}
    assert given["items"] == told


@pytest.mark.parametrize("name", ["IPAddress", "Contact"])
def test_an_address_is_never_the_client(known: dict, name: str) -> None:
    columns = {
        name: [f"10.{i}.7.3" for i in range(N)],
        "mail": [f"someone{i}@example.org" for i in range(N)],
        "made": [f"K-{i}" for i in range(N)],
    } | items("PHQ9_{}", 9, 0, 3)
    _, dataset, _ = drafted(known, survey=columns)
    assert dataset.clients.columns["client"].column == "made"


def test_a_code_given_to_a_survey_is_the_client_though_addresses_differ_too(known: dict) -> None:
    raw = survey(ExternalReference=repeated(), Q1=["yes", "no", "no"] * N)
    raw.titles["Q1"] = "Do you agree to take part?"
    draft, _ = inspected(known, raw)
    assert draft.content["clients"]["columns"]["client"] == "ExternalReference"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("20230131", "yyyymmdd"), ("31012023", "ddmmyyyy"), ("01312023", "mmddyyyy"),
        ("1022023", "ddmmyyyy mmddyyyy"), ("20231301", ""), ("99999999", ""), ("2023013", ""),
        ("2023-01-31", ""),
    ],
)  # fmt: skip
def test_dates_of_digits_are_told_from_numbers(text: str, form: str) -> None:
    assert " ".join(unmarked(text)) == form


@pytest.mark.parametrize(
    ("form", "word"),
    [("%Y%m%d", "yyyymmdd"), ("%d%m%Y", "ddmmyyyy"), ("%m%d%Y", "mmddyyyy")],
)
def test_dates_of_digits_are_dates_and_number_no_sessions(
    known: dict, form: str, word: str
) -> None:
    days = pd.date_range("2023-01-13", periods=LONG, freq="9D")
    for name in ("session", "session date", "day", "seen"):
        dated = {name: list(days.strftime(form))}
        draft, dataset, _ = drafted(known, v={"client": repeated(), "visit": VISITS} | dated | ORS)
        assert response(dataset, "ors")["session"]["column"] == "visit"
        assert draft.content["sources"]["v"]["dates"] == word
        assert not asked(draft, "which comes first")
        assert not dataset.ratings
        assert name not in [one.column for one in dataset.clients.covariates.values()]


def test_numbers_of_eight_digits_that_are_no_dates_stay_ids(known: dict) -> None:
    codes = [str(20239900 + i) for i in range(N)]
    _, dataset, _ = drafted(known, v={"client": codes} | items("PHQ9_{}", 9, 0, 3))
    assert dataset.clients.columns["client"].column == "client"


LANGUAGES = {
    "French": ("Code patient", "thérapeute", "séance", "présence", "âge", "fin de traitement",
               ("présent", "absent"), ("fin convenue", "abandon", "en cours", "réorienté")),
    "French file": ("N° du patient", "Thérapeute", "N° séance", "Présence", "Âge", "Fin",
                    ("oui", "non"), ("terminé", "interruption", "en cours", "adressé ailleurs")),
    "German": ("Klient:in", "Behandler:in", "Sitzungsnr.", "Anwesenheit", "Alter", "Therapieende",
               ("anwesend", "abwesend"), ("regulär", "Abbruch", "läuft noch", "Überweisung")),
    "Spanish": ("Código del paciente", "psicóloga", "nº de sesión", "asistió", "edad",
                "motivo de finalización", ("sí", "no"),
                ("alta terapéutica", "abandonó", "continúa", "derivación")),
    "Dutch": ("Cliëntnummer", "behandelaar", "zitting", "aanwezigheid", "leeftijd",
              "reden beëindiging", ("aanwezig", "afwezig"),
              ("afgerond", "voortijdig gestopt", "loopt nog", "doorverwezen")),
    "Italian": ("Codice paziente", "terapeuta", "seduta", "presenza", "età", "fine trattamento",
                ("sì", "no"), ("concluso", "abbandono", "in corso", "inviato altrove")),
}  # fmt: skip
MEANT = ("completed", "dropped_out", "ongoing", "referred")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_headers_of_other_languages_however_accents_are_written(
    known: dict, language: str, form: str
) -> None:
    def written(texts: tuple) -> list[str]:
        return [unicodedata.normalize(form, one) for one in texts]

    *names, came, ends = LANGUAGES[language]
    client, therapist, session, attended, age, end = written(tuple(names))
    came, ends = written(came), written(ends)
    who = [int(one[1:]) for one in repeated()]
    table = {
        client: repeated(), therapist: [f"B{one % 4}" for one in who], session: VISITS,
        attended: [came[row % 7 == 0] for row in range(LONG)],
        age: [str(20 + one) for one in who], end: [ends[one % 4] for one in who],
    } | ORS  # fmt: skip
    _, dataset, _ = drafted(known, table=table)
    columns = dataset.clients.columns
    assert columns["client"].column == client
    assert columns["therapist"].column == therapist
    assert response(dataset, "ors")["session"]["column"] == session
    assert dataset.sessions.columns["attended"].values == {came[0]: True, came[1]: False}
    assert dataset.endings.columns["ending"].values == dict(zip(ends, MEANT, strict=True))
    assert [one.column for one in dataset.clients.covariates.values()] == [age]


def test_an_accent_written_after_its_letter_is_part_of_it() -> None:
    assert words(unicodedata.normalize("NFD", "séance_présence")) == ["seance", "presence"]


def test_codes_of_the_nhs_for_attendance_are_known(known: dict) -> None:
    table = {
        "PathwayID": repeated(), "Contact": VISITS, "CareProfLocalID": ["T1", "T1", "T1"] * N,
        "AttendOrDNACode": ["5", "3", "6"] * N,
    } | ORS  # fmt: skip
    _, dataset, _ = drafted(known, contacts=table)
    assert dataset.sessions.columns["attended"].values == {"5": True, "3": False, "6": True}
    assert dataset.clients.columns["therapist"].column == "CareProfLocalID"


def test_no_comment_is_wider_than_an_editor_of_eighty_columns(known: dict) -> None:
    columns = {"client": repeated(), "séance": VISITS, "end": ["a", "b", "c"] * N}
    columns |= {f"PHQ frob {i}": numbers(0, 3, LONG, seed=i) for i in range(1, 10)} | ORS
    _, _, text = drafted(known, table=columns)
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#")][1:]
    assert max(map(len, comments)) < 80


def test_items_with_words_in_a_sheet_named_after_their_form(known: dict) -> None:
    when = {"Client no": repeated(), "Session": VISITS}
    named = ["Individually", "Interpersonally", "Socially", "Overall"]
    ors = {name: numbers(0, 10, LONG, seed=i) for i, name in enumerate(named)}
    named = ["Relationship", "Goals and topics", "Approach or method", "Overall"]
    srs = {name: numbers(0, 10, LONG, seed=i) for i, name in enumerate(named)}
    _, dataset, _ = drafted(known, ors=when | ors, srs=when | srs, other=when | ors)
    assert response(dataset, "ors")["items"]["2"] == "Interpersonally"
    assert response(dataset, "srs")["items"]["3"] == "Approach or method"
    assert response(dataset, "ors")["source"] == "ors"


def test_an_end_among_numbered_sessions_is_asked_about(known: dict) -> None:
    phases = {"client": [*IDS, *IDS], "moment": ["pre"] * N + ["post"] * N}
    phases |= items("phq9_{}", 9, 0, 3, 2 * N)
    visits = {"client": repeated(), "session": VISITS} | ORS
    draft, _, _ = drafted(known, phases=phases, visits=visits)
    assert asked(draft, "post = 1", "Other rows have numbers of sessions, up to 2", "above it")


def test_what_a_record_tells_at_one_event_is_read_from_its_rows(known: dict) -> None:
    event = ["baseline_arm_1", "session_5_arm_1", "end_of_treatment_arm_1"] * N

    def at(place: int, values: list[str]) -> list[str]:
        return [values[row // 3] if row % 3 == place else "" for row in range(LONG)]

    table = {
        "record_id": repeated(), "redcap_event_name": event,
        "therapist_id": at(0, ["T1", "T2", "T3"] * 8), "age": at(0, numbers(20, 60)),
        "end_reason": at(2, ["2", "1", "10"] * 8), "last_session": at(2, numbers(1, 9)),
    } | items("phq9_{}", 9, 0, 3, LONG)  # fmt: skip
    _, dataset, _ = drafted(known, record={k: pd.array(v) for k, v in table.items()})
    endings, clients = dataset.endings, dataset.clients
    assert dataset.sources[endings.source].only == {"redcap_event_name": ["end_of_treatment_arm_1"]}
    assert dataset.sources[clients.source].only == {"redcap_event_name": ["baseline_arm_1"]}
    assert list(endings.columns["ending"].values) == ["1", "2", "10"]
    assert response(dataset, "phq9")["source"] == "record"


def test_a_word_for_missing_recurs_over_columns_too(known: dict) -> None:
    columns = items("phq9_{}", 9, 0, 3)
    for place in (1, 4):
        columns[f"phq9_{place}"][place + 3] = "NA"
    _, dataset, _ = drafted(known, table={"client": IDS} | columns)
    assert dataset.missing_codes == ["NA"]
