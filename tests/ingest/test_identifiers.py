"""Identifiers planted in eighteen kinds and in free text: all found, and no false alarm."""

from __future__ import annotations

import pandas as pd

from attunement.ingest.identifiers import look

# Kind of HIPAA Safe Harbor -> values, plausible names of columns. All values are made up.
PLANTED: dict[str, tuple[list[str], list[str]]] = {
    "A names": (
        ["Maria Schmidt", "John O'Brien", "Fatima Yilmaz", "Pieter de Vries", "Anna Kowalska"],
        ["PatientLastName", "Vorname", "achternaam", "full_name", "RecipientFirstName", "nombre"],
    ),
    "B geography, street": (
        ["12 Baker Street", "Hauptstraße 5", "Kerkstraat 12", "8 rue de Rivoli", "Storgatan 3"],
        ["address", "Anschrift", "straat", "home_address", "Adresse"],
    ),
    "B geography, postcode": (
        ["SW1A 1AA", "M1 1AE", "EH1 2NG", "K1A 0B1", "1012 AB"],
        ["PostCode", "Postleitzahl", "zip", "code_postal", "Postcode_Client"],
    ),
    "C dates": (
        ["1974-03-02", "12.11.1961", "03/04/1988", "1990-12-24", "5 May 1955"],
        ["dob", "Geburtsdatum", "Person_BirthDate", "fecha_nacimiento", "geboortedatum"],
    ),
    "D phone": (
        ["+49 171 1234567", "020 7946 0958", "07700 900123", "(555) 123-4567", "0031 6 12345678"],
        ["phone", "Handynummer", "mobile_no", "telefoon", "Tel."],
    ),
    "E fax": (
        ["+49 30 1234568", "020 7946 0959", "(555) 123-4568", "0049 89 123456", "030/1234567"],
        ["fax", "Faxnummer", "fax_number", "telefax"],
    ),
    "F email": (
        ["a.b@web.de", "jane@example.com", "x_y@mail.co.uk", "q@uni-k.de", "z+1@x.org"],
        ["email", "RecipientEmail", "E-Mail", "correo", "courriel"],
    ),
    "G social security": (
        ["943 476 5919", "123-45-6789", "AB123456C", "111222333", "811228-9874"],
        ["SSN", "NHSnumber", "national_insurance", "bsn", "personnummer"],
    ),
    "H medical record": (
        ["MRN-0048213", "MRN-0912345", "MRN-4410032", "MRN-7712209", "MRN-1100392"],
        ["mrn", "hospital_number", "Patientennummer", "LocalPatientID", "medical_record_no"],
    ),
    "I health plan": (
        ["A123456780", "1EG4-TE5-MK73", "INS-99812734", "POL 8837261", "HPN77612344"],
        ["health_plan_number", "Versichertennummer", "insurance_no", "member_id", "KVNR"],
    ),
    "J account": (
        ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "4111 1111 1111 1111",
         "5500005555555559", "NL91ABNA0417164300"],
        ["account_number", "IBAN", "Kontonummer", "credit_card", "bank_account"],
    ),
    "K licence": (
        ["LIC-4412098", "MORGA657054SM9IJ", "DL D1234568", "CERT-2019-33812", "LIC-9912870"],
        ["licence_number", "drivers_license", "Führerscheinnummer", "certificate_no"],
    ),
    "L vehicle": (
        ["1HGCM82633A004352", "WVWZZZ1JZ3W386752", "B-AB 1234", "M-XY 77", "AB12 CDE"],
        ["vin", "Kennzeichen", "license_plate", "kenteken"],
    ),
    "M device": (
        ["490154203237518", "00:1A:2B:3C:4D:5E", "550e8400-e29b-41d4-a716-446655440000",
         "SN-88A71B2", "356938035643809"],
        ["device_id", "IMEI", "serialNumber", "Seriennummer", "mac_address"],
    ),
    "N url": (
        ["https://www.facebook.com/maria.s", "www.example.org", "http://a.b/c", "linkedin.com/in/x",
         "https://x.org"],
        ["url", "website", "profile_link", "Homepage"],
    ),
    "O ip": (
        ["192.168.1.17", "8.8.8.8", "2001:db8::ff00:42:8329", "10.0.0.254", "172.16.254.1"],
        ["IPAddress", "ip", "ip_adres", "IPv4"],
    ),
    "P biometric": (
        ["FP-8837261", "IRIS-2231190", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
         "interview_07.wav", "VOICE-11872"],
        ["fingerprint", "iris_scan", "Fingerabdruck", "voice_print"],
    ),
    "Q photograph": (
        ["face_0017.jpg", "C:/photos/m.schmidt.png", "data:image/png;base64,iVBORw0KGgo=",
         "IMG_2231.JPEG", "portrait 3.jpg"],
        ["photo", "face_image", "Lichtbild", "picture_file"],
    ),
    "R other code": (
        ["R_3nKzQ81xPmVbT2e", "EMP00881723", "STU-2019-44817", "X7719-20831", "9910-AB-77120"],
        ["username", "userid", "externalReference", "employee_number", "Matrikelnummer"],
    ),
    "free text": (
        ["She told me that her brother had called again",
         "came late because the bus broke down today",
         "wants to speak of the funeral next week", "no change since the last time we met here",
         "seemed tired and looked away for most of it"],
        ["comments", "Bemerkungen", "session_notes", "opmerking", "free_text"],
    ),
}  # fmt: skip
MISLEADING = ["group2", "phq9_10", "site_code"]
ROWS = 40


def _column(values: list[str], how: str) -> pd.Series:
    if how == "full":
        return pd.Series([values[k % len(values)] for k in range(ROWS)], dtype="str")
    rest = {"one in a blank column": "", "one among numbers": "3"}[how]
    column = [rest] * ROWS
    column[17] = values[0]
    return pd.Series(column, dtype="str")


def _table(name: str, column: pd.Series) -> pd.DataFrame:
    ids = [f"C{k:04d}" for k in range(len(column))]
    return pd.DataFrame({"client": ids, "session": "1", name: column})


def _found(name: str, column: pd.Series) -> bool:
    findings = look(_table(name, column), {"client": "id"}, "client")
    assert not [one for one in findings if one.column != name]
    return any(one.refused for one in findings)


def test_every_planted_identifier_is_found_under_plausible_and_misleading_names() -> None:
    missed, tried = [], 0
    print()
    for kind, (values, plausible) in PLANTED.items():
        counts = {}
        for sort, names in (("plausible", plausible), ("misleading", MISLEADING)):
            for how in ("full", "one in a blank column", "one among numbers"):
                hits = [(name, _found(name, _column(values, how))) for name in names]
                missed += [(kind, name, how) for name, hit in hits if not hit]
                counts[sort, how] = (sum(hit for _, hit in hits), len(hits))
                tried += len(hits)
            for value in values:  # and each form alone
                hit = _found("x7", _column([value], "one in a blank column"))
                tried += 1
                if not hit:
                    missed.append((kind, "x7", value))
        told = "; ".join(f"{a} {b}: {n} of {m}" for (a, b), (n, m) in counts.items())
        print(f"{kind:24} {told}")
    print(f"planted {tried}, missed {len(missed)}")
    assert not missed
