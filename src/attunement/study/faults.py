"""What is wrong in a typed YAML file, in words: the place, the line, what belongs there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from attunement.study.once import QUOTES

MOST = 5  # faults that are told at once
KINDS = {dict: "a map", list: "a list", str: "a word", bool: "a truth value"}
EXAMPLES = {
    "a map": "each `key: value` on a line of its own, indented below",
    "a list": "[first, second], or each on a line of its own after a dash",
    "a word": "one word or text",
}
WANTED = {
    "model_type": "a map", "model_attributes_type": "a map", "dict_type": "a map",
    "list_type": "a list", "string_type": "a word",
}  # fmt: skip
UNKNOWN_KEY = re.compile(r"unknown key '([^']*)'")
REASON = "write why, as {source.column: the reason in a few words}: it is printed in the report"


def _fields(name: str) -> str:
    """The keys that a model of this name must have, as a map to be filled in."""
    models = list(BaseModel.__subclasses__())
    for model in models:
        models += model.__subclasses__()
    for model in models:
        if model.__name__ == name and model.model_fields:
            needed = [key for key, field in model.model_fields.items() if field.is_required()]
            keys = needed or list(model.model_fields)[:2]
            return "for example {" + ", ".join(f"{key}: ..." for key in keys) + "}"
    return EXAMPLES["a map"]


def _wanted(fault: ErrorDetails) -> str:
    """What belongs there in place of something of another kind; '' if that is not the fault."""
    kind = WANTED.get(fault["type"])
    if kind is None:
        return ""
    name = (fault.get("ctx") or {}).get("class_name")
    return f"{kind} ({_fields(str(name)) if name else EXAMPLES[kind]})"


def _stands(value: Any) -> str:
    if value is None:
        return "nothing stands there"
    kind = KINDS.get(type(value), "a number")
    short = isinstance(value, str | int | float)
    told = f"what stands there is {kind}" + (f", {value!r:.60}" if short else "")
    return f"{told}; {QUOTES}" if isinstance(value, bool) else told


def _in_words(fault: ErrorDetails) -> str:
    """A fault as a person would say it, with what stands there where that is short."""
    if fault["loc"][:2] == ("privacy", "allow") and fault["type"] != "missing":
        return f"each column that is let in needs a reason; {REASON}"
    if fault["type"] == "missing":
        return "it must be given"
    if fault["type"] == "too_short":
        n = fault["ctx"]["min_length"]
        return (
            f"it needs at least {n} entr{'y' if n == 1 else 'ies'}, and has {len(fault['input'])}"
        )
    if fault["type"] == "string_pattern_mismatch":
        return (
            f"'{fault['input']:.60}' is no name: small letters a to z, digits and _ only, "
            "a letter first"
        )
    text = fault["msg"].removeprefix("Value error, ")
    stands = fault["input"]
    if text.startswith("Input should") and isinstance(stands, str | int | float | None):
        shown = "nothing stands there" if stands is None else f"what stands there is {stands!r:.60}"
        return f"it {text.removeprefix('Input ')}; {shown}"
    return text


def _grouped(error: ValidationError, tree: yaml.Node | None) -> dict[str, list[ErrorDetails]]:
    """Faults by their place in the file: what may be one of several kinds has one for each."""
    groups: dict[str, list[ErrorDetails]] = {}
    for fault in error.errors():
        groups.setdefault(_walk(tree, fault["loc"])[0], []).append(fault)
    return groups


def _walk(tree: yaml.Node | None, loc: tuple[int | str, ...]) -> tuple[str, int | None]:
    """The place of a fault as keys of the file, and its line (None: there is no such place)."""
    if tree is None:
        return ".".join(str(part) for part in loc), None
    node, line, place = tree, tree.start_mark.line + 1, []
    for number, part in enumerate(loc):
        last = number == len(loc) - 1
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            held = {key.value: (key, value) for key, value in node.value
                    if isinstance(key, yaml.ScalarNode)}  # fmt: skip
            if str(part) in held:
                key, node = held[str(part)]
                line = key.start_mark.line + 1
            elif not last or part == "[key]":  # the name of a kind, not of a place
                continue
        else:  # a kind below a plain value
            continue
        place.append(str(part))
    return ".".join(place), line


def _tree(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(Path(path).read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return None


def told(error: ValidationError, path: Path) -> list[str]:
    """The faults of a file in words, at most five of them.

    Parameters
    ----------
    error : ValidationError
        What a model said of the content of the file.
    path : Path
        The file, read again for its lines.
    """
    tree = _tree(path)
    words = []
    for place, faults in list(_grouped(error, tree).items())[:MOST]:
        wanted = list(dict.fromkeys(filter(None, map(_wanted, faults))))
        allow = faults[0]["loc"][:2] == ("privacy", "allow")
        if wanted and not allow and len(wanted) == len(faults):
            said = f"it should be {' or '.join(wanted)}; {_stands(faults[0]['input'])}"
        else:
            plain = [fault for fault in faults if allow or not _wanted(fault)]
            said = _in_words(plain[0])
        loc = faults[0]["loc"]
        if unknown := UNKNOWN_KEY.search(faults[0]["msg"]):
            loc = (*loc, unknown[1])
        line = _walk(tree, loc)[1]
        at = f" [line {line}]" if line else ""
        words.append((f"{place}: {said}" if place else said) + at)
    return words
