"""Scores of the outcome questionnaires by their keys: what a clinician would get by hand.

Answers are written in order (. = left blank), or as "all 2, 4: 0, 7: .": every item 2, but item 4
is 0 and item 7 blank. A reversed item counts as lowest + highest answer - answer. `accepted` names
what nobody could verify and this case accepts; `listed` counts the answers out of range, which are
taken as missing. An empty cell under a scale: no score.
"""


def test_cors(case, instruments, forms):
    """Four marks of 0 to 10, summed. All four are needed.

    | answers        | listed | total |
    |----------------|--------|-------|
    | 2.5 5 7.5 10   |        |    25 |
    | 6.1 6.2 6.3 .1 |        |  18.7 |
    | 5 5 5 .        |        |       |
    | 5 5 5 10.1     |      1 |       |
    """
    forms.check(case, instruments, "cors")


def test_gad7(case, instruments, forms):
    """Seven answers of 0 to 3, summed. Up to two missing, if accepted: mean of the others x 7.

    | answers       | accepted     | listed | total |
    |---------------|--------------|--------|-------|
    | 0 1 2 3 0 1 2 |              |        |     9 |
    | 3 3 3 3 3 3 3 |              |        |    21 |
    | 2 2 2 2 2 2 . |              |        |       |
    | 1 1 1 1 1 . . | gad7.missing |        |     7 |
    | 3 3 3 2 2 2 . | gad7.missing |        |  17.5 |
    | 2 2 2 2 . . . | gad7.missing |        |       |
    | 1 1 1 1 1 1 4 | gad7.missing |      1 |     7 |
    """
    forms.check(case, instruments, "gad7")


def test_core_om(case, instruments, forms):
    """Thirty-four answers of 0 to 4; scales are means; `clinical` is the mean of all times 10.
    Reversed (4 - answer): 3 4 7 12 19 21 31 32. Well-being 4 14 17 31, risk 6 9 16 22 24 34,
    functioning 1 3 7 10 12 19 21 25 26 29 32 33, problems the other twelve.
    All 0: the eight reversed count 4 each, 32; 32/34 = .941. Well-being 8/4, functioning 24/12.
    All 1, 34: 4, 3: blank: reversed 7 x 3 = 21, others 25 + 4 = 29; 50/33 = 1.515; risk 9/6.
    Three missing of all are allowed (verified), a missing one of a subscale only if accepted.

    | answers                    | accepted                    | listed | wellbeing | problems | functioning | risk | non_risk | total | clinical |
    |----------------------------|-----------------------------|--------|-----------|----------|-------------|------|----------|-------|----------|
    | all 0                      |                             |        |         2 |        0 |           2 |    0 |    1.143 | 0.941 |    9.412 |
    | all 2                      |                             |        |         2 |        2 |           2 |    2 |        2 |     2 |       20 |
    | all 4                      |                             |        |         2 |        4 |           2 |    4 |    2.857 | 3.059 |   30.588 |
    | all 1, 34: 4, 3: .         |                             |        |         2 |        1 |             |  1.5 |          | 1.515 |   15.152 |
    | all 2, 1: ., 2: ., 5: .    |                             |        |         2 |          |             |    2 |          |     2 |       20 |
    | all 2, 1: ., 2: ., 5: .    | core_om.functioning.missing |        |         2 |          |           2 |    2 |          |     2 |       20 |
    | all 2, 1: ., 2: ., 5: .    | core_om.non_risk.missing    |        |         2 |          |             |    2 |          |     2 |       20 |
    | all 2, 1: ., 2: .          | core_om.non_risk.missing    |        |         2 |          |             |    2 |        2 |     2 |       20 |
    | all 2, 1:., 2:., 5:., 8:.  |                             |        |         2 |          |             |    2 |          |       |          |
    | all 2, 6: 5                |                             |      1 |         2 |        2 |           2 |      |        2 |     2 |       20 |
    """  # noqa: E501
    forms.check(case, instruments, "core_om")


def test_core10(case, instruments, forms):
    """Ten answers of 0 to 4, summed; 2 and 3 are reversed (4 - answer). One may be missing, if
    accepted: ten times the mean of the others. 1 (3 3) 1 1 1 1 1 1 is 13; 13/9 x 10 = 14.444.

    | answers             | accepted       | listed | total  |
    |---------------------|----------------|--------|--------|
    | 0 0 0 0 0 0 0 0 0 0 |                |        |      8 |
    | 0 4 4 0 0 0 0 0 0 0 |                |        |      0 |
    | 4 0 0 4 4 4 4 4 4 4 |                |        |     40 |
    | 1 1 1 1 1 1 1 1 1 . |                |        |        |
    | 1 1 1 1 1 1 1 1 1 . | core10.missing |        | 14.444 |
    | 2 2 2 2 2 2 2 2 . . | core10.missing |        |        |
    | 2 2 2 2 2 2 2 2 2 5 | core10.missing |      1 |     20 |
    """
    forms.check(case, instruments, "core10")


