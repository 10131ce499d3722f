"""Inputs that nobody thought of: random cells, random bytes, random declarations.

Whatever stands there, the analysis ends in a clear message or goes on. A random cell may never turn
a value into another one than the cell itself says.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clinic import LAYOUTS, Clinic, fresh
from damaged_files import FILE_OF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_damaged import analysed, keyed

from attunement.study.files import Tables
from attunement.study.problems import StudyError

QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CELLS = st.one_of(
    st.text(max_size=12),
    st.from_regex(r"\A[-+ ]?[0-9]{0,3}[.,/:eE_ -]?[0-9]{0,4}[%a-z]?\Z"),
    st.floats().map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.dates().map(str),
)
PLACES = st.sampled_from(
    [("visits", column) for column in ("id", "visit", "came", "date", "ors_2", "phq9_3")]
    + [("clients", column) for column in ("id", "therapist", "age", "sex", "ending", "cnip_4")]
)
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 999), st.floats(), st.text(max_size=8)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)


def outcome(clinic: Clinic, damage: Any = None) -> Tables | StudyError:
    """The tables, or the message; anything else that is raised fails the test."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "clinic"
        file = clinic.write(folder)
        if damage is not None:
            damage(folder)
        try:
            return analysed(file)
        except StudyError as error:
            assert 20 < len(str(error)) < 3000
            return error


@pytest.fixture(scope="module")
def clean() -> Tables:
    found = outcome(fresh("comma"))
    assert not isinstance(found, StudyError), found
    return found


@QUICK
@given(place=PLACES, row=st.integers(0, 7), text=CELLS)
def test_a_random_cell(place: tuple[str, str], row: int, text: str, clean: Tables) -> None:
    table, column = place
    clinic = fresh("comma")
    clinic.frames[table].loc[row, column] = text
    found = outcome(clinic)
    if isinstance(found, StudyError) or column in ("id", "visit", "therapist"):
        return
    before, after = keyed(clean, "responses"), keyed(found, "responses")
    shared = before.index.intersection(after.index)
    old, new = before.loc[shared, "value"], after.loc[shared, "value"]
    changed = new[(new != old) & new.notna()]
    for value in changed:
        assert np.isclose(float(text.strip()), value), f"{text!r} was read as {value}"
    if len(changed) == 0 and new.isna().sum() > old.isna().sum():
        blank = text.strip() in ("", "NA", "-9")
        assert blank or len(found["conflicts"]), f"{text!r} was lost without a word"


@QUICK
@given(
    layout=st.sampled_from(list(LAYOUTS)),
    spots=st.lists(
        st.tuples(st.floats(0, 1), st.binary(min_size=0, max_size=6)), min_size=1, max_size=4
    ),
    replaced=st.integers(0, 6),
)
def test_random_bytes(layout: str, spots: list[tuple[float, bytes]], replaced: int) -> None:
    def damage(folder: Path) -> None:
        path = folder / FILE_OF[layout]
        content = path.read_bytes()
        for share, junk in spots:
            at = int(share * len(content))
            content = content[:at] + junk + content[at + replaced :]
        path.write_bytes(content)

    outcome(fresh(layout), damage)


def _nodes(content: Any) -> list[tuple[Any, Any]]:
    keys = content.keys() if isinstance(content, dict) else range(len(content))
    found = [(content, key) for key in keys]
    for key in keys:
        if isinstance(content[key], dict | list):
            found += _nodes(content[key])
    return found


@QUICK
@given(where=st.integers(0, 10**6), junk=JUNK, gone=st.booleans())
def test_a_random_declaration(where: int, junk: Any, gone: bool) -> None:
    clinic = fresh("comma")
    nodes = _nodes(clinic.declared)
    parent, key = nodes[where % len(nodes)]
    if gone or (key == "sources" and not isinstance(junk, dict)):
        clinic.declared.setdefault("sources", {})
        if key != "sources":
            del parent[key]
    else:
        parent[key] = junk
    outcome(clinic)
