import pandas as pd
import pytest

from attunement.model import analyse, working


def test_numbers_and_categories_stand_in_the_order_of_the_text(tables):
    tables["clients"] = tables["clients"].iloc[::-1].reset_index(drop=True)
    found = working(tables)
    assert found["clients"]["client"].tolist() == list(range(23, -1, -1))
    assert found["delivery"]["dimension"].dtype == found["preferences"]["dimension"].dtype
    assert list(found["delivery"]["dimension"].cat.categories) == ["all", "ei_er", "td_cd"]


def test_a_client_has_one_number_in_all_tables(tables):
    tables["clients"] = tables["clients"].drop(index=0)
    found = working(tables)
    assert found["clients"]["client"].min() == 1
    assert found["scores"]["client"].min() == 0


def test_given_tables_stay_as_they_are(tables):
    before = tables["scores"].copy()
    working(tables)
    pd.testing.assert_frame_equal(tables["scores"], before)


@pytest.mark.parametrize("rows", ["occasions", "clients", "next_session"])
def test_no_number_changes(tables, specify, rows):
    formula = {
        "occasions": "outcome ~ time * accommodation_between",
        "clients": "outcome ~ outcome_first + accommodation_between",
        "next_session": "outcome ~ time + accommodation_within",
    }
    specification = specify(rows=rows, formula=formula[rows], random=(("therapist", "1"),))
    plain = analyse(tables, specification)
    quick = analyse(working(tables), specification)
    assert plain.estimates["estimate"].notna().any()
    pd.testing.assert_frame_equal(plain.estimates, quick.estimates)
    pd.testing.assert_frame_equal(plain.variance, quick.variance)
