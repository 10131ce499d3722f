"""Every damaged input ends in a clear message or in the list of conflicts.

No traceback, and no silent change: what differs from the whole clinic's tables is missing there,
and something is listed that was not before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from clinic import LAYOUTS, fresh
from damaged_cells import bad_cells
from damaged_declarations import declarations
from damaged_exports import exports
from damaged_files import files
from damaged_further import further
from damaged_rows import rows_and_columns
from damages import Damage

from attunement.ingest import ingest, obtain
from attunement.score.stage import score
from attunement.study.contracts import TABLES
from attunement.study.dataset import load_dataset
from attunement.study.files import Tables
from attunement.study.instruments import Instrument, load_instruments
from attunement.study.problems import StudyError

# Scores follow from responses: a scale whose item is missing may be prorated by its rule.
COMPARED = ("clients", "sessions", "endings", "responses")
DAMAGES = [*bad_cells(), *rows_and_columns(), *files(), *declarations(), *further(), *exports()]
ROOT = Path(__file__).parents[2]


@cache
def instruments() -> dict[str, Instrument]:
    return load_instruments(ROOT / "data" / "instruments")


def analysed(dataset_file: Path) -> Tables:
    """From the files to scores, as the two stages do it."""
    dataset = load_dataset(dataset_file)
    tables = ingest(dataset, obtain(dataset, dataset_file.parent), instruments())
    return tables | score(tables, dataset, instruments(), reliability=False)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tables]:
    """The tables of the undamaged clinic, by layout."""
    return {
        layout: analysed(fresh(layout).write(tmp_path_factory.mktemp(layout) / "clinic"))
        for layout in LAYOUTS
    }


def keyed(tables: Tables, name: str) -> pd.DataFrame:
    """A table by its key; an occasion by its time, for its number counts those before."""
    frame = tables[name]
    if name in ("responses", "scores"):
        frame = frame.drop(columns="occasion")
    key = ["time" if part == "occasion" else part for part in TABLES[name].key]
    days = [column for column in ("day", "last_day") if column in frame]
    # Days count from an origin that a lost date may move.
    return frame.drop(columns=days).set_index(key).sort_index()


def silent_changes(clean: Tables, found: Tables) -> list[str]:
    """Values of the clean tables that became other values, and rows that were not there before."""
    told = []
    for name in COMPARED:
        before, after = keyed(clean, name), keyed(found, name)
        if extra := len(after.index.difference(before.index)):
            told.append(f"{name}: {extra} further rows")
        shared = after.index.intersection(before.index)
        for column in before.columns.intersection(after.columns):
            old, new = before.loc[shared, column], after.loc[shared, column]
            other = (new.notna() & (old.isna() | (new != old).fillna(True))).to_numpy(dtype=bool)
            if other.any():
                told.append(f"{name}.{column}: {int(other.sum())} other values")
    return told


def lost(clean: Tables, found: Tables) -> int:
    """How many values of the clean tables are missing."""
    return sum(
        int(keyed(clean, name).notna().sum().sum() - keyed(found, name).notna().sum().sum())
        for name in COMPARED
    )


def test_the_layouts_hold_the_same_clinic(whole: dict[str, Tables]) -> None:
    for layout, tables in whole.items():
        assert tables["conflicts"].empty, (layout, tables["conflicts"])
        for name in (*COMPARED, "scores"):
            left, right = keyed(whole["comma"], name), keyed(tables, name)
            pd.testing.assert_frame_equal(left, right, check_like=True, obj=f"{layout} {name}")


# What a damage may turn into another value, for a person could mean it: a fraction is kept, a rule
# takes the other row.
MAY_CHANGE = ("is 1.5", "rule first", "rule last", "of a later year")  # listed and kept


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name[:60])
def test_a_damaged_input(damage: Damage, whole: dict[str, Tables], tmp_path: Path) -> None:
    clinic = fresh(damage.layout)
    if damage.before is not None:
        damage.before(clinic)
    dataset_file = clinic.write(tmp_path / "clinic")
    if damage.after is not None:
        damage.after(tmp_path / "clinic")
    clean = whole[damage.layout]
    try:
        found = analysed(dataset_file)
    except StudyError as error:
        text = str(error)
        assert damage.outcome in ("refused", "refused or listed"), text
        assert 20 < len(text) < 1500, text
        assert "Traceback" not in text and "Error(" not in text, text
        return
    listed = len(found["conflicts"])
    if damage.outcome == "same":
        assert listed == 0, found["conflicts"]
        assert not silent_changes(clean, found) and lost(clean, found) == 0
        return
    assert damage.outcome in ("listed", "refused or listed"), (
        "it was taken as if nothing were wrong"
    )
    assert listed > 0, "nothing is listed"
    if not damage.name.endswith(MAY_CHANGE):
        assert not silent_changes(clean, found)


def test_there_are_many_of_every_kind(record_property: Callable[[str, str], None]) -> None:
    names = [damage.name for damage in DAMAGES]
    assert len(set(names)) == len(names), [n for n, k in Counter(names).items() if k > 1]
    kinds = Counter(damage.outcome for damage in DAMAGES)
    told = ", ".join(f"{count} to be {kind}" for kind, count in kinds.items())
    record_property("figure", f"{len(DAMAGES)} damaged inputs: {told}")
    assert len(DAMAGES) >= 200
