"""A small made-up clinic, written in the layouts that clinics export: the material to damage."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import yaml

N_CLIENTS, N_VISITS = 8, 5
STYLES = ("TD_CD", "EI_ER", "PO_PR", "WS_FC")
ENDINGS = {"done": "completed", "left": "dropped_out", "going": "ongoing"}
Frames = dict[str, pd.DataFrame]


def frames() -> Frames:
    """Clients and visits as text, the same every time; every client comes to every visit."""
    clients, visits = [], []
    for number in range(N_CLIENTS):
        client = f"A{number + 1:02d}"
        clients.append(
            {"id": client, "therapist": f"T{number % 3 + 1}", "age": str(24 + 5 * number),
             "sex": "fm"[number % 2], "ending": list(ENDINGS)[number % 3],
             "agreed": str(4 + number % 3), "judged": ["no", "yes"][number % 2]}
            | {f"cnip_{item}": str((number * 5 + item * 3) % 7 - 3) for item in range(1, 19)}
        )  # fmt: skip
        for visit in range(N_VISITS):
            seed = number * 7 + visit * 3
            visits.append(
                {"id": client, "visit": str(visit), "came": ["yes", "no"][seed % 11 == 5],
                 "date": f"2021-{number + 1:02d}-{10 + visit:02d}"}
                | {f"ors_{item}": f"{(seed + 2 * item) % 100 / 10:.1f}" for item in range(1, 5)}
                | {f"phq9_{item}": str((seed + item * 2) % 4) for item in range(1, 10)}
                | {f"given_{style}": str((seed + place) % 7 - 3)
                   for place, style in enumerate(STYLES)}
            )  # fmt: skip
    return {
        "clients": pd.DataFrame(clients, dtype="str"),
        "visits": pd.DataFrame(visits, dtype="str"),
    }


def declaration() -> dict[str, Any]:
    """What `dataset.yaml` says of the two tables, without their sources."""
    at_visit = {"source": "visits", "rater": "client", "client": "id", "session": "visit"}
    whole_range = {"low": -3, "high": 3, "direction": "bipolar", "items": list(STYLES)}
    return {
        "name": "clinic", "title": "Clinic", "about": "made up", "is_not": "real",
        "licence": "none", "disclosure": "simulated", "missing_codes": ["-9", "NA"],
        "sources": {},
        "time": {"unit": "session", "per": 10},
        "clients": {
            "source": "clients",
            "columns": {"client": "id", "therapist": "therapist"},
            "covariates": {
                "age": {"column": "age", "kind": "integer", "meaning": "age at intake",
                        "low": 18, "high": 99},
                "sex": {"column": "sex", "kind": "category", "meaning": "sex",
                        "values": {"f": "woman", "m": "man"}, "levels": ["woman", "man"]},
            },
        },
        "sessions": {
            "source": "visits",
            "columns": {"client": "id", "session": "visit", "day": "date", "attended": "came"},
        },
        "endings": {
            "source": "clients",
            "columns": {"client": "id", "sessions_planned": "agreed",
                        "ending": {"column": "ending", "values": dict(ENDINGS)},
                        "therapist_judgement": "judged"},
        },
        "responses": [
            {"source": "clients", "instrument": "cnip", "rater": "client", "client": "id",
             "at_session": 0, "items": "cnip_{item}"},
            at_visit | {"instrument": "ors", "items": "ors_{item}"},
            at_visit | {"instrument": "phq9", "items": "phq9_{item}"},
            at_visit | {"instrument": "given",
                        "items": {style: f"given_{style}" for style in STYLES}},
        ],
        "ratings": {"given": whole_range | {"meaning": "what the session gave"}},
        "outcomes": {"primary": "ors.total", "secondary": ["phq9.total"]},
        "preference": {"instrument": "cnip", "coding": "left_positive"},
        "delivery": {"rating": "given", "raters": ["client"], "commensurable": True},
        "dropout": {"fewer_than_n_sessions": 4},
    }  # fmt: skip


@dataclass
class Clinic:
    """The tables, their declaration and, once written, the bytes of each file."""

    layout: str
    frames: Frames = field(default_factory=frames)
    declared: dict[str, Any] = field(default_factory=declaration)
    files: dict[str, bytes] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write the tables and `dataset.yaml`; return the path of the latter."""
        folder.mkdir(parents=True, exist_ok=True)
        self.declared["sources"] |= LAYOUTS[self.layout](self.frames, folder, self.declared)
        for path in folder.iterdir():
            self.files[path.name] = path.read_bytes()
        text = yaml.safe_dump(self.declared, allow_unicode=True, sort_keys=False)
        self.files["dataset.yaml"] = text.encode()
        (folder / "dataset.yaml").write_bytes(self.files["dataset.yaml"])
        return folder / "dataset.yaml"


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """The table as a statistics program holds it: numbers where every cell is one."""
    columns = {}
    for name in frame:
        numbers = pd.to_numeric(frame[name].replace("", None), errors="coerce")
        readable = numbers.notna() | frame[name].isin(["", None])
        columns[name] = numbers if readable.all() and numbers.notna().any() else frame[name]
    return pd.DataFrame(columns)


