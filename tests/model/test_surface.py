"""The analysis of a surface: its rows, its verdict, and its reasons where it cannot be one."""

import numpy as np
import pandas as pd
import pytest

from attunement.model.analyses import analyse
from attunement.model.surface import APART
from attunement.model.surface_range import range_rows
from attunement.model.surface_rows import TERMS, without
from attunement.report import words
from attunement.study.contracts import conform, empty

LINES = ["a1", "a2", "a3", "a4", "a5"]
WITHIN = " + ".join(f"{term}_within" for term in TERMS)
SHAPE = ["stationary_preference", "stationary_delivery", "p10", "p11", "p20", "p21"]
JOINT = ["surface", "curvature", "axis", "algebraic_difference", "squared_difference"]


def clinic(again=0, height=None, seed=3, n=200, sessions=6):
    """Tables of a clinic: preference stated once (and again by `again` clients), known surface."""
    random = np.random.default_rng(seed)
    names = [f"c{k:03d}" for k in range(n)]
    clients = pd.DataFrame({"client": names, "therapist": [f"t{k % 20:02d}" for k in range(n)]})
    rows = clients[["client"]].merge(pd.DataFrame({"session": range(sessions + 1)}), how="cross")
    wanted = pd.Series(random.uniform(-1, 1, n), index=names)
    stated = pd.DataFrame(
        {"client": names, "from_session": 0, "dimension": "td_cd", "preference": wanted.to_numpy()}
    )
    later = stated.iloc[:again].assign(from_session=3, preference=random.uniform(-1, 1, again))
    stated = pd.concat([stated, later], ignore_index=True)
    client = rows["client"].map(pd.Series(random.uniform(-0.8, 0.8, n), index=names))
    rows["delivery"] = (client + random.normal(0, 0.3, len(rows))).clip(-1, 1)
    rows["preference"] = rows["client"].map(wanted)
    changed = later.set_index("client")["preference"].reindex(rows["client"]).to_numpy()
    rows["preference"] = np.where(
        (rows["session"] >= 3) & ~np.isnan(changed), changed, rows["preference"]
    )
    height = height or (lambda p, d: 0 * p)
    effect = height(rows["preference"], rows["delivery"]).groupby(rows["client"]).shift(1)
    value = effect.fillna(0) + rows["client"].map(pd.Series(random.normal(0, 1, n), index=names))
    scores = rows.assign(
        occasion=rows["session"],
        time=rows["session"].astype(float),
        rater="client",
        instrument="ors",
        scale="total",
        value=value + random.normal(0, 0.5, len(rows)),
        n_items=4,
        n_answered=4,
    )
    treated = rows[rows["session"] > 0]
    scores = scores.drop(columns=["preference", "delivery"])
    delivery = treated.drop(columns="preference").assign(rater="client", dimension="td_cd", band=0)
    left = random.random(n) < 0.3
    dropout = pd.DataFrame(
        {
            "client": names,
            "definition": "therapist_judgement",
            "status": np.where(left, "dropped_out", "stayed"),
            "last_time": float(sessions),
        }
    )
    topics = ["preferences", "delivery", "commensurable", "outcome.ors.total"]
    availability = pd.DataFrame({"topic": topics, "available": True})
    return {
        "clients": conform(clients, "clients"),
        "scores": conform(scores, "scores"),
        "delivery": conform(delivery, "delivery"),
        "preferences": conform(stated.assign(band=0), "preferences"),
        "accommodation": empty("accommodation"),
        "dropout": conform(dropout, "dropout"),
        "endings": empty("endings"),
        "availability": conform(availability, "availability"),
    }


@pytest.fixture
def surface(specify):
    """The surface between clients."""
    return specify(
        name="surface.ors_total.td_cd",
        analysis="surface",
        rows="clients",
        scoring=None,
        dimension="td_cd",
        dimensions=("td_cd",),
        outcome_informant="client",
        formula=f"outcome ~ outcome_first + {' + '.join(TERMS)}",
        random=(("therapist", "1"),),
        levels=tuple((name, "between") for name in LINES),
        family="surface",
    )


@pytest.fixture
def within(surface):
    """The surface within clients."""
    return surface.model_copy(
        update={
            "rows": "next_session",
            "formula": f"outcome ~ time + {WITHIN} + preference_between + delivery_between",
            "random": (("therapist", "1"), ("client", "1")),
            "levels": tuple((name, "within") for name in LINES),
        }
    )


@pytest.fixture
def landmark(surface):
    """The surface of dropout."""
    return surface.model_copy(
        update={
            "rows": "landmark",
            "landmark": 3,
            "outcome": "dropout",
            "outcome_scale": "raw",
            "improvement": 0,
            "outcome_informant": "",
            "dropout_definition": "therapist_judgement",
            "formula": f"event ~ {' + '.join(TERMS)}",
            "link": "logit",
            "df": "normal",
            "levels": tuple((name, "-") for name in LINES),
        }
    )


