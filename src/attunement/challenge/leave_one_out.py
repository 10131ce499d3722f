"""Leave one therapist out: does one therapist carry the result?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from attunement.mixed import FitError
from attunement.model import fit, prepare, supported
from attunement.model.focal import is_focal
from attunement.model.multiplicity import adjusted, tested_once
from attunement.study.contracts import conform
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

LEVEL = 0.05


class Family(NamedTuple):
    """By which rule p values count, and the other p values of each coefficient's family, by term.

    What the answer is judged by is the adjusted p: a refit is judged by it too, with the others of
    its family as they are. A coefficient that is alone, or exploratory, has no others.
    """

    rule: str = "holm"
    others: Mapping[str, Sequence[float]] = {}

    def judged(self, term: str, p: float) -> float:
        """Return the p value that counts where this coefficient has `p`."""
        if np.isnan(p):
            return p
        return float(adjusted([p, *self.others.get(term, ())], self.rule)[0])


def families(
    estimates: pd.DataFrame, specifications: Sequence[Specification], rule: str
) -> dict[str, Family]:
    """Return the family that each confirmatory specification's coefficients are judged in."""
    tested = tested_once(estimates, specifications)
    found: dict[str, dict[str, list[float]]] = {}
    for _, family in tested.groupby("hypothesis_family", dropna=False, observed=True):
        for place, row in family.iterrows():
            of = found.setdefault(str(row["specification"]), {})
            of[str(row["term"])] = [float(p) for p in family["p"].drop(place)]
    return {name: Family(rule, others) for name, others in found.items()}


ALONE = Family()


def leave_one_therapist_out(
    tables: Tables, specification: Specification, family: Family = ALONE
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Refit a specification without each therapist in turn.

    The frame is prepared once: accommodation keeps the unit and the centring of the whole sample,
    so that only the therapist's clients leave and the meaning of the coefficient stays.

    Parameters
    ----------
    tables : dict of DataFrame
        Canonical, scored and accommodated tables by contract name.
    specification : Specification
        What is refitted.
    family : Family
        By which p a refit lies on the other side of .05; its own where nothing is said.

    Returns
    -------
    summary : DataFrame
        Contract `influence`: the range over refits, one row per coefficient of interest.
    refits : DataFrame
        therapist, term, estimate, se, p, converged: private, never released.
    """
    try:
        model = supported(prepare(tables, specification), specification)
        therapists = model.frame["therapist"].nunique()
        if therapists < 2:
            raise NotEstimable("only one therapist" if therapists else "no therapists recorded")
        if "therapist" not in model.random:
            raise NotEstimable("the model has no therapist level")
        whole = fit(model, specification)
        without = whole.influence("therapist")
    except (NotEstimable, FitError) as problem:
        return _not_estimable(specification, str(problem)), pd.DataFrame()
    terms = _terms(whole, specification)
    refits = pd.concat(
        [_refits(without, term, whole.fixed.loc[term, "df"]) for term in terms],
        ignore_index=True,
    )
    return _summary(whole, refits, terms, specification, family), refits


def _terms(whole: Any, specification: Specification) -> list[str]:
    """The coefficients of interest that the model holds."""
    found = whole.fixed.index
    return [term for term in found if is_focal(term, specification)]


def _refits(without: Any, term: str, df: float) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "therapist": without.estimates.index,
            "term": term,
            "estimate": without.estimates[term].to_numpy(),
            "se": without.errors[term].to_numpy(),
            "converged": without.summary["converged"].to_numpy(dtype=bool),
        }
    )
    # The whole sample's degrees of freedom, so that p moves only with the estimate and its error.
    rows["p"] = 2 * stats.t.sf((rows["estimate"] / rows["se"]).abs(), df)
    return rows


def _summary(
    whole: Any,
    refits: pd.DataFrame,
    terms: list[str],
    specification: Specification,
    family: Family,
) -> pd.DataFrame:
    shown = np.exp if specification.metric != "b" else (lambda value: value)
    rows = []
    for term in terms:
        all_refits = refits[refits["term"] == term]
        good = all_refits[all_refits["converged"] & all_refits["estimate"].notna()]
        estimate = whole.fixed.loc[term, "estimate"]
        clear = family.judged(term, float(whole.fixed.loc[term, "p"])) < LEVEL
        other_side = [(family.judged(term, float(p)) < LEVEL) != clear for p in good["p"]]
        rows.append(
            {
                "dataset": specification.dataset,
                "specification": specification.name,
                "term": term,
                "metric": specification.metric,
                "estimate": shown(estimate),
                "lowest": shown(good["estimate"].min()),
                "highest": shown(good["estimate"].max()),
                "n_refits": len(good),
                "n_failed": len(all_refits) - len(good),
                "sign_changes": int((np.sign(good["estimate"]) != np.sign(estimate)).sum()),
                "significance_changes": sum(other_side),
                "status": "estimated" if len(good) else "not converged",
            }
        )
    return conform(pd.DataFrame(rows), "influence")


def _not_estimable(specification: Specification, reason: str) -> pd.DataFrame:
    rows = [
        {
            "dataset": specification.dataset,
            "specification": specification.name,
            "term": term,
            "metric": specification.metric,
            "status": "not estimable",
            "reason": reason,
        }
        for term in (specification.focal or {"all": "-"})
    ]
    return conform(pd.DataFrame(rows), "influence")
