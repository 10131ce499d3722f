"""A fault names what, where, how many rows, the first of them, and what to do."""

import pickle

from attunement.study.problems import StudyError


def test_all_parts_stand_in_one_sentence() -> None:
    error = StudyError(
        "Two rows disagree.",
        file="data/x/a.csv",
        column="age",
        rows=7,
        first=["row 2", "row 5", "row 6", "row 8", "row 9", "row 10"],
        advice="State a rule.",
    )
    assert str(error) == (
        "Two rows disagree (file data/x/a.csv; column 'age'; 7 rows; "
        "first: row 2, row 5, row 6, row 8, row 9). State a rule."
    )


def test_parts_may_be_absent_and_one_row_is_singular() -> None:
    assert str(StudyError("It is empty")) == "It is empty."
    assert str(StudyError("Odd", rows=1)) == "Odd (1 row)."


def test_it_survives_a_journey_between_processes() -> None:
    error = StudyError("Odd", file="f", column="c", rows=2, first=[1], advice="Mend it.")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
