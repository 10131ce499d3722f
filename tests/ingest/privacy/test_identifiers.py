"""Identifiers planted in eighteen kinds and in free text: all found, and no false alarm."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from invented import INVENTED, Make, word

from attunement.ingest.privacy.identifiers import OF_ONE, look
from attunement.ingest.privacy.identifiers.names import announced, tokens

# Kind of HIPAA Safe Harbor -> values, plausible names of columns. All values are made up.
PLANTED: dict[str, tuple[list[str], list[str]]] = {
    "A names": (
        ["Maria Schmidt", "John O'Brien", "Fatima Yilmaz", "Pieter de Vries", "Anna Kowalska"],
        ["PatientLastName", "Vorname", "achternaam", "full_name", "RecipientFirstName", "nombre"],
    ),
    "B geography, street": (
        ["12 Baker Street", "Hauptstraße 5", "Kerkstraat 12", "8 rue de Rivoli", "Storgatan 3"],
        ["address", "Anschrift", "straat", "home_address", "Adresse"],
    ),
    "B geography, postcode": (
        ["SW1A 1AA", "M1 1AE", "EH1 2NG", "K1A 0B1", "1012 AB"],
        ["PostCode", "Postleitzahl", "zip", "code_postal", "Postcode_Client"],
    ),
    "C dates": (
        ["1974-03-02", "12.11.1961", "03/04/1988", "1990-12-24", "5 May 1955"],
        ["dob", "Geburtsdatum", "Person_BirthDate", "fecha_nacimiento", "geboortedatum"],
    ),
    "D phone": (
        ["+49 171 1234567", "020 7946 0958", "07700 900123", "(555) 123-4567", "0031 6 12345678"],
        ["phone", "Handynummer", "mobile_no", "telefoon", "Tel."],
    ),
    "E fax": (
        ["+49 30 1234568", "020 7946 0959", "(555) 123-4568", "0049 89 123456", "030/1234567"],
        ["fax", "Faxnummer", "fax_number", "telefax"],
    ),
    "F email": (
        ["a.b@web.de", "jane@example.com", "x_y@mail.co.uk", "q@uni-k.de", "z+1@x.org"],
        ["email", "RecipientEmail", "E-Mail", "correo", "courriel"],
    ),
    "G social security": (
        ["943 476 5919", "123-45-6789", "AB123456C", "111222333", "811228-9874"],
        ["SSN", "NHSnumber", "national_insurance", "bsn", "personnummer"],
    ),
    "H medical record": (
        ["MRN-0048213", "MRN-0912345", "MRN-4410032", "MRN-7712209", "MRN-1100392"],
        ["mrn", "hospital_number", "Patientennummer", "LocalPatientID", "medical_record_no"],
    ),
    "I health plan": (
        ["A123456780", "1EG4-TE5-MK73", "INS-99812734", "POL 8837261", "HPN77612344"],
        ["health_plan_number", "Versichertennummer", "insurance_no", "member_id", "KVNR"],
    ),
    "J account": (
        ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "4111 1111 1111 1111",
         "5500005555555559", "NL91ABNA0417164300"],
        ["account_number", "IBAN", "Kontonummer", "credit_card", "bank_account"],
    ),
    "K licence": (
        ["LIC-4412098", "MORGA657054SM9IJ", "DL D1234568", "CERT-2019-33812", "LIC-9912870"],
        ["licence_number", "drivers_license", "Führerscheinnummer", "certificate_no"],
    ),
    "L vehicle": (
        ["1HGCM82633A004352", "WVWZZZ1JZ3W386752", "B-AB 1234", "M-XY 77", "AB12 CDE"],
        ["vin", "Kennzeichen", "license_plate", "kenteken"],
    ),
    "M device": (
        ["490154203237518", "00:1A:2B:3C:4D:5E", "550e8400-e29b-41d4-a716-446655440000",
         "SN-88A71B2", "356938035643809"],
        ["device_id", "IMEI", "serialNumber", "Seriennummer", "mac_address"],
    ),
    "N url": (
        ["https://www.facebook.com/maria.s", "www.example.org", "http://a.b/c", "linkedin.com/in/x",
         "https://x.org"],
        ["url", "website", "profile_link", "Homepage"],
    ),
    "O ip": (
        ["192.168.1.17", "8.8.8.8", "2001:db8::ff00:42:8329", "10.0.0.254", "172.16.254.1"],
        ["IPAddress", "ip", "ip_adres", "IPv4"],
    ),
    "P biometric": (
        ["FP-8837261", "IRIS-2231190", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
         "interview_07.wav", "VOICE-11872"],
        ["fingerprint", "iris_scan", "Fingerabdruck", "voice_print"],
    ),
    "Q photograph": (
        ["face_0017.jpg", "C:/photos/m.schmidt.png", "data:image/png;base64,iVBORw0KGgo=",
         "IMG_2231.JPEG", "portrait 3.jpg"],
        ["photo", "face_image", "Lichtbild", "picture_file"],
    ),
    "R other code": (
        ["R_3nKzQ81xPmVbT2e", "EMP00881723", "STU-2019-44817", "X7719-20831", "9910-AB-77120"],
        ["username", "userid", "externalReference", "employee_number", "Matrikelnummer"],
    ),
    "free text": (
        ["She told me that her brother had called again",
         "came late because the bus broke down today",
         "wants to speak of the funeral next week", "no change since the last time we met here",
         "seemed tired and looked away for most of it"],
        ["comments", "Bemerkungen", "session_notes", "opmerking", "free_text"],
    ),
}  # fmt: skip
MISLEADING = ["group2", "phq9_10", "site_code"]
ROWS = 40


def _column(values: list[str], how: str) -> pd.Series:
    if how == "full":
        return pd.Series([values[k % len(values)] for k in range(ROWS)], dtype="str")
    rest = {"one in a blank column": "", "one among numbers": "3"}[how]
    column = [rest] * ROWS
    column[17] = values[0]
    return pd.Series(column, dtype="str")


def _table(name: str, column: pd.Series) -> pd.DataFrame:
    ids = [f"C{k:04d}" for k in range(len(column))]
    return pd.DataFrame({"client": ids, "session": "1", name: column})


def _found(name: str, column: pd.Series) -> bool:
    findings = look(_table(name, column), {"client": "id"}, "client")
    assert not [one for one in findings if one.column != name]
    return any(one.refused for one in findings)


def test_every_planted_identifier_is_found_under_plausible_and_misleading_names(
    record_property: Callable[[str, str], None],
) -> None:
    missed, tried = [], 0
    for kind, (values, plausible) in PLANTED.items():
        counts = {}
        for sort, names in (("plausible", plausible), ("misleading", MISLEADING)):
            for how in ("full", "one in a blank column", "one among numbers"):
                few = names[:4] if how == "full" else names[:2]
                hits = [(name, _found(name, _column(values, how))) for name in few]
                missed += [(kind, name, how) for name, hit in hits if not hit]
                counts[sort, how] = (sum(hit for _, hit in hits), len(hits))
                tried += len(hits)
            for value in values:  # and each form alone
                hit = _found("x7", _column([value], "one in a blank column"))
                tried += 1
                if not hit:
                    missed.append((kind, "x7", value))
        told = [
            f"{sum(n for (a, _), (n, _) in counts.items() if a == sort)} of "
            f"{sum(m for (a, _), (_, m) in counts.items() if a == sort)} under {sort} names"
            for sort in ("plausible", "misleading")
        ]
        record_property("figure", f"identifiers, {kind}: {', '.join(told)}")
    record_property("figure", f"identifiers planted: {tried}, missed: {len(missed)}")
    assert not missed


CLEAN: dict[str, list[str]] = {
    "case_id": [f"C{k:04d}" for k in range(40)],
    "record_id": [f"{k}" for k in range(40)],
    "patient": [f"{10023 + k}" for k in range(40)],
    "Unique_ServiceRequestID": [f"SR{k}" for k in range(40)],
    "day": ["1540", "1547", "1554"],
    "training": ["cognitive_behavioural", "person_centred", "psychodynamic"],
    "therapist_gender": ["woman", "man", "no preference"],
    "name_of_scale": ["PHQ-9", "GAD-7"],
    "instrument_name": ["Session Rating Scale", "Outcome Rating Scale"],
    "session_name": ["Session One", "Session Two", "Booster"],
    "redcap_event_name": ["baseline_arm_1", "week_4_arm_1"],
    "filename": ["export.csv", "export2.csv"],
    "state": ["Bavaria", "Hesse", "Saxony"],
    "contact": ["phone", "face to face", "video"],
    "TreatmentCareContact_Count": ["3", "12", "7"],
    "vas": [f"{k * 7 % 101}" for k in range(40)],
    "decimals": [f"{k / 7:.12f}" for k in range(40)],
    "decimal_comma": [f"{k},{k}5" for k in range(40)],
    "income": [f"{1500 * k}" for k in range(20, 60)],
    "income_band": ["£0 - £5,000", "£10,001 - £20,000", "more than £50,000"],
    "email": ["yes", "no", ""],
    "phone_sessions": ["0", "3", "12"],
    "birth_year": ["1970", "1984"],
    "birth_order": ["1", "2"],
    "ethnicity": ["White British", "Black African", "White Irish", "Asian Indian", "Mixed Other",
                  "Black Caribbean", "Chinese", "White Other", "Asian Other"],
    "diagnosis": ["Major Depression", "Panic Disorder", "Social Anxiety", "Bipolar Disorder",
                  "Eating Disorder", "Post Traumatic Stress", "Generalised Anxiety",
                  "Adjustment Disorder", "Personality Disorder"],
    "icd10": ["F32.1", "F41.0", "F60.31"],
    "snomed": ["370143000", "197480006"],
    "religion": ["Catholic", "Jewish", "Muslim", "None"],
    "phq9_1": ["Not at all", "Several days", "More than half the days", "Nearly every day"],
    "bdi_3": ["I do not feel like a failure", "I feel I have failed more than the average person",
              "As I look back on my life, all I can see is a lot of failures"],
    "occupation": ["Nurse", "Teacher", "Engineer", "Farmer", "Baker", "Student", "Retired"],
    "duration": ["10:30:15", "00:45:00"],
    "missing": ["-9", "99", "NA", "k.A.", "NaN", "n/a", "999", "-99"],
}  # fmt: skip


@pytest.mark.parametrize("name", CLEAN)
def test_no_false_alarm_on_what_studies_hold(name: str) -> None:
    values = CLEAN[name]
    column = pd.Series([values[k % len(values)] for k in range(40)], dtype="str")
    assert look(_table(name, column), {"client": "id"}, "client") == []
    assert look(_table(name, column), {"client": "id"}) == []


@pytest.mark.parametrize("path", sorted(Path("data/example").glob("*.csv")), ids=lambda p: p.stem)
def test_no_false_alarm_on_the_example(path: Path, repository: Path) -> None:
    frame = pd.read_csv(repository / path, dtype=str, keep_default_na=False)
    assert look(frame) == []


def test_a_date_is_of_a_birth_of_an_assessment_or_declared() -> None:
    birth = pd.Series(["1974-03-02", "1951-01-30"] * 20, dtype="str")
    visit = pd.Series(["2021-03-02 10:15", "2021-04-30 11:00"] * 20, dtype="str")
    assert look(_table("phq9_timestamp", visit))[0].refused is False
    assert look(_table("phq9_timestamp", visit), {"phq9_timestamp": "other"})[0].refused
    assert look(_table("date_s1", visit), {"date_s1": "day"}) == []
    assert look(_table("x1", visit))[0].kind == "date"
    assert look(_table("admission_date", visit), {"admission_date": "day"}) == []
    assert look(_table("dob", birth), {"dob": "day"})[0].refused
    typed = _table("x1", pd.Series(pd.to_datetime(birth)))
    assert [(one.kind, one.n_rows) for one in look(typed)] == [("date", 40)]


def test_ids_may_be_codes_but_no_names_mails_phones_or_national_numbers() -> None:
    def kinds(values: list[str]) -> set[str]:
        table = pd.DataFrame({"id": values, "session": "1"})
        return {one.kind for one in look(table, {"id": "id"}, "id")}

    assert kinds([f"{4839201 + 37 * k}" for k in range(40)]) == set()
    assert kinds([f"550e8400-e29b-41d4-a716-4466554400{k}" for k in range(10, 40)]) == set()
    assert kinds(["Anna Schmidt", "C2", "C3"]) == {"name"}
    assert kinds(["a@b.de", "C2", "C3"]) == {"email"}
    assert kinds(["+49 171 1234567", "C2"]) == {"phone"}
    assert "national number" in kinds(["9434765919", "4010232137"])


def test_numbers_and_categories_keep_their_type() -> None:
    draw = np.random.default_rng(1)
    numbers = pd.DataFrame(
        {
            "client": [f"C{k:04d}" for k in range(300)],
            "score": draw.normal(size=300),
            "item": draw.integers(0, 4, 300),
            "flag": draw.random(300) > 0.5,
            "arm": pd.Categorical(draw.choice(["usual", "new"], 300)),
            "record": draw.integers(1_000_000, 9_999_999, 300),
            "latitude": 40 + draw.random(300),
        }
    )
    found = {one.column: one.kind for one in look(numbers, {"client": "id"}, "client")}
    assert found == {"record": "other code", "latitude": "geography"}


def test_a_code_that_never_changes_within_a_client_is_found_on_many_rows() -> None:
    draw = np.random.default_rng(2)
    codes = [f"{one}" for one in draw.integers(1_000_000, 9_999_999, 50)]
    rows = [(f"C{k:03d}", codes[k]) for k in range(50) for _ in range(12)]
    table = pd.DataFrame(rows, columns=["client", "x9"])
    assert [one.kind for one in look(table, {"client": "id"}, "client")] == ["other code"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("PatientLastName", "name"), ("dob", "date"), ("Geburtsdatum", "date"),
        ("Vorname", "name"), ("IPAddress", "ip address"), ("RecipientEmail", "email"),
        ("Postleitzahl", "geography"), ("NHSnumber", "national number"), ("username", "other code"),
        ("instrument_name", None), ("session_name", None), ("state", None), ("contact", None),
        ("geburtsjahr", None), ("age_at_birth_of_child", None), ("phq9_1", None),
    ],
)  # fmt: skip
def test_names_of_columns(name: str, kind: str | None) -> None:
    assert next(iter(announced(name)), None) == kind


def test_a_name_is_split_at_capitals_digits_and_signs() -> None:
    assert tokens("PatientLastName_2") == ["patient", "last", "name", "2"]
    assert tokens("IPAddress") == ["ip", "address"]
    assert tokens("Straße/Nr.") == ["strasse", "nr"]


def test_few_and_many_values_are_searched_alike() -> None:
    from attunement.ingest.privacy.identifiers import dates, people, shapes
    from attunement.ingest.privacy.identifiers import patterns as forms
    from attunement.ingest.privacy.identifiers.search import FEW, search

    values = [one for some, _ in PLANTED.values() for one in some]
    values += [one for some in CLEAN.values() for one in some]
    few = pa.array(sorted(set(values))[:FEW])
    many = pa.array(few.to_pylist() * 3)
    searched = [part for one in forms.PATTERNS for part in (one.regex, one.needs) if part]
    searched += [
        dates.IS_DATE,
        dates.WITHIN,
        shapes.HARMLESS,
        shapes.CODE,
        shapes.NO_CODE,
        people.TITLED,
    ]
    searched += [people.SEVERAL, people.ONE, people.INITIAL, people.SMALL, people.SENTENCE]
    for regex in searched:
        assert (search(few, regex) == search(many, regex)[: len(few)]).all(), regex


def test_the_lists_are_small() -> None:
    from attunement.ingest.privacy.identifiers.names import lexicon

    assert len(lexicon()["given"]) + len(lexicon()["surname"]) < 1500


def test_a_million_rows_take_seconds_and_one_mail_is_not_missed() -> None:
    n = 300_000
    draw = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"client": pd.Series([f"C{k // 10:06d}" for k in range(n)], dtype="str")}
        | {"day": pd.Series(draw.integers(0, 9000, n).astype(str), dtype="str")}
        | {
            f"ors_{k}": pd.Series((draw.integers(0, 101, n) / 10).astype(str), dtype="str")
            for k in range(10)
        }
    )
    frame.loc[271_828, "ors_7"] = "call m@web.de"
    found = look(frame, {"client": "id", "day": "day"}, "client")
    assert [(one.column, one.kind, one.first) for one in found] == [("ors_7", "email", (271_830,))]


FORMS = [
    "Monday, 05 March 1984", "2 de agosto de 1967", "28.02.", "anna37 @ gmail.com",
    "anna48@localhost", "youtu.be/Y6W0N2", "bit.ly/R7L0", "anna68.ca", "rec483.flac",
    "face_01.avif",
    "embedding_22.npy", "783 53", "2329sp", "ec12 7tt", "FFB-NW-254", "B-950-NU",
    "28-ECL-1", "9686 LXS", "RJN 865",
    "R58M60JSLLE", "(01)34975650295311(21)631256", "CRRPDEKGWOM", "AGGACCAATAACACGGTACGGTGCCGTC",
    "733d7b34c179fe17e9aa1ebc", "491505844017.0", "7662621.0", "stephanie89", "Callejón Nilo 56",
    "Studio 87X, Kennedy Lights", "met her mother\nand then left again", "Spoke to Thomas Hall",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_stands_once_is_found(form: str) -> None:
    for how in ("one in a blank column", "one among numbers"):
        assert _found("q17", _column([form], how)), form


SHORT_NAMES = {
    "name": ["vorn", "nachn", "LastNm", "Fname"],
    "geography": ["woonplts", "adr1", "PostCd", "pc6"],
    "date": ["fnac", "dt_naiss", "admdate", "todesdat"], "phone": ["mobnr", "handynr", "tfno"],
    "medical record number": ["patnr", "HospNo", "PatNum", "pat_nr"],
    "device": ["devId", "geraetnr"],
    "health plan number": ["insno", "polnr", "versnr"], "account number": ["ktonr", "bankacc"],
    "certificate or licence number": ["licno", "fs_nr", "DriverLic", "certno"],
    "free text": ["bemerk", "opm", "comentar"], "other code": ["usernm", "uid", "EmployeeNo"],
}  # fmt: skip


@pytest.mark.parametrize("kind", SHORT_NAMES)
def test_abbreviated_names_of_columns(kind: str) -> None:
    for name in SHORT_NAMES[kind]:
        assert kind in announced(name), name


SHARES = {"all": 200, "one in twenty": 10, "one": 1}
AMONG = {"blanks": [""], "numbers": ["0", "1", "2", "3"], "words": ["control", "active", "waiting"]}


def _invented(make: Make, share: str, among: str, draw: random.Random) -> pd.DataFrame:
    cells = [AMONG[among][k % len(AMONG[among])] for k in range(200)]
    for place in draw.sample(range(200), SHARES[share]):
        value = make(draw)
        if share == "one" and re.fullmatch(r"\d{5,8}", value):
            value = value[:-1] + "7"  # one number that ends in 0 may be an amount
        cells[place] = value
    name = draw.choice(["group2", "q17", "site_code", "x1"])
    return _table(name, pd.Series(cells, dtype="str"))


@pytest.mark.parametrize("kind", INVENTED)
def test_what_is_in_no_list_is_found_under_misleading_names(
    kind: str, record_property: Callable[[str, str], None]
) -> None:
    draw, missed, tried = random.Random(11), [], 0
    for place, make in enumerate(INVENTED[kind]):
        for share in SHARES:
            for among in AMONG if share != "all" else ["blanks"]:
                table = _invented(make, share, among, draw)
                found = look(table, {"client": "id"}, "client")
                assert all(one.column == table.columns[2] for one in found)
                tried += 1
                if not any(one.refused for one in found):
                    missed.append((place, make(draw), share, among))
    record_property(
        "figure", f"invented, {kind}: {tried - len(missed)} of {tried}, misleading names"
    )
    assert not missed


def test_a_category_with_rare_levels_is_none() -> None:
    levels = ["sandwich course", "evening school"] * 90 + ["atelier", "kolleg", "werkplaats"] * 2
    column = pd.Series([*levels, *["correspondence"] * 13, "polytechnic"], dtype="str")
    assert look(_table("schooling", column), {"client": "id"}, "client") == []
    rows = [f"therapist {k}" for k in range(12)]
    few = pd.DataFrame({"client": rows, "way": ["arts", "gestalt", "psychodrama"] * 4})
    assert look(few, {"client": "id"}, "client") == []


def test_what_has_its_levels_declared_is_a_category() -> None:
    draw = random.Random(2)
    table = _table("trade", pd.Series([word(draw).lower() for _ in range(200)], dtype="str"))
    assert [one.kind for one in look(table, {"client": "id", "trade": "other"}, "client")] == [
        OF_ONE
    ]
    assert look(table, {"client": "id", "trade": "words"}, "client") == []


LONG_TAILS = {
    "origin": ["Spain"] * 90 + ["Morocco"] * 14 + ["Peru"] * 6 + ["Chile", "Cuba", "Mali"] * 2,
    "drug": [f"{one}; {two}" for one in ("alpha", "beta", "gamma", "delta", "omega")
             for two in ("iota", "kappa", "sigma", "theta", "lambda")] * 2,
    "ethnicity": ["White - Any other White background", "White - British",
                  "Asian or Asian British - Indian", "Other Ethnic Groups - Chinese",
                  "Mixed - White and Black Caribbean"] * 12,
    "gender": ["man", "vrouw", "anders"] * 20,
    "religion": ["Christian", "Muslim", "Hindu", "None"] * 20,
    "hh_income": [f"{12_000 + 1737 * k}" for k in range(60)],
    "ms_since_start": [f"{19_000_000 + 7_919 * k}" for k in range(60)],
    "eq5d_profile": [f"{k % 5 + 1}{k % 3 + 1}{k % 4 + 1}{k // 5 % 5 + 1}{k // 9 % 5 + 1}"
                     for k in range(60)],
    "lsoa_imd_rank": [f"{1000 + 517 * k}" for k in range(60)],
    "bundesland": ["Bayern", "Hessen", "Berlin", "Hamburg", "Bremen"] * 12,
    "score": ["3", "4", "k.A.", *(["5"] * 60)],
}  # fmt: skip


@pytest.mark.parametrize("name", LONG_TAILS)
def test_long_tails_lists_of_choices_and_measures_are_no_identifiers(name: str) -> None:
    column = pd.Series(LONG_TAILS[name], dtype="str")
    assert look(_table(name, column), {"client": "id"}, "client") == []


SCRIPTS = [
    "王伟", "山田花子", "김민준", "محمد علي",
    "משה כהן", "अमित शर्मा", "สมชาย ใจดี", "Νίκος Παππάς",
]  # fmt: skip


@pytest.mark.parametrize("written", SCRIPTS)
def test_words_of_any_script_are_words(written: str) -> None:
    for how in ("one in a blank column", "one among numbers"):
        assert _found("q17", _column([written], how)), how


FURTHER = ["Mar-62", "okonkwo.wordpress.com", "-244857600", "478224000000"]


@pytest.mark.parametrize("form", FURTHER)
def test_further_forms_that_stand_once(form: str) -> None:
    assert _found("q17", _column([form], "one in a blank column"))


def test_numbers_of_one_client_each_are_found_where_numbers_are_declared() -> None:
    codes = pd.Series([f"{48_211_307 + 7_919 * k}" for k in range(40)], dtype="str")
    assert look(_table("points", codes), {"client": "id", "points": "number"}, "client")
    slip = pd.Series(["3"] * 39 + ["92345678901"], dtype="str")
    assert look(_table("points", slip), {"client": "id", "points": "number"}, "client") == []
