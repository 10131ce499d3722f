"""Who left before anybody of the model was at risk stands beside the estimate."""

import pandas as pd

from attunement.model import analyse, prepare
from attunement.model.risk_set import left_before
from attunement.study.contracts import conform

FORMULA = "event ~ accommodation_past"


def hazard(specify, **changes):
    choices = {
        "rows": "person_periods",
        "dropout_definition": "therapist_judgement",
        "outcome": "dropout",
        "link": "logit",
        "df": "normal",
        "formula": FORMULA,
        "levels": (("accommodation_past", "-"),),
        "random": (),
        "landmark": 3,
    }
    return specify(**(choices | changes))


def with_last(tables, **last):
    dropout = tables["dropout"].set_index("client")
    for client, time in last.items():
        dropout.loc[client, "last_time"] = time
    return tables | {"dropout": conform(dropout.reset_index(), "dropout")}


def test_dropouts_without_a_row_are_counted(tables, specify):
    """Every third of 24 clients dropped out: c00, c03, ... Three of them early, by hand."""
    early = with_last(tables, c00=0, c03=0, c06=None, c01=0)  # c01 ended otherwise
    planned = hazard(specify)
    frame = prepare(early, planned)
    assert left_before(early, frame, planned) == 3
    assert left_before(tables, prepare(tables, planned), planned) == 0
    rows = analyse(early, planned).estimates
    assert (rows["n_before_risk"] == 3).all()
    assert rows["n_events"].iloc[0] == 5


def test_a_landmark_counts_who_left_by_it(tables, specify):
    planned = hazard(specify, rows="landmark", landmark=5)
    frame = prepare(tables, planned)
    gone = tables["dropout"].query("status == 'dropped_out'")
    by_then = int((gone["last_time"] < 5).sum())
    assert 0 < by_then < len(gone)
    assert left_before(tables, frame, planned) == by_then
    assert frame["event"].sum() == len(gone) - by_then


def test_who_lacks_a_covariate_is_in_no_sample_and_not_counted(tables, specify):
    planned = hazard(specify, formula=FORMULA + " + age")
    early = with_last(tables, c00=0, c03=0)
    clients = early["clients"].copy()
    clients.loc[clients["client"] == "c00", "age"] = None
    early = early | {"clients": conform(clients, "clients")}
    assert left_before(early, prepare(early, planned), planned) == 1


def test_a_model_of_an_outcome_has_no_such_count(tables, specify):
    rows = analyse(tables, specify(formula="outcome ~ time", scoring=None, levels=())).estimates
    assert rows["n_before_risk"].isna().all()
    assert isinstance(rows, pd.DataFrame) and len(rows)
