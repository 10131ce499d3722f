"""Ingest and score a million session rows: seconds and peak memory, each stage in a new process.

`python tests/benchmark/million_sessions.py [ROWS]` prints one line for each stage.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from peak_memory import peak

SESSIONS = 16  # of each client, intake included
CLIENTS_PER_THERAPIST = 25
DATASET = """
name: large
title: A million sessions
about: Simulated rows, to measure time and memory.
is_not: Evidence.
licence: none
sources:
  clients: {path: clients.csv}
  sessions: {path: sessions.csv}
time: {unit: session, per: 10, shape: log}
missing_codes: ["-9"]
clients:
  source: clients
  columns: {client: client, therapist: therapist}
  covariates:
    age: {column: age, kind: integer, meaning: age at intake, unit: years, low: 18, high: 99}
    gender: {column: gender, kind: category, meaning: gender, levels: [woman, man]}
sessions:
  source: sessions
  columns: {client: client, session: session, day: date, attended: attended}
endings:
  source: clients
  columns: {client: client, ending: ending}
responses:
  - {source: sessions, instrument: ors, rater: client, client: client, session: session,
     items: "ors_{item}"}
  - {source: sessions, instrument: srs, rater: client, client: client, session: session,
     items: "srs_{item}"}
outcomes: {primary: ors.total}
dropout: {fewer_than_n_sessions: 4}
privacy: {quasi_identifiers: [age, gender]}
"""


def make(folder: Path, rows: int) -> None:
    """Write the files of a clinic with so many sessions: intake and score vary, scores improve."""
    draw = np.random.default_rng(20261124)
    clients = rows // SESSIONS
    names = pd.Series(range(clients)).map("C{:06d}".format)
    pd.DataFrame(
        {
            "client": names,
            "therapist": (pd.Series(range(clients)) // CLIENTS_PER_THERAPIST).map("T{:05d}".format),
            "age": draw.integers(18, 80, clients),
            "gender": draw.choice(["woman", "man"], clients),
            "ending": draw.choice(["completed", "dropped_out", "ongoing"], clients),
        }
    ).to_csv(folder / "clients.csv", index=False)
    session = np.tile(np.arange(SESSIONS), clients)
    client = np.repeat(np.arange(clients), SESSIONS)
    level = draw.normal(5, 1.5, clients)[client] + 0.15 * session
    start = np.datetime64("2019-01-01") + draw.integers(0, 700, clients)
    frame = pd.DataFrame(
        {
            "client": names.to_numpy()[client],
            "session": session,
            "date": (start[client] + 7 * session).astype(str),
            "attended": np.where(draw.random(len(session)) < 0.93, "yes", "no"),
        }
    )
    for item in range(1, 5):
        frame[f"ors_{item}"] = np.clip(level + draw.normal(0, 1, len(session)), 0, 10).round(1)
    for item in range(1, 5):
        frame[f"srs_{item}"] = np.clip(draw.normal(8.5, 1, len(session)), 0, 10).round(1)
    frame.loc[draw.random(len(frame)) < 0.02, "ors_3"] = -9
    frame.to_csv(folder / "sessions.csv", index=False)
    (folder / "dataset.yaml").write_text(DATASET.lstrip(), encoding="utf-8")


def stage(name: str, project: Path, folder: Path) -> None:
    """Run one stage as the workflow does and print its seconds and its peak of memory."""
    began = time.perf_counter()
    instruments = project / "data" / "instruments"
    dataset_file, out = folder / "dataset.yaml", folder / name
    out.mkdir()
    if name == "ingest":
        from attunement.ingest.stage import run

        run(dataset_file, instruments, out)
    else:
        from attunement.score.stage import run as run_score

        run_score(project / "config.yaml", dataset_file, instruments, [folder / "ingest"], out)
    print(f"{name}: {time.perf_counter() - began:.1f} s, at most {peak() / 1000:.2f} GB")


def main() -> None:
    """Make the files, then measure both stages."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    project = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "large"
        folder.mkdir()
        make(folder, rows)
        size = sum(path.stat().st_size for path in folder.glob("*.csv")) / 1e6
        print(f"{rows:,} session rows, {size:.0f} MB of text", flush=True)
        for name in ("ingest", "score"):
            command = [sys.executable, __file__, "stage", name, str(project), str(folder)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["stage"]:
        stage(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
