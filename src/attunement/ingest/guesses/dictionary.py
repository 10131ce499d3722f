"""A data dictionary beside the data, as REDCap exports it: its choices label the codes of columns.

`1, Completed | 2, Dropped out` of the field end_reason are the labels that an SPSS file holds in
itself. Guesses go by them, and what they lead to is written out under `values`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd

from attunement.ingest.guesses.client_ids import client_score
from attunement.ingest.guesses.columns import Table
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.names import words
from attunement.ingest.readers.raw import Raw
from attunement.ingest.sheet import as_text

Part = tuple[str, dict[str, Any], Raw]
BY_NAME = 3  # the score of a column whose name plainly says client
_CHOICE = re.compile(r"\s*([^,|]+?)\s*,\s*(.+?)\s*")
_VARIABLE = {"variable", "field", "variables", "feld", "campo"}
_CHOICES = {"choices", "labels", "label", "werte", "wertelabels", "codes", "codierung", "values"}


def _choices(text: str) -> dict[str, str]:
    """The labels of codes in `1, Woman | 2, Man`; {} where it is written otherwise."""
    found = [_CHOICE.fullmatch(one) for one in text.split("|")]
    made = {one.group(1): one.group(2) for one in found if one is not None}
    return made if len(found) == len(made) >= 2 else {}


def _parts_of(frame: pd.DataFrame) -> tuple[str, str, str | None] | None:
    """The columns with names of fields, their choices and their labels; None for other tables."""
    named = {str(one): words(str(one)) for one in frame.columns}
    field = [n for n, w in named.items() if set(w) >= {"field", "name"}]
    choices = [n for n, w in named.items() if "choices" in w]
    label = [n for n, w in named.items() if w == ["field", "label"]]
    return (field[0], choices[0], label[0] if label else None) if field and choices else None


def _read(raw: Raw) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """The labels of codes and the titles of columns that a dictionary tells."""
    told = _parts_of(raw.frame)
    labels: dict[str, dict[str, str]] = {}
    titles: dict[str, str] = {}
    if told is None:
        return labels, titles
    field, choices = (as_text(raw.frame[one]) for one in told[:2])
    said = as_text(raw.frame[told[2]]) if told[2] is not None else field
    for name, text, title in zip(field, choices, said, strict=True):
        made = _choices(str(text)) if pd.notna(text) and pd.notna(name) else {}
        if not made:
            continue
        labels[str(name)] = made
        titles[str(name)] = str(title) if pd.notna(title) else str(name)
        for code, label in made.items():  # a box of its own for each choice
            titles[f"{name}___{code.lower()}"] = f"{titles[str(name)]}: {label}"
    return labels, titles


def with_dictionary(parts: list[Part]) -> tuple[list[Part], dict[str, list[str]], list[str]]:
    """Label the codes of sources by a data dictionary that lies beside them.

    Returns
    -------
    (list of Part, dict, list of str)
        The sources without the dictionary; the columns that it labelled, by its name; and what was
        done with it, in words.
    """
    held = [part for part in parts if _parts_of(part[2].frame) is not None]
    others = [part for part in parts if not any(part is one for one in held)]
    if not held or not others:
        return parts, {}, []
    labelled: dict[str, list[str]] = {}
    done = []
    for _, _, raw in held:
        labels, titles = _read(raw)
        there = {str(one) for _, _, other in others for one in other.frame.columns}
        labelled[raw.label] = [name for name in labels if name in there]
        others = [
            (name, fields, replace(
                other,
                labels={n: labels[n] for n in labels if n in other.frame.columns} | other.labels,
                titles={n: titles[n] for n in titles if n in other.frame.columns} | other.titles,
            ))
            for name, fields, other in others
        ]  # fmt: skip
        n = len(labelled[raw.label])
        done.append(f"{raw.label} (a data dictionary: it labels the codes of {n} column(s))")
    return others, labelled, done


def _like_codebook(table: Table) -> bool:
    """A table of variables and their labels, in a form that is not read, and no client."""
    heads = [set(column.words) for column in table.columns.values()]
    named = any(one & _VARIABLE for one in heads) and any(one & _CHOICES for one in heads)
    return named and all(client_score(one) < BY_NAME for one in table.columns.values())


def without_codebooks(tables: list[Table], draft: Draft) -> list[Table]:
    """The tables that hold data; of a list of variables and codes it is told what it is for."""
    books = [table for table in tables if _like_codebook(table)]
    if len(books) == len(tables):
        return tables
    for table in books:
        draft.ask(("sources",), f"{table.label} seems to say what the codes of other columns mean, "
                  "and is not read. Use its labels where codes are mapped below (values), or run "
                  "`new` on a file that holds the labels itself.")  # fmt: skip
    return [table for table in tables if not any(table is one for one in books)]
