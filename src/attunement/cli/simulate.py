"""`attunement simulate`: make the files of the simulated study anew."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "simulate",
        help="make the files of a simulated study anew, to the byte",
        description="Make the files of a simulated study from data/<name>/world.yaml.",
    )
    parser.add_argument("--name", default="example", help="folder of data/ that holds world.yaml")
    parser.add_argument(
        "--out", type=Path, default=None, help="where to write (default: that folder)"
    )
    parser.add_argument(
        "--seed", type=int, default=None, help="another seed (default: the world's own)"
    )
    parser.set_defaults(command=simulate)
    return parser


def simulate(arguments: argparse.Namespace) -> int:
    """Write the study and say what was written; the exit status is 0.

    Raises
    ------
    StudyError
        There is no world of that name, or its file is faulty.
    """
    from attunement.simulate import load_world, write
    from attunement.simulate import simulate as make

    folder = Path("data") / arguments.name
    world = load_world(folder / "world.yaml")
    if arguments.seed is not None:
        world = world.with_(seed=arguments.seed)
    study = make(world)
    out = folder if arguments.out is None else arguments.out
    for path in write(study, out):
        print(path)
    print(
        f"A simulated study of {study.people.caseload.size} therapists, "
        f"{study.people.therapist.size} clients and {study.rows[0].size} sessions."
    )
    return 0
