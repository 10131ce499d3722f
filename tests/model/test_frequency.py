"""Rows that stand for several clients, and outcomes that are 0 or 1."""

import numpy as np
import pandas as pd
import pytest

from attunement.model import analyse, prepare
from attunement.study.problems import NotEstimable


def binary(tables, values):
    """The tables with one score of 0 or 1 for each client, and a number of clients in each row."""
    clients = tables["clients"].assign(n=np.arange(24) % 3 + 1, group=np.arange(24) % 2)
    scores = tables["scores"].drop_duplicates("client").assign(value=values)
    return tables | {"clients": clients, "scores": scores}


def question(specify, **changes):
    choices = {
        "scoring": None,
        "informant": "",
        "link": "logit",
        "df": "normal",
        "formula": "event ~ group",
        "random": (),
        "levels": (),
        "frequency": "n",
    }
    return specify(**(choices | changes))


@pytest.fixture
def helped(tables):
    return binary(tables, (np.arange(24) % 5 < 2).astype(float))


def test_a_row_counts_as_often_as_its_frequency_says(helped, specify):
    whole = helped["clients"]
    repeated = whole.loc[whole.index.repeat(whole["n"])].reset_index(drop=True)
    times = repeated.groupby("client").cumcount().astype(str)
    each = helped["scores"].merge(repeated[["client"]].assign(times=times), on="client")
    one_each = helped | {
        "clients": repeated.assign(client=repeated["client"] + times),
        "scores": each.assign(client=each["client"] + each["times"]).drop(columns="times"),
    }
    counted = analyse(helped, question(specify)).estimates
    single = analyse(one_each, question(specify, frequency=None)).estimates
    columns = ["estimate", "se", "ci_low", "ci_high"]
    pd.testing.assert_frame_equal(counted[columns], single[columns])
    assert counted["n_obs"].tolist() == single["n_obs"].tolist() == [48, 48]
    assert counted["n_clients"].tolist() == single["n_clients"].tolist()
    assert counted["n_events"].tolist() == single["n_events"].tolist()


def test_linear_models_count_alike(helped, specify):
    linear = {"link": "identity", "formula": "outcome ~ group", "df": "residual"}
    rows = analyse(helped, question(specify, outcome_scale="raw", **linear)).estimates
    clients = helped["clients"].merge(helped["scores"][["client", "value"]])
    repeated = clients.loc[clients.index.repeat(clients["n"])]
    means = repeated.groupby("group")["value"].mean()
    assert rows["estimate"].tolist() == pytest.approx([means[0], means[1] - means[0]])
    assert rows["n_obs"].tolist() == [48, 48]


@pytest.mark.parametrize(
    ("improvement", "said"),
    [
        (1, "above 1: better outcome"),
        (-1, "below 1: better outcome"),
        (0, "above 1: more often"),
    ],
)
def test_a_binary_outcome_stays_as_recorded_and_says_what_is_good(
    helped, specify, improvement, said
):
    rows = analyse(helped, question(specify, improvement=improvement)).estimates
    assert set(rows.loc[rows["term"] != "Intercept", "direction"]) == {said}
    assert rows["metric"].unique().tolist() == ["OR"]
    frame = prepare(helped, question(specify, improvement=improvement))
    assert frame["event"].tolist() == helped["scores"]["value"].tolist()


def test_other_values_than_0_and_1_are_no_event(tables, specify):
    with pytest.raises(NotEstimable, match="other values than 0 and 1"):
        prepare(binary(tables, np.arange(24) % 3), question(specify))


def test_too_few_events_are_counted_with_their_frequency(helped, specify):
    few = (np.arange(24) == 2).astype(float)  # one row with an event, of three clients
    asked = {"formula": "event ~ age", "events_for_a_predictor": 2}
    alone = question(specify, frequency=None, **asked)
    rows = analyse(binary(helped, few), alone).estimates
    assert rows["reason"].iloc[0] == "1 events for 1 predictor are too few: fewer than 2 for each"
    rows = analyse(binary(helped, few), question(specify, **asked)).estimates
    assert rows["n_events"].tolist() == [3, 3]
