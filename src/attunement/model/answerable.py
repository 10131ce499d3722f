"""Whether a question can be tried with the data at hand, asked of the analysis itself."""

from __future__ import annotations

import re
from typing import NamedTuple

from attunement.model.analyses import ANALYSES
from attunement.model.asking import WouldFit, asking
from attunement.model.estimate import NO_COEFFICIENT
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification


class Answerable(NamedTuple):
    """What an analysis would rest on, and which of its focal coefficients it would not tell."""

    rows: int
    clients: int
    lost: tuple[tuple[str, str], ...] = ()


def _lost(left_out: dict[str, str], specification: Specification) -> tuple[tuple[str, str], ...]:
    """The focal coefficients that no model of the data holds; of a category, if all are lost."""
    found = {}
    for term, reason in left_out.items():
        whole = re.sub(r"\[[^\]]*\]", "", term)
        name = term if term in specification.focal else whole
        if name in specification.focal:
            found[name] = reason
    return tuple(found.items())


def answerable(tables: Tables, specification: Specification) -> Answerable:
    """Run an analysis up to its first fit and return what it would be fitted to.

    What only a fit can show (that it does not converge, that events are separated) is not known.

    Raises
    ------
    NotEstimable
        The analysis refuses the data, or would tell none of its focal coefficients; the message is
        the reason that stands in its row of estimates.
    """
    try:
        with asking():
            result = ANALYSES[specification.analysis](tables, specification)
    except WouldFit as stopped:
        frame, left_out = stopped.model.frame, dict(stopped.model.left_out)
        lost = _lost(left_out, specification)
        # A name that no coefficient has is the plan's slip: the model is estimated, and so told.
        withheld = [reason for _, reason in lost if not reason.startswith(NO_COEFFICIENT)]
        if lost and len(withheld) == len(specification.focal):
            raise NotEstimable(withheld[0]) from None
        clients = frame["client"].nunique() if "client" in frame else 0
        return Answerable(len(frame), clients, lost)
    rows = result.estimates
    refused = rows["status"] == "not estimable"
    if refused.all():
        raise NotEstimable(str(rows["reason"].dropna().iloc[0]))
    told = rows[~refused]
    return Answerable(int(told["n_obs"].max()), int(told["n_clients"].max()))
