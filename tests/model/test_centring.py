import numpy as np
import pandas as pd
import pytest

from attunement.model.centring import between_sd, parts
from attunement.study.problems import NotEstimable

ROWS = pd.DataFrame(
    {
        "client": ["a", "a", "b", "b", "b", "c"],
        "therapist": ["t", "t", "t", "t", "t", "u"],
        "x": [1.0, 3.0, 4.0, 5.0, 6.0, 9.0],
    }
)


def test_parts_by_hand():
    # Client means 2, 5, 9; therapist means of clients 3.5 and 9; mean over therapists 6.25.
    split = parts(ROWS, ["x"])
    assert split["x_within"].tolist() == [-1, 1, -1, 0, 1, 0]
    assert split["x_between"].tolist() == [-1.5, -1.5, 1.5, 1.5, 1.5, 0]
    assert split["x_therapist"].tolist() == [-2.75] * 5 + [2.75]


def test_parts_add_up_to_the_predictor():
    split = parts(ROWS, ["x"])
    assert np.allclose(split.sum(axis=1) + 6.25, ROWS["x"])


def test_clients_without_therapist_have_no_therapist_part():
    rows = ROWS.assign(therapist=ROWS["therapist"].where(ROWS["client"] == "c"))
    split = parts(rows, ["x"])
    assert split["x_therapist"].tolist() == [0] * 6
    assert split["x_between"].tolist() == [-1.5, -1.5, 1.5, 1.5, 1.5, 0]


def test_centring_follows_the_rows_analysed():
    kept = ROWS.iloc[1:].reset_index(drop=True)
    assert parts(kept, ["x"])["x_within"].iloc[0] == 0


def test_missing_values_are_left_out_of_means_and_stay_missing():
    rows = ROWS.assign(x=ROWS["x"].where(ROWS.index != 0))
    split = parts(rows, ["x"])
    assert np.isnan(split["x_within"].iloc[0]) and split["x_within"].iloc[1] == 0


def test_between_sd_counts_each_client_once():
    assert between_sd(ROWS, "x") == pytest.approx(np.std([2, 5, 9], ddof=1))


def test_accommodation_that_does_not_vary_is_not_estimable():
    with pytest.raises(NotEstimable, match="does not vary between clients"):
        between_sd(ROWS.assign(x=1.0), "x")


def test_what_does_not_vary_within_a_client_is_zero_within():
    rows = pd.DataFrame({"client": ["a"] * 3, "therapist": "t", "x": 0.1})
    assert rows["x"].mean() != 0.1  # the mean of three tenths is not a tenth, in floating point
    assert parts(rows, ["x"])["x_within"].tolist() == [0, 0, 0]
