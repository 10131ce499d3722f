"""A file with a row for each answer to an item is refused, and how to turn it round is told."""

from __future__ import annotations

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.aliases import Known
from attunement.ingest.guesses.columns import Column, Table
from attunement.ingest.guesses.families import parse
from attunement.ingest.guesses.people import client_columns, date_column, session_column
from attunement.study.problems import StudyError

_NAMES = (lexicon.ITEM - {"i", "f", "nr"}) | {"variable", "fragen", "questions", "itemno"}
_ANSWERS = lexicon.TOTAL | {"value", "values", "answer", "response", "antwort", "antwoord",
                            "waarde", "valor", "respuesta", "valeur", "reponse"}  # fmt: skip


def _names_items(column: Column, known: Known) -> bool:
    """The column is called item, or most of its words are names of items."""
    if set(column.words) & _NAMES:
        return True
    words = column.distinct[:40]
    named = [parse(word, known) for word in words if not word.isdigit()]
    items = [one for one in named if one is not None and one.slots]
    return len(words) >= 3 and len(items) >= 0.8 * len(words)


def demand_no_row_per_answer(table: Table, known: Known) -> None:
    """Demand that a row of a file is a client or an occasion, not one answer.

    Raises
    ------
    StudyError
        One column names items, another holds the answers, and an occasion has several rows; the
        message shows how SPSS and R turn such a file round.
    """
    client = client_columns([table]).get(table.name)
    if client is None:
        return
    others = {name: one for name, one in table.columns.items() if name != client}
    answers = [n for n, one in others.items() if one.is_number and set(one.words) & _ANSWERS]
    items = [
        name
        for name, one in others.items()
        if name not in answers and not one.is_date and 3 <= len(one.distinct) <= 500
        and _names_items(one, known)
    ]  # fmt: skip
    if len(answers) != 1 or len(items) != 1:
        return
    when = [one for one in (session_column(table, client), date_column(table)) if one]
    key = [name for name in (client, *when) if name not in (items[0], answers[0])]
    rows = list(zip(*(table.columns[name].text for name in key), strict=True))
    if len(set(rows)) > 0.5 * len(rows):
        return
    item, answer, by = items[0], answers[0], " ".join(key)
    raise StudyError(
        f"A row of this file is one answer: '{item}' names the item and '{answer}' has the value",
        file=table.label,
        rows=table.rows,
        advice="Turn it round, so that each item has a column and each client and date one row. "
        f"In SPSS: SORT CASES BY {by} {item}. CASESTOVARS /ID={by} /INDEX={item}. "
        f"In R: tidyr::pivot_wider(data, names_from = `{item}`, values_from = `{answer}`). "
        "Save it and run `new` on that file.",
    )
