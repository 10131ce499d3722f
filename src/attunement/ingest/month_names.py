"""The names of the months in languages of clinics: the one source for dates written in words.

Latin letters. A name that is another month in another language is left out and not read: listopad
is November to Poles and October to Croats.
"""

from __future__ import annotations

import unicodedata
from functools import cache

NAMES = {
    "English": "january february march april may june july august september october november "
               "december",
    "German": "januar februar märz april mai juni juli august september oktober november dezember",
    "Austrian": "jänner feber märz april mai juni juli august september oktober november dezember",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre "
              "décembre",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
               "diciembre",
    "Spanish, too": "enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre "
                    "diciembre",
    "Catalan": "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "Portuguese": "janeiro fevereiro março abril maio junho julho agosto setembro outubro "
                  "novembro dezembro",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre "
               "novembre dicembre",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november "
             "december",
    "Danish": "januar februar marts april maj juni juli august september oktober november december",
    "Norwegian": "januar februar mars april mai juni juli august september oktober november "
                 "desember",
    "Swedish": "januari februari mars april maj juni juli augusti september oktober november "
               "december",
}  # fmt: skip
# These go by the entire word: what they begin with is another month elsewhere (marraskuu).
WHOLE = {
    "Finnish": "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu "
               "lokakuu marraskuu joulukuu",
    "Finnish, of": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta "
                   "elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
    "Polish": "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik - "
              "grudzień",
    "Polish, of": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września "
                  "października - grudnia",
    "Czech": "leden únor březen duben květen červen červenec srpen září říjen - prosinec",
    "Czech, of": "ledna února března dubna května června července srpna září října - prosince",
}  # fmt: skip
SHORT = {"mrt": 3, "mae": 3, "maerz": 3, "sept": 9, "setm": 9}
SHORTEST = 3  # letters of a name that is cut short


def _plain(word: str) -> str:
    """Small letters without their marks: março and marco, MÄRZ and marz."""
    apart = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@cache
def _known() -> tuple[dict[str, int], dict[str, int]]:
    """Entire names, and what names may be cut to where that is one month in all languages."""
    whole: dict[str, int] = {}
    cut: dict[str, set[int]] = {}
    for names in (*NAMES.values(), *WHOLE.values()):
        whole |= {_plain(name): at for at, name in enumerate(names.split(), 1) if name != "-"}
    for names in NAMES.values():
        for at, name in enumerate(names.split(), 1):
            plain = _plain(name)
            for length in range(SHORTEST, len(plain)):
                cut.setdefault(plain[:length], set()).add(at)
    sure = {start: months.pop() for start, months in cut.items() if len(months) == 1}
    return whole | SHORT, sure


def month_of(word: str) -> int | None:
    """Return the month that a word names, whole or cut to three letters or more (None: none).

    Case and marks on letters do not count. What may be two months, as the French jui, is none.
    """
    whole, cut = _known()
    plain = _plain(word)
    return whole.get(plain, cut.get(plain))


def beginnings() -> list[str]:
    """Return the shortest beginnings of names that are one month, with and without their marks."""
    found = dict.fromkeys(name for name in SHORT if len(name) == SHORTEST)
    for name in " ".join(NAMES.values()).split():
        for word in (name, _plain(name)):
            short = (word[:length] for length in range(SHORTEST, len(word) + 1))
            found |= dict.fromkeys([next(start for start in short if month_of(start))])
    return sorted(found)