def rows_of(tables, specification):
    return conform(analyse(tables, specification).estimates, "estimates").set_index("term")


def agreement(preference, delivery):
    return -3 * (preference - delivery) ** 2


def test_every_number_of_a_surface_is_a_row(surface):
    rows = rows_of(clinic(), surface)
    joint = [f"{name}_joint" for name in JOINT]
    asked = {*TERMS, *LINES, *SHAPE, *joint, "congruence"}
    assert asked <= set(rows.index)
    assert (rows.loc[[*LINES, "congruence"], "level"] == "between").all()
    # What the plan does not name is no hypothesis: neither axes nor joint tests.
    assert (rows.loc[[*SHAPE, *joint], "level"] == "-").all()
    assert (rows["dimension"] == "td_cd").all()
    assert rows.loc["a4", "informant"] == "delivery: client; outcome: client (same informant)"
    assert rows.loc[LINES, ["estimate", "se", "df", "p", "ci_low", "ci_high"]].notna().all().all()
    assert rows.loc[joint, ["estimate", "df", "p"]].notna().all().all()
    assert (rows["n_clients"] == 200).all()


def test_the_axes_say_what_they_are_tested_against(surface):
    told = rows_of(clinic(), surface)["direction"]
    for name, null in {"p10": 0, "p11": 1, "p20": 0, "p21": -1}.items():
        assert f"tested against {null}" in told[name]
        assert f"tested against {null}" in words.term(name, {}).replace("\u2212", "-")


def test_lines_are_made_of_the_coefficients(surface):
    rows = rows_of(clinic(), surface)
    b = rows.loc[list(TERMS), "estimate"].astype(float)
    b1, b2, b3, b4, b5 = b
    made = [b1 + b2, b3 + b4 + b5, b1 - b2, b3 - b4 + b5, b3 - b5]
    assert rows.loc[LINES, "estimate"].tolist() == pytest.approx(made)


def test_a_clinic_where_agreement_helps_is_called_congruence(surface):
    tables = clinic(height=agreement)
    rows = rows_of(tables, surface)
    assert rows.loc["congruence", "estimate"] >= 1
    assert "congruence: best where delivery agrees" in rows.loc["congruence", "reason"]
    assert rows.loc["a4", "ci_high"] < 0
    assert rows.loc["p11", "ci_low"] < 1 < rows.loc["p11", "ci_high"]
    assert rows.loc["a4", "reason"] == "condition of congruence met"
    assert rows.loc["p10", "reason"] == "condition of congruence not contradicted"


def test_a_clinic_where_only_the_wish_matters_is_not(surface):
    rows = rows_of(clinic(height=lambda p, d: 2 * p), surface)
    assert rows.loc["congruence", "estimate"] == 0
    said = "no congruence effect shown: a main effect of preference"
    assert rows.loc["congruence", "reason"] == said
    assert rows.loc["a4", "reason"] == "condition of congruence not met"


def test_events_give_ratios_of_odds(landmark):
    rows = rows_of(clinic(), landmark)
    assert (rows.loc[LINES, "metric"] == "OR").all()
    assert (rows.loc[LINES, "scale"] == "ratio").all()
    b = np.log(rows.loc[list(TERMS), "estimate"].astype(float))
    assert np.log(float(rows.loc["a4", "estimate"])) == pytest.approx(
        b.iloc[2] - b.iloc[3] + b.iloc[4]
    )
    low, high = np.log(rows.loc["a4", ["ci_low", "ci_high"]].astype(float))
    assert high - low == pytest.approx(2 * 1.959964 * rows.loc["a4", "se"], rel=1e-6)
    assert rows.loc["a4", "direction"].endswith("congruence asks: above 0")
    assert rows.loc["p11", "metric"] == "slope"


def test_without_a_shared_scale_only_main_effects_are_estimated(surface):
    rows = rows_of(clinic(), surface.model_copy(update={"commensurable": False}))
    assert rows.loc[["preference", "delivery"], "estimate"].notna().all()
    assert (rows.loc[["preference", "delivery"], "level"] == "between").all()
    assert not {"preference_squared", "preference_by_delivery", "congruence"} & set(rows.index)
    assert rows.loc[LINES, "estimate"].isna().all()
    assert (rows.loc[LINES, "status"] == "not estimable").all()
    assert (rows.loc[LINES, "reason"] == APART).all()


def test_preferences_stated_once_give_no_surface_within(within):
    rows = rows_of(clinic(), within)
    assert rows.loc[LINES, "estimate"].isna().all()
    said = "preferences were stated once: no surface within clients"
    assert (rows.loc[LINES, "reason"] == said).all()
    kept = ["delivery_within", "preference_by_delivery_within"]
    assert rows.loc[kept, "estimate"].notna().all()
    assert (rows.loc[kept, "level"] == "within").all()
    assert not {"preference_within", "preference_squared_within"} & set(rows.index)
    assert "delivery_squared_within" not in rows.index


