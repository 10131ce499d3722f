"""The stage as a whole: what is missing is said in words, all rows are kept."""

import pandas as pd
import pytest

from attunement.accommodate import accommodate, run
from attunement.score import score
from attunement.study.files import write_table
from attunement.study.layout import OUTPUTS
from attunement.study.problems import StudyError

SUMS = {"TD_CD": 9, "EI_ER": 0, "PO_PR": 0, "WS_FC": 0}
RATES = {"td_cd": 0, "ei_er": 0, "po_pr": 0, "ws_fc": 0}


def _tables(studies, instruments, rows, **changes):
    dataset = studies.dataset(**changes)
    tables = studies.tables(rows)
    return tables | score(tables, dataset, instruments), dataset


def _both(studies):
    return [
        studies.answers("A", 0, "cnip", SUMS),
        studies.answers("A", 1, "delivered", RATES),
        studies.answers("B", 1, "delivered", RATES),
        studies.answers("B", 1, "delivered", RATES, rater="observer"),
    ]


@pytest.mark.parametrize(
    ("rows", "changes", "reason", "preferences", "delivery"),
    [
        ([], {"preference": None, "delivery": None}, "no preferences recorded", 0, 0),
        ([1], {}, "no preferences recorded", 0, 4),
        ([0], {}, "no delivery recorded", 4, 0),
        ([0, 1], {"delivery": None}, "no delivery recorded", 4, 0),
        (
            [0, 1],
            {"delivery": {"rating": "delivered", "raters": ["client"], "commensurable": False}},
            "preference and delivery do not share a scale by design: "
            "congruence is not interpretable",
            4,
            4,
        ),
        (
            [0, 2],
            {},
            "no session has both a preference in force and delivery recorded",
            4,
            4,
        ),
    ],
)
def test_what_is_missing(studies, instruments, rows, changes, reason, preferences, delivery):
    chosen = [_both(studies)[row] for row in rows] or [studies.answers("A", 0, "ors", {"total": 1})]
    tables, dataset = _tables(studies, instruments, chosen, **changes)
    out = accommodate(tables, dataset, instruments)
    assert len(out["accommodation"]) == 0
    assert (len(out["preferences"]), len(out["delivery"])) == (preferences, delivery)
    known = out["availability"].set_index("topic")
    assert not known.loc["accommodation", "available"]
    assert known.loc["accommodation", "reason"] == reason
    assert "change.ors.total" in known.index
    if "commensurable" in str(changes):
        assert out["delivery"]["band"].isna().all()


def test_rows_of_sessions_without_a_value_stay(studies, instruments):
    tables, dataset = _tables(studies, instruments, _both(studies))
    out = accommodate(tables, dataset, instruments)
    table = out["accommodation"]
    assert bool(out["availability"].set_index("topic").loc["accommodation", "available"])
    # By dimension: distance and strong_met also over all, signed gaps only so; two more over all.
    assert table.groupby("scoring").size().to_dict() == {
        "distance": 15,
        "weighted_distance": 3,
        "signed_gap": 12,
        "strong_met": 15,
        "strong_sign": 3,
        "profile": 3,
    }
    known = out["availability"].set_index("topic")
    for scoring in ("normative", "distinctive"):
        assert "no profile of the sample" in known.loc[f"accommodation.{scoring}", "reason"]
    over_all = table[(table["dimension"] == "all") & (table["scoring"] == "strong_met")]
    assert over_all["client"].tolist() == ["A", "B", "B"]
    assert over_all["rater"].tolist() == ["client", "client", "observer"]
    assert over_all["value"].fillna(-1).tolist() == [0.5, -1, -1]
    assert over_all["n_dimensions"].tolist() == [1, 0, 0]
    assert over_all["no_strong_preference"].isna().tolist() == [False, True, True]
    short = accommodate(tables, dataset, instruments, by_dimension=False)["accommodation"]
    pd.testing.assert_frame_equal(short, table[table["dimension"] == "all"].reset_index(drop=True))


