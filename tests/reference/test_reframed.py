"""RefraMED: differences between arms against lme4 and beside the published ones, and their page."""

from pathlib import Path

import pandas as pd
import pytest
from reframed_page import MODELS, MONTHS, differences, page, published

pytestmark = pytest.mark.shared
HERE = Path(__file__).parent / "reframed"
# Patients with an HRSD, by month: TAU and RO-DBT.
ASSESSED = {7: (62, 121), 12: (60, 130), 18: (55, 112)}


@pytest.fixture(scope="module")
def found(repository: Path, shared_folder: Path) -> pd.DataFrame:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTUNEMENT_DATA", str(shared_folder / "data"))
        return differences(repository)


def test_counts_are_exact(found: pd.DataFrame) -> None:
    for row in found.to_dict("records"):
        assert (row["n_TAU"], row["n_RO-DBT"]) == ASSESSED[row["month"]]


def test_lme4_finds_the_same_differences(found: pd.DataFrame) -> None:
    theirs = pd.read_csv(HERE / "lme4.csv").set_index(["model", "month"])
    assert len(found) == len(theirs) == len(MODELS) * len(MONTHS)
    for row in found.to_dict("records"):
        expected = theirs.loc[(row["model"], row["month"])]
        assert row["estimate"] == pytest.approx(-expected["estimate"], abs=1e-4)
        assert row["se"] == pytest.approx(expected["se"], rel=1e-3)
        assert row["n_TAU"] + row["n_RO-DBT"] > 0
        assert expected["rows"] == sum(sum(both) for both in ASSESSED.values())


def test_plain_estimates_lie_inside_the_published_intervals(found: pd.DataFrame) -> None:
    plain = found[found["model"] == "plain"].set_index("month")
    told = published()
    assert ((plain["estimate"] > told["ci_low"]) & (plain["estimate"] < told["ci_high"])).all()
    # Both are clear at 7 months only.
    assert list(plain["ci_low"] > 0) == list(told["ci_low"] > 0) == [True, False, False]


def test_therapists_widen_the_interval(found: pd.DataFrame) -> None:
    width = (found["ci_high"] - found["ci_low"]).groupby(found["model"]).mean()
    assert width["with_therapists"] > 1.05 * width["plain"]


def test_the_page_is_what_its_command_writes(found: pd.DataFrame, repository: Path) -> None:
    assert (repository / "docs" / "reframed.md").read_text("utf-8") == page(found)
    stored = pd.read_csv(repository / "docs" / "reframed.csv")
    pd.testing.assert_frame_equal(stored, found, rtol=1e-8)
