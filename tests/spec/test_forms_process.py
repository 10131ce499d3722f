"""Scores of the alliance and process questionnaires by their keys.

How to read the tables stands in test_forms_outcome.py.

Where a key is from recall, nothing is scored from items unless the key is accepted.
"""

from pathlib import Path


def test_csrs(case, instruments, forms):
    """Four marks of 0 to 10, summed. All four are needed. The key is confirmed in part only.

    | answers     | accepted | listed | total |
    |-------------|----------|--------|-------|
    | 9 9 9 9     |          |        |       |
    | 9 9 9 9     | csrs.key |        |    36 |
    | 8.5 9.1 0 1 | csrs.key |        |  18.6 |
    | 9 9 9 .     | csrs.key |        |       |
    | 9 9 9 11    | csrs.key |      1 |       |
    """
    forms.check(case, instruments, "csrs")


def test_wai_sr(case, instruments, forms):
    """Twelve answers of 1 to 5, summed: task 1 2 10 12, bond 3 5 7 9, goal 4 6 8 11. All needed.

    | answers                 | listed | task | bond | goal | total |
    |-------------------------|--------|------|------|------|-------|
    | 3 3 3 3 3 3 3 3 3 3 3 3 |        |   12 |   12 |   12 |    36 |
    | 1 2 3 4 5 1 2 3 4 5 1 2 |        |   10 |   14 |    9 |    33 |
    | 1 2 3 4 5 1 2 3 4 5 1 . |        |      |   14 |    9 |       |
    | 1 2 6 4 5 1 2 3 4 5 1 2 |      1 |   10 |      |    9 |       |
    """
    forms.check(case, instruments, "wai_sr")


def test_wai_s(case, instruments, forms):
    """Twelve answers of 1 to 7, summed: task 1 2 8 12, bond 3 5 7 9, goal 4 6 10 11; 4 and 10 are
    reversed (8 - answer). The key is from recall.

    | answers                 | accepted  | listed | task | bond | goal | total |
    |-------------------------|-----------|--------|------|------|------|-------|
    | 1 1 1 1 1 1 1 1 1 1 1 1 |           |        |      |      |      |       |
    | 1 1 1 1 1 1 1 1 1 1 1 1 | wai_s.key |        |    4 |    4 |   16 |    24 |
    | 7 6 5 4 3 2 1 7 6 5 4 3 | wai_s.key |        |   23 |   15 |   13 |    51 |
    | 7 6 5 4 3 2 1 7 6 5 4 . | wai_s.key |        |      |   15 |   13 |       |
    | 8 6 5 4 3 2 1 7 6 5 4 3 | wai_s.key |      1 |      |   15 |   13 |       |
    """
    forms.check(case, instruments, "wai_s")


def test_care_measure(case, instruments, forms):
    """Ten answers of 1 to 5, summed. All is from recall, that two may be missing too.

    | answers                 | accepted                              | listed | total |
    |-------------------------|---------------------------------------|--------|-------|
    | all 4                   |                                       |        |       |
    | all 4                   | care_measure.key                      |        |    40 |
    | all 4, 1: ., 2: .       | care_measure.key                      |        |       |
    | all 4, 1: ., 2: .       | care_measure.key care_measure.missing |        |    40 |
    | all 4, 1: ., 2: ., 3: . | care_measure.key care_measure.missing |        |       |
    | all 4, 1: 6             | care_measure.key                      |      1 |       |
    """
    forms.check(case, instruments, "care_measure")


