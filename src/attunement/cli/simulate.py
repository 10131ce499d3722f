"""`attunement simulate`: make the files of a simulated study anew."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "make the files of a simulated study anew, to the byte"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what may be asked of the command."""
    command.add_argument(
        "--name", default="example", help="folder of data/ that holds world.yaml (example)"
    )
    command.add_argument(
        "--out", type=Path, default=None, help="folder to write to (the one of world.yaml)"
    )
    command.add_argument("--seed", type=int, default=None, help="another seed than the world's own")
    command.add_argument(
        "--targets",
        type=int,
        metavar="CLIENTS",
        help="instead: estimate what each planned specification targets, on so many clients",
    )
    command.add_argument(
        "--studies",
        type=int,
        metavar="N",
        help="instead: analyse N further seeds and note how often intervals hold the target",
    )
    command.add_argument("--cores", type=int, default=2, help="studies at once (2)")


def main(arguments: argparse.Namespace) -> int:
    """Write the study's files and its truth, and say what was written.

    Raises
    ------
    StudyError
        There is no world of that name, or its file is faulty.
    """
    from attunement.simulate import load_world, simulate, write

    folder = Path("data") / arguments.name
    if arguments.targets or arguments.studies:
        from attunement.challenge import recovery

        root = Path()
        if arguments.targets:
            recovery.write_targets(root, arguments.name, arguments.targets)
        if arguments.studies:
            recovery.write_studies(root, arguments.name, arguments.studies, arguments.cores)
        return 0
    world = load_world(folder / "world.yaml")
    if arguments.seed is not None:
        world = world.with_(seed=arguments.seed)
    study = simulate(world)
    for path in write(study, folder if arguments.out is None else arguments.out):
        print(path)
    print(
        f"A simulated study of {study.people.caseload.size} therapists, "
        f"{study.people.therapist.size} clients and {study.rows[0].size} sessions, "
        "intakes included."
    )
    return 0
