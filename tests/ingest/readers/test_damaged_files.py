"""Files of every format, damaged at random: a table or one clear message, and never anything else.

The same data in every format give the same tables.
"""

import random
from collections import Counter

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from ingest_builders import BASIC, INSTRUMENTS, declared, put

from attunement.ingest import ingest, obtain
from attunement.ingest.readers.formats import read_file
from attunement.ingest.readers.sniffing import sniff
from attunement.study.problems import StudyError
from attunement.study.sources import Source

DAMAGED = 280  # inputs


def frames():
    rng = np.random.default_rng(7)
    days = pd.date_range("2021-01-01", periods=30, freq="D")
    visits = pd.DataFrame(
        {"id": np.repeat([f"c{i}" for i in range(10)], 3), "visit": np.tile([0.0, 1, 2], 10),
         "on": days, "v1": rng.integers(0, 101, 30) / 10, "v2": rng.integers(0, 101, 30) / 10}
    )  # fmt: skip
    visits.loc[[4, 9], "v1"] = np.nan
    visits.loc[5, "v2"] = 11.5
    people = pd.DataFrame({"id": [f"c{i}" for i in range(10)], "who": ["t1", "t2"] * 5})
    return people, visits


WRITERS = {
    "csv": lambda frame, path: frame.to_csv(path, index=False),
    "tsv": lambda frame, path: frame.to_csv(path, index=False, sep="\t", encoding="utf-16"),
    "txt": lambda frame, path: frame.to_csv(path, index=False, sep=";", decimal=",",
                                            date_format="%d.%m.%Y"),
    "xlsx": lambda frame, path: frame.to_excel(path, index=False),
    "sav": lambda frame, path: pyreadstat.write_sav(frame, path),
    "zsav": lambda frame, path: pyreadstat.write_sav(frame, path, compress=True),
    "dta": lambda frame, path: pyreadstat.write_dta(frame, path),
    "parquet": lambda frame, path: frame.to_parquet(path),
}  # fmt: skip
FORMS = {
    "tsv": {"encoding": "utf-16"},
    "txt": {"delimiter": ";", "decimal": ",", "dates": "day_first"},
}


def study(folder, ending):
    people, visits = frames()
    WRITERS[ending](people, folder / f"people.{ending}")
    WRITERS[ending](visits, folder / f"visits.{ending}")
    form = FORMS.get(ending, {})
    dataset = declared(
        sources={name: {"path": f"{name}.{ending}"} | form for name in ("people", "visits")},
        sessions={"source": "visits",
                  "columns": {"client": "id", "session": "visit", "day": "on"}},
        responses=[BASIC["responses"][0] | {"instrument": "visual", "items": "v{item}"}],
        outcomes={"primary": "visual.total"},
    )  # fmt: skip
    return ingest(dataset, obtain(dataset, folder), INSTRUMENTS)


def test_every_format_gives_the_same_tables(tmp_path):
    reference = study(put(tmp_path / "csv", {}), "csv")
    assert reference["responses"]["value"].isna().sum() == 3
    assert reference["sessions"]["day"].tolist() == list(range(30))
    for ending in WRITERS:
        tables = study(put(tmp_path / "other", {}), ending)
        for name in ("clients", "therapists", "sessions", "responses", "availability"):
            pd.testing.assert_frame_equal(tables[name], reference[name])
        told = tables["conflicts"][["row", "column", "kind", "action"]]
        # The first case of these is row 1, not 2.
        row = 6 if ending in ("sav", "zsav", "dta", "parquet") else 7
        assert told.to_numpy().tolist() == [[row, "v2", "out of range", "set missing"]], ending


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Cut off, written over, with something put in or taken out, or something else altogether."""
    some = bytearray(content)
    how, place = chance.randrange(5), chance.randrange(len(content))
    if how == 0:
        return bytes(some[:place])
    if how == 1:
        for _ in range(chance.randrange(1, 20)):
            some[chance.randrange(len(some))] = chance.randrange(256)
    elif how == 2:
        some[place:place] = chance.randbytes(chance.randrange(1, 30))
    elif how == 3:
        del some[place : place + chance.randrange(1, 200)]
    else:
        others = [b"", b"\0" * 99, b"PK\x03\x04", b"\n\n", b'"', b"a,b\n", chance.randbytes(300)]
        return chance.choice(others)
    return bytes(some)


def test_damaged_files_end_in_a_table_or_a_message(tmp_path, record_property):
    _, visits = frames()
    chance, found = random.Random(20), Counter()
    for ending, write in WRITERS.items():
        path = tmp_path / f"visits.{ending}"
        write(visits, path)
        content, form = path.read_bytes(), FORMS.get(ending, {})
        for _ in range(DAMAGED // len(WRITERS)):
            path.write_bytes(damaged(content, chance))
            for act in (lambda path=path, form=form: read_file(path, Source(path="x", **form)),
                        lambda path=path: sniff(path)):  # fmt: skip
                try:
                    act()
                    found["read"] += 1
                except StudyError as error:
                    assert path.name in str(error)
                    found["refused"] += 1
    told = ", ".join(f"{kind} {count} times" for kind, count in found.items())
    record_property("figure", f"{DAMAGED} files damaged at random, read and sniffed: {told}")
    assert found["refused"] > DAMAGED // 3


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "sav", "zsav", "dta"])
def test_a_file_cut_off_is_never_half_read(tmp_path, ending):
    _, visits = frames()
    path = tmp_path / f"visits.{ending}"
    WRITERS[ending](visits, path)
    content = path.read_bytes()
    whole = read_file(path, Source(path="x")).frame
    for size in np.linspace(0, len(content) - 1, 25, dtype=int):
        path.write_bytes(content[:size])
        try:
            read = read_file(path, Source(path="x")).frame
        except StudyError:
            continue
        assert len(read) == len(whole)  # nothing but the very end was lost
