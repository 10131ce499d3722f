"""Typed YAML: unknown keys are errors that name the nearest known one; keys may not come twice."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from attunement.study.problems import StudyError


class Strict(BaseModel):
    """A frozen model that knows its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

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


class _UniqueKeys(yaml.SafeLoader):
    """A safe loader that refuses a key given twice in one mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key '{key}' stands twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """Read a YAML file.

    Raises
    ------
    StudyError
        The file is absent, empty, not UTF-8, or not YAML; the message names the line.
    """
    path = Path(path)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
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


def _in_words(fault: Any) -> str:
    """A fault as a person would say it, with what stands there where that is short."""
    if fault["type"] == "missing":
        return "it must be given"
    if fault["type"] == "too_short":
        n = fault["ctx"]["min_length"]
        return (
            f"it needs at least {n} entr{'y' if n == 1 else 'ies'}, and has {len(fault['input'])}"
        )
    text = fault["msg"].removeprefix("Value error, ")
    stands = fault["input"]
    if text.startswith("Input should") and isinstance(stands, str | int | float | None):
        told = "nothing stands there" if stands is None else f"what stands there is {stands!r:.60}"
        return f"it {text.removeprefix('Input ')}; {told}"
    return text


def validate(content: Any, model: type[Model], path: Path) -> Model:
    """Check content against a model; every fault is named with the place in the file."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        faults = []
        for fault in error.errors()[:5]:
            place = ".".join(str(part) for part in fault["loc"])
            faults.append(f"{place}: {_in_words(fault)}" if place else _in_words(fault))
        raise StudyError(
            "; ".join(faults), file=path, advice="Correct the file and run again."
        ) from None


def load(path: Path, model: type[Model]) -> Model:
    """Read a YAML file into a typed model (see `read_yaml` and `validate` for the errors)."""
    return validate(read_yaml(path), model, path)
