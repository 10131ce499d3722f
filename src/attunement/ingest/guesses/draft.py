"""A draft of dataset.yaml: what it says, why, and what only the researcher can tell."""

from __future__ import annotations

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

    A place is the path of keys, as `("responses", 0)`; reasons stand above what they explain.
    """

    content: dict[str, Any] = field(default_factory=dict)
    reasons: dict[Place, list[str]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    used: set[tuple[str, str]] = field(default_factory=set)

    def because(self, place: Place, reason: str) -> None:
        """Give the reason of a guess."""
        if reason not in self.reasons.setdefault(place, []):
            self.reasons[place].append(reason)

    def ask(self, place: Place, text: str, *answers: str) -> None:
        """Leave a question open."""
        if (question := Question(place, text, answers)) not in self.questions:
            self.questions.append(question)

    def use(self, source: str, *columns: str) -> None:
        """Note that columns have found their place."""
        self.used |= {(source, column) for column in columns}
