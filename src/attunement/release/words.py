"""The rule for counts in words: reasons tell no count that a column would empty or round."""

from __future__ import annotations

import re

import numpy as np

from attunement.release.rules import Decision, decided
from attunement.study.config import Release
from attunement.study.files import Tables

PEOPLE = (
    "clients?|patients?|therapists?|sessions?|rows?|events?|dropouts?|occasions?|scores?|groups?"
    "|ids?|others|of them"
)
NAMED = r"(?:'[^']*' )?"  # 12 'client' groups
# Thresholds are no counts: fewer than 40 clients, at least 30 therapists, needs 10 therapists.
THRESHOLD = "".join(
    f"(?<!{words} )" for words in ("about", "fewer than", "at least", "less than", "needs", "need")
)
COUNTED = re.compile(
    rf"\b(?<!<){THRESHOLD}(\d+)(?="
    rf" {NAMED}(?:{PEOPLE})\b"
    rf"| of (?:about )?\d+ {NAMED}(?:{PEOPLE})\b"
    r"| given\b| dropped\b| values for\b)"
)
# 98 outcome rows of one fit and 100 of the other.
PAIR = re.compile(r"(?<=rows )\(\d+ and \d+\)")
# A product beside its factors gives them back, and the first of some rows is somebody.
LEFT_OUT = re.compile(r" \(\d+ in all\)| \(first: [^()]*(?:\([^()]*\)[^()]*)*\)")


def without_counts(text: str, rules: Release) -> str:
    """Return a reason with its counts rounded, and small ones told only as fewer than a cell."""

    def hide(match: re.Match[str]) -> str:
        count = int(match[1])
        if 0 < count < rules.smallest_cell:
            return f"<{rules.smallest_cell}"
        # Said to be rounded: 29 therapists are not "30, where at least 30 are needed".
        return f"about {int(np.floor(count / rules.rounding + 0.5)) * rules.rounding}"

    return COUNTED.sub(hide, PAIR.sub("(not as many)", LEFT_OUT.sub("", text)))


def words_without_counts(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Round the counts that stand in reasons, and name small ones only as fewer than a cell."""
    found, decisions = {}, []
    for name, frame in tables.items():
        if "reason" not in frame.columns:
            continue
        said = frame["reason"].map(lambda text: without_counts(text, rules), na_action="ignore")
        changed = (said != frame["reason"]) & frame["reason"].notna()
        if changed.any():
            found[name] = frame.assign(reason=said.astype(frame["reason"].dtype))
            reason = "counts in words rounded"
            decisions.append(decided(name, "words", "rounded", changed.sum(), reason))
    return found, decisions
