"""One sign more around a value or inside it does not hide what it is."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from attunement.ingest.privacy.identifiers import look, look_at_labels
from attunement.ingest.privacy.identifiers.writing import written_plainly

ROWS = 200
DATES = [
    "'{0}", '="{0}"', "({0})", "{0} *", "{0}?", "*{0}", "{0}|", "[{0}]", "\ufeff{0}", "\u200b{0}",
]  # fmt: skip
AROUND = [  # of every sort, for a record number, a telephone and a card of insurance alike
    "{{{0}}}", "<{0}>", "{0}†", "~{0}", "_{0}_", "• {0}", "→ {0}", "{0} ✓", "§{0}", "{0}/", ": {0}",
    "- {0}", "{0}...", "{0}%", "(({0}))", "([{0}])", "„{0}“", "« {0} »", "{0} 🙂", "\x00{0}\x1f",
    "{0} (?)", "{0} (alt)", "1) {0}", "a: {0}", "ca. {0}", "ID: {0}", "ref={0}", "<b>{0}</b>",
    "&nbsp;{0}", '{{"v": "{0}"}}', '"{0}","x"', "{0} / {0}", "{0}, {0}", "{0} + {0}", "{0}; {0}",
]  # fmt: skip
PHONES = ["'{0}", '="{0}"', "#{0}", "{0};", "\u2018{0}\u2019", "{0}*"]
NUMBERS = ["#{0}", "[{0}]", "{0};", "{0}*", "N°{0}", "'{0}", '="{0}"', "№ {0}", "{0}.00", "Nr. {0}"]
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def _date(draw: random.Random) -> str:
    return f"{draw.randint(1930, 2003)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"


def _phone(draw: random.Random) -> str:
    return f"0171{draw.randint(1_000_001, 9_999_999)}"


def _forms() -> dict[str, list[str]]:
    draw = random.Random(5)
    forms: dict[str, list[str]] = {}

    def add(name: str, make) -> None:  # type: ignore[no-untyped-def]
        forms[name] = [make() for _ in range(ROWS)]

    for how in DATES:
        add(f"date {how}", lambda how=how: how.format(_date(draw)))
    for dash in "\u2010\u2011\u2013\u2014\u2212":
        add(f"date {dash!r}", lambda dash=dash: _date(draw).replace("-", dash))
    add("date, commas", lambda: ",".join(reversed(_date(draw).split("-"))))
    for digits in (ARABIC, DEVANAGARI, WIDE):
        add(f"date {digits[48]}", lambda digits=digits: _date(draw).translate(digits))
        add(f"phone {digits[48]}", lambda digits=digits: _phone(draw).translate(digits))
    for how in PHONES:
        add(f"phone {how}", lambda how=how: how.format(_phone(draw)))
    for sign in "\u00a0\u2013\u202f|":
        add(f"phone {sign!r}", lambda sign=sign: _phone(draw)[:4] + sign + _phone(draw)[4:])
    add("phone, power", lambda: f"4.9171{draw.randint(2_000_001, 2_999_999)}E+11")
    add("number, fraction", lambda: f"{draw.randint(1_600_000_001, 1_700_000_000)}.00")
    add("number, groups", lambda: f"{draw.randint(1_600_000_001, 1_700_000_000):,}")
    for how in NUMBERS:
        add(f"number {how}", lambda how=how: how.format(draw.randint(2_000_001, 9_999_999)))
    for how in AROUND:
        add(
            f"around {how!r}, number",
            lambda how=how: how.format(draw.randint(200_000, 999_999) * 10 + 7),
        )
        add(f"around {how!r}, phone", lambda how=how: how.format(_phone(draw)))
        add(f"around {how!r}, date", lambda how=how: how.format(_date(draw)))
    for how in ("'{0}", '="{0}"'):
        add(f"five {how}", lambda how=how: how.format(draw.randint(10_000, 99_999)))
    return forms


FORMS = _forms()


def _refused(name: str, values: list[str]) -> bool:
    clients = [f"C{k:04d}" for k in range(len(values))]
    table = pd.DataFrame({"client": clients, name: pd.Series(values, dtype="str")})
    return any(one.refused for one in look(table, {"client": "id"}, "client"))


@pytest.mark.parametrize("form", FORMS)
def test_a_sign_more_hides_nothing_in_a_whole_column_or_one_cell(form: str) -> None:
    values = FORMS[form]
    assert _refused("q17", values)
    value = next(one for one in values if written_plainly(one)[-1:] != "0")
    for rest in ("", "3"):
        assert _refused("q17", [rest] * 77 + [value] + [rest] * 122), rest


@pytest.mark.parametrize("name", ["DOB", "Geburtsdatum", "date_of_birth", "Geb.", "geb_tag"])
def test_a_column_named_as_a_birth_date_is_refused_however_it_is_written(name: str) -> None:
    for form, values in FORMS.items():
        if form.startswith("date"):
            assert _refused(name, values), form
    assert _refused(name, [f"{k % 28 + 1}~{k % 12 + 1}~19{k % 60 + 30}" for k in range(ROWS)])


def test_words_for_codes_hold_no_dates_or_telephone_numbers() -> None:
    for form in ("date '{0}", "date ({0})", "phone '{0}", "phone #{0}"):
        assert look_at_labels({"q17": ["agree", FORMS[form][0]]}), form
    assert look_at_labels({"dob": ["May 1972", "June 1980"]})
    assert look_at_labels({"q17": ["2021", "Q1 2022", "May 2021", "2021-22", "1-2", "10"]}) == []


CLEAN = {
    "answers": ["(1)", "(2)", "3*", "4?", "'5", "n.a.", "="],
    "choices": ["1,2,3", "2,3", "1,2,3,4", "4;5", "1|2|3"],
    "sums": ["1.500,00", "2,500.00", "1,000,000", "12 000"],
    "doses": ["5.00", "10.00", "12,50", "2.5E+01", "1.0E-05"],
    "ranges": ["18–24", "25–34", "35–44", "65+", "(90+)"],
    "words": ["“yes”", "(no)", "don’t know", "'s morgens", "weiß nicht", "naïve", "½"],
    "decimals": [f"{k / 7:.12E}" for k in range(40)],
}


@pytest.mark.parametrize("name", CLEAN)
def test_signs_around_answers_are_no_alarm(name: str) -> None:
    values = [CLEAN[name][k % len(CLEAN[name])] for k in range(ROWS)]
    assert not _refused(name, values)
    assert not _refused("q17", values)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("(555) 123-4567", "(555) 123-4567"), ("28.02.", "28.02."), ("k.A.", "k.A."),
        ("(01)34975650295311(21)631256", "(01)34975650295311(21)631256"),
        ("192.168.100.254", "192.168.100.254"), ("NO9386011117947", "NO9386011117947"),
        ("1972 - 12 - 12", "1972-12-12"), ("MRN: 4720135", "MRN: 4720135"), ("$59988", "$59988"),
        ("de:01:35:97:91:20", "de:01:35:97:91:20"), ("1 2 3 5 6 7", "1 2 3 5 6 7"),
        ("4'720'135", "4720135"), ("5 (mild)", "5 (mild)"), ("МRN4720135", "MRN4720135"),
        ('="1989-07-21"', "1989-07-21"), ("4.91712087418E+11", "491712087418"),
        ("1,652,004,603", "1652004603"), ("١٩٧٢", "1972"), ("3.5", "3.5"), ("", ""),
    ],
)  # fmt: skip
def test_what_is_taken_off(written: str, plain: str) -> None:
    assert written_plainly(written) == plain
