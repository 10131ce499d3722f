"""The C-NIP: which items make which sum, how codings are undone, which sums are strong."""

import numpy as np

from attunement.accommodate.preferences import dimensions
from attunement.score import score

SCALES = ["TD_CD", "EI_ER", "PO_PR", "WS_FC"]


def _sums(answers, studies, instruments, preference):
    given = [None if a == "." else float(a) for a in answers]
    items = {str(n + 1): a for n, a in enumerate(given)}
    dataset = studies.dataset(preference={"instrument": "cnip"} | preference)
    tables = studies.tables([studies.answers("A", 0, "cnip", items)])
    scores = score(tables, dataset, instruments)["scores"]
    return scores.set_index("scale")["value"].reindex(SCALES)


def _same(found, expected):
    assert list(found.fillna(-99)) == [-99 if value is None else value for value in expected]


def test_sums(case, studies, instruments):
    """The first-named pole is positive. Items 1-5, 6-10, 11-13 and 14-18; nothing is reversed.
    A scale with an unanswered item (.) has no sum: no rule for missing items is published.

    | items 1-5     | items 6-10     | items 11-13 | items 14-18   | TD_CD | EI_ER | PO_PR | WS_FC |
    |---------------|----------------|-------------|---------------|-------|-------|-------|-------|
    |  3  3  3  3 3 |  3  3  3  3  3 |  3  3  3    |  3  3  3  3 3 |    15 |    15 |     9 |    15 |
    | -3 -3 -3 -3 -3| -3 -3 -3 -3 -3 | -3 -3 -3    | -3 -3 -3 -3 -3|   -15 |   -15 |    -9 |   -15 |
    |  0  0  0  0 0 |  0  0  0  0  0 |  0  0  0    |  0  0  0  0 0 |     0 |     0 |     0 |     0 |
    |  3  2  1  0 1 |  1  0  0  0  3 |  1  0 -2    | -1 -1 -1  0 1 |     7 |     4 |    -1 |    -2 |
    |  0  0  0  0 1 |  1  0  0  0  0 |  0  0  1    |  1  0  0  0 0 |     1 |     1 |     1 |     1 |
    |  1  0  0  0 0 |  0  0  0  0  1 |  1  0  0    |  0  0  0  0 1 |     1 |     1 |     1 |     1 |
    |  1  1  1  1 . |  2  2  2  2  2 |  .  3  3    |  0  0  0  0 1 |       |    10 |       |     1 |
    """
    groups = [case[f"items {name}"] for name in ("1-5", "6-10", "11-13", "14-18")]
    answers = " ".join(groups).replace("-", " -").split()
    found = _sums(answers, studies, instruments, {"coding": "left_positive"})
    _same(found, [case[scale] for scale in SCALES])


def test_codings(case, studies, instruments):
    """The same wish (feelings 2, 1, 0, -1, 3 toward the first pole, items 6-10) in three codings,
    and with the poles of item 10 swapped in print. All other items stand in the middle.

    | coding                | flip | items 6-10     | EI_ER |
    |-----------------------|------|----------------|-------|
    | left_positive         |      |  2  1  0 -1  3 |     5 |
    | left_negative         |      | -2 -1  0  1 -3 |     5 |
    | one_to_seven_left_low |      |  2  3  4  5  1 |     5 |
    | left_positive         | 10   |  2  1  0 -1 -3 |     5 |
    | left_negative         | 10   | -2 -1  0  1  3 |     5 |
    | one_to_seven_left_low | 10   |  2  3  4  5  7 |     5 |
    | left_negative         |      |  2  1  0 -1  3 |    -5 |
    """
    middle = "4" if case["coding"] == "one_to_seven_left_low" else "0"
    answers = [middle] * 5 + case["items 6-10"].split() + [middle] * 8
    preference = {"coding": case["coding"], "flip": [10] if case["flip"] else []}
    _same(_sums(answers, studies, instruments, preference), [0, case["EI_ER"], 0, 0])


def test_sums_recorded_as_such(case, studies, instruments):
    """A dataset may hold sums in place of items; they are coded like the items.

    | coding                | recorded TD_CD | recorded PO_PR | TD_CD | PO_PR |
    |-----------------------|----------------|----------------|-------|-------|
    | left_positive         |              8 |             -3 |     8 |    -3 |
    | left_negative         |             -8 |              3 |     8 |    -3 |
    | one_to_seven_left_low |             12 |             15 |     8 |    -3 |
    """
    given = {scale: case[f"recorded {scale}"] for scale in ("TD_CD", "PO_PR")}
    dataset = studies.dataset(preference={"instrument": "cnip", "coding": case["coding"]})
    tables = studies.tables([studies.answers("A", 0, "cnip", given)])
    scores = score(tables, dataset, instruments)["scores"].set_index("scale")
    assert dict(scores["value"]) == {scale: case[scale] for scale in given}


def test_bands(case, instruments):
    """Strong for the first pole, for the other pole, or neither. The bands lie unevenly.

    | scale | sum | band         |
    |-------|-----|--------------|
    | td_cd |  15 | strong first |
    | td_cd |   8 | strong first |
    | td_cd |   7 | neither      |
    | td_cd |  -2 | neither      |
    | td_cd |  -3 | strong other |
    | ei_er |   7 | strong first |
    | ei_er |   6 | neither      |
    | ei_er |   0 | neither      |
    | ei_er |  -1 | strong other |
    | po_pr |   3 | strong first |
    | po_pr |   2 | neither      |
    | po_pr |  -2 | neither      |
    | po_pr |  -3 | strong other |
    | ws_fc |   4 | strong first |
    | ws_fc |   3 | neither      |
    | ws_fc |  -3 | neither      |
    | ws_fc |  -4 | strong other |
    """
    dimension = next(d for d in dimensions(instruments["cnip"]) if d.name == case["scale"])
    value = (case["sum"] - dimension.middle) / dimension.half_width
    band = {1: "strong first", 0: "neither", -1: "strong other"}
    assert band[int(dimension.band(np.array([value]))[0])] == case["band"]
