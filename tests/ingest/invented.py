"""Invented identifiers: names and places made of syllables, numbers in forms of seven countries.

Nothing in them is in a list of names or towns, so what finds them must be what they are like.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from datetime import date, timedelta

Make = Callable[[random.Random], str]
STARTS = (
    "Bra Klo Fei Tor Mun Stel Vaa Quin Ros Jel Hoo Wim Zer Pel Gund Lich Oster Naa Cas Dru"
).split()
MIDDLES = "ber den la mi ro ven ga ste lo ne ri vo du hel ta".split()
ENDS = "man sen er ez ard ini ska son ius ga els ot in ow".split()
TOWN_ENDS = "burg dorp ville ton heim stad ford by ach illa".split()


def word(draw: random.Random, ends: list[str] = ENDS) -> str:
    middle = "".join(draw.choice(MIDDLES) for _ in range(draw.randint(1, 2)))
    return draw.choice(STARTS) + middle + draw.choice(ends)


def town(draw: random.Random) -> str:
    return word(draw, TOWN_ENDS)


def form(pattern: str) -> Make:
    """Return a maker: `#` a digit, `%` one but 0, `?` a capital, `^` a hexadecimal digit."""
    classes = {
        "#": "0123456789",
        "%": "123456789",
        "?": "ABCDEFGHJKLMNPRSTUVWXYZ",
        "^": "0123456789abcdef",
    }

    def make(draw: random.Random) -> str:
        return "".join(draw.choice(classes[one]) if one in classes else one for one in pattern)

    return make


def born(written: str) -> Make:
    return lambda draw: _day(draw).strftime(written)


def _day(draw: random.Random) -> date:
    return date(1935, 1, 1) + timedelta(days=draw.randrange(25_500))


def _since(draw: random.Random, start: date, each: int = 1) -> str:
    return str((_day(draw) - start).days * each)


def _luhn(draw: random.Random, lead: str, size: int) -> str:
    body = lead + "".join(draw.choice("0123456789") for _ in range(size - len(lead) - 1))
    doubled = [int(d) * (2 - k % 2) for k, d in enumerate(reversed(body))]
    return body + str(-sum(d // 10 + d % 10 for d in doubled) % 10)


def _nhs(draw: random.Random) -> str:
    while True:
        d = [draw.randint(1, 9), *(draw.randint(0, 9) for _ in range(8))]
        check = -sum(w * x for w, x in zip(range(10, 1, -1), d, strict=True)) % 11
        if check < 10:
            return "".join(map(str, [*d, check]))


def _iban(draw: random.Random) -> str:
    body = form("##################")(draw)
    return f"DE{98 - int(body + '131400') % 97:02d}{body}"


def _said(draw: random.Random, n: int) -> str:
    return " ".join(word(draw).lower() for _ in range(n))


# Kind -> forms. Every value is made up; check digits are right where the form has one.
INVENTED: dict[str, list[Make]] = {
    "A names": [
        word,
        lambda r: f"{word(r)} {word(r)}",
        lambda r: f"{word(r)}, {word(r)}",
        lambda r: word(r).lower(),
        lambda r: f"{word(r)} {word(r)}".lower(),
        lambda r: word(r).upper(),
        lambda r: f"{word(r)}{word(r)[0]}",
        lambda r: f"{word(r)[0]}. {word(r)}",
        lambda r: f"{word(r)}_{word(r)}".lower(),
        lambda r: f"van der {word(r)}",
        lambda r: f"Frau {word(r)}",
    ],
    "B geography": [
        town,
        lambda r: town(r).lower(),
        lambda r: town(r).upper(),
        lambda r: f"Bad {town(r)}",
        lambda r: f"{word(r)}straße {r.randint(1, 99)}",
        lambda r: f"{r.randint(1, 99)} {word(r)} Road",
        lambda r: f"{word(r)}gatan {r.randint(1, 99)}",
        lambda r: f"Calle {word(r)} {r.randint(1, 99)}",
        lambda r: f"{r.randint(1, 99)}, rue {word(r)}",
        lambda r: f"{r.randint(1, 999)} {word(r)} {word(r)}",
        form("?%# %??"),
        form("#### ??"),
        form("%####"),
        lambda r: f"{form('%####')(r)} {town(r)}",
        form("%#.######, %.######"),
    ],
    "C dates": [
        born("%Y-%m-%d"),
        born("%d.%m.%Y"),
        born("%m/%d/%Y"),
        born("%d/%m/%y"),
        born("%Y%m%d"),
        born("%d %B %Y"),
        born("%B %d, %Y"),
        born("%d-%b-%y"),
        born("%Y-%m-%d 00:00:00"),
        born("%m/%Y"),
        lambda r: _since(r, date(1899, 12, 30)),
        lambda r: _since(r, date(1582, 10, 14), 86_400),
    ],
    "D phone": [
        form("+49 1%# #######"),
        form("0%## ######"),
        form("(%##) ###-####".replace("%", "2")),
        form("0%##/######"),
        form("0031 6 ########"),
        form("491%########"),
        form("491%########.0"),
        form("Tel. 0%## ######"),
        form("+34.9########"),
        form("06 ## ## ## ##"),
    ],
    "E fax": [form("+49 30 #######"), form("Fax: 0%## ######"), form("(0%##) ######")],
    "F email": [
        lambda r: f"{word(r)}@{word(r)}.de".lower(),
        lambda r: f"{word(r)} (at) {word(r)}.org",
        lambda r: f"{word(r)}.{word(r)}@MAIL.COM",
        lambda r: f"{word(r)} {word(r)} <{word(r)}@x.nl>",
    ],
    "G national number": [
        _nhs,
        form("%##-%#-%###"),
        form("??%##%##A"),
        lambda r: f"{_day(r):%d%m%y}-{r.randint(1, 9999):04d}",
    ],
    "H medical record": [
        form("MRN%######"),
        form("%######"),
        form("%#####"),
        form("%####/1#"),
        form("?######"),
        form("00######"),
        form("201#-#####"),
        form("%###-%#####"),
    ],
    "I health plan": [
        form("?#########"),
        form("POL-#######"),
        form("%EG#-TE#-MK##"),
        form("??########"),
    ],
    "J account": [
        _iban,
        lambda r: _luhn(r, "4", 16),
        lambda r: _luhn(r, "52", 16),
        form("????DEFF###"),
        form("%#######"),
    ],
    "K licence": [
        form("LIC-######"),
        form("?#######"),
        form("?????######??#??"),
        form("%########"),
    ],
    "L vehicle": [
        form("?-?? %###"),
        form("?? ## ???"),
        form("??-###-??"),
        form("##-???-#"),
        form("??%#???"),
        lambda r: form("?-?? %###")(r).lower(),
        form("WVWZZZ1?Z#?######"),
    ],
    "M device": [
        form("^^:^^:^^:^^:^^:^^"),
        form("^^^^^^^^-^^^^-4^^^-a^^^-^^^^^^^^^^^^"),
        lambda r: _luhn(r, "35", 15),
        form("SN-########"),
        form("??##??##??"),
        form("?#?##??#"),
    ],
    "N url": [
        lambda r: f"https://{word(r)}.org/{word(r)}",
        lambda r: f"facebook.com/{word(r)}".lower(),
        lambda r: f"www.{word(r)}.es",
        lambda r: f"{word(r)}.com".lower(),
    ],
    "O ip": [
        lambda r: ".".join(str(r.randint(1, 254)) for _ in range(4)),
        form("2001:db8::^^^^:^^^^:^^^^"),
    ],
    "P biometric": [
        form("FP_#####"),
        form("^" * 64),
        lambda r: f"{word(r)}.wav".lower(),
        lambda r: base64.b64encode(r.randbytes(24)).decode(),
        lambda r: "".join(r.choice("ACGT") for _ in range(30)),
    ],
    "Q photograph": [
        lambda r: f"{word(r)}.jpg".lower(),
        form("IMG_####.png"),
        form("face_0###.JPEG"),
        lambda r: f"C:/{word(r)}/{word(r)}.tiff",
    ],
    "R other code": [
        lambda r: f"{word(r)}{r.randint(1, 99)}".lower(),
        lambda r: f"@{word(r)}".lower(),
        form("EMP#####"),
        form("??-####-??"),
        form("^" * 24),
        lambda r: f"{word(r)}!{r.randint(1, 99)}x",
        lambda r: f"R_{''.join(r.choice('abcXYZ123') for _ in range(15))}",
        lambda r: "-".join(word(r).lower() for _ in range(2)),
    ],
    "free text": [
        lambda r: _said(r, 3),
        lambda r: _said(r, 7),
        lambda r: _said(r, 14).capitalize() + ".",
        lambda r: f"{_said(r, 4)}\n{_said(r, 3)}",
    ],
}
