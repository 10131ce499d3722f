"""Persons in a file's own words for codes and columns: value labels and variable labels.

They are few and different, so that no column of them tells anything: each is looked at by itself,
and a form counts within it as it would alone in a cell.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from attunement.ingest.privacy.identifiers.checks import initials
from attunement.ingest.privacy.identifiers.codes import known
from attunement.ingest.privacy.identifiers.dates import BIRTH, WITHIN
from attunement.ingest.privacy.identifiers.patterns import PATTERNS
from attunement.ingest.privacy.identifiers.prose import OF_A_STUDY, kind_in_prose
from attunement.ingest.privacy.identifiers.search import compiled
from attunement.ingest.privacy.identifiers.signs import in_plain_signs

LONGEST = 300  # characters: a longer one is a question's wording
MOST_WORDS = 15  # of a title; a longer one is a question
FEWEST_DIGITS, AT_ONCE = 8, 5  # words that may make one number
BIRTHS_BEFORE = 2005
NUMBERS = ("phone", "national number", "health plan number", "account number")
YEAR = re.compile(r"(?:18|19|20)\d{2}")
INITIALS_YEAR = re.compile(
    r"(?<![\w.])((?:[^\W\d_a-z]\. ?){2,3}),?(?: ?[a-z*]\.?)? ?(?:19|20)\d{2}\b"
)
AGED = re.compile(
    r"\b([^\W\d_a-z][^\W\d_]+),? \(?(?i:age|aged|alter|leeftijd|edad|âge|età|alder)?\.? ?\d{1,2}\b"
)
SEEN_BY = re.compile(
    r"\b(?:seen by|gesehen von|vue? par|vist[oa] por|gezien door) ([^\W\d_a-z][^\W\d_]{2,})$"
)
WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))+")
# Given names that are words, places or feasts too, and what comes before a saint.
ALSO_WORDS = frozenset(
    "christian ernst saar sem tage max jan kai frank linda jade noël santiago rosario pilar "
    "concepción blanca rosa vera marina lorraine leon valentin dean scott jack amparo rocío "
    "alva ali victor florence victoria rosemary laurence stanley gordon douglas diego "
    "sander dolores roger".split()
)
SAINTS = frozenset("st saint sankt santa san sint ste sainte".split())
A_DATE = compiled(WITHIN)
WHERE = frozenset(
    "haus house home schule school kirche church praxis practice ward station krankenhaus heim "
    "hospital klinik centre zentrum stiftung".split()
)


def _numbers(text: str) -> str | None:
    """A number of a person in a few words that follow one another: `Case 120374-1234`."""
    words = text.split(" ")
    for size in range(1, min(AT_ONCE, len(words)) + 1):
        for start in range(len(words) - size + 1):
            part = " ".join(words[start : start + size]).strip(",;:")
            digits = re.sub(r"\D", "", part)
            steps = [int(one) for one in re.findall(r"\d+", part)]
            if len(digits) < FEWEST_DIGITS or digits.endswith("00"):
                continue
            if len(steps) > 2 and steps == sorted(steps):
                continue  # points of a scale: 5 10 15 20
            if digits == part and len(digits) < 10:
                continue  # an amount
            for one in PATTERNS:
                if one.kind not in NUMBERS or one.one_each or len(digits) < one.digits:
                    continue
                if compiled(one.regex).search(part) and one.passes(part):
                    return one.kind
    return None


def _initials(text: str) -> bool:
    return any(initials(told) for told in INITIALS_YEAR.findall(text))


def _aged(text: str) -> bool:
    return any(name[0].isupper() and name.casefold() in _given() for name in AGED.findall(text))


@cache
def _given() -> frozenset[str]:
    return known("given") - known("not_in_names") - known("towns") - OF_A_STUDY - ALSO_WORDS


def _spoken_of(text: str) -> bool:
    """A given name behind other words, and nothing that is named after a person."""
    ordinary = known("not_in_names") | OF_A_STUDY
    if any(name.casefold() not in ordinary for name in SEEN_BY.findall(text)):
        return True
    words = WORD.findall(text)
    if {word.casefold() for word in words} & (WHERE | OF_A_STUDY) - {"client", "patient"}:
        return False
    return any(
        name[0].isupper() and name.casefold() in _given() and before.casefold() not in SAINTS
        for before, name in pairwise(words)
    )


@cache
def kind_in_label(text: str) -> str | None:
    """Return the kind of identifier that a value label holds, None where it is an ordinary answer.

    A telephone or national number, initials with a year, and a given name with an age or behind
    other words. What fills a label alone, and dates, are looked for as in cells.
    """
    plain = re.sub(r"\s+", " ", in_plain_signs(text)).strip()
    if len(plain) > LONGEST:
        return None
    if found := _numbers(plain):
        return found
    if _initials(plain) or _aged(plain) or _spoken_of(plain):
        return "name"
    return None


def born(text: str) -> bool:
    """Return whether a date in a text is a birth's: early, without a year, or so called."""
    years = [int(year) for year in YEAR.findall(text)]
    told = re.sub(r"[^a-z]", "", text.casefold())
    return not years or min(years) < BIRTHS_BEFORE or any(one in told for one in BIRTH)


@cache
def kind_in_title(text: str) -> str | None:
    """Return the kind of identifier that the file's own words for a column hold.

    A question is none, whatever it speaks of: it asks all clients the same, and may tell whom to
    call. The date of a survey is none; a date before 2005, or of a birth, is.
    """
    plain = re.sub(r"\s+", " ", in_plain_signs(text)).strip()
    if "?" in plain or len(plain.split(" ")) > MOST_WORDS or len(plain) > LONGEST:
        return None
    found = kind_in_prose(A_DATE.sub(" ", plain)) or _numbers(plain)
    if found:
        return found
    if A_DATE.search(plain) and born(plain):
        return "date"
    return "name" if _initials(plain) or _aged(plain) else None
