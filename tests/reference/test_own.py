"""Models given in a plan alone, on tables of R's packages, against lme4, nlme, glm (models.R)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analysed import analysed

HERE = Path(__file__).parent / "own"
THEIRS = pd.read_csv(HERE / "values.csv")
DATASETS = sorted(THEIRS["dataset"].unique())
# Rows, clients, therapists: those of the tables.
COUNTS = {
    "bacteria": (220, 50, 0),
    "anorexia": (72, 72, 0),
    "rats": (176, 16, 0),
    "weight_loss": (102, 34, 0),
    "schools": (7230, 1721, 60),
    "berkeley": (4526, 4526, 0),
}


@pytest.fixture(scope="module", params=DATASETS)
def both(request: pytest.FixtureRequest, repository: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    folder = HERE / request.param
    *_, ours, _ = analysed(repository, folder / "dataset.yaml", folder / "config.yaml")
    ours["entry"] = ours["specification"].str.partition(".")[0]
    theirs = THEIRS[THEIRS["dataset"] == request.param]
    return ours, theirs


def test_the_same_coefficients_and_errors(both: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    ours, theirs = both
    ours = ours.set_index(["entry", "term"])
    theirs = theirs.set_index(["specification", "term"])
    assert set(ours.index) == set(theirs.index)
    assert (ours["status"] == "estimated").all()
    for place, row in theirs.iterrows():
        found = ours.loc[place]
        log = found["scale"] == "ratio"
        estimate = np.log(found["estimate"]) if log else found["estimate"]
        # nlme and lme4 stop a little before the optimum.
        assert estimate == pytest.approx(row["estimate"], rel=2e-4, abs=1e-6), place
        assert found["se"] == pytest.approx(row["se"], rel=2e-4), place


def test_numbers_at_each_level(both: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    ours, theirs = both
    counted = ours[["n_obs", "n_clients", "n_therapists"]].drop_duplicates().to_numpy().tolist()
    assert counted == [list(COUNTS[str(theirs["dataset"].iloc[0])])]
