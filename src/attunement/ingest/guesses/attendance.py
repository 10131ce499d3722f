"""Whether the client came: columns that say what became of a session, in rows or in columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.columns import Column
from attunement.ingest.guesses.draft import Draft, Place
from attunement.ingest.guesses.names import words as words_of
from attunement.ingest.guesses.values import plainly, translated, yes_no

_ATTENDED = set(
    "attend attended came show showed attendance attendence present "
    "anwesend erschienen gekommen aanwezig gekomen asistio "
    "verschenen wahrgenommen teilgenommen opgekomen venu presence presences anwesenheit teilnahme "
    "asistencia aanwezigheid opkomst presenza presenze".split()
)
# Presence is a quality of therapists as well, so that codes under that name may be a rating.
_PLAINLY_NAMED = _ATTENDED - {"presence", "presences", "present", "presenza", "presenze", "show"}
_COUNTED = set("n no number count total anzahl aantal numero nombre sessions sitzungen".split())
MOST_CODES = 4  # what became of a session: came, missed, cancelled by one or the other

# NHS data dictionary, ATTENDED OR DID NOT ATTEND CODE: 5 on time, 6 late but seen, 7 late and not
# seen, 3 did not attend, 2 and 4 cancelled by client or provider, 0 still to come.
_NHS_NAME = ("attend", "or", "dna", "code")
_NHS = {"5": True, "6": True, "7": False, "3": False, "2": False, "4": False, "0": None}
HOW = "attended: {column: COLUMN, values: {word for came: true, word for missed: false}}"


@dataclass(frozen=True)
class Came:
    """What the cells of a column say of whether the client came, and those not understood."""

    values: dict[str, bool | None]
    unknown: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)

    def declared(self, column: str) -> Any:
        """As it stands under `sessions`."""
        if plainly(self.values) and not self.unknown:
            return column
        return {"column": column, "values": self.values}

    def ask(self, draft: Draft, place: Place, column: str) -> None:
        """Show labels beside codes, and ask for what was not understood."""
        draft.label((*place, "columns", "attended"), self.values, self.labels)
        nothing = [code for code, so in self.values.items() if so is None]
        if self.unknown:
            shown = ", ".join(f"'{self.labels.get(one, one)}'" for one in self.unknown[:8])
            draft.ask(place, f"Did the client come where '{column}' says {shown}? Until these are "
                      "put under the values of attended (true or false) they are listed and set "
                      "missing.")  # fmt: skip
        elif nothing and len(nothing) == len(self.values):
            draft.ask(place, f"Which codes of '{column}' say that the client came? Put true or "
                      "false for each null; until then no session counts as attended.")  # fmt: skip


def came(column: Column, title: bool = True) -> Came | None:
    """What a column says of whether the client came; None where it is about something else.

    Yes and no under a name for it, or words for what becomes of a session. Codes without labels
    under such a name mean nothing until they are told.
    """
    said = {*column.words, *(words_of(column.title) if title and column.labels else ())}
    if said & _ATTENDED and (flag := yes_no(column)):
        return Came(dict(flag), labels=column.labels)
    if column.words == _NHS_NAME and set(column.distinct) <= set(_NHS):
        return Came({code: _NHS[code] for code in column.distinct})
    if column.is_date or not 1 <= len(column.distinct) <= 12:
        return None
    known, unknown = translated(column, lexicon.APPOINTMENT)
    named = bool(set(column.words) & _ATTENDED)
    if "attended" in known.values() and (named or (len(column.distinct) > 1 and not unknown)):
        values = {w: None if m == "unknown" else m == "attended" for w, m in known.items()}
        return Came(values, unknown, column.labels)
    coded = column.is_number and not column.labels and bool((column.numbers % 1 == 0).all())
    coded = coded and not set(column.words) & _COUNTED
    if coded and set(column.words) & _PLAINLY_NAMED and 2 <= len(column.distinct) <= MOST_CODES:
        return Came(dict.fromkeys(sorted(column.distinct)))
    return None


def together(columns: list[Column]) -> Column:
    """The cells of a wide group as one column: the first or last session may hold one word only."""
    first = columns[0]
    labels = {code: label for one in columns for code, label in one.labels.items()}
    return replace(
        first, text=pd.concat([one.text for one in columns], ignore_index=True), labels=labels
    )
