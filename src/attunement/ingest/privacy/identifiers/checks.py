"""Check digits: what tells a national number, a card or an account from any other number."""

from __future__ import annotations

import ipaddress
import re
from itertools import pairwise

LETTERS_OF_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
CHARACTERS_OF_HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def digits(text: str) -> list[int]:
    """Return the digits of a text."""
    return [int(one) for one in text if one.isascii() and one.isdigit()]


def luhn(text: str) -> bool:
    """Luhn's sum (ISO/IEC 7812-1): cards, IMEI, the Canadian SIN, the Swedish personnummer."""
    found = digits(text)[::-1]
    doubled = [d if k % 2 == 0 else (2 * d - 9 if d > 4 else 2 * d) for k, d in enumerate(found)]
    return bool(found) and len(set(found)) > 1 and sum(doubled) % 10 == 0


def card(text: str) -> bool:
    """A payment card: Luhn, and the first digits of an issuer."""
    number = "".join(map(str, digits(text)))
    return (
        luhn(text)
        and re.match(r"4|5[1-5]|2[2-7]|3[47]|6(?:011|4|5)|3[0568]|35", number) is not None
    )


def nhs(text: str) -> bool:
    """The NHS number: ten digits, weights 10 to 2, the rest to 11 is the last digit."""
    d = digits(text)
    if len(d) != 10 or len(set(d)) == 1:
        return False
    return (11 - sum(w * x for w, x in zip(range(10, 1, -1), d, strict=False)) % 11) % 11 == d[9]


def bsn(text: str) -> bool:
    """The Dutch burgerservicenummer: the 11-test with weights 9 to 2 and -1."""
    d = digits(text)
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return len(d) == 9 and any(d) and sum(w * x for w, x in zip(weights, d, strict=True)) % 11 == 0


def german_tax(text: str) -> bool:
    """The German tax number: eleven digits, not beginning with 0, ISO 7064 MOD 11,10."""
    d = digits(text)
    if len(d) != 11 or d[0] == 0:
        return False
    product = 10
    for one in d[:10]:
        total = (one + product) % 10 or 10
        product = (2 * total) % 11
    return (11 - product) % 10 == d[10]


def personnummer(text: str) -> bool:
    """The Swedish personnummer: a date of birth and Luhn over the last ten digits."""
    d = digits(text)[-10:]
    return len(d) == 10 and 1 <= 10 * d[2] + d[3] <= 12 and luhn("".join(map(str, d)))


def born(text: str) -> bool:
    """Ten or eleven digits that begin with a date: day first (Danish CPR) or year first."""
    d = digits(text)
    if len(d) not in (10, 11):
        return False
    one, two, three = (10 * d[k] + d[k + 1] for k in (0, 2, 4))
    return 1 <= two <= 12 and (1 <= one <= 31 or 1 <= three <= 31)


def jumbled(text: str) -> bool:
    """Capitals, small letters and digits in one long word: coded, not written."""
    return (
        len({"A" if c.isupper() else "a" if c.islower() else "0" for c in text if c.isalnum()}) > 2
    )


def changing(text: str) -> bool:
    """Letters and digits in turn, as in a serial number: four changes or more, three letters."""
    sorts = ["0" if one.isdigit() else "A" for one in text]
    turns = sum(one != other for one, other in pairwise(sorts))
    return turns >= 4 and sorts.count("A") >= 3


def no_unit(text: str) -> bool:
    """The two letters behind a number are no unit of measurement."""
    return text[-2:].lower() not in {
        "mg",
        "ml",
        "kg",
        "km",
        "cm",
        "mm",
        "ms",
        "hz",
        "mv",
        "ug",
        "st",
    }


def bic(text: str) -> bool:
    """A bank's code, and no word in capitals: few words have a country in their middle."""
    return text not in {"COUNSELLING", "PRESENTED", "CONFUSED"} and not text.endswith("ING")


def norwegian(text: str) -> bool:
    """The Norwegian fødselsnummer: two check digits by weights mod 11."""
    d = digits(text)
    if len(d) != 11 or not born(text):
        return False
    one = (11 - sum(w * x for w, x in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), d, strict=False)) % 11) % 11
    two = (
        11 - sum(w * x for w, x in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), d, strict=False)) % 11
    ) % 11
    return one == d[9] and two == d[10]


