"""Names of columns with a mark for the occasion: which occasions does the header hold?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from attunement.ingest.sheet import Sheet
from attunement.study.problems import StudyError

MARKS = {"{session}": r"\d+", "{time}": r"\d+(?:[.,]\d+)?"}


@dataclass(frozen=True)
class Found:
    """Template -> occasion -> column of the file, for the occasions in order."""

    occasions: list[float]
    columns: dict[str, dict[float, str]]

    def at(self, number: int, templates: list[str]) -> dict[str, str]:
        """The columns of one occasion by their template."""
        at = self.occasions[number]
        return {t: self.columns[t][at] for t in templates if at in self.columns[t]}


def mark_of(names: Sequence[str], label: str) -> str | None:
    """The mark of the occasion in the names of a declaration, None for a long layout.

    Raises
    ------
    StudyError
        Both marks are used.
    """
    used = [mark for mark in MARKS if any(mark in name for name in names)]
    if len(used) > 1:
        raise StudyError(
            "The names of columns hold both {session} and {time}",
            file=label,
            column=next(name for name in names if used[1] in name),
            advice="Use one of them for a declaration in dataset.yaml.",
        )
    return used[0] if used else None


def _occasion(word: str, words: dict[str, float]) -> float:
    return words[word] if word in words else float(word.replace(",", "."))


def _columns_of(
    template: str, mark: str, known: list[str], words: dict[str, float], label: str
) -> dict[float, str]:
    """The columns of one template by occasion."""
    spelt = "|".join([*sorted(map(re.escape, words), key=len, reverse=True), MARKS[mark]])
    first, *rest = (re.escape(part) for part in template.split(mark))
    pattern = re.compile(f"{first}(?P<at>{spelt})" + "(?P=at)".join(rest))
    found: dict[float, str] = {}
    for name in known:
        if hit := pattern.fullmatch(name):
            occasion = _occasion(hit["at"], words)
            if occasion in found:
                raise StudyError(
                    f"The columns '{found[occasion]}' and '{name}' are both '{template}' at "
                    f"{occasion:g}",
                    file=label,
                    column=name,
                    advice="Leave one of them out by `drop`, or rename it.",
                )
            found[occasion] = name
    return found


def _nearest(template: str, mark: str, known: list[str]) -> str:
    near = difflib.get_close_matches(template.replace(mark, "1"), known, 3, cutoff=0.0)
    return ", ".join(f"'{name}'" for name in near)


def find(
    sheet: Sheet, templates: list[str], telling: list[str], mark: str, words: dict[str, float]
) -> Found:
    """Find the columns of each template; those of `telling` say which occasions there are.

    Raises
    ------
    StudyError
        A template fits no column, or two templates fit the same.
    """
    known = [str(name) for name in sheet.frame.columns]
    columns = {
        template: _columns_of(template, mark, known, words, sheet.label) for template in templates
    }
    claimed: dict[str, str] = {}
    for template, found in columns.items():
        if not found:
            raise StudyError(
                f"No column fits '{template}', named in dataset.yaml; the nearest are "
                f"{_nearest(template, mark, known)}",
                file=sheet.label,
                column=template,
                rows=len(sheet.frame),
                advice=f"{mark} stands for the digits of the occasion, or for a word that "
                "`occasions` of the source names.",
            )
        for name in found.values():
            if claimed.setdefault(name, template) != template:
                raise StudyError(
                    f"'{template}' and '{claimed[name]}' both fit the column '{name}'",
                    file=sheet.label,
                    column=name,
                    advice="Put a mark between the digits, or rename the columns.",
                )
    occasions = sorted({at for template in telling or templates for at in columns[template]})
    return Found(occasions, columns)
