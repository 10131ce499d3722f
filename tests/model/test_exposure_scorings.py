"""Exposure under every scoring: only the past counts, and each scoring reaches the models."""

import importlib.util
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import attunement.accommodate.stage as stage
from attunement.accommodate import accommodate
from attunement.model.exposure import exposure, past
from attunement.model.prepare import prepare
from attunement.score import score
from attunement.study.contracts import SCORINGS, WITH_THIRD_GROUP, conform
from attunement.study.instruments import load_instruments
from attunement.study.problems import NotEstimable

SCALES = ("TD_CD", "EI_ER", "PO_PR", "WS_FC")
DIMENSIONS = tuple(scale.lower() for scale in SCALES)
CLIENTS, SESSIONS, LATE = 24, 6, 3  # client 3 states a preference in session 3 only


@pytest.fixture(scope="module")
def made(repository):
    """How to make a study of which some answers after some session may be changed."""
    place = repository / "tests" / "spec" / "studies.py"
    spec = importlib.util.spec_from_file_location("hand_made_studies", place)
    studies = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(studies)
    instruments = load_instruments(repository / "data" / "instruments")

    @cache
    def drawn_once(changed=frozenset(), after=99):
        return make(changed, after)

    def make(changed=frozenset(), after=99, **declared):
        draw, rows, asked = np.random.default_rng(3), [], []
        other = np.random.default_rng(4)
        for k in range(CLIENTS):
            name = f"c{k:02d}"

            def drawn(session, low, high, size, k=k):
                first, second = draw.integers(low, high + 1, size), other.integers(low, 4, size)
                return second if k in changed and session > after else first

            for session in (LATE if k == LATE else 0, 4):
                sums = drawn(session, -9, 9, 4) * (k % 8 > 0)  # each eighth wants nothing strongly
                told = dict(zip(SCALES, map(float, sums), strict=True))
                rows.append(studies.answers(name, session, "cnip", told))
                wish = "no preference" if k % 6 == 0 else "yes"
                otherwise = k in changed and session > after
                got = ("no", "yes")[int(draw.integers(0, 2)) ^ otherwise]
                asked.append([name, session, "homework", "activity", wish, got, "client"])
            for session in range(1, SESSIONS + 1):
                rates = dict(zip(DIMENSIONS, map(float, drawn(session, -3, 3, 4)), strict=True))
                rows.append(studies.answers(name, session, "delivered", rates))
                rated = {"rating": float(abs(drawn(session, -3, 3, 1)[0]))}
                rows.append(studies.answers(name, session, "goals", rated))
                total = {"total": 15.0 + session + k % 5}
                rows.append(studies.answers(name, session, "ors", total))
        dataset = studies.dataset(rated_accommodation={"rating": "goals"}, **declared)
        tables = studies.tables(rows)
        therapists = [f"t{k % 4}" for k in range(CLIENTS)]
        tables["clients"] = conform(tables["clients"].assign(therapist=therapists), "clients")
        names = "client occasion aspect kind preferred received rater".split()
        tables["type_preferences"] = conform(pd.DataFrame(asked, columns=names), "type_preferences")
        tables |= score(tables, dataset, instruments, reliability=False)
        return tables | accommodate(tables, dataset, instruments, reliability=False)

    make.once = drawn_once
    return make


def _choices(scoring):
    """What a specification of one scoring says."""
    if scoring == "signed_gap":
        return {"scoring": scoring, "dimension": "td_cd", "dimensions": ("td_cd",)}
    dims = () if scoring == "type_matched" else DIMENSIONS
    return {"scoring": scoring, "dimensions": dims}


def _measured(table):
    return [n for n in table.columns if n.startswith(("accommodation", "too_"))]


def _units(before, after, rows):
    """The factor between two units of accommodation, from rows that must not differ but by it."""
    a, b = (t.loc[rows(t), _measured(t)].fillna(0.0).to_numpy().ravel() for t in (before, after))
    return (a @ b) / (a @ a)


def _same(before, after, rows, factor):
    """Whether exposures of some rows agree, given the factor between the units."""
    one, other = (t[rows(t)].reset_index(drop=True) for t in (before, after))
    if len(one) != len(other):
        return False
    measured = _measured(one)
    rest = [n for n in one.columns if n not in measured]
    a, b = one[measured].to_numpy() * factor, other[measured].to_numpy()
    return np.allclose(a, b, rtol=1e-12, atol=1e-12, equal_nan=True) and one[rest].equals(
        other[rest]
    )


def _exposed(tables, scoring, specify):
    return past(exposure(tables, specify(**_choices(scoring))), specify(**_choices(scoring)))


@pytest.mark.parametrize("scoring", SCORINGS)
@pytest.mark.parametrize("until", [1, 3])
def test_a_clients_own_future_cannot_change_the_clients_past(made, specify, scoring, until):
    """Preference, delivery, rating and type: all that one client tells later is told otherwise."""
    before = _exposed(made.once(), scoring, specify)
    for k in (LATE, 7):
        name = f"c{k:02d}"
        after = _exposed(made.once(frozenset({k}), until), scoring, specify)
        factor = _units(before, after, lambda t, name=name: t["client"] != name)

        def past_of(t, name=name):
            return (t["client"] == name) & (t["session"] <= until)

        assert _same(before, after, past_of, factor), k
        # Others' exposure hangs on a client's first statement (through the profile of the sample),
        # and on nothing that the client tells after it.
        first_told = k != LATE or until >= LATE or scoring not in ("normative", "distinctive")
        others = _same(before, after, lambda t, name=name: t["client"] != name, factor)
        assert others == first_told, k
        assert not _same(before, after, lambda t: t["session"] > until, factor), "unseen"


