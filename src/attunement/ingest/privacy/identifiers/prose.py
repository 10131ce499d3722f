"""Persons in texts that people write about data: meanings, titles, headings, names of files."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from attunement.ingest.privacy.identifiers.codes import known
from attunement.ingest.privacy.identifiers.dates import WITHIN
from attunement.ingest.privacy.identifiers.names import tokens
from attunement.ingest.privacy.identifiers.patterns import PATTERNS
from attunement.ingest.privacy.identifiers.people import TITLED
from attunement.ingest.privacy.identifiers.search import compiled
from attunement.ingest.privacy.identifiers.signs import in_plain_signs

WINDOW, OVERLAP = 1000, 100  # characters
# Forms that mean the same wherever in a text they stand.
ANYWHERE = ("email", "account number", "national number", "ip address", "device", "vehicle")
PHONE = re.compile(
    r"(?<![\w.,/+-])(?:\+|00)[1-9](?:[ ./()-]{0,3}\d){7,14}(?!\d)|"
    r"(?<![\w.,/-])\(?0[1-9]\d{0,4}\)?(?:[ /.-]{0,3}\d){6,10}(?![\d,]|\.\d)|"
    r"(?<![\w.,/-])\(?[2-9]\d{2}\)?[-. ]{1,2}\d{3}[-. ]\d{4}(?!\d)|"
    r"(?i:\b(?:tel|telefon|tlf|tfno|puh|phone|mobile?|handy|fax)\b[.:]? *\+?\(?\d"
    r"(?:[ ./()-]{0,3}\d){5,})"
)
REGISTERED = r"(?i:nct|isrctn|drks|actrn|crd|eudract|doi|pmid|isbn|issn|osf|zenodo|grant|project) ?"
NUMBER = re.compile(r"(?<![\w./,+-])#?\d{6,}[1-9](?![\w,%-]|\.\d)|\bMRN\W?\d{4,}", re.I)
STREET = re.compile(
    r"[A-ZÄÖÜ][\w-]+(?:straße|strasse|str\.|weg|gasse|allee|platz|straat|gatan) \d{1,4}\b|"
    r"\b\d{1,4},? (?:rue|avenue|boulevard) (?:de |du |des )?[A-Z]|"
    r"\b\d{1,4}[a-z]? [A-Z][\w'-]+ (?:Street|Road|Avenue|Lane)\b"
)
WORD = r"[^\W\d_a-z](?:[^\W\d_]|['’-](?=[^\W\d_]))+"
PAIR = re.compile(rf"(?=\b({WORD})(,?) ({WORD}))")
INITIAL = re.compile(rf"\b[^\W\d_a-z]\. ?({WORD})(?![^.;]{{0,40}}\(?(?:19|20)\d\d)")
ROLE = re.compile(
    r"\b(?i:client|patient|patientin|klient|klientin|therapist|therapeut|therapeutin|doctor|"
    rf"psychologist|supervisor|cliente?|paciente|terapeuta|thérapeute) ({WORD}) ({WORD})"
)
# Words beside a name that make it a study's or a scale's.
OF_A_STUDY = frozenset(
    "study trial project clinic clinics scale score inventory questionnaire test data cohort "
    "sample centre center institute foundation method model index checklist form version "
    "schema studie projekt skala fragebogen wert summe datensatz daten stiftung institut "
    "ambulanz klinik étude essai échelle schedule interview system criterion criteria effect "
    "hospital college road street bank day week month beck hamilton young penn rosenberg "
    "likert cronbach wald bayes client patient therapist therapeut therapeutin klient doctor "
    "psychologist supervisor match matching rated rating report reported reports outcome "
    "berichtet besserung change satisfaction experience age gender sex preferences preference "
    "health survey".split()
)


def _named(text: str) -> bool:
    """A title with a name, a given name before a surname or behind it, a role before two names."""
    if compiled(TITLED).search(text):
        return True
    given, surname = known("given"), known("surname")
    ordinary = known("not_in_names") | OF_A_STUDY | known("towns")
    for first, comma, second in PAIR.findall(text):
        one, other = first.casefold(), second.casefold()
        if {one, other} & ordinary:
            continue
        if one in given and not comma:
            return True
        if other in given if comma else other in surname:
            return True
    if any(name.casefold() in surname for name in INITIAL.findall(text)):
        return True
    return any(not {a.casefold(), b.casefold()} & ordinary for a, b in ROLE.findall(text))


@cache
def kind_in_prose(text: str) -> str | None:
    """Return the kind of identifier that a text holds, None where it is ordinary prose.

    Parameters
    ----------
    text : str
        A title, a meaning, a remark of `dataset.yaml`, a heading. Publications and registers of
        trials may be named: `DOI`, `NCT`, authors with a year. Ordinary words in capitals, as
        German nouns are, are no names.
    """
    plain = re.sub(r"\s+", " ", in_plain_signs(text))
    # Patterns may take the square of a text's length; what is looked for is short.
    parts = range(0, max(1, len(plain) - OVERLAP), WINDOW - OVERLAP)
    found = (_kind_in(plain[start : start + WINDOW]) for start in parts)
    return next((kind for kind in found if kind is not None), None)


def _kind_in(plain: str) -> str | None:
    for pattern in PATTERNS:
        anchored = "^" in pattern.regex or pattern.one_each or pattern.is_number
        if pattern.kind not in ANYWHERE or (anchored and pattern.kind != "ip address"):
            continue
        told = compiled(pattern.regex).search(plain)
        if told and (pattern.check is None or pattern.check(told[0].strip())):
            return pattern.kind
    if compiled(WITHIN).search(plain):
        return "date"
    if PHONE.search(re.sub(rf"\b{REGISTERED}[\d-]+|10\.\d{{4,}}/\S+", "", plain)):
        return "phone"
    if NUMBER.search(re.sub(rf"\b{REGISTERED}[\d-]+", "", plain)):
        return "other code"
    if STREET.search(plain):
        return "geography"
    return "name" if _named(plain) else None


@cache
def kind_in_heading(text: str) -> str | None:
    """Return the kind of identifier that the name of a column, source or covariate holds.

    As in prose; words may be joined by `_` or written as one (`MariaSchmidt`, `maria_schmidt`).
    """
    spaced = " ".join(re.findall(r"[^\W_]+|[^\w\s]", text.replace("_", " ")))
    if found := kind_in_prose(text) or kind_in_prose(text.replace("_", " ")):
        return found
    words = tokens(spaced)
    given, surname = known("given"), known("surname")
    titles = {"frau", "herr", "mr", "mrs", "dr", "mme", "mevr", "dhr"}
    told = any(
        (a in given and b in surname)
        or (a in surname and b in given)
        or (a in titles and b in surname)
        for a, b in pairwise(words)
    )
    return "name" if told else None


@cache
def tells_nobody(name: str) -> bool:
    """Return whether the name of a file or sheet may leave the building: stricter than prose.

    Nothing is lost where it may not: the source's name in dataset.yaml stands for it. No name of a
    person, no date and no long number may be in it.
    """
    persons = (known("given") | known("surname")) - known("not_in_names")
    words = set(tokens(name)) | {word.casefold() for word in re.findall(r"[^\W\d_]+", name)}
    plain = in_plain_signs(name)
    digits = re.search(r"\d(\W?\d){5}", plain.replace("_", "-"))
    return not (kind_in_heading(name) or digits or words & persons or "@" in plain)
