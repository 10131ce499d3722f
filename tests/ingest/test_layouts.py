"""Wide, stacked and joined files: the same tables, and every place told as the file has it."""

import numpy as np
import pandas as pd
import pytest
from ingest_builders import BASIC, INSTRUMENTS, declared, from_memory, listed, put

from attunement.ingest import ingest, obtain
from attunement.ingest.readers.raw import Raw
from attunement.study.problems import StudyError

PEOPLE = "id,who\na,t1\nb,t2\n"
ANSWERS = {**BASIC["responses"][0]}
ENDS = [["id", "nr", "first", "last"], ["a", 6, 20, 9]]


def wide(**changes):
    """Items and attendance of the sessions side by side."""
    return declared(
        responses=[ANSWERS | {"items": "mood_s{session}_i{item}", "session": "{session}"}],
        sessions={
            "source": "visits",
            "columns": {"client": "id", "session": "{session}", "attended": "came_s{session}",
                        "day": "day_s{session}"},
        },
        **changes,
    )  # fmt: skip


def read(folder, dataset, **files):
    put(folder, {f"{name}.csv": content for name, content in ({"people": PEOPLE} | files).items()})
    return ingest(dataset, obtain(dataset, folder), INSTRUMENTS)


def fault(folder, dataset, **files):
    with pytest.raises(StudyError) as caught:
        read(folder, dataset, **files)
    return str(caught.value)


def values(tables):
    frame = tables["responses"]
    return [tuple(row) for row in frame[["client", "session", "item", "value"]].astype(object)
            .where(frame[["client", "session", "item", "value"]].notna(), None)
            .itertuples(index=False)]  # fmt: skip


HEADER = "id,mood_s01_i1,mood_s01_i2,mood_s2_i1,mood_s2_i2,came_s1,came_s2,came_s3,day_s1,day_s2\n"


def test_columns_for_each_session_are_rows(tmp_path):
    dataset = wide()
    tables = read(tmp_path, dataset, visits=HEADER + "a,3,2,,,1,0,,0,7\n\nb,1,,7,x,1,1,0,2,9\n")
    # Nothing stands in any of the answers of client a at session 2.
    assert values(tables) == [
        ("a", 1, "1", 3), ("a", 1, "2", 2), ("b", 1, "1", 1), ("b", 1, "2", None),
        ("b", 2, "1", None), ("b", 2, "2", None),
    ]  # fmt: skip
    sessions = tables["sessions"]
    assert sessions["client"].tolist() == ["a", "a", "b", "b", "b"]
    assert sessions["session"].tolist() == [1, 2, 1, 2, 3]
    assert sessions["attended"].tolist() == [True, False, True, True, False]
    assert sessions["day"].tolist()[:4] == [0, 7, 2, 9]
    # Places are those of the file: its columns, its rows.
    assert listed(tables) == [
        ("visits.csv", "day_s3", 1, "missing column", None, "set missing"),
        ("visits.csv", "mood_s2_i1", 4, "out of range", "7", "set missing"),
        ("visits.csv", "mood_s2_i2", 4, "text in a number column", "x", "set missing"),
    ]


def test_wide_is_what_long_is(tmp_path):
    rng = np.random.default_rng(3)
    long = pd.DataFrame(
        [(c, s, *rng.integers(0, 4, 2)) for c in "ab" for s in range(12)],
        columns=["id", "visit", "mood_1", "mood_2"],
    )
    wide_frame = long.pivot(index="id", columns="visit")
    wide_frame.columns = [f"{name.replace('_', '')}x{visit}" for name, visit in wide_frame.columns]
    people = pd.DataFrame({"id": ["a", "b"], "who": ["t1", "t2"]})
    there = from_memory(declared(), people=people, visits=long)
    dataset = declared(
        responses=[ANSWERS | {"items": "mood{item}x{session}", "session": "{session}"}]
    )
    again = from_memory(dataset, people=people, visits=wide_frame.reset_index())
    pd.testing.assert_frame_equal(there["responses"], again["responses"])


