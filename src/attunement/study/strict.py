"""Typed YAML: unknown keys are errors that name the nearest known one; keys may not come twice."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from attunement.study.faults import told
from attunement.study.problems import StudyError


def _kinds(annotation: Any) -> set[Any]:
    """The plain types that an annotation is made of; those of a model in it are its own affair."""
    parts = get_args(annotation)
    return {annotation} if not parts else {kind for part in parts for kind in _kinds(part)}


def _holds_truth(value: Any) -> bool:
    if isinstance(value, list | dict):
        held = value.values() if isinstance(value, dict) else value
        return any(isinstance(one, bool) for one in held)
    return isinstance(value, bool)


class Strict(BaseModel):
    """A frozen model that knows its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _truth_is_no_number(cls, data: Any) -> Any:
        for key in data if isinstance(data, dict) else ():
            field = cls.model_fields.get(key) if isinstance(key, str) else None
            if field is None:
                continue
            kinds = _kinds(field.annotation)
            if bool not in kinds and kinds & {int, float} and _holds_truth(data[key]):
                raise ValueError(
                    f"{key}: a truth value stands where a number belongs; YAML takes yes, no, on, "
                    "off, true, false for truth values"
                )
        return data

    @model_validator(mode="before")
    @classmethod
    def _name_the_nearest_key(cls, data: Any) -> Any:
        if isinstance(data, dict):
            known = list(cls.model_fields)
            for key in data:
                if key not in known:
                    near = difflib.get_close_matches(str(key), known, 1, cutoff=0.0)
                    raise ValueError(
                        f"unknown key '{key}'; the nearest known one is '{near[0]}' "
                        f"(known: {', '.join(known)})"
                    )
        return data


Model = TypeVar("Model", bound=BaseModel)
ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
UNLIKE = re.compile(r"^[-+]?0\d+$|[:_]")
MERGE, TEXT = "tag:yaml.org,2002:merge", "tag:yaml.org,2002:str"


class _Keys(yaml.SafeLoader):
    """A safe loader that takes keys as they are written, and refuses one given twice.

    Keys are names and words of cells: `no: dropped_out` speaks of the word no, `01: a` of 01.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen: set[Any] = set()
        for place, (key_node, value_node) in enumerate(node.value):
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a list or a map stands where a word belongs",
                    problem_mark=key_node.start_mark,
                )
            if key_node.tag == MERGE:
                continue
            if not key_node.value and key_node.style is None:
                raise yaml.MarkedYAMLError(
                    problem="a colon stands without a word before it (an empty cell is written "
                    'as "")',
                    problem_mark=key_node.start_mark,
                )
            if key_node.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key '{key_node.value}' stands twice",
                    problem_mark=key_node.start_mark,
                )
            seen.add(key_node.value)
            text = yaml.ScalarNode(TEXT, key_node.value, key_node.start_mark, key_node.end_mark)
            node.value[place] = (text, value_node)
        return super().construct_mapping(node, deep)

    def construct_scalar(self, node: Any) -> Any:
        text = super().construct_scalar(node)
        if odd := ODD.search(str(text)):
            raise yaml.MarkedYAMLError(
                problem=f"the character {odd[0]!r} belongs to no text",
                problem_mark=node.start_mark,
            )
        return text

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        plain = isinstance(node, yaml.ScalarNode) and node.style is None
        if plain and node.tag in NUMBERS and UNLIKE.search(node.value):
            # YAML reads 010 as 8, 1:30 as 90 and 1_0 as 10.
            raise yaml.MarkedYAMLError(
                problem=f"'{node.value}' would be read as another number: write it plainly, or in "
                "quotation marks where it is a word or a code",
                problem_mark=node.start_mark,
            )
        try:
            return super().construct_object(node, deep)
        except (ValueError, KeyError, TypeError, OverflowError):
            raise yaml.MarkedYAMLError(
                problem=f"'{getattr(node, 'value', '')!s:.60}' is not what it looks like to YAML: "
                "put it in quotation marks",
                problem_mark=node.start_mark,
            ) from None


def read_yaml(path: Path) -> Any:
    """Read a YAML file.

    Raises
    ------
    StudyError
        The file is absent, empty, not UTF-8, or not YAML; the message names the line.
    """
    path = Path(path)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Keys)
    except FileNotFoundError:
        raise StudyError("The file is not there", file=path) from None
    except UnicodeDecodeError:
        raise StudyError(
            "The file is not UTF-8 text", file=path, advice="Save it as UTF-8."
        ) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise StudyError(
            f"The file is not valid YAML: {error.problem} at line {line}",
            file=path,
            advice="Check the indentation and the quotes there.",
        ) from None
    except RecursionError:
        raise StudyError(
            "The file is not valid YAML: it holds thousands of nested brackets", file=path
        ) from None
    except yaml.YAMLError as error:
        raise StudyError(f"The file is not valid YAML: {error}", file=path) from None
    if content is None:
        raise StudyError("The file is empty", file=path)
    return content


def validate(content: Any, model: type[Model], path: Path) -> Model:
    """Check content against a model; every fault is named with its place and line in the file."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise StudyError(
            "; ".join(told(error, path)), file=path, advice="Correct the file and run again."
        ) from None


def load(path: Path, model: type[Model]) -> Model:
    """Read a YAML file into a typed model (see `read_yaml` and `validate` for the errors)."""
    return validate(read_yaml(path), model, path)
