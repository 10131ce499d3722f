"""How treatment ended: the column that says so, and what its words mean."""

from __future__ import annotations

from typing import Any

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.columns import Column
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.ending_words import ended_by_the_service, ending_word
from attunement.ingest.guesses.names import compound, words
from attunement.ingest.guesses.people import Roles
from attunement.ingest.guesses.values import translated, translated_by, yes_no

_DROPOUT = {"dropout", "abbruch", "abbrecher", "uitval", "abandono", "dropped", "drop"}
_JUDGED = lexicon.THERAPIST | {"judgement", "judgment", "urteil", "oordeel", "juicio"}
_LAST = {"last", "letzte", "letzter", "letztes", "letzt", "laatste", "ultima", "ultimo"}
_PLANNED = {"planned", "agreed", "geplant", "geplante", "vereinbart", "gepland", "afgesproken",
            "previstas", "acordadas", "contracted"}  # fmt: skip
# NHS Talking Therapies' EndCode of those taken on for treatment, versions 1.5 (42 to 45) and 2:
# mutually agreed completion; earlier than the professional planned, than the patient requested;
# deceased; not known. What the others mean for dropout (never taken on, declined) is asked.
_NHS = {"42": "completed", "43": "dropped_out", "44": "referred", "45": "other",
        "46": "completed", "47": "dropped_out", "48": "other", "49": "other",
        "96": "unknown"}  # fmt: skip
_APPOINTMENT = set("appt appointment appointments termin afspraak cita rdv rendez".split())
_MANY = {"n", "count", "anzahl", "aantal", "numero", "number", "attended", "total", "of"}


def _has(column: Column, some: set[str]) -> bool:
    """A word of the name is one of these, or (from five letters on) begins with one of them."""
    stems = tuple(one for one in some if len(one) >= 5)
    return any(word in some or word.startswith(stems) for word in column.words)


def _about_sessions(column: Column) -> bool:
    return any(
        compound(word, lexicon.SESSION - {"s"}, lexicon.ID | {"en"})
        for word in (*column.words, *words(column.title))
    ) or _counts_sessions(column)


def _counts_sessions(column: Column) -> bool:
    """`nsess`, `nSitzungen`: a number of sessions written as one word."""
    return any(word[:1] == "n" and word[1:] in lexicon.SESSION - {"s"} for word in column.words)


def _mapped(column: Column, made: dict[str, Any], plain_words: set[str]) -> Any:
    if set(column.distinct) <= plain_words and all(made.get(w) == w for w in column.distinct):
        return column.name
    return {"column": column.name, "values": made}


def ending_of(column: Column) -> tuple[dict[str, str], list[str]] | None:
    """The words of a column about endings and those not known; None where it is no such column."""
    if column.is_date or not 2 <= len(column.distinct) <= 30:
        return None
    known, unknown = translated_by(column, ending_word)
    named = _has(column, lexicon.ENDING_NAMES)
    if len(known) >= 2 and (named or len(known) >= len(unknown) + 1):
        strong = {"completed", "dropped_out", "ongoing", "referred"} & set(known.values())
        return (known, unknown) if strong else None
    weak = {"status", "outcome", "reason", "fin", "alta"}
    strong_name = _has(column, lexicon.ENDING_NAMES - weak)
    if named and known and not yes_no(column) and (strong_name or len(known) >= 2):
        return known, unknown
    return None


def _coded_ending(column: Column) -> dict[str, str | None] | None:
    """Codes or yes and no in a column that is named after the end: their meaning is asked.

    Until it is told a code says nothing, for it may as well be a treatment that goes on.
    """
    if not _has(column, lexicon.ENDING_NAMES - {"status", "outcome", "reason", "fin", "alta"}):
        return None
    flag = yes_no(column)
    if flag is not None and not column.is_number:
        return {text: "completed" if is_so else None for text, is_so in flag.items()}
    whole = not column.is_number or bool((column.numbers % 1 == 0).all())
    if whole and 2 <= len(column.distinct) <= 30:
        known = _NHS if column.words == ("end", "code") else {}
        order = sorted(column.distinct, key=lambda code: (len(code), code))
        return {code: known.get(code) for code in order}
    return None


def _coded_appointment(column: Column) -> bool:
    """Few codes without labels under a name for the last appointment: no number of a session."""
    named = _has(column, _LAST) and bool(_APPOINTMENT & set(column.words))
    coded = named and column.is_number and not column.labels
    return coded and 2 <= len(column.distinct) <= 5 and set(column.numbers) <= set(range(10))