def hetu(text: str) -> bool:
    """The Finnish henkilötunnus: date and number modulo 31 give the last character."""
    d = digits(text[:-1])
    return len(d) == 9 and CHARACTERS_OF_HETU[int("".join(map(str, d))) % 31] == text[-1].upper()


def dni(text: str) -> bool:
    """The Spanish DNI or NIE: the number modulo 23 gives the letter."""
    plain = text.upper().replace("-", "").replace(" ", "")
    number = plain[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return number.isdigit() and LETTERS_OF_DNI[int(number) % 23] == plain[-1]


def belgian(text: str) -> bool:
    """The Belgian rijksregisternummer: nine digits modulo 97 give the last two."""
    d = "".join(map(str, digits(text)))
    if len(d) != 11:
        return False
    return any(97 - int(lead + d[:9]) % 97 == int(d[9:]) for lead in ("", "2"))


def pesel(text: str) -> bool:
    """The Polish PESEL: weights 1, 3, 7, 9."""
    d = digits(text)
    if len(d) != 11 or len(set(d)) == 1:
        return False
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    return (10 - sum(w * x for w, x in zip(weights, d, strict=False)) % 10) % 10 == d[10]


def nir(text: str) -> bool:
    """The French NIR: thirteen digits modulo 97 give the last two."""
    d = "".join(map(str, digits(text)))
    return len(d) == 15 and d[0] in "12" and 97 - int(d[:13]) % 97 == int(d[13:])


def ahv(text: str) -> bool:
    """The Swiss AHV number: 756 and the check digit of EAN-13."""
    d = digits(text)
    if len(d) != 13 or d[:3] != [7, 5, 6]:
        return False
    return (10 - sum(x * (1 if k % 2 == 0 else 3) for k, x in enumerate(d[:12])) % 10) % 10 == d[12]


def iban(text: str) -> bool:
    """An IBAN (ISO 13616): modulo 97 of the turned number is 1."""
    plain = re.sub(r"[^A-Z0-9]", "", text.upper())
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1


def kvnr(text: str) -> bool:
    """The German health insurance number: a letter and nine digits, weights 1 and 2."""
    plain = text.strip().upper()
    d = digits(f"{ord(plain[0]) - 64:02d}{plain[1:9]}")
    products = [x * (1 if k % 2 == 0 else 2) for k, x in enumerate(d)]
    return sum(p // 10 + p % 10 for p in products) % 10 == int(plain[9])


def cpf(text: str) -> bool:
    """The Brazilian CPF: the last two of eleven digits by falling weights modulo 11."""
    d = digits(text)
    if len(d) != 11 or len(set(d)) == 1:
        return False
    told = [
        sum(w * x for w, x in zip(range(n + 1, 1, -1), d, strict=False)) * 10 % 11 % 10
        for n in (9, 10)
    ]
    return told == d[9:]


def ssn(text: str) -> bool:
    """A US social security number that may have been issued."""
    d = "".join(map(str, digits(text)))
    return d[:3] not in ("000", "666") and d[3:5] != "00" and d[5:] != "0000"


def whole_days(text: str) -> bool:
    """Seconds since 14 October 1582, as SPSS counts them, at midnight."""
    return int(text) % 86_400 == 0


def midnight(text: str) -> bool:
    """Seconds since 1970 at midnight."""
    return int(text) != 0 and int(text) % 86_400 == 0


def midnight_in_milliseconds(text: str) -> bool:
    """Milliseconds since 1970 at midnight."""
    return int(text) != 0 and int(text) % 86_400_000 == 0


def ip(text: str) -> bool:
    """An IP address, version 4 or 6."""
    try:
        ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True


def plate(text: str) -> bool:
    """A number plate, and no code of a diagnosis or a test: `KLE C341`, not `ICD F32`."""
    tests = (
        "ICD DSM HAM BDI PHQ GAD SCL WAI SRS ORS CGI GAF OQ KV AMP TP VT AP PT CBT IPT DBT QIDS ID"
    )
    return re.split(r"[-: ]", text)[0] not in tests.split()


def initials(text: str) -> bool:
    """Initials with stops, and no abbreviation that many write so."""
    known = "NA UK US USA EU BA MA PC AM PM CBT IE EG ND NR KA ZB UA DH BC AD VS PS NB".split()
    return "".join(one for one in text if one.isalpha()) not in known
