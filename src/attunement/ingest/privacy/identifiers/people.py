"""Names of persons, free text and unique codes: what shows in a whole column, not in one form."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

import numpy as np

from attunement.ingest.privacy.identifiers.cells import Cells
from attunement.ingest.privacy.identifiers.codes import combined, known, one_each

TITLED = (
    r"\b(Dr|Prof|Mr|Mrs|Ms|Herr|Frau|Fr|Hr|Sr|Sra|Srta|Mme|Mlle|Dhr|Mevr|Mw|Sig|Sig\.ra|Dott)\.? "
    r"([A-Z]\.? ?)?[A-ZÀ-ÖØ-Þ][\w'-]+"
)
# Letters of Latin scripts; whole classes of Unicode make slow patterns.
UP, LOW = "A-ZÀ-ÖØ-ÞĀ-ž", "a-zß-öø-ÿĀ-ž"
WORD = (
    rf"[{UP}][{LOW}]+(?:[-'’][{UP}]?[{LOW}]+)?|[OD]['’][{UP}][{LOW}]+|Mc[{UP}][{LOW}]+|"
    rf"[{UP}]{{3,}}(?:[-'’][{UP}]+)?"
)
PARTICLES = r"(?:(?:von|van|de|der|den|del|di|la|le|ten|ter) )*"
SEVERAL = rf"^(?:{WORD})(?:,? {PARTICLES}(?:{WORD}|[{UP}]\.)){{1,3}}$"
ONE = rf"^(?:{WORD})$"
INITIAL = rf"^(?:[{UP}]\.[ -]?){{1,3}}(?:{WORD})$"
# Scripts in which only names have two capitals, and scripts without capitals.
EASTERN = (
    r"^[А-ЯЁІЇЄΑ-ΩΆΈΉΊΌΎΏ][а-яёіїєα-ωά-ώ]+(?:-[А-ЯЁІЇЄΑ-Ω][а-яёіїєα-ωά-ώ]+)?"
    r"(?:,? [А-ЯЁІЇЄΑ-ΩΆΈΉΊΌΎΏ](?:[а-яёіїєα-ωά-ώ]+|\.)){1,2}$"
)
WITHOUT_CAPITALS = (
    "^[\u05d0-\u06ff\u0900-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
    "[\u05d0-\u06ff\u0900-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af .]{1,30}$"
)
SHARE_FOREIGN = 0.1
SMALL = rf"^[{LOW}]{{2,}}(?:,? [{LOW}]{{2,}}){{1,2}}$"
# Beside these Berlin is a state and London a region.
REGIONS = (
    r"(?i)^(north|south|east|west|yorkshire|midlands|scotland|wales)\b|^(bayern|hessen|saarland|"
    r"(nieder)?sachsen(-anhalt)?|thüringen|brandenburg|nordrhein-westfalen|rheinland-pfalz|"
    r"baden-württemberg|schleswig-holstein|mecklenburg-vorpommern|tirol|kärnten|steiermark|"
    r"vorarlberg|burgenland|(nieder|ober)österreich|aargau|thurgau|tessin|wallis|graubünden|"
    r"(noord|zuid)-holland|gelderland|friesland|drenthe|flevoland|zeeland|overijssel|limburg|"
    r"andalucía|cataluña|galicia|aragón|asturias|cantabria|extremadura|navarra|"
    r"bretagne|normandie|occitanie|île-de-france|lombardia|toscana|piemonte|veneto)$|\blän$"
)
LEAST_NAMES, LEAST_SURNAMES = 8, 6
# Different texts for each row with one: what is written is rarely written again. Where so many of
# the words stand in headings and groups, they are labels rather.
SHARE_OF_TEXTS, SHARE_OF_LABELS, LABELS = 0.1, 0.3, 0.4
SOME = 2000  # values of very many
WITHIN = rf"[{LOW}] (?:{WORD}) (?:{WORD})"
SENTENCE = r"(\S+\s+){3,}\S"
LONG_TEXT, VERY_LONG_TEXT = r"(\S+\s+){5,}\S", r"(\S+\s+){11,}\S"


def _words(texts: list[str]) -> list[list[str]]:
    return [[word for word in re.split(r"[\s,.]+", text) if word] for text in texts]


def names(cells: Cells, people: np.ndarray | None) -> np.ndarray:
    """Return which values are names of persons.

    A title with a name, or a known given name beside a capitalised word, is one wherever it
    stands. Single known names count where they are a fifth of all words, or stand among blanks and
    numbers. Unknown names count where a column is full of different capitalised words, two by two
    or (one each, nearly one a person) alone, that are no words of diagnoses or groups.
    """
    letters = cells.matches(r"\p{Lu}\p{L}", cells.telling & (cells.n_letters > 1))
    lower = cells.telling & cells.matches(r"^\p{Ll}[\p{Ll} ,'-]+$|^\p{Lu}+$")
    found = cells.matches(TITLED, letters) | _eastern(cells, people)
    if not (letters | lower).any():
        return found
    given, surname, common = known("given"), known("surname"), known("not_in_names")
    several = cells.matches(SEVERAL, letters & (cells.n_digits == 0))
    chosen = np.flatnonzero(several)
    words = _words(cells.values.take(chosen).to_pylist())
    familiar = np.array(
        [
            bool({one.casefold() for one in some} & (given | surname))
            and not {one.casefold() for one in some} & common
            for some in words
        ],
        dtype=bool,
    )
    found[chosen[familiar]] = True
    if len(words) >= LEAST_NAMES:
        first = {some[0].casefold() for some in words}
        last = {some[-1].casefold() for some in words}
        ordinary = np.mean([word.casefold() in common for some in words for word in some])
        varied = len(first) >= 0.3 * len(words) and len(last) >= 0.4 * len(words)
        # A column of names: they are most of what stands there.
        if varied and ordinary < 0.1 and several.sum() >= 0.6 * cells.telling.sum():
            found |= several
    if letters.any():
        found |= letters & cells.matches(INITIAL)
    return (
        found
        | _small(cells, given, surname)
        | _within(cells, given, letters)
        | _few(cells, several, people, common)
        | _single(cells, letters | lower, people, (given, surname), common)
    )


def _eastern(cells: Cells, people: np.ndarray | None) -> np.ndarray:
    """Names in scripts other than Latin: two capitals, or words of a script that is rare there."""
    told = cells.telling & (cells.n_letters > 1) & (cells.n_digits == 0)
    two = cells.matches(EASTERN, told)
    found = two if two.any() and one_each(cells, two, people) else np.zeros_like(told)
    found |= _given_elsewhere(cells, told)
    foreign = cells.matches(WITHOUT_CAPITALS, told)
    lettered = cells.counts[cells.n_letters > 1].sum()
    rare = foreign.any() and cells.counts[foreign].sum() <= SHARE_FOREIGN * lettered
    return found | foreign if rare else found


def _given_elsewhere(cells: Cells, told: np.ndarray) -> np.ndarray:
    """Known given names in other scripts, alone or beside one word: a fifth of all words."""
    found = cells.matches(r"^[^\x00-\x7f]\S*( \S+)?$", told)
    chosen = np.flatnonzero(found)
    given = known("given_in_other_scripts")
    texts = cells.values.take(chosen).to_pylist()
    found[chosen] = [bool(set(text.casefold().split()) & given) for text in texts]
    enough = found.sum() >= 2 and cells.counts[found].sum() >= 0.2 * cells.counts[told].sum()
    return found if enough else np.zeros_like(found)


def many_names(cells: Cells) -> np.ndarray:
    """Return which of very many values are pairs of capitalised words, if a sample shows names."""
    several = cells.matches(SEVERAL, cells.telling & (cells.n_digits == 0))
    if several.sum() < 0.6 * cells.telling.sum():
        return np.zeros_like(several)
    some = cells.values.take(np.flatnonzero(several)[:: max(1, several.sum() // SOME)]).to_pylist()
    common, words = known("not_in_names"), _words(some)
    ordinary = np.mean([word.casefold() in common for one in words for word in one])
    return several if ordinary < 0.1 else np.zeros_like(several)


def _small(cells: Cells, given: AbstractSet[str], surname: AbstractSet[str]) -> np.ndarray:
    """Given name and surname in small letters, both known."""
    found = cells.telling & cells.matches(SMALL)
    chosen = np.flatnonzero(found)
    words = [set(some) for some in _words(cells.values.take(chosen).to_pylist())]
    told = [bool(w & given) and bool(w & surname) and w <= given | surname for w in words]
    # Pairs of small words, in a good part of them a given name: the others are names too.
    likely = len(words) > 2 and np.mean([bool(w & given) for w in words]) >= 0.25
    found[chosen] = [one or likely for one in told]
    return found


def _within(cells: Cells, given: AbstractSet[str], letters: np.ndarray) -> np.ndarray:
    """A known given name and another word with a capital, in the middle of a sentence."""
    found = cells.matches(WITHIN, letters)
    chosen = np.flatnonzero(found)
    inside = re.compile(WITHIN)
    texts = cells.values.take(chosen).to_pylist()
    found[chosen] = [
        any(pair[2:].split()[0].casefold() in given for pair in inside.findall(text))
        for text in texts
    ]
    return found


def _few(
    cells: Cells, several: np.ndarray, people: np.ndarray | None, common: AbstractSet[str]
) -> np.ndarray:
    """A few names, none of them known: all that has a capital, one pair for each person."""
    letters = cells.telling & cells.matches(r"^\p{Lu}.*\p{L}{2}")
    alone = several.any() and several.sum() == letters.sum() and one_each(cells, several, people)
    if alone:
        words = _words(cells.values.take(np.flatnonzero(several)).to_pylist())
        if not any(word.casefold() in common for some in words for word in some):
            return several
    return np.zeros(len(several), dtype=bool)


def _single(
    cells: Cells,
    words: np.ndarray,
    people: np.ndarray | None,
    persons: tuple[AbstractSet[str], AbstractSet[str]],
    common: AbstractSet[str],
) -> np.ndarray:
    found = np.zeros(len(words), dtype=bool)
    single = words & cells.matches(r"^[\p{L}'’-]{3,}$")
    chosen = np.flatnonzero(single)
    written = cells.values.take(chosen).to_pylist()
    texts = [text.casefold() for text in written]
    # Beside other occupations Koch and Schneider are occupations.
    given, surname = persons
    among_others = any(text.casefold() in common for text in written if text[0].isupper())
    meant = (given if among_others else given | surname) - common
    hit = np.array([text in meant for text in texts], dtype=bool)
    alone = len(chosen) == int((cells.telling & cells.matches(r"\p{L}")).sum())
    if hit.any() and (hit.sum() >= 0.2 * len(chosen)) and (alone or hit.sum() >= 2):
        found[chosen[hit]] = True
    capital = single & cells.matches(ONE)
    ordinary = np.mean([text in common for text in texts]) if texts else 1.0
    capitals = cells.telling & cells.matches(r"^\p{Lu}")
    full = int(capital.sum()) >= LEAST_SURNAMES and capital.sum() >= 0.8 * capitals.sum()
    if full and ordinary < 0.1 and one_each(cells, capital, people):
        found |= capital
    return found


def towns(cells: Cells) -> np.ndarray:
    """Return which values are large towns, where towns are a fifth of the words or all of them."""
    found = cells.matches(r"^[\p{L} -]{4,}$", cells.telling & (cells.n_digits == 0))
    chosen = np.flatnonzero(found)
    large = known("towns")
    found[chosen] = [text.casefold() in large for text in cells.values.take(chosen).to_pylist()]
    regions = cells.matches(REGIONS)
    enough = found.any() and found.sum() >= 0.2 * len(chosen) and not regions.any()
    return found if enough else np.zeros_like(found)


def free_text(cells: Cells) -> np.ndarray:
    """Return which values are free text: six words or more, not the same again and again.

    Labels of answers may be long too, but a few of them fill a column. One or two such values
    count where they have twelve words, or where all that is told is long.
    """
    told = cells.matches(r"\p{L}{3}", cells.telling & (cells.n_letters > 2))
    sentences = cells.matches(SENTENCE, told)
    if sentences.any() and combined(cells):
        return np.zeros_like(sentences)  # several choices in one cell
    if sentences.any() and (sentences == told).all() and cells.counts[sentences].max() == 1:
        return sentences  # nothing but sentences, each said once
    lines = told & cells.matches(r"\S\s+\S.*[\r\n]|[\r\n].*\S\s+\S")
    if lines.any():
        return sentences | lines
    long = sentences & cells.matches(LONG_TEXT)
    short = told & ~cells.matches(r"\S+\s+\S+\s+\S")
    alone = long.any() and (long | short == told).all() and cells.counts[long].max() == 1
    if alone and cells.counts[short].sum() >= 5 * short.sum():
        return long  # one remark among words that come again and again
    nothing = np.zeros(len(long), dtype=bool)
    if not long.any():
        return nothing
    texts = cells.values.take(np.flatnonzero(long)[:SOME]).to_pylist()
    words = [one.casefold() for some in _words(texts) for one in some if len(one) > 2]
    labels = np.mean([one in known("not_in_names") for one in words] or [False]) >= LABELS
    share = SHARE_OF_LABELS if labels else SHARE_OF_TEXTS
    if long.sum() < share * cells.counts[long].sum():
        return nothing
    if long.sum() >= 3 or long.sum() == (cells.counts > 0).sum():
        return long
    very = long & cells.matches(VERY_LONG_TEXT)
    # Among blanks and numbers even one remark is a remark.
    return long if very.any() or told.sum() == long.sum() else nothing