def find_endings(roles: Roles, free: list[str], draft: Draft) -> dict[str, Any]:
    """The columns of a table of clients that tell of endings, for the section `endings`."""
    columns: dict[str, Any] = {}
    place = ("endings", "columns")
    for name in free:
        column = roles.column(name)
        if column.filled == 0:
            continue
        if column.is_date:
            continue
        if (
            "last_appointment" not in columns
            and _has(column, _LAST)
            and (column.labels or not column.is_number)
        ):
            known, unknown = translated(column, lexicon.APPOINTMENT)
            if known and len(column.distinct) <= 12:
                columns["last_appointment"] = _mapped(column, known, set(lexicon.APPOINTMENT))
                draft.because(
                    (*place, "last_appointment"),
                    f"its words are {', '.join(column.labels.get(w, w) for w in known)}",
                )
                draft.label((*place, "last_appointment"), known, column.labels)
                _ask_unknown(draft, (*place, "last_appointment"), column, unknown,
                             list(lexicon.APPOINTMENT))  # fmt: skip
                draft.use(roles.table.name, name)
                continue
        if "last_appointment" not in columns and _coded_appointment(column):
            codes = dict.fromkeys(sorted(column.distinct))
            columns["last_appointment"] = {"column": name, "values": codes}
            draft.ask((*place, "last_appointment"), f"What do the codes of '{name}' say became of "
                      "the last appointment? Put for each null one of: "
                      f"{', '.join(lexicon.APPOINTMENT)}.")  # fmt: skip
            draft.use(roles.table.name, name)
            continue
        flag = yes_no(column)
        judged = _has(column, _JUDGED) and not _has(column, {"gender", "sex", "geschlecht"})
        titled = bool(_DROPOUT & set(words(column.title)))
        if flag is not None and (
            titled or _has(column, _DROPOUT) or (judged and len(column.words) > 1)
        ):
            if "therapist_judgement" not in columns:
                columns["therapist_judgement"] = {"column": name, "values": flag}
                draft.label((*place, "therapist_judgement"), flag, column.labels)
                draft.because((*place, "therapist_judgement"), "yes or no, and its name says so")
                draft.ask((*place, "therapist_judgement"),
                          f"Is '{name}' the therapist's own judgement that the client dropped out? "
                          "If it was worked out from other columns, delete this.")  # fmt: skip
                draft.use(roles.table.name, name)
            continue
        if "ending" not in columns and (found := ending_of(column)) is not None:
            known, unknown = found
            columns["ending"] = _mapped(column, known, set(lexicon.ENDINGS))
            draft.because((*place, "ending"), "its words tell how treatment ended")
            theirs = [column.labels.get(one, one) for one in known]
            theirs = [f"'{one}'" for one in theirs if ended_by_the_service(one)]
            if theirs:
                draft.because((*place, "ending"), f"{', '.join(theirs)} is an end by therapist or "
                              "service: other, for the client did not leave")  # fmt: skip
            draft.label((*place, "ending"), known, column.labels)
            _ask_unknown(draft, (*place, "ending"), column, unknown, list(lexicon.ENDINGS))
            draft.use(roles.table.name, name)
            continue
        if "ending" not in columns and (made := _coded_ending(column)) is not None:
            columns["ending"] = {"column": name, "values": made}
            draft.label((*place, "ending"), made, column.labels)
            if column.words == ("end", "code") and any(made.values()):
                draft.because((*place, "ending"), "42 to 49 and 96 are NHS Talking Therapies' "
                              "codes for these endings")  # fmt: skip
            if None in made.values():
                draft.ask((*place, "ending"), f"What do the values of '{name}' mean? Put for each "
                          f"null one of: {', '.join(lexicon.ENDINGS)}. Until then these clients "
                          "count as not told.")  # fmt: skip
            draft.use(roles.table.name, name)
            continue
        if not column.is_number or (column.numbers % 1 != 0).any() or column.numbers.min() < 0:
            continue
        if _has(column, _PLANNED) and "sessions_planned" not in columns:
            columns["sessions_planned"] = name
            draft.because((*place, "sessions_planned"), "its name says that it was agreed")
        elif _has(column, _LAST) and _about_sessions(column) and "last_session" not in columns:
            columns["last_session"] = name
            draft.because((*place, "last_session"), "its name says so")
        elif (
            (_has(column, _MANY) or _counts_sessions(column))
            and _about_sessions(column)
            and "last_session" not in columns
        ) or (column.words[-2:] == ("contact", "count")):
            columns["last_session"] = name
            draft.ask((*place, "last_session"),
                      f"Does '{name}' count the sessions attended, so that it is the number of "
                      "the last one? Else delete this line.")  # fmt: skip
        elif column.words == ("last", "day"):
            columns["last_day"] = name
        else:
            continue
        draft.use(roles.table.name, name)
    return columns


def _ask_unknown(
    draft: Draft, place: tuple, column: Column, unknown: list[str], vocabulary: list[str]
) -> None:
    """Ask what words mean; of a code its label is shown as well."""
    if unknown:
        told = {one: column.labels.get(one, one) for one in unknown[:8]}
        shown = ", ".join(f"'{one}'" if one == said else f"{one} ({said})"
                          for one, said in told.items())  # fmt: skip
        more = f" and {len(unknown) - 8} more" if unknown[8:] else ""
        draft.ask(
            place,
            f"What do these words of '{column.name}' mean: {shown}{more}? Until they are mapped "
            "under values they are listed and set missing. The words are: "
            f"{', '.join(vocabulary)}.",
            *(f'"{one}": other' for one in unknown[:8]),
        )
