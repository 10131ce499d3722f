"""`attunement <command>`: finds the command and runs it; no command ends in a traceback."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Sequence

from attunement import __version__
from attunement.study.problems import StudyError

COMMANDS = ("new", "check", "run", "simulate")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="attunement",
        description="Preference accommodation, outcome and dropout in psychotherapy: "
        "from session data to a report.",
    )
    parser.add_argument("--version", action="version", version=f"attunement {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        if importlib.util.find_spec(f"attunement.cli.{name}") is None:
            continue
        module = importlib.import_module(f"attunement.cli.{name}")
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(action=module.main)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        What was typed after `attunement`; by default what this process was started with.

    Returns
    -------
    int
        0 done, 1 something failed, 2 wrongly called, 130 stopped by the user.
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.action(options) or 0)
    except StudyError as error:
        print(f"Attunement stopped. {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # what read our output has read enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What was finished stays; the next run goes on from there.")
        return 130
