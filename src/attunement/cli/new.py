"""`attunement new`: look at files where they are and draft the dataset.yaml that describes them."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from attunement.cli.paths import INSTRUMENTS, RESERVED
from attunement.cli.plain_report import say
from attunement.study.dataset import Dataset
from attunement.study.problems import StudyError

HELP = "look at your files and draft the dataset.yaml that describes them (nothing is copied)"
_LACKING = {
    "sources": "no file was understood",
    "clients": "no column was found that names the client",
    "responses": "no questionnaire and no rating was found",
}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what may be asked of the command."""
    command.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="data files, any number"
    )
    command.add_argument("--name", required=True, help="name of the dataset, as my_clinic")
    command.add_argument(
        "--replace",
        action="store_true",
        help="write a new draft where there is a dataset.yaml; the old one is kept beside it",
    )


def check_name(name: str) -> None:
    """Demand a name that can be a folder's and a dataset's.

    Raises
    ------
    StudyError
        Letters other than a to z, a reserved name.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        from attunement.ingest.guesses.names import slug

        raise StudyError(
            f"A dataset cannot be called '{name}'",
            advice=f"Use small letters, digits, underscores, a letter first: --name {slug(name)}",
        )
    if name in RESERVED:
        raise StudyError(f"A dataset cannot be called '{name}'", advice="The project needs that "
                         "name for itself: choose another.")  # fmt: skip


def write(text: str, file: Path, *, replace: bool) -> Path | None:
    """Write dataset.yaml in one step; return where the earlier one is kept, if there was one.

    Raises
    ------
    StudyError
        There is one already and it shall not be replaced, or the folder cannot be written to.
    """
    kept = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and not replace:
            raise _there(file)
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        draft.write_text(text, encoding="utf-8", newline="\n")
        if file.exists():
            kept = _free_name(file)
            file.replace(kept)
        draft.replace(file)
    except OSError as error:
        raise StudyError(f"The draft cannot be written ({error.strerror})", file=file) from None
    return kept


def _free_name(file: Path) -> Path:
    number = 1
    while (kept := file.with_name(f"dataset.before_{number}.yaml")).exists():
        number += 1
    return kept


def _there(file: Path) -> StudyError:
    return StudyError(
        "There is a dataset.yaml already, and it is not overwritten",
        file=file.as_posix(),
        advice="Choose another --name, or add --replace: the old file is then kept beside it.",
    )


def why_not(text: str) -> str:
    """Why a draft is not yet a declaration; '' where it is one."""
    try:
        Dataset.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return _LACKING.get(place, f"{place}: {first['msg']}")
    return ""


def _summary(parts: Any, drop: Any, left_out: list[str], draft: Any) -> None:
    from attunement.ingest.guesses.write import ordered

    print("Files")
    for name, fields, raw in parts:
        sheet = f", sheet {fields['sheet']}" if "sheet" in fields else ""
        n, k = raw.frame.shape
        paths = fields["path"] if isinstance(fields["path"], list) else [fields["path"]]
        files = ", below it ".join(Path(path).name for path in paths)
        say(f"{name}: {files}{sheet}, {n:,} rows, {k} columns", "  ", "  ")
        for column, reason in drop.get(name, {}).items():
            say(f"not read: {column} ({reason})", "    ", "  ")
    for one in left_out:
        say(f"left out: {one}", "  ", "  ")
    print("\nFound")
    for line in _found(draft.content):
        say(line, "  ", "  ")
    n = sum(len(some) for some in draft.reasons.values())
    print()
    say(f"{n} reasons for guesses stand in the file. Open questions: {len(draft.questions)}")
    for number, one in enumerate(ordered(draft), 1):
        say(f"{number}. {one.text}", "  ", "   ")


def _note_labels(parts: Any, labelled: dict[str, list[str]], draft: Any) -> None:
    """Say, at each source, which columns go by the labels of a data dictionary, and ask."""
    for name, _, raw in parts:
        for dictionary, columns in labelled.items():
            some = [column for column in columns if column in raw.frame.columns]
            if some and name in draft.content["sources"]:
                shown = ", ".join(some[:8]) + (f" and {len(some) - 8} more" if some[8:] else "")
                draft.ask(("sources", name), "A data dictionary lies beside the data "
                          f"({dictionary}). Its choices were taken for the labels of {shown}: is "
                          "it of the same version?")  # fmt: skip


def _found(content: dict[str, Any]) -> list[str]:
    """What was found, a line each."""
    clients = content.get("clients")
    lines = []
    if clients:
        who = clients["columns"]
        told = f"clients: column {who['client']} of {clients['source']}"
        lines.append(told + (f", therapist {who['therapist']}" if "therapist" in who else ""))
        if "covariates" in clients:
            lines.append(f"known of clients: {', '.join(clients['covariates'])}")
    for response in content["responses"]:
        when = next((str(response[k]) for k in ("session", "time") if k in response), "intake")
        when = f"{len(response['wide'])} columns, one a time" if "wide" in response else when
        when = "numbered by date or word" if when.startswith("{'") else when
        lines.append(
            f"{response['instrument']} ({response['rater']}) in {response['source']}, {when}"
        )
    for section in ("sessions", "endings", "type_preferences", "therapists"):
        if section in content:
            told = ", ".join(content[section]["columns"])
            lines.append(f"{section} in {content[section]['source']}: {told}")
    if content["missing_codes"]:
        lines.append(f"codes for missing: {', '.join(content['missing_codes'])}")
    return lines


def main(arguments: argparse.Namespace) -> int:
    """Read, guess, write the draft, and say what to do next.

    Raises
    ------
    StudyError
        A name that cannot be, a file that cannot be read, a dataset.yaml that is there already.
    """
    from attunement.cli.inspect_files import inspect, read_files
    from attunement.ingest.guesses.aliases import Known
    from attunement.ingest.guesses.answers_below import demand_no_row_per_answer
    from attunement.ingest.guesses.columns import look
    from attunement.ingest.guesses.dictionary import with_dictionary
    from attunement.ingest.guesses.parts import apart
    from attunement.ingest.guesses.write import text_of
    from attunement.ingest.guesses.yearly import demand_one_sheet, stacked
    from attunement.study.instruments import load_instruments

    name = arguments.name
    check_name(name)
    file = Path("data") / name / "dataset.yaml"
    if file.exists() and not arguments.replace:
        raise _there(file)
    instruments = load_instruments(INSTRUMENTS, file)
    parts, left_out = read_files(arguments.files)
    parts, labelled, done = with_dictionary(parts)
    left_out += done
    known = Known(instruments)
    for part in parts:
        demand_no_row_per_answer(look(*part), known)
    demand_one_sheet(parts)
    parts = apart(stacked(parts), known)
    draft, drop = inspect(name, parts, instruments)
    _note_labels(parts, labelled, draft)
    text = text_of(draft)
    kept = write(text, file, replace=arguments.replace)
    _summary(parts, drop, left_out, draft)
    print()
    earlier = f" (the earlier one is {kept.as_posix()})" if kept else ""
    say(f"Written: {file.as_posix()}{earlier}")
    lacking = why_not(text)
    if lacking:
        say(f"It is not complete yet ({lacking}): answer the questions first.", "", "")
    print("Next: open it in an editor, answer the questions, then type\n"
          f"  .venv/bin/attunement check {name}")  # fmt: skip
    return 0
