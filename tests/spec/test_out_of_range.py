"""Answers outside the possible range: listed, taken as missing, and what the score then is."""


def test_ors(case, instruments, forms):
    """Marks of 0 to 10, all four needed: one out of range leaves no score.

    | answers     | listed | total |
    |-------------|--------|-------|
    | 5 5 5 5     |        |    20 |
    | 5 5 5 10.1  |      1 |       |
    | -1 5 5 5    |      1 |       |
    | 55 55 55 55 |      4 |       |
    """
    forms.check(case, instruments, "ors")


def test_srs(case, instruments, forms):
    """Marks of 0 to 10, all four needed.

    | answers  | listed | total |
    |----------|--------|-------|
    | 9 9 9 10 |        |    37 |
    | 9 9 9 11 |      1 |       |
    """
    forms.check(case, instruments, "srs")


def test_phq9(case, instruments, forms):
    """Answers of 0 to 3. Two may be missing where a study accepts it: mean of the others x 9.

    | answers           | accepted     | listed | total |
    |-------------------|--------------|--------|-------|
    | 1 1 1 1 1 1 1 1 4 |              |      1 |       |
    | 1 1 1 1 1 1 1 1 4 | phq9.missing |      1 |     9 |
    | 1 1 1 1 1 1 1 -1 4 | phq9.missing |     2 |     9 |
    | 1 1 1 1 1 1 5 -1 4 | phq9.missing |     3 |       |
    """
    forms.check(case, instruments, "phq9")


def test_bdi2(case, instruments, forms):
    """Twenty-one answers of 0 to 3, all needed: no rule for missing ones is published.

    | answers        | listed | total |
    |----------------|--------|-------|
    | all 1          |        |    21 |
    | all 3          |        |    63 |
    | all 1, 21: 4   |      1 |       |
    | all 1, 5: .    |        |       |
    """
    forms.check(case, instruments, "bdi2")


def test_preferences(case, instruments, forms):
    """Answers of -3 to 3; -3 and -1 are answers, never codes. Scales 1-5, 6-10, 11-13, 14-18.

    | answers           | listed | TD_CD | EI_ER | PO_PR | WS_FC |
    |-------------------|--------|-------|-------|-------|-------|
    | all -3            |        |   -15 |   -15 |    -9 |   -15 |
    | all -1, 3: 3      |        |    -1 |    -5 |    -3 |    -5 |
    | all 1, 12: 4      |      1 |     5 |     5 |       |     5 |
    | all 1, 1: -4, 9: 7 |     2 |       |       |     3 |     5 |
    """
    forms.check(case, instruments, "cnip")