def test_oq45(case, instruments, forms):
    """Forty-five answers of 0 to 4, summed. Reversed: 13 24 31 (SD), 1 20 37 43 (IR), 12 21 (SR).
    Up to four missing of all (verified): each counts as the rounded mean of the others of its
    subscale (halves up); five or more: no score.
    All 1, 3: 3, 5: 3, 2: blank: SD answered 19 + 6 + 9 = 34 of 24, mean 1.42, so item 2 counts 1.
    All 2, 14 28 32 38: 3, 4: blank: SR answered 20 of 8, mean 2.5, so item 4 counts 3.

    | answers                                     | listed | SD | IR | SR | total |
    |---------------------------------------------|--------|----|----|----|-------|
    | all 0                                       |        | 12 | 16 |  8 |    36 |
    | all 2                                       |        | 50 | 22 | 18 |    90 |
    | all 4                                       |        | 88 | 28 | 28 |   144 |
    | all 1, 3: 3, 5: 3, 2: .                     |        | 35 | 19 | 13 |    67 |
    | all 2, 14: 3, 28: 3, 32: 3, 38: 3, 4: .     |        | 50 | 22 | 23 |    95 |
    | all 2, 1: ., 2: ., 3: ., 4: .               |        | 50 | 22 | 18 |    90 |
    | all 2, 1: ., 2: ., 3: ., 4: ., 5: .         |        |    |    |    |       |
    | all 2, 45: 5                                |      1 | 50 | 22 | 18 |    90 |
    """
    forms.check(case, instruments, "oq45")


def test_k10(case, instruments, forms):
    """Ten answers of 1 to 5, summed; the K6 is 2 4 5 8 9 10 (from recall: only if accepted).
    If accepted, item 3 counts 1 where it was not asked because item 2 is 1, and 6 likewise after 5.

    | answers             | accepted  | listed | total | k6 |
    |---------------------|-----------|--------|-------|----|
    | 1 1 1 1 1 1 1 1 1 1 |           |        |    10 |    |
    | 1 2 3 4 5 1 2 3 4 5 |           |        |    30 |    |
    | 1 2 3 4 5 1 2 3 4 5 | k10.key   |        |    30 | 23 |
    | 2 1 . 2 1 . 2 2 2 2 |           |        |       |    |
    | 2 1 . 2 1 . 2 2 2 2 | k10.skips |        |    16 |    |
    | 2 3 . 2 1 . 2 2 2 2 | k10.skips |        |       |    |
    | 2 1 . 2 1 . 2 2 2 . | k10.skips |        |       |    |
    | 0 2 3 4 5 1 2 3 4 5 | k10.key   |      1 |       | 23 |
    """
    forms.check(case, instruments, "k10")


def test_wemwbs(case, instruments, forms):
    """Fourteen answers of 1 to 5, summed. Up to three missing, if accepted: mean of the others.
    All 2, 1: 4, 2: blank: 24 + 4 = 28 of 13; 28/13 x 14 = 30.154.

    | answers                       | accepted       | listed | total  |
    |-------------------------------|----------------|--------|--------|
    | all 3                         |                |        |     42 |
    | all 5, 1: ., 2: ., 3: .       |                |        |        |
    | all 5, 1: ., 2: ., 3: .       | wemwbs.missing |        |     70 |
    | all 2, 1: 4, 2: .             | wemwbs.missing |        | 30.154 |
    | all 5, 1: ., 2: ., 3: ., 4: . | wemwbs.missing |        |        |
    | all 3, 14: 6                  | wemwbs.missing |      1 |     42 |
    """
    forms.check(case, instruments, "wemwbs")


def test_swemwbs(case, instruments, forms):
    """Seven answers of 1 to 5, summed; the sum is looked up in the table of metric scores. All
    seven are needed.

    | answers       | listed | raw | metric |
    |---------------|--------|-----|--------|
    | 1 1 1 1 1 1 1 |        |   7 |      7 |
    | 3 3 3 3 3 3 3 |        |  21 |  19.25 |
    | 4 4 4 4 4 4 5 |        |  29 |  26.02 |
    | 5 5 5 5 5 5 5 |        |  35 |     35 |
    | 3 3 3 3 3 3 . |        |     |        |
    | 3 3 3 3 3 3 6 |      1 |     |        |
    """
    forms.check(case, instruments, "swemwbs")


def test_wsas(case, instruments, forms):
    """Five answers of 0 to 8, summed. Who does not work leaves out item 1: items 2 to 5, summed.

    | answers   | listed | total | without_work |
    |-----------|--------|-------|--------------|
    | 1 2 3 4 5 |        |    15 |           14 |
    | 8 8 8 8 8 |        |    40 |           32 |
    | . 2 3 4 5 |        |       |           14 |
    | 1 2 3 4 . |        |       |              |
    | 9 2 3 4 5 |      1 |       |           14 |
    """
    forms.check(case, instruments, "wsas")


