"""The committed example: it regenerates to the byte and is what it says it is."""

import argparse
import shutil
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attunement.cli import simulate as command
from attunement.simulate import sources, write
from attunement.study.dataset import load_dataset
from attunement.study.strict import read_yaml

Files = dict[str, pd.DataFrame]


def number(values: pd.Series) -> pd.Series:
    """Numbers of a column; missing where a cell holds none, a missing code or a slip."""
    found = pd.to_numeric(values, errors="coerce")
    return found.mask(found.isin([-9, 99]))


def test_the_files_regenerate_to_the_byte(study, example: Path, tmp_path: Path) -> None:
    shutil.copy(example / "truth.yaml", tmp_path)  # its targets are made elsewhere and stay
    written = write(study, tmp_path)
    assert {path.name for path in written} == {
        path.name for path in [*example.glob("*.csv"), example / "truth.yaml"]
    }
    for path in written:
        assert path.read_bytes() == (example / path.name).read_bytes(), path.name


def test_the_command_regenerates_them_too(repository, example, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(repository)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.main(parser.parse_args(["--out", str(tmp_path)])) == 0
    assert (tmp_path / "sessions.csv").read_bytes() == (example / "sessions.csv").read_bytes()
    other = tmp_path / "other"
    assert command.main(parser.parse_args(["--out", str(other), "--seed", "1"])) == 0
    assert (other / "sessions.csv").read_bytes() != (example / "sessions.csv").read_bytes()


def test_frames_in_memory_are_the_files(study, committed: Files) -> None:
    for name, frame in sources(study).items():
        pd.testing.assert_frame_equal(frame, committed[name])


def test_the_dataset_declares_every_file_and_column(example: Path, committed: Files) -> None:
    dataset = load_dataset(example / "dataset.yaml")
    assert "simulated" in dataset.title.lower()
    assert "simulated" in dataset.about.lower()
    assert dataset.disclosure == "simulated"
    assert {f"{name}.csv" for name in committed} == {s.path for s in dataset.sources.values()}
    declared: dict[str, set[str]] = {name: set() for name in committed}
    for table in (
        dataset.clients,
        dataset.therapists,
        dataset.sessions,
        dataset.endings,
        dataset.type_preferences,
    ):
        columns = [*table.columns.values(), *table.covariates.values()]
        declared[table.source] |= {column.column for column in columns}
    for response in dataset.responses:
        names = {response.client.column, response.session.column}
        names |= {response.day.column} if response.day else set()
        if isinstance(response.items, str):
            form = response.items.replace("{item}", "")
            names |= {c for c in committed[response.source] if c.startswith(form)}
        else:
            names |= set(response.items.values())
        declared[response.source] |= names
    assert {name: set(frame.columns) for name, frame in committed.items()} == declared


def test_it_is_as_large_as_promised(committed: Files) -> None:
    assert len(committed["therapists"]) >= 40
    assert len(committed["clients"]) >= 500
    sessions = committed["sessions"].drop_duplicates()
    assert 5000 <= len(sessions) <= 6500
    assert not sessions.duplicated(["client", "session"]).any(), "no duplicate disagrees"
    assert not committed["clients"].duplicated("client").any(), "nobody has two therapists"
    again = (committed["preferences"]["session"] == "5").sum()
    there = (sessions["session"] == "5").sum()
    assert 0.4 < again / there < 0.6
    observed = committed["observer"]["client"]
    of_therapist = committed["clients"].set_index("client")["therapist"]
    assert 0.2 < of_therapist[observed].nunique() / len(committed["therapists"]) < 0.5


def test_it_has_what_clinics_files_have(committed: Files) -> None:
    ors = committed["sessions"][[f"ors_{item}" for item in range(1, 5)]]
    for word in ("", "-9", "99", "NA"):
        assert (ors == word).any(axis=None), f"no {word!r}"
    numbers = ors.apply(pd.to_numeric, errors="coerce")
    assert ((numbers > 10) & (numbers != 99)).any(axis=None), "no slip of the pen"
    unreadable = numbers.isna() & ~ors.isin(["", "NA"])
    assert unreadable.any(axis=None), "no text in a number column"
    assert committed["sessions"].duplicated().any(), "no row entered twice"


def test_gaps_are_more_frequent_for_severe_clients(committed: Files) -> None:
    severity = number(committed["clients"].set_index("client")["severity"])
    gap = committed["sessions"]["ors_1"].isin(["", "-9", "99", "NA"])
    of_row = severity[committed["sessions"]["client"]].to_numpy()
    assert gap[of_row >= 5].mean() > 1.3 * gap[of_row <= 3].mean()


def test_preferences_are_as_reliable_as_published(committed: Files) -> None:
    first = committed["preferences"].query("session == '0'")
    alphas = []
    for items in (range(1, 6), range(6, 11), range(11, 14), range(14, 19)):
        answers = pd.DataFrame({i: number(first[f"cnip_{i}"]) for i in items}).dropna()
        answers = answers[(answers.abs() <= 3).all(axis=1)]
        k = answers.shape[1]
        alphas.append(k / (k - 1) * (1 - answers.var().sum() / answers.sum(axis=1).var()))
    assert all(0.60 <= alpha <= 0.85 for alpha in alphas), alphas
    assert np.mean(alphas) == pytest.approx(0.71, abs=0.04)


def dropouts(files: Files, count_intake: bool) -> dict[str, pd.Series]:
    """Who dropped out under each definition, worked out from the files alone."""
    ends = files["endings"].set_index("client")
    sessions = files["sessions"].drop_duplicates()
    last, planned = number(ends["last_session"]), number(ends["sessions_planned"])
    gone = ends["ending"] != "ongoing"
    items = pd.DataFrame({i: number(sessions[f"ors_{i}"]) for i in range(1, 5)})
    total = items.where(items <= 10).sum(axis=1, min_count=4, skipna=False)
    ors = pd.DataFrame({"client": sessions["client"], "total": total}).dropna()
    by_client = ors.groupby("client")["total"]
    gain = (by_client.last() - by_client.first()).reindex(ends.index)
    return {
        "therapist_judgement": ends["therapist_judgement"] == "yes",
        "missed_last_appointment": gone & ends["last_appointment"].isin(["missed", "cancelled"]),
        "protocol_not_completed": gone & (last < planned),
        "fewer_than_n_sessions": gone & (last + count_intake < 4),
        "no_reliable_change": gone & ~(gain >= 6),
    }


@pytest.mark.parametrize("count_intake", [False, True])
def test_definitions_of_dropout_disagree(committed: Files, count_intake: bool) -> None:
    found = dropouts(committed, count_intake)
    for one, other in combinations(found, 2):
        both, either = found[one] & found[other], found[one] | found[other]
        assert both.sum() / either.sum() <= 0.80, (one, other)
    judged = found["therapist_judgement"].mean()
    assert 0.187 - 0.05 < judged < 0.207 + 0.05, "about Swift & Greenberg's fifth"


def test_the_truth_names_every_parameter_with_its_source(world, example: Path) -> None:
    truth = read_yaml(example / "truth.yaml")["generating"]
    assert truth["seed"] == 20261122
    assert truth["outcome"]["accommodation_d"]["value"] == 0.28
    assert truth["follows"]["accommodation_r"] == pytest.approx(0.138648, abs=1e-6)
    for part, values in truth.items():
        if part not in ("seed", "follows"):
            for name, entry in values.items():
                assert set(entry) == {"value", "source"}, f"{part}.{name}"
