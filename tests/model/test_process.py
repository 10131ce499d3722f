import numpy as np
import pytest

from attunement.model import analyse
from attunement.model.measures import measure
from attunement.model.process import followed


@pytest.fixture
def predicted(specify):
    return specify(
        name="process.ors_total.srs_total",
        rows="next_session",
        analysis="process",
        settings=(("measure", "srs.total"),),
        scoring=None,
        informant="",
        outcome_informant="client",
        formula="outcome ~ time + measure_within + measure_between",
        random=(("client", "1"),),
        levels=(("measure_within", "within"), ("measure_between", "between")),
    )


def test_a_session_meets_the_outcome_of_the_next(tables, rated, predicted):
    held = rated(tables)
    found = measure(held, "srs.total").rows.rename(columns={"srs_total": "measure"})
    frame = followed(found, held, predicted)
    mine = frame[frame["client"] == "c07"]
    scores = held["scores"]
    ors = scores[(scores["client"] == "c07") & (scores["instrument"] == "ors")]
    assert mine["session"].tolist() == list(range(1, int(ors["session"].max())))
    unit = scores[(scores["instrument"] == "ors") & (scores["session"] == 0)]["value"].std(ddof=1)
    second = ors.set_index("session")["value"][2]
    assert mine["outcome"].iloc[0] == pytest.approx(second / unit)
    assert np.allclose(frame.groupby("client")["measure_within"].mean(), 0)


def test_levels_and_informants_are_told(tables, rated, predicted):
    rows = analyse(rated(tables), predicted).estimates.set_index("term")
    assert rows.loc["measure_within", "level"] == "within"
    assert rows.loc["measure_between", "level"] == "between"
    assert set(rows["informant"]) == {"measure: client; outcome: client (same informant)"}


def test_what_is_absent_is_the_reason(tables, predicted):
    rows = analyse(tables, predicted).estimates
    assert rows["term"].tolist() == ["measure_within", "measure_between"]
    assert set(rows["reason"]) == {"no ratings of srs.total"}
