"""Keyed pseudonyms, their key file and the secret origin of days."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
import stat

import pandas as pd
import pytest
from ingest_builders import FILES, INSTRUMENTS, declared, put, write_study

from attunement.ingest import ingest, obtain
from attunement.ingest.privacy.pseudonyms import key_file, pseudonyms, read_key, secret_origin
from attunement.ingest.stage import run
from attunement.study.files import read_tables
from attunement.study.problems import StudyError

KEY, OTHER = bytes(range(32)), bytes(range(32, 64))


def test_a_key_is_made_once_for_its_owner_alone(tmp_path, capsys) -> None:
    path = tmp_path / "small.key"
    key = read_key(path)
    assert "small.key" in capsys.readouterr().out
    assert re.fullmatch(r"[0-9a-f]{64}\n", path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path) == key
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "00" * 31, "00" * 33, "ä" * 64])
def test_a_damaged_key_is_an_error_and_never_overwritten(tmp_path, text) -> None:
    path = tmp_path / "small.key"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match="key of the pseudonyms is damaged"):
        read_key(path)
    assert path.read_text(encoding="utf-8") == text


def test_a_pseudonym_is_hmac_of_kind_and_id() -> None:
    digest = hmac.new(KEY, b"client\x1fC0001", hashlib.sha256).digest()
    # RFC 4648: five bits a letter, from the left.
    bits = int.from_bytes(digest, "big") >> (256 - 50)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    by_hand = "".join(letters[(bits >> (5 * k)) & 31] for k in reversed(range(10)))
    given = pseudonyms(pd.Series(["C0001", None, "C0002", "C0001"], dtype="str"), "client", KEY)
    assert given[0] == f"C-{by_hand}" == given[3]
    assert pd.isna(given[1])
    assert given[2] != given[0]
    therapist = pseudonyms(pd.Series(["C0001"], dtype="str"), "therapist", KEY)
    assert therapist[0].startswith("T-")
    assert therapist[0][2:] != given[0][2:]


def test_two_ids_with_one_pseudonym_stop_the_run(monkeypatch) -> None:
    monkeypatch.setattr("attunement.ingest.privacy.pseudonyms.CHARACTERS", 1)
    with pytest.raises(StudyError, match="same pseudonym"):
        pseudonyms(pd.Series([f"{k}" for k in range(40)], dtype="str"), "client", KEY)


def test_the_origin_follows_from_the_key_and_tells_no_calendar() -> None:
    origins = [secret_origin(bytes([k]) * 32) for k in range(200)]
    assert secret_origin(bytes([7]) * 32) == origins[7]
    assert min(origins) >= datetime.date(1700, 1, 1)
    assert max(origins) < datetime.date(1900, 1, 1)
    assert len(set(origins)) > 195
    assert {one.weekday() for one in origins} == set(range(7))
    assert (datetime.date(1950, 1, 1) - max(origins)).days > 0


def test_no_canonical_table_holds_an_id_and_rows_keep_their_order(tmp_path) -> None:
    files = {
        "people.csv": "id,who\nzoe01,t1\nann02,t2\nkim03,\n",
        "visits.csv": "id,visit,mood_1,mood_2\nzoe01,0,3,9\nann02,0,1,0\nlost04,0,1,1\n",
    }
    dataset = declared(disclosure="confidential")
    sources = obtain(dataset, put(tmp_path, files))
    plain = ingest(dataset, sources, INSTRUMENTS)
    keyed = ingest(dataset, sources, INSTRUMENTS, KEY)
    text = "".join(table.to_csv() for table in keyed.values())
    assert not re.search(r"zoe01|ann02|kim03|lost04|\bt1\b|\bt2\b", text)
    expected = pseudonyms(plain["clients"]["client"], "client", KEY)
    assert list(keyed["clients"]["client"]) == list(expected)
    assert list(keyed["responses"]["client"]) == list(
        pseudonyms(plain["responses"]["client"], "client", KEY)
    )
    conflicts = keyed["conflicts"].set_index("kind")
    assert conflicts.loc["unknown client", "value"].startswith("C-")
    assert conflicts.loc["unknown client", "row"] == 4
    assert conflicts.loc["out of range", "value"] == "9"
    other = ingest(dataset, sources, INSTRUMENTS, OTHER)
    assert not set(other["clients"]["client"]) & set(keyed["clients"]["client"])


def test_only_keyed_data_get_a_key(tmp_path) -> None:
    for name, changes, there in (
        ("confidential", {"disclosure": "confidential"}, True),
        ("open", {"disclosure": "public"}, False),
        ("wanted", {"disclosure": "public", "privacy": {"pseudonyms": "keyed"}}, True),
        ("kept", {"disclosure": "confidential", "privacy": {"pseudonyms": "as_given"}}, False),
    ):
        (tmp_path / name).mkdir()
        file, keys = write_study(tmp_path / name, **changes)
        run(file, keys, tmp_path / name / "out")
        assert key_file(file).exists() is there, name
        clients = read_tables(tmp_path / name / "out")["clients"]["client"]
        assert clients.str.startswith("C-").all() == there, name
        decisions = set(read_tables(tmp_path / name / "out")["privacy"]["decision"])
        assert ("pseudonyms" in decisions) == there
    assert FILES["people.csv"].startswith("id")


def test_no_key_is_made_for_data_that_the_door_refuses(tmp_path) -> None:
    file, keys = write_study(tmp_path, disclosure="confidential")
    people = file.parent / "people.csv"
    header, *rows = people.read_text(encoding="utf-8").splitlines()
    lines = [f"{header},mail", *(f"{row},x{k}@web.de" for k, row in enumerate(rows))]
    people.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(StudyError, match="Direct identifiers"):
        run(file, keys, tmp_path / "out")
    assert not key_file(file).exists()
