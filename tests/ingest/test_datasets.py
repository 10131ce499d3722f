"""The shipped datasets give the counts that their sources are known for."""

import re
import textwrap
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from attunement.ingest import ingest, obtain, run
from attunement.score import score
from attunement.study.contracts import TABLES, conform
from attunement.study.dataset import Preference, load_dataset
from attunement.study.files import read_tables
from attunement.study.instruments import load_instruments
from attunement.study.layout import OUTPUTS


def tables_of(repository: Path, name: str) -> dict[str, pd.DataFrame]:
    dataset = load_dataset(repository / "data" / name / "dataset.yaml")
    instruments = load_instruments(repository / "data" / "instruments")
    return ingest(dataset, obtain(dataset, repository / "data" / name), instruments)


def unavailable(tables):
    frame = tables["availability"]
    return set(frame.loc[~frame["available"].astype(bool), "topic"])


def test_beat_the_blues(repository):
    tables = tables_of(repository, "beat_the_blues")
    assert len(tables["clients"]) == 100
    per_time = tables["responses"].groupby("time")["value"].count()
    assert per_time.to_dict() == {0.0: 100, 2.0: 97, 4.0: 73, 6.0: 58, 8.0: 52}
    assert list(tables["clients"]["treatment"].cat.categories) == ["TAU", "BtheB"]
    assert tables["clients"]["treatment"].value_counts().to_dict() == {"BtheB": 52, "TAU": 48}
    assert tables["conflicts"].empty
    assert {"therapists", "sessions", "endings", "preferences"} <= unavailable(tables)