def test_words_and_fractions_name_occasions(tmp_path):
    dataset = declared(
        time={"unit": "month", "per": 6},
        sources={"people": {"path": "people.csv"},
                 "visits": {"path": "visits.csv", "occasions": {"pre": 0, "post": 3}}},
        responses=[ANSWERS | {"items": "{time}_m{item}", "time": "{time}", "session": None}],
    )  # fmt: skip
    tables = read(
        tmp_path, dataset, visits="id,pre_m1,pre_m2,post_m1,post_m2,4.5_m1,4.5_m2\na,3,2,1,1,0,0\n"
    )
    assert tables["responses"]["time"].tolist() == [0, 0, 3, 3, 4.5, 4.5]


def test_delivery_by_session_and_leave_out(tmp_path):
    dataset = declared(
        ratings={"given": {"meaning": "made up", "low": 0, "high": 4, "items": ["TD", "EI"]}},
        responses=[
            ANSWERS | {"items": "m{item}_s{session}", "session": "{session}",
                       "leave_out": {"state_s{session}": ["cancelled"]}},
            {"source": "visits", "instrument": "given", "rater": "therapist", "client": "id",
             "items": {"TD": "td{session}", "EI": "ei{session}"}, "session": "{session}"},
        ],
    )  # fmt: skip
    tables = read(
        tmp_path, dataset,
        visits="id,m1_s1,m2_s1,m1_s2,m2_s2,state_s1,state_s2,td1,ei1,td2,ei2\n"
        "a,1,1,2,2,held,cancelled,4,3,,\nb,0,0,0,0,held,held,1,1,2,2\n",
    )  # fmt: skip
    answered = tables["responses"].query("instrument == 'mood' and client == 'a'")
    assert answered["session"].unique().tolist() == [1]
    given = tables["responses"].query("instrument == 'given'")
    assert given["value"].tolist() == [4, 3, 1, 1, 2, 2]
    flow = tables["flow"].set_index("step")["n_rows"]
    assert flow["rows_left_out_declared"] == 1


@pytest.mark.parametrize(
    ("header", "pattern", "message"),
    [
        ("id,mod_s1_i1,mod_s1_i2", "mood_s{session}_i{item}", "the nearest are 'mod_s1_i1'"),
        ("id,mood_s1_i1,mood_s01_i1,mood_s1_i2", "mood_s{session}_i{item}", "are both"),
        ("id,m11,m12,m111", "m{session}{item}", "id"),
    ],
)
def test_templates_that_do_not_fit(tmp_path, header, pattern, message):
    dataset = declared(responses=[ANSWERS | {"items": pattern, "session": "{session}"}])
    cells = ",".join(["a", *["1"] * header.count(",")])
    if message == "id":  # session 11 of item 1; nothing doubtful
        assert values(read(tmp_path, dataset, visits=f"{header}\n{cells}\n"))[-2][1] == 11
        return
    assert message in fault(tmp_path, dataset, visits=f"{header}\n{cells}\n")


def test_first_and_last_scores(tmp_path):
    dataset = declared(
        time={"unit": "occasion", "per": 1},
        responses=[
            {"source": "visits", "instrument": "mood", "rater": "client", "client": "id",
             "wide": {"first": 0, "last": {"column": "nr"}}}
        ],
    )  # fmt: skip
    tables = read(tmp_path, dataset, visits="id,nr,first,last\na,6,5,3\nb,,4,2\n")
    assert tables["responses"]["time"].tolist() == [0, 6, 0]
    assert listed(tables)[0][1:5] == ("nr", 3, "missing key", None)


# Stacked files


STACKED = {"sources": {"people": {"path": "people.csv"},
                       "visits": {"path": ["one.csv", "two.csv"]}}}  # fmt: skip


def test_stacked_files_keep_their_own_rows(tmp_path):
    tables = read(
        tmp_path, declared(**STACKED),
        one="id,visit,mood_1,mood_2\na,0,1,1\n", two="visit,id,mood_2,mood_1\n0,b,1,2\n1,b,9,1\n",
    )  # fmt: skip
    assert values(tables)[:4] == [
        ("a", 0, "1", 1), ("a", 0, "2", 1), ("b", 0, "1", 2), ("b", 0, "2", 1)
    ]  # fmt: skip
    assert listed(tables) == [("two.csv", "mood_2", 3, "out of range", "9", "set missing")]
    message = fault(
        tmp_path, declared(**STACKED), two="visit,id,mood_2,mood_1\n0,b,1,x\n1,a,1,1\n1,a,2,1\n"
    )
    assert "(file two.csv; 2 rows; first: row 3, row 4)" in message


