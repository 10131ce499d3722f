"""Preferences: on which scale, from when, and which one is in force."""

import numpy as np

from attunement.accommodate.preferences import dimensions, in_force, preferences
from attunement.score import score


def _stated(studies, instruments, rows, **changes):
    dataset = studies.dataset(**changes)
    tables = studies.tables(rows)
    scores = score(tables, dataset, instruments)["scores"]
    dims = dimensions(instruments["cnip"])
    return preferences(scores, tables["clients"], dims, dataset), tables, dims


def test_sums_are_divided_by_the_largest_sum(studies, instruments):
    sums = {"TD_CD": 15, "EI_ER": -15, "PO_PR": 3, "WS_FC": 0}
    stated, _, _ = _stated(studies, instruments, [studies.answers("A", 0, "cnip", sums)])
    assert stated["dimension"].tolist() == ["td_cd", "ei_er", "po_pr", "ws_fc"]
    np.testing.assert_allclose(stated["preference"].astype(float), [1, -1, 1 / 3, 0])
    assert stated["band"].tolist() == [1, -1, 1, 0]


def test_unanswered_dimensions_leave_no_row(studies, instruments):
    stated, _, _ = _stated(
        studies, instruments, [studies.answers("A", 0, "cnip", {"TD_CD": None, "PO_PR": 3})]
    )
    assert stated["dimension"].tolist() == ["po_pr"]


def test_occasions_without_a_session(studies, instruments):
    """Sessions as the unit of time tell it; months do not."""
    rows = [studies.answers("A", None, "cnip", {"TD_CD": 3}, time=2.0)]
    assert _stated(studies, instruments, rows)[0]["from_session"].tolist() == [2]
    months = {"unit": "month", "per": 8}
    assert len(_stated(studies, instruments, rows, time=months)[0]) == 0


def test_the_wish_of_another_client_is_never_taken(studies, instruments):
    rows = [
        studies.answers("B", 3, "cnip", {"TD_CD": 15}),
        studies.answers("A", 5, "cnip", {"TD_CD": -15}),
        studies.answers("C", 0, "cnip", {"PO_PR": 9}),
    ]
    stated, tables, dims = _stated(studies, instruments, rows)
    place, session = np.array([0, 0, 1, 1, 2, 2]), np.array([2, 3, 4, 5, 0, 9])
    wanted, band = in_force(stated, tables["clients"], dims, place, session)
    np.testing.assert_array_equal(wanted[:, 0], [np.nan, 1, np.nan, -1, np.nan, np.nan])
    np.testing.assert_array_equal(wanted[:, 2], [np.nan] * 4 + [1, 1])
    np.testing.assert_array_equal(band[:, 0], [np.nan, 1, np.nan, -1, np.nan, np.nan])


def test_unverified_bands_are_not_used(instruments):
    cnip = instruments["cnip"]
    scale = cnip.scales["TD_CD"]
    doubted = scale.model_copy(update={"bands": scale.bands.model_copy(update={"verified": False})})
    changed = cnip.model_copy(update={"scales": {"TD_CD": doubted}})
    assert np.isnan(dimensions(changed)[0].band(np.array([1.0]))).all()
    accepted = dimensions(changed, ["cnip.TD_CD.bands"])
    assert accepted[0].band(np.array([1.0, np.nan]))[0] == 1


def test_a_band_edge_is_met_whatever_floats_say(instruments):
    dimension = dimensions(instruments["cnip"])[2]
    assert dimension.band(np.array([0.1 + 0.2 + 1 / 30, 1 / 3])).tolist() == [1, 1]
