"""A table's contract casts, orders and refuses; every contract is sound in itself."""

import pandas as pd
import pytest

from attunement.study.contracts import TABLES, ContractError, conform, empty
from attunement.study.contracts.schema import Column, Table
from attunement.study.contracts.schema import conform as fit
from attunement.study.layout import OUTPUTS

VISITS = Table(
    "visits",
    "one visit",
    ("client", "session"),
    (
        Column("client", "id", "client", required=True),
        Column("session", "integer", "session", low=0, required=True),
        Column("score", "number", "score", low=0, high=40),
        Column("attended", "flag", "came"),
        Column("rater", "category", "who", categories=("client", "observer")),
    ),
)


def visits(**columns: list) -> pd.DataFrame:
    return pd.DataFrame({"client": ["a", "b"], "session": [0, 1]} | columns)


def test_columns_are_ordered_typed_and_completed() -> None:
    fitted = fit(visits(attended=["true", "False"], score=["1.5", None])[::-1], VISITS)
    assert list(fitted) == VISITS.names
    assert list(fitted.index) == [0, 1]
    assert fitted["session"].dtype == "Int64"
    assert fitted["score"].dtype == "float64"
    assert fitted["attended"].tolist() == [False, True]
    assert fitted["rater"].isna().all()


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"score": [1, 41]}, "column score: values outside 0 to 40"),
        ({"score": [1, "x"]}, "text in a number column ('x')"),
        ({"session": [0, 0.5]}, "not whole numbers"),
        ({"session": [0, -1]}, "values outside 0"),
        ({"client": ["a", None]}, "1 missing, none allowed"),
        ({"rater": ["client", "mother"]}, "unknown values ['mother']"),
        ({"client": ["a", "a"], "session": [1, 1]}, "is not unique"),
        ({"mood": [1, 2]}, "columns without a contract: ['mood']"),
    ],
)
def test_a_breach_is_refused(columns: dict, said: str) -> None:
    with pytest.raises(ContractError) as told:
        fit(visits(**columns), VISITS)
    assert said in str(told.value)


def test_a_required_column_may_not_be_absent() -> None:
    with pytest.raises(ContractError, match="column session: absent"):
        fit(pd.DataFrame({"client": ["a"]}), VISITS)


def test_an_open_table_keeps_covariates() -> None:
    fitted = conform(pd.DataFrame({"client": ["a"], "age": [40]}), "clients")
    assert fitted["age"].tolist() == [40]
    assert list(fitted)[-1] == "age"


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_contract_is_sound(name: str) -> None:
    table = TABLES[name]
    assert len(set(table.names)) == len(table.names)
    assert set(table.key) <= set(table.names)
    assert all(column.meaning for column in table.columns)
    assert all(column.low is None or column.high is None or column.low < column.high
               for column in table.columns)  # fmt: skip
    nothing = empty(name)
    assert nothing.empty
    assert list(nothing) == table.names
    pd.testing.assert_frame_equal(conform(nothing, name), nothing)


def test_estimates_hold_every_column_of_the_contract_of_results() -> None:
    demanded = """
        dataset specification hypothesis_family role estimand outcome scoring dimension centring
        dropout_definition term level metric scale direction informant estimate se df df_method
        statistic p p_adjusted ci_low ci_high ci90_low ci90_high bound verdict
        n_obs n_events n_clients n_therapists engine blinded
        status reason n_before_risk
    """.split()
    assert TABLES["estimates"].names == demanded


def test_every_output_that_is_a_table_has_a_contract() -> None:
    for stage, names in OUTPUTS.items():
        for name in names:
            stem, _, ending = name.partition(".")
            if ending in ("csv", "parquet") and (stage, stem) != ("model", "therapist_effects"):
                assert stem in TABLES, f"{stage}/{name}"
