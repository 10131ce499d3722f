"""Words that stand for codes: value labels of a file and declared words can name a person too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from attunement.ingest.privacy.identifiers.cells import Cells
from attunement.ingest.privacy.identifiers.findings import Finding
from attunement.ingest.privacy.identifiers.names import of_a_birth
from attunement.ingest.privacy.identifiers.patterns import PATTERNS
from attunement.ingest.privacy.identifiers.people import names
from attunement.ingest.privacy.identifiers.wordings import kind_in_label, kind_in_title

LONG_NUMBER = r"^\p{L}{0,4}[-_ ]?\d{6,}[1-9]$|^\d{6,}[1-9]-?\p{L}{0,2}$"  # no round amount
A_DAY = r"(^|\D)\d{1,2}\D.*\d{4}|\d{4}\D+\d{1,2}\D+\d{1,2}|^\d{8}$|\d[/.]\d{1,2}[/.]\d{2}$"


def look_at_titles(titles: Mapping[str, str]) -> list[Finding]:
    """Return the columns for which the file's own words (variable labels) point at somebody."""
    kinds = {column: kind_in_title(str(title)) for column, title in titles.items()}
    return [Finding(column, kind, "title", 0, ()) for column, kind in kinds.items() if kind]


def look_at_labels(words: Mapping[str, Iterable[object]]) -> list[Finding]:
    """Return the direct identifiers among the words of codes.

    Parameters
    ----------
    words : mapping of str to iterable
        The words of each column: value labels of the file, words under `values` and `levels`.

    Returns
    -------
    list of Finding
        `n_rows` counts words, not rows. What only many rows can show (unique codes, rare words,
        free text) is not looked for: labels are few, different and often long.
    """
    findings = []
    for column, some in words.items():
        told = sorted({str(word) for word in some if isinstance(word, (str, dt.date))})
        if not told:
            continue
        cells = Cells(pd.Series(told, dtype="str"))
        found: dict[str, np.ndarray] = {}
        found |= {"free text": cells.too_long.copy()} if cells.too_long.any() else {}
        # A month is a level of a cohort; a day is one person's, and so is a month of a birth.
        seen = cells.with_dates | cells.dates & (of_a_birth(column) | cells.matches(A_DAY))
        found |= {"date": seen.copy()} if seen.any() else {}
        for pattern in PATTERNS:
            if (pattern.is_number and pattern.kind != "phone") or pattern.one_each:
                continue
            if pattern.kind == "employer or school":
                continue  # a place of treatment
            hits = cells.of_form(pattern, cells.telling & ~seen)
            if hits.any():
                found[pattern.kind] = found.get(pattern.kind, np.zeros_like(hits)) | hits
                seen |= hits
        if (coded := cells.matches(LONG_NUMBER) & ~seen).any():
            found["other code"] = found.get("other code", np.zeros_like(coded)) | coded
            seen |= coded
        named = names(cells, None) & ~seen
        found |= {"name": named} if named.any() else {}
        seen = seen | named
        for place, word in enumerate(told):
            if not seen[place] and (kind := kind_in_label(word)):
                found.setdefault(kind, np.zeros_like(seen))[place] = True
        findings += [
            Finding(column, kind, "labels", int(hits.sum()), ()) for kind, hits in found.items()
        ]
    return findings
