r"""What dates look like, alone in a cell or within one, and in a column of births (RE2)."""

from __future__ import annotations

from attunement.ingest.month_names import beginnings

MONTHS = "|".join(beginnings())
CLOCK = r"[T :][0-9:.,+Z -]*([AaPp][Mm])?( ?[A-Z]{2,4})?"
YEAR = r"(18|19|20)\d{2}"
# A word for a month in whatever language, and none of what is counted.
WORD = r"\p{L}{3,12}"
COUNTED = (
    r"(?i)\d ?(sess|sitz|week|woch|month|monat|year|jahr|day|tag|hour|stund|mal|time|kind|child|"
    r"visit|item|wave|welle|arm|of |mg|min|sem|term|trim|quart|jours|ans|mois)"
)
NTH = r"(st|nd|rd|th)?"
NAMED = rf"({MONTHS})[\p{{L}}]*"
TWO_OR_FOUR = rf"(\d{{2}}|{YEAR})"
# Any sign may stand between day, month and year; a colon or a blank only before four digits.
BETWEEN, ANY = r" ?[-/.,_:|*\\~+=;] ?", r"( ?[-/.,_:|*\\~+=;] ?| )"
DATES = (
    rf"^{YEAR}{ANY}\d{{1,2}}{ANY}\d{{1,2}}\.?({CLOCK})?$",
    rf"^\d{{1,2}}{ANY}\d{{1,2}}{ANY}{YEAR}({CLOCK})?$",
    r"^\d{1,2} ?[./] ?\d{1,2} ?[./] ?'?\d{2}$",
    r"^(0[1-9]|[12]\d|3[01])[-_ ](0[1-9]|1[0-2])[-_ ]'?[3-9]\d$",
    r"^(0[1-9]|1[0-2])[-_ ](0[1-9]|[12]\d|3[01])[-_ ]'?[3-9]\d$",
    rf"^{YEAR}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(T?\d{{4,6}}Z?|T[0-9:.]*Z?)?$",
    r"^(0?[1-9]|1[0-2])[/.](19|20)\d{2}$",
    r"^(19|20)\d{2}[-/](0[1-9]|1[0-2])$",
    r"^\d{1,2}\. ?\d{1,2}\.$",
    rf"^\d{{1,2}}[-./ ](?:I|II|III|IV|V|VI|VII|VIII|IX|X|XI|XII)[-./ ]({YEAR}|\d{{2}})$",
    rf"(?i:^({MONTHS})[- ]\d{{2}}$)",
    rf"(?i:^\p{{L}}+\.?,? (the )?\d{{1,2}}(st|nd|rd|th)?[-. ]+({MONTHS})[\p{{L}}]*[-,. ]+\d{{4}}$)",
    rf"(?i:^(\p{{L}}+\.?,? )?\d{{1,2}}[.º°]? (de |d')?{WORD}\.?,? ((de|del|of) )?(l'an )?{YEAR}"
    r"( г\.?)?$)",
    rf"(?i:^(the )?\d{{1,2}}{NTH}[-./_, ]*(of )?{NAMED}[-,./_' ]*{TWO_OR_FOUR}({CLOCK})?$)",
    rf"(?i:^(\p{{L}}+\.?,? )?{NAMED}[-./_ ]*\d{{1,2}}{NTH}[-,./_ ]+'?{TWO_OR_FOUR}({CLOCK})?$)",
    rf"(?i:^{YEAR}[-,./_ ]*({MONTHS})[\p{{L}}]*[-,./_ ]*\d{{1,2}}\.?$)",
    rf"(?i:^({MONTHS})[\p{{L}}]*\.?,?[-/ ](19|20)\d{{2}}$)",
)
IS_DATE = "|".join(f"(?:{one})" for one in DATES)
DAY, MONTH, SIGN = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])", r"[-_ /]"
A_DAY_OF_A_MONTH = (
    rf"^{DAY}{SIGN}{MONTH}{SIGN}\d\d$|^{MONTH}{SIGN}{DAY}{SIGN}\d\d$|^\d\d{SIGN}{MONTH}{SIGN}{DAY}$"
)
# A whole date in a longer text.
WITHIN = (
    rf"(^|[^\d.,/-])(\d{{1,2}}[./]\d{{1,2}}[./]|\d{{1,2}}-\d{{1,2}}-){YEAR}($|[^\d.,/-]|[.,]($|\D))|"
    rf"(^|[^\d.,/-]){YEAR}(-\d{{2}}-\d{{2}}|/\d{{1,2}}/\d{{1,2}})($|[^\d/-])|"
    rf"(?i:\b\d{{1,2}}(st|nd|rd|th|\.)? (of )?({MONTHS})[\p{{L}}]*\.?,? {YEAR}\b)|"
    rf"(?i:\b({MONTHS})[\p{{L}}]*\.? \d{{1,2}}(st|nd|rd|th)?,? {YEAR}\b)|"
    r"(^|[^\d.])(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.[3-9]\d($|[^\d.])"
)
BIRTH = ("birth", "dob", "gebdat", "geburt", "geboor", "nacim", "naiss", "fodsel", "fodelse")
# In a column of births: six digits, a day beside a month, or a number of days.
OF_A_BIRTH = (
    r"^\D{0,12}(\d\D{0,3}){6,}\D{0,12}$|\d\D*\p{L}{3,}\D*\d{2}|^\d{5,11}$|"
    r"^(0?[1-9]|[12]\d|3[01]) ?[-/] ?(0?[1-9]|[12]\d|3[01])$|"
    rf"(?i:^\d{{1,2}}\.? ?({MONTHS})\p{{L}}*\.?$|^({MONTHS})\p{{L}}*\.? \d{{1,2}}\.?$)"
)