@pytest.fixture(scope="module")
def reframed(repository, shared_folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTUNEMENT_DATA", str(shared_folder / "data"))
        return tables_of(repository, "reframed")


@pytest.mark.shared
class TestReframed:
    """The traps and counts that are noted beside the file."""

    def test_patients_and_therapists(self, reframed):
        clients = reframed["clients"]
        assert clients["grp"].value_counts().to_dict() == {"RO-DBT": 162, "TAU": 88}
        assert clients["grp"].cat.categories[0] == "TAU"
        treated = clients["therapist"].notna()
        assert (treated == (clients["grp"] == "RO-DBT")).all()
        assert len(reframed["therapists"]) == clients["therapist"].nunique() == 22
        assert clients["pd"].sum() == 192
        assert clients["income"].isna().sum() == 29

    def test_scores(self, reframed):
        scores = reframed["responses"]
        of_phq9, of_hrsd = (scores[scores["instrument"] == name] for name in ("phq9", "hrsd"))
        assert len(of_phq9) == 2433
        assert of_phq9["value"].notna().sum() == 2432
        assert len(of_hrsd) == of_hrsd["value"].notna().sum() == 790
        arm = of_hrsd["client"].map(reframed["clients"].set_index("client")["grp"].astype("str"))
        counts = of_hrsd.groupby(["time", arm])["value"].count().unstack()
        assert counts.loc[[7, 12, 18], ["RO-DBT", "TAU"]].to_numpy().tolist() == [
            [121, 62], [130, 60], [112, 55],
        ]  # fmt: skip
        assert of_phq9["session"].isna().all()

    def test_attrition(self, reframed):
        scores = reframed["responses"].query("instrument == 'phq9'").dropna(subset="value")
        clients = reframed["clients"].set_index("client")
        last = scores.groupby("client")["time"].max().reindex(clients.index).fillna(-1)
        left = (last < 12).groupby(clients["grp"], observed=True).mean()
        assert round(100 * left["RO-DBT"], 1) == 27.8
        assert round(100 * left["TAU"], 1) == 29.5

    def test_fractions_are_kept_and_listed(self, reframed):
        kinds = reframed["conflicts"].groupby(["kind", "action"]).size().to_dict()
        assert kinds == {("not a whole number", "kept"): 54, ("out of range", "set missing"): 1}
        out = reframed["conflicts"].query("kind == 'out of range'").iloc[0]
        assert (out["row"], out["value"][:5]) == (227, "-0.24")
        flow = reframed["flow"].set_index("step")["n_rows"]
        assert flow["rows_assessments"] == 2825
        assert flow["rows_left_out_declared"] == 198


def test_example(repository):
    tables = tables_of(repository, "example")
    assert unavailable(tables) == set()
    assert len(tables["therapists"]) >= 40
    assert len(tables["clients"]) >= 500
    assert len(tables["sessions"]) >= 4000
    preferences = tables["responses"].query("instrument == 'cnip'")
    assert preferences["value"].min() == -3
    assert set(preferences["session"]) >= {0, 5}


@pytest.mark.parametrize("name", ["beat_the_blues", "example"])
def test_run_writes_every_file_the_same_twice(repository, tmp_path, name):
    files = {}
    for time in ("one", "two"):
        out = tmp_path / time
        run(repository / "data" / name / "dataset.yaml", repository / "data" / "instruments", out)
        files[time] = {path.name: path.read_bytes() for path in out.iterdir()}
    assert set(files["one"]) == set(OUTPUTS["ingest"])
    assert files["one"] == files["two"]
    for table, frame in read_tables(tmp_path / "one").items():
        pd.testing.assert_frame_equal(frame, conform(frame, table))


def declared_in_readme(repository: Path, number: int, home: Path) -> Path:
    """Put the given yaml of data/README.md into a folder."""
    text = (repository / "data" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^( *)```yaml\n(.*?)^\1```$", text, re.DOTALL | re.MULTILINE)
    home.mkdir()
    (home / "dataset.yaml").write_text(textwrap.dedent(blocks[number][1]), encoding="utf-8")
    return home


def test_the_declaration_in_the_readme_works(repository, tmp_path):
    home = declared_in_readme(repository, 0, tmp_path / "my_clinic")
    (home / "clients.csv").write_text("id,therapist,age\n1,t,40\n", encoding="utf-8")
    items = [f"phq9_{item}" for item in range(1, 10)]
    rows = [["id", "visit", *items], ["1", "0", *"123012301"]]
    visits = "\n".join(";".join(row) for row in rows)
    (home / "visits.csv").write_text(visits, encoding="cp1252")
    instruments = repository / "data" / "instruments"
    run(home / "dataset.yaml", instruments, tmp_path / "out")
    assert read_tables(tmp_path / "out")["responses"]["value"].sum() == 13


WHO = ["id", "therapist", "age", "sex", "last_visit", "agreed", "Ende", "Abbruch", "letzter_Termin"]
CLINIC = [
    ["1", "t1", "40", "w", "1", "8", "abgebrochen", "ja", "nicht erschienen", *["1"] * 18],
    ["2", "t1", "99", "m", "1", "1", "regulär", "nein", "da", *["7"] * 18],
    ["3", "t2", "k.A.", "d", "1", "8", "läuft", "", "", *["4"] * 17, "-9"],
]
GIVEN = ["given_directive", "given_intense", "given_past", "given_warm"]


@pytest.fixture
def our_clinic(repository, tmp_path):
    home = declared_in_readme(repository, 1, tmp_path / "our_clinic")
    cnip = [f"cnip_{item}" for item in range(1, 19)]
    clients = [";".join(row) for row in [[*WHO, *cnip], *CLINIC]]
    (home / "clients.csv").write_text("\n".join(clients), encoding="utf-8")
    rows = [["id", "visit", "came", *(f"phq9_{item}" for item in range(1, 10)), *GIVEN]]
    for client in "123":
        rows.append([client, "0", "ja", *"222222222", *[""] * 4])
        rows.append([client, "1", "ja", *"111111111", "2,5", "-0,5", "3", "0"])
        rows.append([client, "2", "nein", *[""] * 13])
    visits = "\n".join(";".join(row) for row in rows)
    (home / "visits.csv").write_text(visits, encoding="cp1252")
    dataset, keys = load_dataset(home / "dataset.yaml"), repository / "data" / "instruments"
    return dataset, load_instruments(keys), obtain(dataset, home)


def test_the_fuller_declaration_in_the_readme_works(our_clinic):
    dataset, instruments, sources = our_clinic
    tables = ingest(dataset, sources, instruments)
    assert tables["conflicts"].empty
    assert unavailable(tables) == {"type_preferences", "alliance"}
    assert tables["clients"]["age"].isna().tolist() == [False, True, True]
    assert tables["clients"]["gender"].tolist() == ["woman", "man", "non-binary"]
    assert tables["endings"]["ending"].tolist() == ["dropped_out", "completed", "ongoing"]
    assert tables["endings"]["last_appointment"].dropna().tolist() == ["missed", "attended"]
    assert tables["sessions"]["attended"].tolist() == [True, True, False] * 3
    given = tables["responses"].query("instrument == 'given' and client == '1'")["value"]
    assert given.dropna().tolist() == [2.5, -0.5, 3.0, 0.0]
    wanted = tables["responses"].query("instrument == 'cnip'")
    assert set(wanted["session"]) == {0}
    assert wanted["value"].isna().sum() == 1


def test_the_fuller_declaration_is_scored_as_the_readme_says(our_clinic):
    dataset, instruments, sources = our_clinic
    scored = score(ingest(dataset, sources, instruments), dataset, instruments)
    directive = scored["scores"].query("scale == 'TD_CD' and instrument == 'cnip'")
    assert directive["value"].tolist() == [15, -15, 0]
    status = scored["dropout"].set_index(["definition", "client"])["status"]
    assert status["protocol_not_completed"].tolist() == ["dropped_out", "stayed", "censored"]
    assert status["fewer_than_n_sessions"].tolist() == ["dropped_out", "dropped_out", "censored"]


def test_the_words_in_the_readme_are_those_of_the_contract(repository):
    text = (repository / "data" / "README.md").read_text(encoding="utf-8")
    for name in ("ending", "last_appointment"):
        (column,) = (one for one in TABLES["endings"].columns if one.name == name)
        for word in column.categories:
            assert f"`{word}`" in text
    for coding in get_args(Preference.model_fields["coding"].annotation):
        assert f"| `{coding}` |" in text
