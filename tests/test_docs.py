"""The pages about the multilevel engine: their code runs, and prints what they show."""

import contextlib
import csv
import io
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from attunement.study.config import Config, PlannedModel

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def lines(text: str) -> list[str]:
    """Lines without the blanks that tables end on."""
    return [line.rstrip() for line in text.rstrip().splitlines()]


def answers(page: str) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """Run a page's Python in order: all names, and of each block code, output and output shown."""
    names: dict[str, Any] = {}
    found = []
    for (language, code), (after, shown) in pairwise([*BLOCK.findall(page), ("python", "")]):
        if language != "python":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)
        found.append((code, printed.getvalue(), "" if after else shown))
    return names, found


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "mixed.md").read_text("utf-8")


@pytest.fixture(scope="module")
def ran(page: str) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    return answers(page)


def test_the_code_prints_what_the_page_shows(
    ran: tuple[dict[str, Any], list[tuple[str, str, str]]],
) -> None:
    assert sum(bool(shown) for _, _, shown in ran[1]) >= 5
    for code, printed, shown in ran[1]:
        assert lines(printed) == lines(shown), code


def test_what_the_pages_name_exists(
    ran: tuple[dict[str, Any], list[tuple[str, str, str]]], repository: Path
) -> None:
    for name in ("mixed.md", "limits.md"):
        text = (repository / "docs" / name).read_text("utf-8")
        used = set(re.findall(r"\bfit\.(\w+)", text))
        assert used
        assert [each for each in sorted(used) if not hasattr(ran[0]["fit"], each)] == []


def test_the_cost_of_autocorrelation_is_the_measured_one(repository: Path) -> None:
    terms = {"session": "slope of session", "drift": "covariate that drifts"}
    terms["mood"] = "covariate that varies freely"
    models = {"independent": "independent residuals", "AR(1)": "AR(1)"}
    models["independent, random slope"] = "independent residuals, random slope"
    with (repository / "docs" / "autocorrelation.csv").open(encoding="utf-8") as file:
        measured = {
            (terms[row["term"]], models[row["model"]]): [
                f"{float(row['spread']):.4f}",
                f"{float(row['mean_se']):.4f}",
                f"{float(row['coverage']):.1f}",
            ]
            for row in csv.DictReader(file)
            if row["model"] in models
        }
    text = (repository / "docs" / "limits.md").read_text("utf-8")
    shown = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith(("| slope", "| covariate"))
    ]
    assert len(shown) >= 8
    for term, model, *numbers in shown:
        assert numbers == [f"{value.lstrip('0')}" for value in measured[term, model]], term


def test_the_own_model_is_one_of_a_plan(repository: Path) -> None:
    page = (repository / "docs" / "own_models.md").read_text("utf-8")
    (block,) = [code for language, code in BLOCK.findall(page) if language == "yaml"]
    config = Config.model_validate({"datasets": ["example"], "seed": 1, **yaml.safe_load(block)})
    assert config.plan["courses"].levels == {"time:group": "between"}
    words = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert set(words) <= set(PlannedModel.model_fields)
