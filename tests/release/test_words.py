"""No wording of the models tells a count: every message of theirs goes through the rule."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import attunement
from attunement.release.words import without_counts
from attunement.study.config import Release

ROOM = Path(attunement.__file__).parent
COUNT = "13"
# What counts rows, people or groups in the messages, by how it is written there ...
COUNTS = re.compile(
    r"len\(|int\(|n_\w+|.*\.n_(?:rows|obs)$|counts\[|therapists$|events$|changed$|others$|pure$"
    r"|groups$|design\.n_rows"
)
# ... and what does not: columns, coefficients, draws, and arguments of calls by hand.
OTHER = re.compile(r"int\(basis|n_(?:columns|terms|draws)$|len\((?:labels|column|outcome_names)\)$")


def messages() -> Iterator[tuple[str, str]]:
    """Every message of the rooms `mixed` and `model` that holds a count, with 13 in its place."""
    for path in sorted([*(ROOM / "mixed").glob("*.py"), *(ROOM / "model").glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.JoinedStr):
                continue
            text = ""
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    said = ast.unparse(part.value)
                    counts = COUNTS.match(said) and not OTHER.match(said)
                    word = "'client'" if part.conversion == 114 else "word"
                    if isinstance(part.value, ast.IfExp) and isinstance(
                        part.value.body, ast.Constant
                    ):  # one word or the other
                        word = str(part.value.body.value)
                    text += COUNT if counts else word
                else:
                    text += str(ast.literal_eval(part))
            if COUNT + " " in text and "summary" not in path.stem:
                yield f"{path.stem}:{node.lineno}", text


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in messages()])
def test_no_message_tells_a_count(text: str) -> None:
    assert COUNT not in without_counts(text, Release())


def test_there_are_messages() -> None:
    assert len(list(messages())) > 20


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "25 rows are too few for 2 random effects of each of 12 'client' groups (24 in all):"
            " leave out a random slope",
            "about 25 rows are too few for 2 random effects of each of about 10 'client' groups:"
            " leave out a random slope",
        ),
        (
            "the predictors already tell all 2 'therapist' groups apart",
            "the predictors already tell all <10 'therapist' groups apart",
        ),
        ("3 of 98 rows dropped", "<10 of about 100 rows dropped"),
        (
            "no rows to fit 'y ~ x': 98 given, 13 dropped for missing values",
            "no rows to fit 'y ~ x': about 100 given, about 15 dropped for missing values",
        ),
        (
            "2 'client' ids occur under more than one 'therapist' (first: 'c1 (b)' under 't1')",
            "<10 'client' ids occur under more than one 'therapist'",
        ),
        ("7 of 100 draws could not be fitted", "7 of 100 draws could not be fitted"),
        ("fewer than 40 clients: no range is told", "fewer than 40 clients: no range is told"),
        (
            "7 therapists; a variance between them needs 5",
            "<10 therapists; a variance between them needs 5",
        ),
        ("the mean over dimensions needs 10 therapists",) * 2,
        (
            "11 events for 7 predictors are too few: fewer than 2 for each",
            "about 10 events for 7 predictors are too few: fewer than 2 for each",
        ),
    ],
)
def test_wordings(text: str, told: str) -> None:
    assert without_counts(text, Release()) == told
    assert without_counts(told, Release()) == told
