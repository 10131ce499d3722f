"""The shipped example in the layouts of other programs: SPSS wide, Excel, German semicolon CSV.

The canonical tables of `example` are written out as a clinic would have them, so that a declaration
of these files must lead back to the same scored tables. Each writer returns the files it wrote.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

DIMENSIONS = ["TD_CD", "EI_ER", "PO_PR", "WS_FC"]
ENDED = {
    "completed": "regulär", "dropped_out": "abgebrochen", "referred": "überwiesen",
    "ongoing": "laufend", "other": "Umzug", "unknown": "unbekannt",
}  # fmt: skip
CAME = {
    "attended": "erschienen", "missed": "nicht erschienen", "cancelled": "abgesagt",
    "unknown": "unbekannt",
}  # fmt: skip
ORIGIN = pd.Timestamp("2016-01-04")


def answers_of(tables: dict[str, pd.DataFrame], instrument: str, rater: str) -> pd.DataFrame:
    """Answers to one instrument: a row for each client and session, a column for each item."""
    responses = tables["responses"]
    chosen = (responses["instrument"] == instrument) & (responses["rater"] == rater)
    some = responses[chosen.to_numpy(dtype=bool)]
    wide = some.pivot(index=["client", "session"], columns="item", values="value")
    order = sorted(wide.columns, key=lambda item: (not item.isdigit(), int(item) if item.isdigit()
                                                   else DIMENSIONS.index(item)))  # fmt: skip
    return wide[order]


def by_session(tables: dict[str, pd.DataFrame], names: dict[str, str]) -> pd.DataFrame:
    """A row for each session: day, attended, ORS, SRS, PHQ-9 and what the session gave.

    `names` are the stems of the columns: ors, srs, phq9, given, observed.
    """
    frame = tables["sessions"][["client", "session", "day", "attended"]].copy()
    frame = frame.set_index(["client", "session"])
    for key, instrument, rater in (
        ("ors", "ors", "client"), ("srs", "srs", "client"), ("phq9", "phq9", "client"),
        ("given", "delivered_style", "client"), ("observed", "delivered_style", "observer"),
    ):  # fmt: skip
        some = answers_of(tables, instrument, rater)
        assert some.index.isin(frame.index).all(), instrument
        some.columns = [names[key].format(item) for item in some.columns]
        frame = frame.join(some)
    return frame.reset_index()


def _people(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    endings = tables["endings"].set_index("client")
    clients = tables["clients"][["client", "therapist", "age", "gender"]].set_index("client")
    return clients.join(endings).reset_index()


def _texts(frame: pd.DataFrame, decimal: str) -> pd.DataFrame:
    """Cells as text, blank where missing."""
    made = {}
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column.dtype):
            values = column.to_numpy(dtype="float64", na_value=np.nan)
            text = [
                "" if np.isnan(value) else f"{value:.10g}".replace(".", decimal) for value in values
            ]
        else:
            text = ["" if pd.isna(value) else str(value) for value in column]
        made[name] = text
    return pd.DataFrame(made)


def _coded(frame: pd.DataFrame, stem: str, code: float) -> pd.DataFrame:
    """Put a code for missing where some answers of a form are told and others are not."""
    columns = [name for name in frame.columns if name.startswith(stem)]
    some = frame[columns].notna().any(axis=1)
    for name in columns:
        frame[name] = frame[name].mask(some & frame[name].isna(), code)
    return frame


def german(tables: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Three files in cp1252 with semicolons, decimal commas, German words and 99 for missing."""
    flags = {True: "ja", False: "nein"}
    people = _people(tables)
    people["gender"] = people["gender"].astype(object).map({"woman": "w", "man": "m"})
    people["ending"] = people["ending"].astype(object).map(ENDED)
    people["last_appointment"] = people["last_appointment"].astype(object).map(CAME)
    people["therapist_judgement"] = people["therapist_judgement"].astype(object).map(flags)
    people = people.drop(columns="last_day").rename(columns={
        "client": "Chiffre", "therapist": "Behandler", "age": "Alter", "gender": "Geschlecht",
        "ending": "Therapieende", "last_session": "letzte_Sitzung",
        "last_appointment": "letzter_Termin", "therapist_judgement": "Abbruch",
        "sessions_planned": "vereinbarte_Sitzungen",
    })  # fmt: skip
    visits = by_session(tables, {
        "ors": "ORS_{}", "srs": "SRS_{}", "phq9": "PHQ9_{}", "given": "erhalten_{}",
        "observed": "beobachtet_{}",
    })  # fmt: skip
    dated = ORIGIN + pd.to_timedelta(visits["day"], unit="D")
    visits["day"] = dated.dt.strftime("%d.%m.%Y")
    visits["attended"] = visits["attended"].astype(object).map(flags)
    visits = _coded(visits, "PHQ9_", 99).rename(
        columns={"client": "Chiffre", "session": "Sitzungsnr", "day": "Datum",
                 "attended": "anwesend"}
    )  # fmt: skip
    words = {"TD_CD": "direktiv", "EI_ER": "emotional", "PO_PR": "Vergangenheit", "WS_FC": "warm"}
    visits.columns = [
        next((name.replace(key, word) for key, word in words.items() if key in name), name)
        for name in visits.columns
    ]
    wishes = answers_of(tables, "cnip", "client")
    wishes.columns = [f"C-NIP {item}" for item in wishes.columns]
    wishes = wishes.reset_index().rename(columns={"client": "Chiffre", "session": "Sitzungsnr"})
    files = []
    for name, frame in (("Klienten", people), ("Sitzungen", visits), ("Präferenzen", wishes)):
        path = folder / f"{name}.csv"
        text = _texts(frame, ",").to_csv(sep=";", index=False, lineterminator="\r\n")
        path.write_bytes(text.encode("cp1252"))
        files.append(path)
    return files


