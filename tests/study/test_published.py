"""Published effects: the shipped file, what is refused, and the direction trap."""

from pathlib import Path

import pandas as pd
import pytest

from attunement.study.problems import StudyError
from attunement.study.published import aligned, event_of, load_published, overlap


@pytest.fixture(scope="module")
def published(repository: Path) -> pd.DataFrame:
    return load_published(repository / "data" / "published" / "effects.csv")


def row(published: pd.DataFrame, name: str) -> dict[str, object]:
    return published.set_index("id", drop=False).loc[name].to_dict()


# What was printed, and the odds or risk ratio of leaving when accommodated (below 1 protects).
@pytest.mark.parametrize(
    ("name", "printed", "leaving"),
    [
        ("swift_2011_dropout", 0.59, 0.59),
        ("swift_2018_dropout", 1.79, 1 / 1.79),
        ("lindhiem_2014_completion", 1.37, 1 / 1.37),
        ("bennett_2025_completion", 1.30, 1 / 1.30),
        ("windle_2020_dropout", 0.62, 0.62),
        ("johnson_2025_dropout", 1.46, 1 / 1.46),
        ("eigenhuis_2024_adherence", 1.55, 1 / 1.55),
    ],
)
def test_every_review_says_that_accommodation_protects(published, name, printed, leaving) -> None:
    found = row(published, name)
    assert found["estimate"] == printed
    assert aligned(found).estimate == pytest.approx(leaving)


def test_limits_turn_with_their_estimate(published: pd.DataFrame) -> None:
    turned = aligned(row(published, "johnson_2025_dropout"))
    assert (turned.low, turned.high) == pytest.approx((1 / 1.83, 1 / 1.17))
    kept = aligned(row(published, "windle_2020_dropout"))
    assert (kept.metric, kept.low, kept.high) == ("RR", 0.48, 0.80)


def test_a_range_of_studies_is_no_interval_and_a_share_has_no_side(published) -> None:
    with pytest.raises(ValueError, match="no side"):
        aligned(row(published, "johns_2019_therapists"))
    shares = published[published["limits"] == "range"]
    assert list(shares["id"]) == ["johns_2019_therapists"]


def test_a_risk_ratio_of_staying_is_not_turned(published: pd.DataFrame) -> None:
    made_up = row(published, "windle_2020_dropout") | {"outcome": "completion", "favours": "above"}
    with pytest.raises(ValueError, match="opposite"):
        aligned(made_up)
    assert event_of("completion") == "not completing"


@pytest.mark.shared
def test_no_number_differs_from_the_verified_facts(published, shared_folder: Path) -> None:
    facts = pd.read_csv(shared_folder / "facts" / "published_effects.csv", dtype=str)
    columns = ["metric", "estimate", "ci_low", "ci_high", "k", "n_participants"]
    told = facts[facts["verified"] != "NOT FOUND"]
    assert len(told) == len(published)
    numbers = ["estimate", "ci_low", "ci_high", "k"]
    told = told[columns].reset_index(drop=True).astype(dict.fromkeys(numbers, float))
    shown = published[columns].reset_index(drop=True).astype(dict.fromkeys(numbers, float))
    pd.testing.assert_frame_equal(
        told.astype({"metric": "str", "n_participants": "str"}),
        shown.astype({"metric": "str", "n_participants": "str"}),
    )


def test_what_was_recalled_and_not_seen_is_marked(published: pd.DataFrame) -> None:
    partly = set(published.loc[published["verified"] == "partly", "id"])
    assert partly == {"delevry_2019_outcome", "pcrg_2008_outcome", "baldwin_2013_therapists"}


def test_reviews_that_share_studies_are_known(published: pd.DataFrame) -> None:
    known, possible = overlap(published, "swift_2018_outcome")
    assert known == ["Swift & Callahan 2009", "Swift et al. 2011", "Swift et al. 2013"]
    assert "Lindhiem et al. 2014" in possible
    assert "Jacobsen et al. 2024" not in possible  # a later primary study
    assert overlap(published, "bennett_2025_outcome")[0] == ["Lindhiem et al. 2014"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"favours": "none"}, "direction"),
        ({"ci_low": "0.9", "ci_high": "1.2", "limits": "95% interval"}, "outside its limits"),
        ({"ci_low": "0.5"}, "One limit"),
        ({"ci_low": "0.5", "ci_high": "0.9"}, "what they are"),
        ({"metric": "logs"}, "unknown values"),
        ({"metric": ""}, "no metric"),
        ({"estimate": "-0.59"}, "impossible"),
        ({"estimate": "about .6"}, "text in a number column"),
        ({"k": "35"}, "whole review"),
        ({"verified": ""}, "verified"),
        ({"citation": ""}, "missing"),
    ],
)
def test_what_cannot_be_is_refused_with_its_row(repository, tmp_path, change, said) -> None:
    text = repository / "data" / "published" / "effects.csv"
    frame = pd.read_csv(text, dtype=str, keep_default_na=False)
    frame.loc[frame["id"] == "swift_2011_dropout", list(change)] = list(change.values())
    frame.to_csv(tmp_path / "effects.csv", index=False)
    with pytest.raises(StudyError, match=said):
        load_published(tmp_path / "effects.csv")


def test_an_absent_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="not there"):
        load_published(tmp_path / "effects.csv")