def test_chs(case, instruments, forms):
    """Twelve answers of 1 to 5, summed; the negative items 3 6 8 10 11 are reversed (6 - answer).
    The key is from recall.

    | answers                 | accepted | listed | positive | negative | total |
    |-------------------------|----------|--------|----------|----------|-------|
    | 1 1 1 1 1 1 1 1 1 1 1 1 |          |        |          |          |       |
    | 1 1 1 1 1 1 1 1 1 1 1 1 | chs.key  |        |        7 |       25 |    32 |
    | 5 5 1 5 5 1 5 1 5 1 1 5 | chs.key  |        |       35 |       25 |    60 |
    | 5 5 2 5 5 3 5 4 5 5 1 4 | chs.key  |        |       34 |       15 |    49 |
    | 5 5 2 5 5 3 5 4 5 5 1 . | chs.key  |        |          |       15 |       |
    | 5 5 0 5 5 3 5 4 5 5 1 4 | chs.key  |      1 |       34 |          |       |
    """
    forms.check(case, instruments, "chs")


def test_seq5(case, instruments, forms):
    """Answers of 1 to 7, means of five. Depth 3 4 7 8 9 (3 7 9 reversed: 8 - answer), smoothness
    2 5 6 10 11 (5 11), positivity 12 13 15 17 18 (12 17 18), arousal 14 16 19 20 21 (14 20); item 1
    is of no scale. All 1: depth (7 + 1 + 7 + 1 + 7)/5 = 4.6. The key is from recall.

    | answers             | accepted | listed | depth | smoothness | positivity | arousal |
    |---------------------|----------|--------|-------|------------|------------|---------|
    | all 4               |          |        |       |            |            |         |
    | all 4               | seq5.key |        |     4 |          4 |          4 |       4 |
    | all 1               | seq5.key |        |   4.6 |        3.4 |        4.6 |     3.4 |
    | all 4, 3: 1, 21: 7  | seq5.key |        |   4.6 |          4 |          4 |     4.6 |
    | all 4, 12: .        | seq5.key |        |     4 |          4 |            |       4 |
    | all 4, 2: 8         | seq5.key |      1 |     4 |            |          4 |       4 |
    """
    forms.check(case, instruments, "seq5")


def test_miti421(case, instruments, forms):
    """Globals of 1 to 5: technical is the mean of 1 and 2, relational of 3 and 4. Counts: 6 persuade,
    8 questions, 9 simple and 10 complex reflections, 11 affirm, 12 seek, 13 emphasise, 14 confront.
    Complex reflections are 10 / (9 + 10), reflections to questions (9 + 10) / 8; without anything to
    divide by there is none. Counts have no highest.

    | answers                                                     | listed | technical | relational | complex_reflections | reflections_to_questions | adherent | non_adherent |
    |-------------------------------------------------------------|--------|-----------|------------|---------------------|--------------------------|----------|--------------|
    | 1:4, 2:3, 3:5, 4:4, 6:1, 8:10, 9:12, 10:8, 11:2, 12:1, 13:3, 14:0 |  |       3.5 |        4.5 |                 0.4 |                        2 |        6 |            1 |
    | 1:4, 2:3, 3:5, 4:4, 6:1, 8:0, 9:12, 10:8, 11:2, 12:1, 13:3, 14:99 |  |       3.5 |        4.5 |                 0.4 |                          |        6 |          100 |
    | 1:4, 2:3, 3:5, 4:4, 6:1, 8:10, 9:0, 10:0, 11:2, 12:1, 13:3, 14:0  |  |       3.5 |        4.5 |                     |                        0 |        6 |            1 |
    | 1:4, 2:., 3:5, 4:4, 6:1, 8:10, 9:12, 10:., 11:2, 12:1, 13:., 14:0 |  |           |        4.5 |                     |                          |          |            1 |
    | 1:6, 2:3, 3:5, 4:4, 6:1, 8:10, 9:12, 10:8, 11:2, 12:1, 13:3, 14:-1 | 2 |         |        4.5 |                 0.4 |                        2 |        6 |              |
    """  # noqa: E501
    forms.check(case, instruments, "miti421")


def test_every_instrument_that_is_shipped_has_its_table(instruments):
    written = "".join(
        path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*.py")
    )
    # The C-NIP fills a file of its own, test_cnip.py.
    assert [name for name in instruments if f"def test_{name}(case" not in written] == ["cnip"]