def test_stacked_files_need_the_same_columns(tmp_path):
    message = fault(
        tmp_path, declared(**STACKED),
        one="id,visit,mood_1,mood_2\na,0,1,1\n", two="id,visit,mood_1,mood2\nb,0,1,1\n",
    )  # fmt: skip
    assert "two.csv lacks 'mood_2' and has besides 'mood2'" in message


def test_stacked_types_meet():
    from attunement.ingest.readers.stacking import stack
    from attunement.study.sources import Source

    def raw(name, values, **more):
        return Raw(name, pd.DataFrame({"x": values}, index=pd.Index([2, 3], name="row")), **more)

    form = Source(path=["a", "b"])
    mixed = stack([raw("a", [1.0, 2.5]), raw("b", ["x", "3"])], form, "a and b")
    assert mixed.frame["x"].tolist() == ["1", "2.5", "x", "3"]
    whole = stack([raw("a", [1.0, 2.5]), raw("b", pd.Series([None, ""], dtype="str"))], form, "l")
    assert whole.frame["x"].dtype == "float64" and whole.frame["x"].isna().sum() == 2
    with pytest.raises(StudyError, match="declare different codes for missing"):
        stack([raw("a", [1.0, 2.5], user_missing={"x": ["9"]}), raw("b", [1.0, 2.5])], form, "l")


# Columns and rows at the door


def test_drop_and_only(tmp_path):
    sources = {"people": {"path": "people.csv", "drop": ["name"]},
               "visits": {"path": "visits.csv", "only": {"arm": ["intake", 2]}}}  # fmt: skip
    visits = "id,visit,mood_1,mood_2,arm\na,0,1,1,intake\na,1,9,1,other\nb,0,1,1,2\n"
    files = {"people": "id,who,name\na,t1,Ann\nb,t2,Bob\n", "visits": visits}
    dataset = declared(sources=sources)
    put(tmp_path, {f"{name}.csv": content for name, content in files.items()})
    raws = obtain(dataset, tmp_path)
    assert list(raws["people"].frame.columns) == ["id", "who"]
    assert list(raws["visits"].frame.index) == [2, 4]
    assert ingest(dataset, raws, INSTRUMENTS)["conflicts"].empty
    message = fault(tmp_path, declared(sources=sources | {
        "people": {"path": "people.csv", "drop": ["nam"]}}), **files)  # fmt: skip
    assert "'nam', named under `drop`, is not there; the nearest is 'name'" in message
    message = fault(tmp_path, declared(sources=sources | {
        "visits": {"path": "visits.csv", "only": {"arm": ["Intake"]}}}), **files)  # fmt: skip
    assert "No row is left" in message and "'intake', 'other', '2'" in message


# Joined sources


JOINED = {
    "sources": {
        "people": {"path": "people.csv"},
        "when": {"path": "when.csv"},
        "what": {"path": "what.csv", "delimiter": ";", "decimal": ","},
        "visits": {"join": ["when", "what"], "by": {"when": "vid", "what": "nr"}},
    }
}
WHEN = "vid,id,visit\n7,a,0\n8,a,1\n9,b,0\n"


def test_joined_sources(tmp_path):
    tables = read(
        tmp_path, declared(**JOINED), when=WHEN, what="nr;mood_1;mood_2\n9,0;1;2\n8.0;1;9\n5;1;1\n"
    )
    assert ("a", 1, "1", 1) in values(tables)
    assert listed(tables) == [
        ("what.csv", "nr", 2, "unmatched row", "9,0", "row left out"),
        ("what.csv", "mood_2", 3, "out of range", "9", "set missing"),
        ("what.csv", "nr", 4, "unmatched row", "5", "row left out"),
        ("when.csv", "vid", 2, "unmatched row", "7", "kept"),
        ("when.csv", "vid", 4, "unmatched row", "9", "kept"),
    ]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("nr;mood_1;mood_2\n7;1;2\n8;1;1\n8;2;2\n", "(file what.csv; column 'nr'; 2 rows; "
         "first: row 3, row 4)"),
        ("nr;mood_1;mood_2;visit\n7;1;2;1\n", "Both when.csv and what.csv have the column(s) "
         "'visit'"),
        ("nr;mood_1;mood_2\n007;1;2\n", "the keys differ in leading zeros"),
        ("no;mood_1;mood_2\n7;1;2\n", "The column 'nr', named in dataset.yaml, is not there"),
    ],
)  # fmt: skip
def test_joins_that_do_not_fit(tmp_path, what, message):
    assert message in fault(tmp_path, declared(**JOINED), when=WHEN, what=what)


