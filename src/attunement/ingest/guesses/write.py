"""A draft as the text of dataset.yaml: reasons and questions as comments where they belong."""

from __future__ import annotations

import textwrap
from typing import Any

import yaml

from attunement.ingest.guesses.draft import Draft, Place

WIDTH = 79  # an editor of 80 columns cuts off what is longer
LABEL = 60  # of a longer label the beginning tells enough
HEAD = """\
# yaml-language-server: $schema=../../workflow/schemas/dataset.schema.json
#
# A draft, written by `attunement new` from what stands in the files. Read it
# from top to bottom:
#   - "because" gives the reason of a guess: correct what is wrong;
#   - "QUESTION" asks what no file can tell: answer it by editing the line
#     below, then delete it.
# What the words mean is explained in data/README.md. Then type:
#     .venv/bin/attunement check {name}
"""
SECTIONS = {
    "name": "What this dataset is",
    "missing_codes": "Codes for missing. A number counts only where it is no possible value",
    "sources": "Where the files lie",
    "time": "The unit of time",
    "clients": "Clients: one row each in the end, however many rows the file has",
    "therapists": "Therapists",
    "sessions": "Sessions: which took place, when, and whether the client came",
    "endings": "How treatment ended",
    "type_preferences": "Preferences for a type of therapy, therapist or treatment",
    "responses": "Questionnaires and ratings: source, instrument, who answered, columns",
    "ratings": "Ratings that are no questionnaire of data/instruments",
    "outcomes": "Outcomes, as instrument.scale",
    "preference": "What clients want: the inventory and how its poles are coded",
    "delivery": "What sessions gave",
    "dropout": "What definitions of dropout need to know",
    "privacy": "What others may know of a person",
    "model_covariates": "Covariates that models are adjusted for",
}


def scalar(value: Any) -> str:
    """One value as YAML writes it within a line."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False
    )
    return text.removesuffix("\n").removesuffix("...").rstrip("\n")


def flow(value: Any) -> str:
    """A value as YAML writes it on one line, within brackets."""
    if isinstance(value, dict):
        inner = ", ".join(f"{_inside(key)}: {flow(one)}" for key, one in value.items())
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inside(one) for one in value) + "]"
    return _inside(value)


def _inside(value: Any) -> str:
    """A scalar within brackets, where commas, braces and brackets would be read as marks."""
    if isinstance(value, (dict, list)):
        return flow(value)
    text = scalar(value)
    if (
        isinstance(value, str)
        and text[:1] not in "'\""
        and any(mark in text for mark in ",[]{}?:#")
    ):
        return "'" + value.replace("'", "''") + "'"
    return text


class Writer:
    """Writes a draft line by line."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.lines: list[str] = []
        self.numbers = {id(one): number for number, one in enumerate(ordered(draft), 1)}

    def _comment(self, text: str, indent: int) -> None:
        lead = " " * indent + "# "
        self.lines += textwrap.wrap(
            text, WIDTH, initial_indent=lead, subsequent_indent=lead + "  ", break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip

    def _notes(self, place: Place, indent: int) -> None:
        for reason in self.draft.reasons.get(place, []):
            self._comment(f"because {reason}", indent)
        for one in self.draft.questions:
            if one.place == place:
                self._comment(f"QUESTION {self.numbers[id(one)]}: {one.text}", indent)
                for answer in one.answers:
                    self._answer(answer, indent)

    def _answer(self, answer: str, indent: int) -> None:
        """A line to paste; where it is long, as YAML goes on: further in, broken at spaces."""
        own = answer[: len(answer) - len(answer.lstrip())]
        lead = f"{' ' * indent}#     {own}"
        self.lines += textwrap.wrap(
            answer.strip(), WIDTH, initial_indent=lead, subsequent_indent=lead + "    ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip

    def _noted_below(self, place: Place) -> bool:
        places = [*self.draft.reasons, *(one.place for one in self.draft.questions)]
        places += self.draft.beside
        return any(len(one) > len(place) and one[: len(place)] == place for one in places)

    def value(self, key: str, value: Any, place: Place, indent: int, lead: str) -> None:
        """Write one key and its value, in one line where it fits and nothing is noted below."""
        if isinstance(value, (dict, list)) and not self._noted_below(place):
            line = f"{lead}{key}{flow(value)}"
            if len(line) <= WIDTH or not value:
                self.lines.append(line)
                return
        if isinstance(value, dict):
            self.lines.append(f"{lead}{key}".rstrip())
            self.mapping(value, place, indent + 2)
        elif isinstance(value, list):
            self.lines.append(f"{lead}{key}".rstrip())
            for number, one in enumerate(value):
                self._notes((*place, number), indent + 2)
                self._item(one, (*place, number), indent + 2)
        else:
            self.lines.append(f"{lead}{key}{scalar(value)}{self._beside(place)}")

    def _beside(self, place: Place) -> str:
        """What stands behind a value, as the label of a code, on its line."""
        told = textwrap.shorten(self.draft.beside.get(place, ""), LABEL, placeholder=" ...")
        return f"  # {told}" if told else ""

    def _item(self, value: Any, place: Place, indent: int) -> None:
        if not isinstance(value, dict):
            self.lines.append(f"{' ' * indent}- {flow(value)}")
            return
        if not self._noted_below(place) and len(flow(value)) + indent + 2 <= WIDTH:
            self.lines.append(f"{' ' * indent}- {flow(value)}")
            return
        lead = " " * indent + "- "
        for key, one in value.items():
            if lead.strip():  # a comment may not stand between the dash and its first key
                held = len(self.lines)
                self._notes((*place, key), indent)
                assert held <= len(self.lines)
            else:
                self._notes((*place, key), indent + 2)
            self.value(f"{scalar(key)}: ", one, (*place, key), indent + 2, lead)
            lead = " " * (indent + 2)

    def mapping(self, content: dict[str, Any], place: Place, indent: int) -> None:
        """Write the keys of a mapping."""
        for key, value in content.items():
            at = (*place, key)
            if not place and key in SECTIONS:
                self.lines += ["", f"# --- {SECTIONS[key]}"]
            self._notes(at, indent)
            self.value(f"{scalar(key)}: ", value, at, indent, " " * indent)


def ordered(draft: Draft) -> list[Any]:
    """The open questions in the order in which they stand in the file."""
    place_of: dict[Place, int] = {}

    def walk(value: Any, place: Place) -> None:
        place_of.setdefault(place, len(place_of))
        if isinstance(value, dict):
            for key, one in value.items():
                walk(one, (*place, key))
        elif isinstance(value, list):
            for number, one in enumerate(value):
                walk(one, (*place, number))

    walk(draft.content, ())
    return sorted(draft.questions, key=lambda one: place_of[one.place])


def text_of(draft: Draft) -> str:
    """The text of dataset.yaml.

    Raises
    ------
    KeyError
        A question stands at a place that the file does not have.
    """
    writer = Writer(draft)
    writer.mapping(draft.content, (), 0)
    head = HEAD.format(name=draft.content["name"])
    return head + "\n".join(writer.lines) + "\n"
