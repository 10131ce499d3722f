"""Dates, addresses, plates, places, firms and names in the notations that people use for them."""

from __future__ import annotations

import pandas as pd
import pytest

from attunement.ingest.privacy.identifiers import look

ROWS = 120


def _refused(name: str, values: list[str]) -> set[str]:
    clients = [f"C{k:04d}" for k in range(len(values))]
    table = pd.DataFrame({"client": clients, name: pd.Series(values, dtype="str")})
    return {one.kind for one in look(table, {"client": "id"}, "client") if one.refused}


def _filled(values: list[str]) -> list[str]:
    return [values[k % len(values)] for k in range(ROWS)]


KINDS: dict[str, list[str]] = {
    "date": [
        "12 12 1972", "12_12_1972", "1972:12:12", "12·12·1972", "12|03|1972", "12*03*1972",
        "12-03-72", "12/3/'72", "12.März 1972", "12 grudnia 1972", "12 декабря 1972",
        "12.XII.1972", "1972 Dec 12", "12DEC72", "12DEC1972:00:00:00", "19721212T000000",
        "12th of December 1972", "1972/12", "geb. 12.03.1972", "born 1972-03-12",
        "DOB 12/12/1972", "patient born 12.12.72 in town", "1972年12月12日", "1972.12.12.",
        "le 12 décembre 1972", "12.03.1972 (geschätzt)",
    ],
    "vehicle": ["KLE C341", "KLE-C 341", "B:AB 1234", "AA-123-AA", "1234 BCD"],
    "geography": ["N53°35′", "53°35'N 9°59'E", "53.5503; 9.9920", "N 53 35.123", "9F5F8Q2X+3C"],
    "email": [
        "x(a)gmx.de", "x [at] gmx.de", "x at gmx dot de", "anna(at)gmx(dot)de", "anna_at_gmx.de",
        "anna {at} gmx.de", "anna AT gmx PUNKT de", "anna [ät] gmx [punkt] de", "anna%40gmx.de",
    ],
    "name": ["Иван Петров", "王伟", "김민준", "محمد علي", "Νίκος Παππάς", "M.S."],
    "employer or school": [
        "works at Tesco", "Siemens AG", "Müller & Söhne", "Goethe-Gymnasium", "St. Mary's School",
        "Lycée Victor Hugo", "arbeitet bei Siemens", "Bosch GmbH",
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_single_cell_is_found_among_blanks_numbers_and_words(kind: str) -> None:
    for value in KINDS[kind]:
        for rest in ("", "3", "control"):
            assert _refused("q17", [rest] * 77 + [value] + [rest] * 42), (value, rest)


NAMED = {
    "Initialen": ["MS", "AK", "P.L.", "JvD"],
    "client_initials": ["M.S.", "AK"],
    "signature": ["MS", "A.K.", "Okonkwo"],
    "employer": ["Tesco", "Siemens", "Aldi"],
    "school_name": ["Goethe", "Schiller"],
    "Geb.": ["21/1", "3/12", "21. Januar"],
    "birthday": ["Jan 21", "010372", "12~3~1972"],
    "admission": ["12~3~1972", "March 1 72"],
}


@pytest.mark.parametrize("name", NAMED)
def test_what_a_name_announces_is_found_in_any_notation(name: str) -> None:
    assert _refused(name, NAMED[name] + [""] * 80)


CLEAN: dict[str, list[str]] = {
    "seed": [str(10000 + 7919 * k % 90000) for k in range(ROWS)],
    "voice_energy": [f"{k / 130:.5f}" for k in range(ROWS)],
    "street_drugs": ["cannabis", "none", "cocaine"],
    "birthplace_region": ["Northern Europe", "Asia", "Africa"],
    "zip_file_version": ["1.2.0", "2.0.1"],
    "birth_weight": ["3250", "2900"],
    "diagnosis": ["ICD F32", "DSM V5", "F32.1"],
    "school": ["High School", "Vocational School", "Grammar School", "University", "Realschule"],
    "setting": ["Day Hospital", "General Hospital", "Community Clinic"],
    "company": ["small", "large"],
    "temperature": ["37.5°", "36.9 °C", "38°C"],
    "face_validity": ["3", "4"],
    "phone_use": ["daily", "weekly"],
    "address_form": ["Sie", "du"],
    "image_quality": ["good (3)", "bad (1)"],
    "device_type": ["Android 12", "iPhone 13"],
    "deceased": ["no", "yes"],
    "years": ["1 of 2020", "2 Kinder 2010", "3 sessions 2021", "6 weeks 2020"],
    "profile": ["11-22-33", "21-12-13"],
    "dose": ["20 mg / 40 mg", "10/20/30", "50/100/20", "20/40/60"],
    "choices": ["1 2 3", "2 4", "1 2 3 4 5 6 7"],
    "group": ["Group AB", "Group AG"],
    "languages": ["Да", "Нет", "не знаю"],
}


@pytest.mark.parametrize("name", CLEAN)
def test_harmless_content_is_no_alarm_whatever_the_name(name: str) -> None:
    assert _refused(name, _filled(CLEAN[name])) == set()