def test_a_join_takes_the_decimal_mark_of_each_file(tmp_path):
    dataset = declared(
        **JOINED,
        responses=[ANSWERS | {"instrument": "visual", "items": "v{item}"}],
        outcomes={"primary": "visual.total"},
    )
    tables = read(tmp_path, dataset, when=WHEN, what="nr;v1;v2\n7;1,5;2\n8;1;0\n9;2;10\n")
    assert tables["responses"]["value"].tolist() == [1.5, 2, 1, 0, 2, 10]


def test_places_of_wide_stacked_and_joined_files(tmp_path):
    dataset = declared(
        sources={
            "people": {"path": "people.csv"},
            "left": {"path": ["x/part.csv", "y/part.csv"]},
            "right": {"path": ["u.csv", "v.csv"]},
            "visits": {"join": ["left", "right"], "by": "id"},
        },
        responses=[ANSWERS | {"items": "m{item}_{session}", "session": "{session}"}],
    )
    put(tmp_path / "x", {"part.csv": "id,m1_1,m1_2\na,1,1\n"})
    put(tmp_path / "y", {"part.csv": "id,m1_1,m1_2\n\nb,1,8\n"})
    tables = read(tmp_path, dataset, u="id,m2_1,m2_2\nb,7,1\n", v="id,m2_1,m2_2\nc,1,1\na,1,9\n")
    assert listed(tables) == [
        ("u.csv", "m2_1", 2, "out of range", "7", "set missing"),
        ("v.csv", "id", 2, "unmatched row", "c", "row left out"),
        ("v.csv", "m2_2", 3, "out of range", "9", "set missing"),
        ("y/part.csv", "m1_2", 3, "out of range", "8", "set missing"),
    ]
    assert values(tables) == [
        ("a", 1, "1", 1), ("a", 1, "2", 1), ("a", 2, "1", 1), ("a", 2, "2", None),
        ("b", 1, "1", 1), ("b", 1, "2", None), ("b", 2, "1", None), ("b", 2, "2", 1),
    ]  # fmt: skip


def test_a_source_cannot_be_joined_with_itself(tmp_path):
    sources = {
        "people": {"path": "people.csv"},
        "visits": {"join": ["visits", "people"], "by": "id"},
    }
    assert "'visits' is joined with itself" in fault(tmp_path, declared(sources=sources))


def test_the_order_of_first_and_last_is_a_number(tmp_path):
    dataset = declared(
        responses=[
            {"source": "visits", "instrument": "mood", "rater": "client", "client": "id",
             "wide": {"first": {"column": "nr", "order_from": 0}}}
        ],
    )  # fmt: skip
    assert "no meaning under `wide`" in fault(tmp_path, dataset, visits="id,nr,first\na,6,5\n")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"session": "{session}"}, "'mood_{item}', which would be repeated on every occasion"),
        ({"items": {"1": "a_{session}", "2": "b"}, "session": "{session}"}, "'b', which would be"),
        ({"items": "m{item}_{session}"}, "nothing says which occasion each one is"),
        ({"items": "m{item}_{session}", "session": None, "at_session": 0}, "which occasion"),
        ({"items": None, "wide": {"total_{session}": 0}}, "names columns as they stand"),
        ({"items": "m{item}_{session}", "session": "{session}", "day": "d_{time}"}, "hold both"),
    ],
)
def test_marks_that_cannot_be_understood(tmp_path, change, message):
    dataset = declared(responses=[ANSWERS | change])
    assert message in fault(tmp_path, dataset, visits="id,visit,m1_1,m2_1\na,1,1,1\n")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"session": "{session}"}, "no name of a column holds it"),
        ({"session": "visit", "attended": "came_{session}"}, '`session: "{session}"`'),
    ],
)
def test_marks_of_tables_that_cannot_be_understood(tmp_path, columns, message):
    dataset = declared(sessions={"source": "visits", "columns": {"client": "id"} | columns})
    assert message in fault(tmp_path, dataset, visits="id,visit,mood_1,mood_2\na,1,1,1\n")
