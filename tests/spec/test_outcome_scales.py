"""The outcome and alliance scales: sums of items, and what happens when an item is missing."""

from attunement.score import score


def _score(case, studies, instruments, instrument, answers):
    given = [None if answer == "." else float(answer) for answer in answers]
    items = {str(n + 1): answer for n, answer in enumerate(given)}
    tables = studies.tables([studies.answers("A", 0, instrument, items)])
    accepted = [case["accepted"]] if case.get("accepted") else []
    scores = score(tables, studies.dataset(), instruments, accepted)["scores"]
    assert list(scores["scale"]) == ["total"]
    assert list(scores["value"].fillna(-99)) == [-99 if case["total"] is None else case["total"]]
    assert scores["n_answered"][0] == case["answered"]
    assert ("yes" if scores["prorated"][0] else "no") == case["prorated"]


def test_ors(case, studies, instruments):
    """Four marks of 0 to 10, summed. All four are needed. 6.1 + 6.2 + 6.3 + 6.4 is 25 to the point.

    | answers         | total | answered | prorated |
    |-----------------|-------|----------|----------|
    | 0 0 0 0         |     0 |        4 | no       |
    | 10 10 10 10     |    40 |        4 | no       |
    | 6.1 6.2 6.3 6.4 |    25 |        4 | no       |
    | 2.3 4.5 0.1 7.0 |  13.9 |        4 | no       |
    | 5 5 5 .         |       |        3 | no       |
    | . . . .         |       |        0 | no       |
    """
    _score(case, studies, instruments, "ors", case["answers"].split())


def test_srs(case, studies, instruments):
    """Four marks of 0 to 10, summed. All four are needed.

    | answers         | total | answered | prorated |
    |-----------------|-------|----------|----------|
    | 9 9 9 9         |    36 |        4 | no       |
    | 8.5 9.1 10 9.9  |  37.5 |        4 | no       |
    | 9 9 . 9         |       |        3 | no       |
    """
    _score(case, studies, instruments, "srs", case["answers"].split())


def test_phq9(case, studies, instruments):
    """Nine answers of 0 to 3, summed. That two may be missing is common practice nobody could
    verify: it holds only where a study accepts it. Then the sum is the mean of those answered
    times nine.

    | answers           | accepted     | total | answered | prorated |
    |-------------------|--------------|-------|----------|----------|
    | 0 0 0 0 0 0 0 0 0 |              |     0 |        9 | no       |
    | 3 3 3 3 3 3 3 3 3 |              |    27 |        9 | no       |
    | 0 1 2 3 0 1 2 3 1 |              |    13 |        9 | no       |
    | 1 1 1 1 1 1 1 1 . |              |       |        8 | no       |
    | 1 1 1 1 1 1 1 1 . | phq9.missing |     9 |        8 | yes      |
    | 2 2 2 2 2 2 2 . . | phq9.missing |    18 |        7 | yes      |
    | 3 3 3 3 2 2 2 . 2 | phq9.missing |  22.5 |        8 | yes      |
    | 2 2 2 2 2 2 . . . | phq9.missing |       |        6 | no       |
    | . . . . . . . . . | phq9.missing |       |        0 | no       |
    | 0 1 2 3 0 1 2 3 1 | phq9.missing |    13 |        9 | no       |
    """
    _score(case, studies, instruments, "phq9", case["answers"].split())


def test_bdi2(case, studies, instruments):
    """Twenty-one answers of 0 to 3, summed. No rule for missing items is published.

    | answers                                   | total | answered | prorated |
    |-------------------------------------------|-------|----------|----------|
    | 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 |     0 |       21 | no       |
    | 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 |    63 |       21 | no       |
    | 1 0 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0 0 0 0 3 |     6 |       21 | no       |
    | 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 . |       |       20 | no       |
    """
    _score(case, studies, instruments, "bdi2", case["answers"].split())


def test_totals_recorded_as_such(case, studies, instruments):
    """A dataset may hold totals without items. Where there are items too, they come first; a total
    stands where the items do not suffice, and counts as fully answered.

    | items   | recorded total | total | answered |
    |---------|----------------|-------|----------|
    |         |           22.5 |  22.5 |        4 |
    | 5 5 5 5 |                |    20 |        4 |
    | 5 5 5 . |             21 |    21 |        4 |
    | 5 5 5 5 |             21 |    20 |        4 |
    |         |                |       |        0 |
    """
    given = {"total": case["recorded total"]}
    for number, answer in enumerate((case["items"] or "").split()):
        given[str(number + 1)] = None if answer == "." else float(answer)
    tables = studies.tables([studies.answers("A", 0, "ors", given)])
    row = score(tables, studies.dataset(), instruments)["scores"].iloc[0].fillna(-99)
    assert row["value"] == (-99 if case["total"] is None else case["total"])
    assert row["n_answered"] == case["answered"]


def test_declared_ratings(case, studies, instruments):
    """A rating that belongs to no instrument passes through, each item as a scale of its own.

    | rating    | item   | answer | scale  | value |
    |-----------|--------|--------|--------|-------|
    | goals     | rating |      7 | rating |     7 |
    | goals     | rating |        | rating |       |
    | delivered | td_cd  |     -3 | td_cd  |    -3 |
    """
    answer = studies.answers("A", 2, case["rating"], {case["item"]: case["answer"]})
    row = score(studies.tables([answer]), studies.dataset(), instruments)["scores"].iloc[0]
    assert (row["instrument"], row["scale"]) == (case["rating"], case["scale"])
    assert row.fillna(-99)["value"] == (-99 if case["value"] is None else case["value"])
