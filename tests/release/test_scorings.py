"""What the gate lets out of the scorings: nothing on few clients or therapists, counts rounded."""

import pandas as pd
import pytest

from attunement.release.candidates import candidates
from attunement.release.gate import gate
from attunement.release.levels import category_counts
from attunement.study.config import Release
from attunement.study.contracts import conform


@pytest.fixture(scope="module")
def found(tables, dataset, instruments):
    return candidates(tables, dataset, instruments)


def _reliability(n):
    rows = [
        {"scoring": "distance", "rater": "client", "dimension": "all", "coefficient": name}
        | {"value": 0.61234567, "ci_low": 0.5, "ci_high": 0.7, "n_clients": n}
        | {"n_observations": 5 * n, "per_client": 4.87654321}
        for name in ("client_mean", "share_client")
    ]
    return conform(pd.DataFrame(rows), "accommodation_reliability")


def _correlations(n_clients, n_therapists):
    key = {"scoring_1": "distance", "rater_1": "client", "scoring_2": "rated", "rater_2": "client"}
    rows = [
        key
        | {"level": level, "correlation": 0.51234567, "ci_low": 0.4, "ci_high": 0.6}
        | {"n_clients": n_clients, "n_sessions": 5 * n_clients}
        | ({"n_therapists": n_therapists} if level == "therapist" else {})
        for level in ("within", "between", "therapist")
    ]
    return conform(pd.DataFrame(rows), "scoring_correlations")


def _released(found, **tables):
    return gate(found | tables, "confidential", Release())[0]


@pytest.mark.parametrize(("n", "shown"), [(9, False), (10, True), (63, True)])
def test_a_reliability_of_few_clients_is_withheld(found, n, shown):
    table = _released(found, accommodation_reliability=_reliability(n))["accommodation_reliability"]
    assert table["value"].notna().all() == shown
    if shown:
        assert table["n_clients"].tolist() == [5 * ((n + 2) // 5)] * 2
        assert table["value"].iloc[0] == 0.62  # 0.61234, to a tenth of its interval
    else:
        assert table["n_clients"].isna().all()
        assert table["reason"].str.startswith("withheld").all()


@pytest.mark.parametrize(("clients", "therapists", "kept"), [(9, 4, 0), (63, 9, 2), (63, 12, 3)])
def test_a_correlation_of_few_is_withheld(found, clients, therapists, kept):
    pairs = _correlations(clients, therapists)
    table = _released(found, scoring_correlations=pairs)["scoring_correlations"]
    assert table["correlation"].notna().sum() == kept
    assert table["n_clients"].notna().sum() == kept
    assert not (table["n_clients"].dropna().astype(int) % 5).any()


def test_each_third_group_is_counted_for_the_gate(tables, dataset):
    """Nobody without a strong preference hides behind the many without any for a type."""
    scored = tables["accommodation"]
    few = scored.assign(scoring="strong_met", no_strong_preference=False)
    few.loc[few["client"] == "secret-001", "no_strong_preference"] = True
    many = scored.assign(scoring="type_matched", no_strong_preference=True)
    both = conform(pd.concat([few, many], ignore_index=True), "accommodation")
    counted = category_counts(tables | {"accommodation": both}, dataset)
    flags = counted[(counted["variable"] == "no_strong_preference")]
    assert sorted(flags.loc[flags["category"] == "True", "n"])[0] == 1