def workbook(tables: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    """One Excel workbook with the sheets Clients, Sessions and C-NIP; dates are dates."""
    people = _people(tables).drop(columns="last_day").rename(columns={
        "client": "Client ID", "therapist": "Therapist ID", "age": "Age", "gender": "Gender",
        "ending": "How it ended", "last_session": "Last session",
        "last_appointment": "Last appointment", "therapist_judgement": "Dropout",
        "sessions_planned": "Sessions agreed",
    })  # fmt: skip
    visits = by_session(tables, {
        "ors": "ORS {}", "srs": "SRS {}", "phq9": "PHQ-9 {}", "given": "Given {}",
        "observed": "Observed {}",
    })  # fmt: skip
    visits["day"] = ORIGIN + pd.to_timedelta(visits["day"], unit="D")
    visits = visits.rename(columns={"client": "Client ID", "session": "Session", "day": "Date",
                                    "attended": "Attended"})  # fmt: skip
    wishes = answers_of(tables, "cnip", "client")
    wishes.columns = [f"CNIP{item}" for item in wishes.columns]
    wishes = wishes.reset_index().rename(columns={"client": "Client ID", "session": "Session"})
    path = folder / "clinic.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        for name, frame in (("Clients", people), ("Sessions", visits), ("C-NIP", wishes)):
            plain = frame.astype(object).where(frame.notna(), None)
            plain.to_excel(book, sheet_name=name, index=False)
    return [path]


def spss_wide(tables: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    """One SPSS file, a row for each client: labels, user-missing 99, a block for each session."""
    import pyreadstat

    people = _people(tables).drop(columns="last_day").set_index("client")
    ends = {word: float(number) for number, word in enumerate(ENDED, 1)}
    came = {word: float(number) for number, word in enumerate(CAME, 1)}
    made = pd.DataFrame(index=people.index)
    made["klient"] = people.index.to_numpy()
    made["therap"] = people["therapist"].astype(object)
    made["alter"] = people["age"].astype("float64")
    made["geschl"] = people["gender"].astype(object).map({"woman": 1.0, "man": 2.0}).astype(float)
    made["ende"] = people["ending"].astype(object).map(ends).astype(float)
    made["letzte_sitzung"] = people["last_session"].astype("float64")
    made["letzter_termin"] = people["last_appointment"].astype(object).map(came).astype(float)
    made["abbruch_urteil"] = people["therapist_judgement"].astype("Float64").astype("float64")
    made["vereinbarte_sitzungen"] = people["sessions_planned"].astype("float64")
    visits = by_session(tables, {
        "ors": "ORS_i{}", "srs": "SRS_i{}", "phq9": "PHQ9_i{}", "given": "erhalten_{}",
        "observed": "beobachtet_{}",
    })  # fmt: skip
    visits["attended"] = visits["attended"].astype("Float64").astype("float64")
    visits = _coded(visits.rename(columns={"attended": "anwesend"}), "PHQ9_", 99)
    wishes = answers_of(tables, "cnip", "client")
    wishes.columns = [f"CNIP_i{item}" for item in wishes.columns]
    blocks, missing = [made], {}
    for frame in (visits.drop(columns="day"), wishes.reset_index()):
        for session, some in frame.groupby("session"):
            block = some.drop(columns="session").set_index("client").dropna(axis=1, how="all")
            block.columns = [_with_session(name, int(session)) for name in block.columns]
            blocks.append(block.astype("float64"))
            missing |= {name: [99] for name in block.columns if name.startswith("PHQ9")}
    whole = pd.concat(blocks, axis=1).reindex(people.index).copy().reset_index(drop=True)
    labels = {
        "geschl": {1.0: "Frau", 2.0: "Mann"},
        "ende": {number: ENDED[word] for word, number in ends.items()},
        "letzter_termin": {number: CAME[word] for word, number in came.items()},
        "abbruch_urteil": {0.0: "nein", 1.0: "ja"},
    }
    path = folder / "studie.sav"
    pyreadstat.write_sav(
        whole, path, variable_value_labels=labels, missing_ranges=missing,
        column_labels={"ende": "Wie endete die Therapie?", "alter": "Alter bei Beginn"},
    )  # fmt: skip
    return [path]


def _with_session(name: str, session: int) -> str:
    """`PHQ9_i3` of session 2 as `PHQ9_s2_i3`; `anwesend` as `anwesend_s2`."""
    stem, mark, item = name.partition("_i")
    return f"{stem}_s{session}{mark}{item}"