def test_scl90r(case, instruments, forms):
    """Ninety answers of 0 to 4. Scales and GSI are means, PST counts the answers above 0, PSDI is
    the sum over that count. Some may be missing, if accepted: 2 of the 6 of HOS (11 24 63 67 74
    81), 18 of all for the GSI. Item 1 is of SOM (12 items); 5 and 14 are of DEP (13 items); 19 is
    of no scale.

    | answers                    | accepted           | listed | SOM  | DEP   | HOS | GSI   | PST | PSDI  |
    |----------------------------|--------------------|--------|------|-------|-----|-------|-----|-------|
    | all 0                      |                    |        |    0 |     0 |   0 |     0 |   0 |       |
    | all 1, 1: 4                |                    |        | 1.25 |     1 |   1 | 1.033 |  90 | 1.033 |
    | all 0, 5: 3, 14: 1, 19: 2  |                    |        |    0 | 0.308 |   0 | 0.067 |   3 |     2 |
    | all 1, 11: .               |                    |        |    1 |     1 |     |       |     |       |
    | all 1, 11: .               | scl90r.HOS.missing |        |    1 |     1 |   1 |       |     |       |
    | all 1, 11: ., 24: ., 63: 4 | scl90r.HOS.missing |        |    1 |     1 | 1.75 |      |     |       |
    | all 1, 11:., 24:., 63:.    | scl90r.HOS.missing |        |    1 |     1 |     |       |     |       |
    | all 1, 11: .               | scl90r.GSI.missing |        |    1 |     1 |     |     1 |     |       |
    | all 1, 1: 5                |                    |      1 |      |     1 |   1 |       |     |       |
    """  # noqa: E501
    forms.check(case, instruments, "scl90r")


def test_bsi18(case, instruments, forms):
    """Eighteen answers of 0 to 4, summed. That the GSI sums all is verified; which items form SOM
    (1 4 7 ..), DEP (2 5 8 ..) and ANX (3 6 9 ..) is from recall. Missing ones only if accepted.

    | answers                             | accepted                    | listed | SOM | DEP | ANX | GSI |
    |-------------------------------------|-----------------------------|--------|-----|-----|-----|-----|
    | 0 1 2 0 1 2 0 1 2 0 1 2 0 1 2 0 1 2 |                             |        |     |     |     |  18 |
    | 0 1 2 0 1 2 0 1 2 0 1 2 0 1 2 0 1 2 | bsi18.key                   |        |   0 |   6 |  12 |  18 |
    | all 2, 18: .                        | bsi18.key                   |        |  12 |  12 |     |     |
    | all 2, 18: .                        | bsi18.key bsi18.ANX.missing |        |  12 |  12 |  12 |     |
    | all 2, 18: .                        | bsi18.GSI.missing           |        |     |     |     |  36 |
    | all 2, 3: ., 6: ., 9: .             | bsi18.key bsi18.ANX.missing |        |  12 |  12 |     |     |
    | all 2, 1: 5                         | bsi18.key                   |      1 |     |  12 |  12 |     |
    """  # noqa: E501
    forms.check(case, instruments, "bsi18")


def test_dass21(case, instruments, forms):
    """Twenty-one answers of 0 to 3; the sums of seven are doubled. Depression 3 5 10 13 16 17 21,
    anxiety 2 4 7 9 15 19 20, stress the others. One of seven may be missing, if accepted:
    stress 6 and 8: 3, item 1 blank: 6/6 x 7 x 2 = 14.

    | answers                 | accepted       | listed | depression | anxiety | stress |
    |-------------------------|----------------|--------|------------|---------|--------|
    | all 1                   |                |        |         14 |      14 |     14 |
    | all 0, 3: 3, 5: 2, 2: 1 |                |        |         10 |       2 |      0 |
    | all 3                   |                |        |         42 |      42 |     42 |
    | all 1, 1: .             |                |        |         14 |      14 |        |
    | all 0, 6: 3, 8: 3, 1: . | dass21.missing |        |          0 |       0 |     14 |
    | all 1, 1: ., 6: .       | dass21.missing |        |         14 |      14 |        |
    | all 1, 2: 4             | dass21.missing |      1 |         14 |      14 |     14 |
    """
    forms.check(case, instruments, "dass21")


def test_pcl5(case, instruments, forms):
    """Twenty answers of 0 to 4, summed: B 1 to 5, C 6 and 7, D 8 to 14, E 15 to 20. All are needed.

    | answers                          | listed | B  | C | D  | E  | total |
    |----------------------------------|--------|----|---|----|----|-------|
    | all 2                            |        | 10 | 4 | 14 | 12 |    40 |
    | all 0, 1: 4, 6: 3, 8: 2, 15: 1   |        |  4 | 3 |  2 |  1 |    10 |
    | all 2, 7: .                      |        | 10 |   | 14 | 12 |       |
    | all 2, 20: 5                     |      1 | 10 | 4 | 14 |    |       |
    """
    forms.check(case, instruments, "pcl5")
