"""The shapes of files that clinics export, small and made up, declared and read."""

import openpyxl
import pandas as pd
from ingest_builders import INSTRUMENTS, declared, instrument, listed, put

from attunement.ingest import ingest, obtain

KNOWN = INSTRUMENTS | {
    "phq9": instrument("phq9", "outcome", 9, 0, 3),
    "gad7": instrument("gad7", "outcome", 7, 0, 3),
}


def read(folder, dataset):
    return ingest(dataset, obtain(dataset, folder), KNOWN)


def test_redcap_a_row_for_each_event_and_repeat(tmp_path):
    put(tmp_path, {"export.csv":
        "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,ther,sex,"
        "mood_1,mood_2,srs_done,bond_1\n"
        "1,intake_arm_1,,,T1,1,2,3,,\n"
        "1,session_1_arm_1,,,,,1,1,,\n"
        "1,session_1_arm_1,alliance,1,,,,,1,7\n"
        "1,session_1_arm_1,alliance,2,,,,,1,8\n"
        "2,intake_arm_1,,,T2,2,0,UNK,,\n"
        "2,session_2_arm_1,,,,,9,1,,\n"})  # fmt: skip
    event = {"column": "redcap_event_name",
             "values": {"intake_arm_1": 0, "session_1_arm_1": 1, "session_2_arm_1": 2}}  # fmt: skip
    whole = {"path": "export.csv"}
    dataset = declared(
        missing_codes=["UNK", "NI"],
        sources={
            "intake": whole | {"only": {"redcap_event_name": ["intake_arm_1"]}},
            "events": whole | {"only": {"redcap_repeat_instrument": [""]}},
            "alliance": whole | {"only": {"redcap_repeat_instrument": ["alliance"]}},
        },
        clients={"source": "intake", "columns": {"client": "record_id", "therapist": "ther"},
                 "covariates": {"gender": {"column": "sex", "kind": "category", "meaning": "x",
                                           "values": {1: "woman", 2: "man"}}}},
        responses=[
            {"source": "events", "instrument": "mood", "rater": "client", "client": "record_id",
             "session": event, "items": "mood_{item}"},
            {"source": "alliance", "instrument": "bond", "rater": "client", "client": "record_id",
             "session": "redcap_repeat_instance", "items": "bond_{item}"},
        ],
    )  # fmt: skip
    tables = read(tmp_path, dataset)
    assert tables["clients"]["gender"].tolist() == ["woman", "man"]
    mood = tables["responses"].query("instrument == 'mood'")
    assert mood["session"].tolist() == [0, 0, 1, 1, 0, 0, 2, 2]
    bond = tables["responses"].query("instrument == 'bond'")
    assert bond[["session", "value"]].to_numpy().tolist() == [[1, 7], [2, 8]]
    assert listed(tables) == [("export.csv", "mood_1", 7, "out of range", "9", "set missing")]
    # One file read three times: its name alone would not tell them apart.
    labels = tables["flow"]["label"].tolist()
    assert labels[:3] == [
        f"rows in the source {name} (export.csv)" for name in ("intake", "events", "alliance")
    ]


def test_qualtrics_three_header_rows_and_a_date(tmp_path):
    put(tmp_path, {
        "people.csv": "id,who\na,t1\nb,t2\n",
        "survey.csv":
        "StartDate,IPAddress,Status,code,Q1_1,Q1_2\n"
        'Start Date,IP Address,Response Type,Your code,"In the last week, I felt:\n- low",- sad\n'
        '"{""ImportId"":""startDate""}","{""ImportId"":""ip""}","{""ImportId"":""status""}",'
        '"{""ImportId"":""QID1""}","{""ImportId"":""QID2_1""}","{""ImportId"":""QID2_2""}"\n'
        "2021-03-01 10:11:12,1.2.3.4,IP Address,a,2,3\n"
        "2021-03-08 10:11:12,1.2.3.4,IP Address,a,-99,1\n"
        "2021-03-09 10:11:12,1.2.3.4,Survey Preview,a,0,0\n"
        "2021-03-02 10:11:12,1.2.3.4,IP Address,b,1,1\n"})  # fmt: skip
    dataset = declared(
        missing_codes=["-99"],
        sources={
            "people": {"path": "people.csv"},
            "visits": {"path": "survey.csv", "header_rows": 3, "drop": ["IPAddress"],
                       "only": {"Status": ["IP Address"]}},
        },
        responses=[{"source": "visits", "instrument": "mood", "rater": "client", "client": "code",
                    "session": {"column": "StartDate", "order_from": 0}, "day": "StartDate",
                    "items": "Q1_{item}"}],
    )  # fmt: skip
    raw = obtain(dataset, tmp_path)["visits"]
    assert raw.titles["Q1_1"] == "In the last week, I felt:\n- low"
    assert "IPAddress" not in raw.frame and "IPAddress" not in raw.titles
    tables = read(tmp_path, dataset)
    answers = tables["responses"]
    assert answers["session"].tolist() == [0, 0, 1, 1, 0, 0]
    assert answers["day"].tolist() == [0, 0, 7, 7, 1, 1]
    assert answers["value"].fillna(-1).tolist() == [2, 3, -1, 1, 1, 1]
    assert tables["conflicts"].empty


