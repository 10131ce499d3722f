"""Ids of two files that differ only in how they are written, as 007 and 7, or a12 and A12."""

from __future__ import annotations

from itertools import combinations

from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.people import Roles


def _bare(text: str) -> str:
    """An id without what is easily lost: capitals, blanks, leading zeros."""
    return "".join(text.split()).casefold().lstrip("0")


def ask_of_ids(all_roles: list[Roles], draft: Draft) -> None:
    """Ask where ids of one file are in another only if written otherwise. No id is shown."""
    told = [one for one in all_roles if one.client is not None]
    for first, second in combinations(told, 2):
        mine = set(first.column(first.client).distinct)
        theirs = set(second.column(second.client).distinct)
        of_mine, of_theirs = {_bare(one) for one in mine}, {_bare(one) for one in theirs}
        lost = [one for one in mine - theirs if _bare(one) in of_theirs]
        lost += [one for one in theirs - mine if _bare(one) in of_mine]
        n = len({_bare(one) for one in lost})
        if n:
            draft.ask(
                ("sources", second.table.name),
                f"{n} ids of '{first.client}' in {first.table.label} stand in "
                f"'{second.client}' of {second.table.label} with other capitals, blanks or "
                "leading zeros (as a12 and A12, 007 and 7). They count as different clients, and "
                "rows of a client that the clients' file does not hold are left out: write them "
                "alike in both files.",
            )
