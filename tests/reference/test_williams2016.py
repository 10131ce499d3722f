"""Preference met or not in 14,587 respondents: the five odds ratios of the abstract, from cells."""

from pathlib import Path

import pandas as pd
import pytest
from analysed import analysed

from attunement.mixed import fit_logistic

HERE = Path(__file__).parent / "williams2016"
ASPECTS = {
    "venue": "venue",
    "time_of_day": "time",
    "gender": "gender",
    "language": "language",
    "type": "type",
}
# Odds of saying that therapy helped, preference not met against met: the article's abstract.
PUBLISHED = {"time_of_day": 0.29, "venue": 0.32, "type": 0.16, "gender": 0.32, "language": 0.40}


@pytest.fixture(scope="module")
def found(repository: Path) -> pd.DataFrame:
    *_, estimates, _ = analysed(repository, HERE / "dataset.yaml", HERE / "config.yaml")
    estimates["aspect"] = estimates["specification"].str.partition(".")[0]
    return estimates.set_index(["aspect", "term"])


@pytest.fixture(scope="module")
def cells() -> pd.DataFrame:
    return pd.read_csv(HERE / "cells.csv")


@pytest.mark.parametrize("aspect", PUBLISHED)
def test_the_published_odds_ratios_to_two_decimals(found: pd.DataFrame, aspect: str) -> None:
    row = found.loc[aspect, f"{aspect}[T.not]"]
    assert round(row["estimate"], 2) == PUBLISHED[aspect]
    assert (row["metric"], row["status"]) == ("OR", "estimated")
    assert row["direction"] == "above 1: better outcome"


@pytest.mark.parametrize("aspect", PUBLISHED)
def test_counts_are_of_respondents_not_of_cells(found, cells, aspect: str) -> None:
    row = found.loc[aspect, f"{aspect}[T.not]"]
    own = cells[cells[ASPECTS[aspect]].notna()]
    assert row["n_obs"] == row["n_clients"] == own["n"].sum()
    assert row["n_events"] == own.loc[own["helped"] == 1, "n"].sum()


@pytest.mark.parametrize("aspect", PUBLISHED)
def test_one_row_each_says_the_same_as_frequencies(found, cells, aspect: str) -> None:
    own = cells[cells[ASPECTS[aspect]].notna()]
    each = own.loc[own.index.repeat(own["n"])].assign(wish=lambda rows: rows[ASPECTS[aspect]])
    each["wish"] = pd.Categorical(each["wish"], ["got", "none", "not"])
    fit = fit_logistic("helped ~ wish", each.reset_index(drop=True))
    for category in ("none", "not"):
        row = found.loc[aspect, f"{aspect}[T.{category}]"]
        assert row["se"] == pytest.approx(fit.fixed.loc[f"wish[T.{category}]", "se"], rel=1e-8)


def test_no_cell_is_of_two_aspects(cells: pd.DataFrame) -> None:
    assert (cells[list(ASPECTS.values())].notna().sum(axis=1) == 1).all()


@pytest.mark.shared
def test_the_cells_are_those_of_the_published_table(cells, shared_folder: Path) -> None:
    table = pd.read_csv(shared_folder / "data" / "williams2016" / "table4_cells.csv")
    for row in table.to_dict("records"):
        own = cells[cells[row["aspect"]] == row["preference"]]
        assert own["n"].sum() == row["n_total"]
        assert own.loc[own["helped"] == 1, "n"].sum() == row["n_helped"]


@pytest.mark.shared
def test_crude_intervals_against_no_preference(found, shared_folder: Path) -> None:
    table = pd.read_csv(shared_folder / "data" / "williams2016" / "table4_cells.csv")
    names = {column: aspect for aspect, column in ASPECTS.items()}
    for row in table[table["preference"] == "got"].to_dict("records"):
        told = found.loc[names[row["aspect"]], f"{names[row['aspect']]}[T.none]"]
        # The model compares no preference with met; the table the other way round.
        shown = [1 / told[name] for name in ("estimate", "ci_high", "ci_low")]
        assert row["crude_or_ci_recomputed"] == "{:.2f} ({:.2f}-{:.2f})".format(*shown)