def _comma(tables: Frames, folder: Path, _: dict) -> dict[str, Any]:
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    return {name: {"path": f"{name}.csv"} for name in tables}


def _semicolon(tables: Frames, folder: Path, _: dict) -> dict[str, Any]:
    for name, frame in tables.items():
        shown = frame.copy()
        for column in shown.columns[shown.columns.str.startswith("ors_")]:
            shown[column] = shown[column].astype("str").str.replace(".", ",", regex=False)
        text = shown.to_csv(index=False, sep=";", lineterminator="\r\n")
        (folder / f"{name}.csv").write_bytes(text.encode("cp1252", errors="replace"))
    form = {"delimiter": ";", "decimal": ",", "encoding": "cp1252"}
    return {name: {"path": f"{name}.csv"} | form for name in tables}


def _workbook(tables: Frames, folder: Path, _: dict) -> dict[str, Any]:
    with pd.ExcelWriter(folder / "clinic.xlsx", engine="openpyxl") as book:
        for name, frame in tables.items():
            typed(frame).to_excel(book, sheet_name=name, index=False)
    return {name: {"path": "clinic.xlsx", "sheet": name} for name in tables}


def _spss(tables: Frames, folder: Path, _: dict) -> dict[str, Any]:
    for name, frame in tables.items():
        shown = typed(frame)
        codes = {column: [-9] for column in shown if pd.api.types.is_numeric_dtype(shown[column])}
        pyreadstat.write_sav(
            shown, str(folder / f"{name}.sav"), missing_ranges=codes,
            column_labels={column: f"Title of {column}" for column in shown},
        )  # fmt: skip
    return {name: {"path": f"{name}.sav"} for name in tables}


def _stata(tables: Frames, folder: Path, _: dict) -> dict[str, Any]:
    for name, frame in tables.items():
        pyreadstat.write_dta(typed(frame), str(folder / f"{name}.dta"))
    return {name: {"path": f"{name}.dta"} for name in tables}


def _parquet(tables: Frames, folder: Path, _: dict) -> dict[str, Any]:
    for name, frame in tables.items():
        typed(frame).to_parquet(folder / f"{name}.parquet", index=False)
    return {name: {"path": f"{name}.parquet"} for name in tables}


def _wide(tables: Frames, folder: Path, declared: dict) -> dict[str, Any]:
    """One row for each client, the visit in the names of the columns: `phq9_s3_i2`."""
    spread = tables["visits"].set_index(["id", "visit"]).unstack("visit")
    spread.columns = [_wide_name(column, visit) for column, visit in spread.columns]
    whole = tables["clients"].set_index("id").join(spread).reset_index()
    whole.to_csv(folder / "wide.csv", index=False, lineterminator="\n")
    for table in ("clients", "sessions", "endings"):
        declared[table]["source"] = "wide"
    told = declared["sessions"]["columns"]
    told |= {"session": "{session}", "day": "date_s{session}", "attended": "came_s{session}"}
    for response in declared["responses"]:
        response["source"] = "wide"
        if response.get("session"):
            response["session"] = "{session}"
            items = response["items"]
            response["items"] = (
                {key: _wide_name(column, "{session}") for key, column in items.items()}
                if isinstance(items, dict)
                else _wide_name(items, "{session}")
            )
    return {"wide": {"path": "wide.csv"}}


def _wide_name(column: str, visit: str) -> str:
    stem, _, item = column.partition("_")
    if stem in ("phq9", "ors"):
        return f"{stem}_s{visit}_i{item}"
    return f"{column}_s{visit}"


LAYOUTS = {
    "comma": _comma,
    "semicolon": _semicolon,
    "workbook": _workbook,
    "spss": _spss,
    "stata": _stata,
    "parquet": _parquet,
    "wide": _wide,
}


def fresh(layout: str = "comma") -> Clinic:
    """The clinic, whole, in one layout."""
    return Clinic(layout, declared=copy.deepcopy(declaration()))