def test_wishes_stated_again_too_late_are_not_called_stated_once(within):
    tables = clinic()
    again = tables["preferences"].assign(from_session=6)
    again["preference"] = -again["preference"]
    for later, said in (
        (again, "preferences were stated again, but all of a client's sessions that an outcome "
         "follows fall under one of the statements (the others come too early or too late)"),
        (tables["preferences"].assign(from_session=3),
         "preferences were stated again and had not changed"),
    ):  # fmt: skip
        stated = pd.concat([tables["preferences"], later], ignore_index=True)
        stated = stated.sort_values(["client", "from_session"], ignore_index=True)
        rows = rows_of(tables | {"preferences": stated}, within)
        assert (rows.loc[LINES, "reason"] == f"{said}: no surface within clients").all()


def test_too_few_changes_of_preference_name_the_threshold(within):
    rows = rows_of(clinic(again=20), within)
    said = "preferences changed within 20 clients: a surface within clients needs at least 50"
    assert (rows.loc[LINES, "reason"] == said).all()
    fewer = within.model_copy(update={"settings": (("clients_with_change", "20"),)})
    assert rows_of(clinic(again=20), fewer).loc[LINES, "estimate"].notna().all()


def test_a_surface_within_clients_finds_agreement(within):
    rows = rows_of(clinic(again=150, height=agreement), within)
    assert (rows.loc[[*LINES, "congruence"], "level"] == "within").all()
    assert rows.loc["congruence", "estimate"] >= 1
    unit = clinic(again=150, height=agreement)["scores"].query("session == 0")["value"].std()
    held = rows.loc["a4", ["ci_low", "ci_high"]].astype(float) * unit
    assert held.iloc[0] < -12 < held.iloc[1]


def test_what_is_missing_is_a_reason_and_no_crash(surface):
    tables = clinic()
    rows = rows_of(tables | {"preferences": tables["preferences"].iloc[:0]}, surface)
    assert rows.index.tolist() == LINES
    assert rows.loc["a4", "direction"] == "curvature along the line of incongruence (P = -D)"
    assert (rows["reason"] == "nobody has both a preference and a rating of delivery").all()
    assert (rows["dimension"] == "td_cd").all()


def test_delivery_that_never_varies_is_told(surface):
    tables = clinic()
    same = tables["delivery"].assign(delivery=0.5)
    rows = rows_of(tables | {"delivery": same}, surface)
    assert (rows.loc[LINES, "status"] == "not estimable").all()
    assert rows.loc["a1", "reason"].startswith("preference and delivery do not tell apart: ")


def test_terms_are_taken_out_of_a_formula_whole():
    formula = "y ~ x + delivery_within + delivery + time:delivery + delivery_squared + z"
    assert without(formula, ["delivery"]) == (
        "y ~ x + delivery_within + time:delivery + delivery_squared + z"
    )


def test_the_middle_of_the_data_is_told_in_bands():
    frame = pd.DataFrame({"client": [f"c{k}" for k in range(101)]})
    frame["preference"] = np.linspace(-1, 1, 101)
    frame["delivery"] = 0.5
    rows = range_rows(frame).set_index("term")["estimate"]
    assert rows["middle_preference_low"] == -0.8
    assert rows["middle_preference_high"] == 0.8
    assert rows[["middle_delivery_low", "middle_delivery_high"]].tolist() == [0.5, 0.5]
    assert rows["middle_difference_low"] == -0.3


@pytest.mark.parametrize("n", [40, 57, 100, 400])
def test_ten_clients_at_least_lie_at_or_beyond_each_limit(n):
    """Before rounding, that is: rounding moves a limit by half a tenth at most."""
    random = np.random.default_rng(n)
    frame = pd.DataFrame({"client": [f"c{k}" for k in range(n)]})
    frame["preference"] = random.uniform(-1, 1, n)
    frame["delivery"] = random.uniform(-1, 1, n)
    rows = range_rows(frame).set_index("term")["estimate"]
    for name in ("preference", "delivery"):
        low, high = rows[f"middle_{name}_low"], rows[f"middle_{name}_high"]
        assert (frame[name] <= low + 0.05).sum() >= 10
        assert (frame[name] >= high - 0.05).sum() >= 10
        assert round(low, 1) == low


def test_few_clients_tell_no_range():
    frame = pd.DataFrame({"client": [f"c{k}" for k in range(39)], "preference": 0.0})
    rows = range_rows(frame.assign(delivery=np.linspace(-1, 1, 39)))
    assert rows["estimate"].isna().all()
    assert (rows["reason"] == "fewer than 40 clients: no range is told").all()