def test_doubted_bands_leave_what_needs_no_band(studies, instruments):
    cnip = instruments["cnip"]
    bands = cnip.scales["TD_CD"].bands.model_copy(update={"verified": False})
    scale = cnip.scales["TD_CD"].model_copy(update={"bands": bands})
    changed = instruments | {
        "cnip": cnip.model_copy(update={"scales": cnip.scales | {"TD_CD": scale}})
    }
    tables, dataset = _tables(studies, instruments, _both(studies))
    out = accommodate(tables, dataset, changed)
    bare = {"distance", "weighted_distance", "signed_gap", "profile"}
    assert set(out["accommodation"]["scoring"]) == bare
    known = out["availability"].set_index("topic")
    assert not known.loc["accommodation.strong_met", "available"]
    assert not known.loc["accommodation.strong_sign", "available"]
    out = accommodate(tables, dataset, changed, ["cnip.TD_CD.bands"])
    assert set(out["accommodation"]["scoring"]) == {*bare, "strong_met", "strong_sign"}


def test_an_inventory_without_bands_is_said_to_have_none(studies, instruments):
    cnip = instruments["cnip"]
    bare = {n: s.model_copy(update={"bands": None}) for n, s in cnip.scales.items()}
    changed = instruments | {"cnip": cnip.model_copy(update={"scales": bare})}
    tables, dataset = _tables(studies, instruments, _both(studies))
    known = accommodate(tables, dataset, changed)["availability"].set_index("topic")
    assert known.loc["accommodation.strong_met", "reason"] == (
        "the file of the preference inventory gives no bands of strong preference"
    )


def test_an_unknown_inventory_is_named(studies, instruments):
    tables, dataset = _tables(studies, instruments, _both(studies))
    fewer = {name: one for name, one in instruments.items() if name != "cnip"}
    with pytest.raises(StudyError, match="'cnip' of dataset 'hand_made' is not known"):
        accommodate(tables, dataset, fewer)


def test_run_reads_folders_and_writes_every_file(studies, instruments, repository, tmp_path):
    tables, dataset = _tables(studies, instruments, _both(studies))
    earlier = tmp_path / "score"
    for name in ("clients", "scores"):
        write_table(tables[name], earlier / f"{name}.parquet")
    write_table(tables["availability"], earlier / "availability.csv")
    folder = tmp_path / "hand_made"
    folder.mkdir()
    (folder / "dataset.yaml").write_text(dataset.model_dump_json(exclude_none=True))
    out = tmp_path / "accommodate"
    shipped = repository / "data" / "instruments"
    run(repository / "config.yaml", folder / "dataset.yaml", shipped, [earlier], out)
    assert sorted(path.name for path in out.iterdir()) == sorted(OUTPUTS["accommodate"])
    assert len(pd.read_parquet(out / "accommodation.parquet")) == 51


def test_without_a_common_scale_the_clients_own_rating_stays(studies, instruments):
    rows = [*_both(studies)[:2], studies.answers("A", 1, "goals", {"rating": 8})]
    tables, dataset = _tables(
        studies,
        instruments,
        rows,
        delivery={"rating": "delivered", "raters": ["client"], "commensurable": False},
        rated_accommodation={"rating": "goals"},
    )
    out = accommodate(tables, dataset, instruments)
    assert out["accommodation"]["scoring"].tolist() == ["rated"]
    assert out["accommodation"]["value"].tolist() == [0.8]
    known = out["availability"].set_index("topic")
    assert "do not share a scale" in known.loc["accommodation", "reason"]
    assert (len(out["preferences"]), len(out["delivery"])) == (4, 4)


def test_many_studies_in_memory_may_do_without_reliability(studies, instruments):
    tables, dataset = _tables(studies, instruments, _both(studies))
    full = accommodate(tables, dataset, instruments)
    bare = accommodate(tables, dataset, instruments, reliability=False)
    assert bare["accommodation_reliability"].empty
    assert bare["scoring_correlations"].empty
    assert len(full["accommodation_reliability"]) > 0
    pd.testing.assert_frame_equal(bare["accommodation"], full["accommodation"])
