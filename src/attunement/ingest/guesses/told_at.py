"""What is told once of a client at one event of a record: a source of the rows of that event."""

from __future__ import annotations

from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.names import slug
from attunement.ingest.guesses.people import Roles


def source_at(roles: Roles, names: list[str], part: str, draft: Draft) -> str:
    """The source to take columns from of which a client has one row: the whole, or some rows.

    A record of several events has a row for each, and what is told at intake or at the end stands
    on one of them: the other rows would disagree with it.

    Parameters
    ----------
    roles : whose table, and the column that names its events (`phase`).
    names : the columns that are told once.
    part : what they are, for the name of the source.
    draft : gets the source, with the reason.
    """
    table = roles.table
    if roles.level != "occasion" or roles.phase is None or not names:
        return table.name
    told = [roles.column(name).text.notna().to_numpy() for name in names]
    some = told[0]
    for one in told[1:]:
        some = some | one
    event = roles.column(roles.phase).text.to_numpy()
    words = list(dict.fromkeys(str(word) for word in event[some]))
    people = roles.column(roles.client).text
    there = people[[word in words for word in map(str, event)]]
    if len(words) == len(set(map(str, event))) or there.duplicated().any():
        return table.name
    name = slug(f"{table.name}_{part}", set(draft.content["sources"]))
    fields = dict(draft.content["sources"][table.name])
    fields["only"] = fields.get("only", {}) | {roles.phase: words}
    draft.content["sources"][name] = fields
    draft.because(("sources", name), f"{', '.join(names[:4])} stand(s) on the rows of "
                  f"{', '.join(words)} alone")  # fmt: skip
    return name
