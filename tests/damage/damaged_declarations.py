"""Declarations that cannot be meant: slips in `dataset.yaml`, and workbooks with other sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from clinic import Clinic, declaration
from damages import Damage, edit, say

YAML = "dataset.yaml"
MAPPED = re.compile(r"\.(columns|items)\.\w+$")


def _misspelt(path: str) -> Damage:
    def act(clinic: Clinic) -> None:
        *parents, last = path.split(".")
        place = clinic.declared
        for key in parents:
            place = place[int(key)] if isinstance(place, list) else place[key]
        place[last[:-1] + "x"] = place.pop(last)

    return Damage(f"the key {path} misspelt", "refused", before=act)


def _columns(content: object, path: str = "") -> Iterator[str]:
    """The places of a declaration that name a column of a source."""
    if isinstance(content, list):
        for number, part in enumerate(content):
            yield from _columns(part, f"{path}{number}.")
    elif isinstance(content, dict):
        for key, part in content.items():
            here = f"{path}{key}"
            if isinstance(part, dict | list):
                yield from _columns(part, f"{here}.")
            elif key in ("column", "client", "session", "items") or MAPPED.search(here):
                yield here


WRONG = (
    ("name", "Clinic 1"), ("name", "other"), ("disclosure", "secret"), ("missing_codes", -9),
    ("time", {"unit": "fortnight", "per": 10}),
    ("time", {"unit": "session", "per": 0}), ("time", {"unit": "session", "per": "ten"}),
    ("time", {"unit": "session"}), ("clients.source", "nowhere"), ("responses", []),
    ("responses.1.instrument", "orz"), ("responses.1.rater", "patient"),
    ("responses.1.items", "ors"), ("responses.1.items", "ors_{number}"),
    ("responses.1.items", {"9": "ors_1"}), ("responses.1.items", ["ors_1"]),
    ("responses.1.items", None), ("responses.1.session", None),
    ("responses.1.wide", {"ors_1": 0}), ("responses.1.items", "orz_{item}"),
    ("responses.3.items", {"TD": "given_TD_CD"}), ("outcomes.primary", "ors"),
    ("outcomes.primary", "ors.sum"), ("outcomes.primary", "oqq.total"), ("outcomes", {}),
    ("outcomes.secondary", "phq9.total"), ("preference.coding", "left"),
    ("preference.instrument", "cnipp"), ("preference", None), ("delivery.rating", "gave"),
    ("delivery.raters", []), ("delivery.raters", ["nobody"]), ("delivery.commensurable", "perhaps"),
    ("ratings.given.low", None), ("ratings.given.items", []), ("ratings.given.low", 5),
    ("dropout.fewer_than_n_sessions", 0), ("dropout.fewer_than_n_sessions", "four"),
    ("rules", {"duplicates": "best"}), ("on_conflict", "ignore"), ("arm", "group"),
    ("model_covariates", ["height"]), ("privacy", {"quasi_identifiers": ["height"]}),
    ("privacy", {"allow": {"visits.came": "ok"}}), ("privacy", {"pseudonyms": "none"}),
    ("clients.covariates.age.kind", "whole"), ("clients.covariates.age.low", "young"),
    ("clients.covariates.age.low", 200), ("clients.covariates.sex.levels", ["woman"]),
    ("clients.covariates.sex.levels", ["women", "men"]), ("clients.covariates.sex.take", "max"),
    ("clients.covariates.age.levels", ["a", "b"]), ("clients.columns.height", "age"),
    ("endings.columns.ending", {"column": "ending", "values": {"done": "finished"}}),
    ("endings.columns.ending", {"column": "ending", "values": ["done"]}),
    ("sessions.covariates", {"client": {"column": "id", "kind": "category", "meaning": "x"}}),
    ("endings.covariates", {"age": {"column": "age", "kind": "integer", "meaning": "x"}}),
)  # fmt: skip
SOURCE_SLIPS = (
    {"delimiter": ""}, {"delimiter": ";;"}, {"delimiter": ";"}, {"decimal": ""}, {"decimal": "x"},
    {"encoding": "utf-99"}, {"header_rows": 0}, {"header_rows": 2},
    {"header_rows": 3}, {"dates": "roman"}, {"drop": ["weight"]},
    {"drop": ["id"]}, {"only": {"weight": ["1"]}}, {"only": {"came": ["never"]}},
    {"sheet": "visits"}, {"format": "doc"}, {"format": "xlsx"}, {"format": "parquet"},
    {"join": ["clients", "visits"]}, {"path": 5}, {"url": "x"}, {"sha256": "0" * 64},
    {"occasions": {"first": "zero"}}, {"path": ["visits.csv", "more.csv"]}, {"path": []},
    {"path": "../../visits.csv"},
)  # fmt: skip


def declarations() -> Iterator[Damage]:
    """Unknown keys, wrong values, columns that are not there, YAML that is none."""
    whole = declaration()
    for key in ("title", "about", "time", "clients", "responses", "outcomes",
                "preference", "delivery", "time.unit", "time.per", "clients.source",
                "clients.columns", "clients.covariates", "responses.1.rater",
                "clients.covariates.age.low", "clients.covariates.sex.values",
                "ratings.given.high", "dropout.fewer_than_n_sessions"):  # fmt: skip
        yield _misspelt(key)
    for number, (path, value) in enumerate(WRONG):
        yield Damage(f"{number}: {path} is {value!r}", "refused", before=say(path, value))
    for path in _columns(whole):
        wrong = "colour_{item}" if path.endswith("items") else "colour"
        yield Damage(f"{path} names a column that is not there", "refused", before=say(path, wrong))
    for slip in SOURCE_SLIPS:
        yield Damage(f"visits is declared with {slip}", "refused", after=_source(slip))
    for name, change in {
        "a tab": lambda b: b.replace(b"  source", b"\tsource", 1),
        "a key twice": lambda b: b + b"time: {unit: day, per: 1}\n",
        "a bracket left open": lambda b: b + b"rules: {duplicates: first\n",
        "a quotation mark left open": lambda b: b.replace(b"title: Clinic", b'title: "Clinic', 1),
        "only a word": lambda b: b"clinic\n",
        "a list": lambda b: b"- clinic\n",
        "empty": lambda b: b"",
        "only a comment": lambda b: b"# to do\n",
        "not UTF-8": lambda b: b.replace(b"made up", b"made \xfc", 1),
        "two documents": lambda b: b + b"---\nname: clinic\n",
        "an alias of nothing": lambda b: b.replace(b"about: made up", b"about: *it", 1),
        "a Python object": lambda b: b.replace(b"made up", b"!!python/name:os.system", 1),
        "a zero byte": lambda b: b.replace(b"made up", b"made \0 up", 1),
        "a page of a website": lambda b: b"<html></html>",
        "itself": lambda b: b"&a [*a]",
        "too deep": lambda b: b"about: " + b"[" * 5000,
    }.items():
        yield Damage(f"dataset.yaml: {name}", "refused", after=edit(YAML, change))
    yield Damage("no dataset.yaml", "refused", after=lambda folder: (folder / YAML).unlink())
    for sheet in (None, "Visits ", "visit", ""):
        yield Damage(f"the sheet is {sheet!r}", "refused", "workbook", after=_sheet(sheet))


def _source(slip: dict) -> object:
    import yaml

    def act(folder: Path) -> None:
        content = yaml.safe_load((folder / YAML).read_text("utf-8"))
        content["sources"]["visits"] |= slip
        (folder / YAML).write_text(yaml.safe_dump(content), encoding="utf-8")

    return act


def _sheet(sheet: str | None) -> object:
    import yaml

    def act(folder: Path) -> None:
        content = yaml.safe_load((folder / YAML).read_text("utf-8"))
        if sheet is None:
            content["sources"]["visits"].pop("sheet")
        else:
            content["sources"]["visits"]["sheet"] = sheet
        (folder / YAML).write_text(yaml.safe_dump(content), encoding="utf-8")

    return act
