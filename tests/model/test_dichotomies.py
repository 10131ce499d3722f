import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from attunement.model import analyse, prepare
from attunement.model.dichotomies import classified
from attunement.study.contracts import conform
from attunement.study.problems import NotEstimable

CLASSES = np.array(["deteriorated", "unchanged", "improved", "recovered"])


def changed(tables, results, clinical=True):
    clients = tables["clients"]["client"]
    rows = pd.DataFrame({"client": clients, "outcome": "ors.total", "method": "published"})
    rows["clinical_first"] = clinical
    return tables | {"change": conform(rows.assign(result=results, reason="by hand"), "change")}


@pytest.fixture
def four(tables):
    """The classes in turn: six clients in each."""
    return changed(tables, CLASSES[np.arange(24) // 6])


@pytest.fixture
def dichotomy(specify):
    def make(least):
        return specify(
            name=f"dichotomies.{least}",
            rows="clients",
            analysis="dichotomies",
            settings=(("dichotomy", least),),
            formula="event ~ accommodation_between",
            random=(),
            link="logit",
            df="normal",
            levels=(("accommodation_between", "between"),),
        )

    return make


@pytest.mark.parametrize(
    ("least", "events"), [("unchanged", 18), ("improved", 12), ("recovered", 6)]
)
def test_each_dichotomy_counts_its_class_and_the_better_ones(four, dichotomy, least, events):
    rows = classified(four, dichotomy(least))
    assert rows["event"].sum() == events and len(rows) == 24
    estimates = analyse(four, dichotomy(least)).estimates
    assert estimates["n_events"].dropna().unique().tolist() == [events]


def test_clients_not_evaluated_are_left_out(tables, dichotomy):
    results = CLASSES[np.arange(24) // 6].copy().astype(object)
    results[:6] = "not evaluated"
    assert len(classified(changed(tables, results), dichotomy("improved"))) == 18
    nobody = changed(tables, ["not evaluated"] * 24)
    with pytest.raises(NotEstimable, match="no classes of change: by hand"):
        classified(nobody, dichotomy("improved"))


def test_odds_ratio_difference_and_number_needed_agree_in_direction(four, dichotomy):
    rows = analyse(four, dichotomy("improved")).estimates
    focal = rows[rows["term"] == "accommodation_between"].set_index("metric")
    assert {"OR", "RD", "NNTB", "NNTH"} == set(focal.index)
    ratio, risk = focal.loc["OR", "estimate"], focal.loc["RD", "estimate"]
    assert (ratio > 1) == (risk > 0)
    side = "NNTB" if risk > 0 else "NNTH"
    assert focal.loc[side, "estimate"] == pytest.approx(1 / abs(risk))
    assert focal.loc["OR", "direction"] == "above 1: better outcome"
    assert focal.loc["NNTB", "direction"] == "clients for one more with a better outcome"
    assert focal.loc["NNTH", "direction"] == "clients for one more with a worse outcome"


def test_what_is_absent_is_the_reason_and_the_direction_stays(tables, dichotomy):
    rows = analyse(
        tables | {"change": changed(tables, ["unchanged"] * 24)["change"]}, dichotomy("improved")
    ).estimates
    assert rows["reason"].tolist() == ["the outcome does not vary among the rows analysed"]
    assert rows["direction"].tolist() == ["above 1: better outcome"]


def test_who_began_outside_the_clinical_range_is_counted_beside_recovery(tables, dichotomy):
    random = np.random.default_rng(3)
    clinical = np.arange(24) % 4 != 0
    results = np.where(clinical, random.choice(CLASSES[[1, 3]], 24), random.choice(CLASSES[:3], 24))
    held = changed(tables, results, clinical)
    rows = analyse(held, dichotomy("recovered")).estimates
    assert (rows["n_clients"] == 18).all() and (
        rows["n_events"] == sum(results == "recovered")
    ).all()
    said = "6 clients began outside the clinical range, cannot recover and are left out"
    assert rows["reason"].str.startswith(said).all()
    # The same, by hand, on the rows that remain.
    frame = prepare(held, dichotomy("recovered")).set_index("client")
    frame["event"] = (pd.Series(results, tables["clients"]["client"]) == "recovered").astype(float)
    rest = frame[pd.Series(clinical, tables["clients"]["client"])]
    model = sm.Logit(rest["event"], sm.add_constant(rest["accommodation_between"])).fit(disp=0)
    ratio = rows[(rows["term"] == "accommodation_between") & (rows["metric"] == "OR")].iloc[0]
    assert np.log(ratio["estimate"]) == pytest.approx(
        model.params["accommodation_between"], abs=1e-5
    )
    assert ratio["se"] == pytest.approx(model.bse["accommodation_between"], rel=1e-4)
    # Every other dichotomy is of all clients evaluated.
    others = analyse(held, dichotomy("improved")).estimates
    assert (others["n_clients"] == 24).all()
    assert not others["reason"].fillna("").str.contains("clinical range").any()


def test_without_a_cutoff_nobody_recovers_and_the_reason_says_so(tables, dichotomy):
    results = CLASSES[np.arange(24) % 3]
    rows = analyse(changed(tables, results, pd.NA), dichotomy("recovered")).estimates
    assert rows["reason"].tolist() == [
        "no client is known to have begun on the clinical side of a cut-off"
    ]
