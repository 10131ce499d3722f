"""A draft of dataset.yaml: what it says, why, and what only the researcher can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Question:
    """What is open: asked in words, with the answers ready to paste, at a place of the file."""

    place: Place
    text: str
    answers: tuple[str, ...] = ()


@dataclass
class Draft:
    """The content of dataset.yaml as it grows, the reasons of its parts and the open questions.

    A place is the path of keys, as `("responses", 0)`; reasons stand above what they explain, and
    what is `beside` on the line itself.
    """

    content: dict[str, Any] = field(default_factory=dict)
    reasons: dict[Place, list[str]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    used: set[tuple[str, str]] = field(default_factory=set)
    beside: dict[Place, str] = field(default_factory=dict)

    def because(self, place: Place, reason: str) -> None:
        """Give the reason of a guess."""
        if reason not in self.reasons.setdefault(place, []):
            self.reasons[place].append(reason)

    def ask(self, place: Place, text: str, *answers: str) -> None:
        """Leave a question open."""
        if (question := Question(place, text, answers)) not in self.questions:
            self.questions.append(question)

    def label(self, place: Place, values: Mapping[str, Any], labels: Mapping[str, str]) -> None:
        """Show the file's own label of a code beside what it was mapped to."""
        told = {code: labels[code] for code in values if labels.get(code, code) != code}
        self.beside |= {(*place, "values", code): label for code, label in told.items()}

    def use(self, source: str, *columns: str) -> None:
        """Note that columns have found their place."""
        self.used |= {(source, column) for column in columns}