@pytest.mark.parametrize("scoring", SCORINGS)
def test_nobodys_future_changes_anybodys_past(made, specify, scoring):
    """From session 4 on all is told otherwise by all; who speaks first then is yet to come."""
    before = _exposed(made.once(), scoring, specify)
    after = _exposed(made.once(frozenset(range(CLIENTS)), 3), scoring, specify)
    factor = _units(before, after, lambda t: t["session"] <= 3)
    assert _same(before, after, lambda t: t["session"] <= 3, factor)
    assert not _same(before, after, lambda t: t["session"] > 3, factor), "the change must be seen"


@pytest.mark.parametrize("scoring", ["normative", "distinctive"])
def test_a_sample_profile_of_all_sessions_would_be_found_out(made, specify, scoring, monkeypatch):
    honest = stage.sample_profile

    def leaking(stated, rated, dims):
        found = honest(stated, rated, dims)
        wanted = stated.groupby("dimension")["preference"].mean()
        means = {r: np.nanmean(rated.value, axis=0) for r in found.given}
        return replace(found, wanted=wanted[list(DIMENSIONS)].to_numpy(dtype=float), given=means)

    monkeypatch.setattr(stage, "sample_profile", leaking)
    before = _exposed(made(), scoring, specify)
    after = _exposed(made(set(range(CLIENTS)), 3), scoring, specify)
    factor = _units(before, after, lambda t: t["session"] <= 3)
    assert not _same(before, after, lambda t: t["session"] <= 3, factor)


@pytest.mark.parametrize("scoring", SCORINGS)
def test_every_scoring_reaches_the_models(made, specify, scoring):
    frame = prepare(made.once(), specify(**_choices(scoring)))
    clients = frame.drop_duplicates("client")
    assert len(clients) >= CLIENTS - 6
    assert clients["accommodation_between"].std() > 0.1
    assert (clients["no_strong_preference"].sum() > 0) == (scoring in WITH_THIRD_GROUP)
    flagged = clients[clients["no_strong_preference"] == 1]
    assert (flagged["accommodation_between"] == 0).all()
    assert ("preference_td_cd_between" in frame) == (scoring != "type_matched")


def test_types_have_between_parts_only(made, specify):
    tables = made.once()
    early = tables["accommodation"]["session"] == 0
    tables = tables | {"accommodation": tables["accommodation"][early]}
    exposures = exposure(tables, specify(**_choices("type_matched")))
    assert not exposures["client"].duplicated().any()
    frame = prepare(tables, specify(**_choices("type_matched")))
    assert not any(name.endswith("_within") for name in frame.columns)


def test_the_two_sides_of_a_gap_are_in_its_unit(made, specify):
    tables = made.once()
    found = exposure(tables, specify(**_choices("signed_gap")))
    gap = found["delivery_td_cd"] - found["preference_td_cd"]
    unit = gap.groupby(found["client"]).mean().std(ddof=1)
    np.testing.assert_allclose(found["accommodation"], gap / unit, atol=1e-12)
    np.testing.assert_allclose(found["too_much"], gap.clip(lower=0) / unit, atol=1e-12)
    np.testing.assert_allclose(found["too_little"], (-gap).clip(lower=0) / unit, atol=1e-12)
    frame = prepare(tables, specify(**_choices("signed_gap")))
    assert {"too_much_between", "too_little_between", "too_much_therapist"} <= set(frame.columns)


def test_a_model_cannot_hold_a_gap_and_both_its_parts(made, specify):
    formula = "outcome ~ accommodation_between + preference_td_cd_between + delivery_td_cd_between"
    with pytest.raises(NotEstimable, match="a signed gap is delivery minus preference"):
        prepare(made.once(), specify(**_choices("signed_gap"), formula=formula))


def test_the_clients_own_rating_needs_no_common_scale(made, specify):
    delivery = {"rating": "delivered", "raters": ["client"], "commensurable": False}
    tables = made(delivery=delivery)
    frame = prepare(tables, specify(**_choices("rated")))
    assert frame["client"].nunique() >= CLIENTS - 1
    assert {"preference_td_cd_between", "delivery_td_cd_between"} <= set(frame.columns)
    with pytest.raises(NotEstimable, match="do not share a scale"):
        prepare(tables, specify(**_choices("distance")))


def test_a_rating_stands_alone_where_nothing_else_is_declared(made, specify):
    tables = made(preference=None, delivery=None)
    choices = {"scoring": "rated", "dimensions": ()}
    assert prepare(tables, specify(**choices))["client"].nunique() == CLIENTS
    with pytest.raises(NotEstimable, match="no rating of how far wishes were met by the observer"):
        prepare(tables, specify(**choices, informant="observer"))
