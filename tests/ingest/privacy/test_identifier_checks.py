"""Check digits, by published examples and by numbers with one digit changed."""

from __future__ import annotations

import pytest

from attunement.ingest.privacy.identifiers import checks

# The examples that the issuers, or the standards' texts, print.
VALID = {
    "luhn": ["79927398713", "490154203237518"],
    "card": ["4111 1111 1111 1111", "5500 0055 5555 5559", "371449635398431"],
    "nhs": ["943 476 5919", "4010232137"],
    "bsn": ["111222333", "123456782"],
    "german_tax": ["86095742719", "65929970489"],
    "personnummer": ["811228-9874", "198112289874"],
    "norwegian": ["01010750160"],
    "hetu": ["131052-308T"],
    "dni": ["12345678Z", "X1234567L"],
    "belgian": ["85073003328", "17073003384"],
    "pesel": ["44051401359"],
    "ahv": ["756.9217.0769.85"],
    "iban": ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "NL91ABNA0417164300"],
    "kvnr": ["A123456780"],
    "ssn": ["123-45-6789"],
    "ip": ["192.168.0.1", "2001:db8::1", "::1"],
}
INVALID = {
    "card": ["9111 1111 1111 1111"],
    "nhs": ["1111111111", "12345"],
    "german_tax": ["06095742719"],
    "ssn": ["000-12-3456", "666-12-3456", "123-00-4567"],
    "ip": ["256.1.1.1", "10:30:15", "1.2.3"],
    "pesel": ["00000000000"],
}


@pytest.mark.parametrize("name", VALID)
def test_valid_numbers_pass_and_a_changed_digit_fails(name: str) -> None:
    check = getattr(checks, name)
    for number in VALID[name]:
        assert check(number), number
        if name in ("ssn", "ip"):
            continue
        place = max(k for k, one in enumerate(number) if one.isdigit())
        changed = f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}"
        assert not check(changed), changed


@pytest.mark.parametrize("name", INVALID)
def test_what_cannot_be_fails(name: str) -> None:
    for number in INVALID[name]:
        assert not getattr(checks, name)(number), number
