r"""Where somebody works or learns: firms, schools and hospitals by their own names."""

from __future__ import annotations

import re
from functools import cache

from attunement.ingest.privacy.identifiers.names import lexicon
from attunement.ingest.privacy.identifiers.shapes import Pattern

FIRMS = (
    "GmbH|AG|KG|OHG|eG|e\\.V\\.|mbH|Ltd|Limited|Inc|LLC|LLP|PLC|plc|Corp|Corporation|"
    "B\\.?V\\.?|N\\.V\\.|S\\.?A\\.?R\\.?L|S\\.A|S\\.L|S\\.p\\.A|S\\.r\\.l|A/S|ApS|Oy|"
    "& Co|& Sons|& Söhne|Bros"
)
SCHOOLS = (
    "Schule|Grundschule|Hauptschule|Realschule|Gesamtschule|Gymnasium|Berufskolleg|Kolleg|Kita|"
    "Kindergarten|Universität|Hochschule|Klinikum|Krankenhaus|School|Academy|College|University|"
    "Nursery|Hospital|Infirmary|Lycée|Collège|École|Université|Instituto|Colegio|Escuela|"
    "Universidad|Liceo|Lyceum|Basisschool|Universiteit|Skola|Gymnasiet|Universitet"
)
# Words that make a sort of school, and no school.
SORTS = frozenset(
    "vocational technical grammar high secondary comprehensive boarding evening special "
    "private public state medical business law art arts music night middle nursery junior "
    "senior elementary primary upper lower community further higher local general polytechnic "
    "a the some no any graduate undergraduate after before pre old new left finished attends "
    "completed training trade commercial agricultural academic religious faith independent "
    "bachelor master two four year inpatient outpatient regional national teaching day "
    "psychiatric step foreign adult sunday summer städtische kommunale private öffentliche "
    "technische pädagogische duale berufliche höhere keine andere volks abend fach förder "
    "sonder frei freie eine ohne mit und oder gewerbliche kaufmännische haute grande "
    "secundaria primaria universitair academisch algemeen teilzeit abgeschlossene enseñanza "
    "superior supérieure publique privée lycée collège école de la du open distance".split()
)
WORDS = re.compile(r"[^\W\d_]+")
SCHOOL = re.compile(rf"(?:{SCHOOLS})s?")


@cache
def _ordinary() -> frozenset[str]:
    return SORTS | {word.casefold() for word in lexicon()["not_in_names"]}


def by_its_own_name(text: str) -> bool:
    """Return whether a firm, school or hospital is named: `Goethe-Gymnasium`, no `High School`."""
    ordinary = _ordinary()
    return any(
        word[0].isupper() and len(word) > 2
        for word in WORDS.findall(text)
        if word.casefold() not in ordinary and not SCHOOL.fullmatch(word)
    )


WORK: tuple[Pattern, ...] = (
    Pattern(
        "employer or school",
        rf"(^|[^\p{{L}}])\p{{Lu}}[\p{{L}}&.'-]+,? (\p{{Lu}}[\p{{L}}&.'-]* |& )*({FIRMS})"
        r"($|[^\p{L}])",
        0,
        " ",
        by_its_own_name,
    ),
    Pattern(
        "employer or school",
        rf"\p{{Lu}}[\p{{L}}.']+([ -]\p{{Lu}}[\p{{L}}.']+)*[ -]({SCHOOLS})($|[^\p{{L}}])",
        0,
        "[ -]",
        by_its_own_name,
        one_each=True,
    ),
    Pattern(
        "employer or school",
        rf"^({SCHOOLS}) (de |du |des |of |van |der |am |an der |in |la )*\p{{Lu}}[\p{{L}}.'-]+",
        0,
        " ",
        by_its_own_name,
        one_each=True,
    ),
    Pattern(
        "employer or school",
        r"\b([Ww]orks?|[Ee]mployed|[Ww]orking|[Ww]orked|[Aa]rbeitet|[Aa]ngestellt|[Tt]ravaille|"
        r"[Ww]erkt|[Tt]rabaja|[Ss]tudies|[Ss]tudying|[Ss]tudiert|[Tt]eaches) "
        r"(at|for|bei|bei der|beim|an der|chez|bij|en) (the )?\p{Lu}\p{L}+",
        0,
        " ",
    ),
)