def test_talking_therapies_first_and_last_scores(tmp_path):
    put(tmp_path, {"referrals.csv":
        "PathwayID,ReferralRequestReceivedDate,TherapySession_FirstDate,ServDischDate,"
        "TreatmentCareContact_Count,PHQ9_FirstScore,PHQ9_LastScore,GAD_FirstScore,GAD_LastScore,"
        "CompletedTreatment_Flag,Gender\n"
        "P1,2021-01-04,2021-02-01,2021-06-07,9,18,7,15,6,True,1\n"
        "P2,2021-01-11,2021-03-01,2021-03-08,2,21,,30,,FALSE,2\n"})  # fmt: skip

    def scores(name, first, last):
        return {"source": "referrals", "instrument": name, "rater": "client",
                "client": "PathwayID",
                "wide": {first: 0, last: {"column": "TreatmentCareContact_Count"}}}  # fmt: skip

    dataset = declared(
        time={"unit": "occasion", "per": 1},
        sources={"referrals": {"path": "referrals.csv"}},
        clients={
            "source": "referrals", "columns": {"client": "PathwayID"},
            "covariates": {
                "referred": {"column": "ReferralRequestReceivedDate", "kind": "integer",
                             "meaning": "day of the referral", "unit": "days"},
                "completed": {"column": "CompletedTreatment_Flag", "kind": "flag", "meaning": "x"},
            },
        },
        endings={"source": "referrals",
                 "columns": {"client": "PathwayID", "last_day": "ServDischDate",
                             "last_session": "TreatmentCareContact_Count"}},
        responses=[scores("phq9", "PHQ9_FirstScore", "PHQ9_LastScore"),
                   scores("gad7", "GAD_FirstScore", "GAD_LastScore")],
        outcomes={"primary": "phq9.total", "secondary": ["gad7.total"]},
    )  # fmt: skip
    tables = read(tmp_path, dataset)
    assert tables["clients"]["referred"].tolist() == [0, 7]
    assert tables["clients"]["completed"].tolist() == [True, False]
    assert tables["endings"]["last_day"].tolist() == [154, 63]
    answers = tables["responses"]
    assert answers["time"].tolist() == [0, 0, 9, 9, 0, 0]
    assert answers["value"].fillna(-1).tolist() == [18, 15, 7, 6, 21, -1]
    assert listed(tables) == [
        ("referrals.csv", "GAD_FirstScore", 3, "out of range", "30", "set missing")
    ]


def test_a_workbook_of_three_sheets_with_day_first_text(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Clients"
    for row in (["ID", "Therapist", "Start"], [1, "T1", "03/04/2021"], [2, "T1", "13/04/2021"]):
        book.active.append(row)
    visits = book.create_sheet("Visits")
    for row in (["ID", "No", "Date", "Came"], [1, 0, pd.Timestamp("2021-04-03"), "yes"],
                [1, 1, pd.Timestamp("2021-04-10"), "no"]):  # fmt: skip
        visits.append(row)
    scores = book.create_sheet("Scores")
    for row in (["ID", "No", "m1", "m2"], [1, 0, 2, 3], [1, 1, None, 1], [2, 0, "#REF!", 2]):
        scores.append(row)
    book.save(tmp_path / "clinic.xlsx")

    def sheet(name, **more):
        return {"path": "clinic.xlsx", "sheet": name} | more

    dataset = declared(
        sources={"people": sheet("Clients", dates="day_first"), "visits": sheet("Visits"),
                 "scores": sheet("Scores")},
        clients={"source": "people", "columns": {"client": "ID", "therapist": "Therapist"},
                 "covariates": {"start": {"column": "Start", "kind": "integer", "meaning": "x"}}},
        sessions={"source": "visits", "columns": {"client": "ID", "session": "No", "day": "Date",
                                                  "attended": "Came"}},
        responses=[{"source": "scores", "instrument": "mood", "rater": "client", "client": "ID",
                    "session": "No", "items": "m{item}"}],
    )  # fmt: skip
    tables = read(tmp_path, dataset)
    assert tables["clients"]["start"].tolist() == [0, 10]
    assert tables["sessions"]["day"].tolist() == [0, 7]
    assert tables["sessions"]["attended"].tolist() == [True, False]
    assert tables["responses"]["day"].fillna(-1).tolist() == [0, 0, 7, 7, -1, -1]
    assert listed(tables) == [
        ("clinic.xlsx [Scores]", "m1", 4, "spreadsheet error", "#REF!", "set missing")
    ]
