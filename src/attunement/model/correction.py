"""The error-correction form of responsiveness, only beside its null.

The change in delivery from one session to the next, on the gap before it, is regression to the
mean: whatever lay far from the preference by chance lies less far the next time. It "finds"
responsiveness where delivery ignores what clients want. Exchanging the preferences of a therapist's
clients shows how much of it any preference would have found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attunement.mixed import fit_linear
from attunement.model.permuting import against_chance, chance_rows, exchanged
from attunement.model.result import Model
from attunement.model.rows import derived_rows
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

TERM = "gap_before"
PERMUTATIONS = "999"
DIRECTION = "above 0: delivery closes the gap to the preference; by chance above 0, too"


def steps(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per session, dimension and session directly before it.

    Parameters
    ----------
    rows : DataFrame
        In order of client, dimension and session.

    Returns
    -------
    DataFrame
        client, therapist, dimension, preference, before (delivery then) and change (delivery now
        minus then).
    """
    before = rows.shift()
    follows = (rows["session"] - before["session"] == 1.0) & (
        rows["dimension"] == before["dimension"]
    )
    follows &= rows["client"] == before["client"]
    moves = rows.assign(before=before["delivery"], change=rows["delivery"] - before["delivery"])
    kept = ["client", "therapist", "dimension", "preference", "before", "change"]
    return moves.loc[follows, kept].reset_index(drop=True)


class Correction:
    """Slope of change on gap, pooled within dimensions, for any assignment of preferences.

    With gap = P - before, the slope is sum(gap * change) / sum(gap^2), each about the mean of its
    dimension. Sums by client and dimension are all it needs, whoever's P is set in.
    """

    def __init__(self, moves: pd.DataFrame, preferences: pd.DataFrame) -> None:
        self.preference = preferences.to_numpy(dtype=float)  # clients x dimensions
        keyed = moves.assign(
            before2=moves["before"] ** 2,
            product=moves["before"] * moves["change"],
            n=1.0,
        )
        wide = keyed.pivot_table(
            index="client",
            columns="dimension",
            values=["n", "before", "change", "before2", "product"],
            aggfunc="sum",
        )
        self.n, self.before, self.change, self.before2, self.product = (
            pd.DataFrame(wide[name])
            .reindex(index=preferences.index, columns=preferences.columns)
            .fillna(0.0)
            .to_numpy()
            for name in ("n", "before", "change", "before2", "product")
        )

    def slope(self, order: np.ndarray) -> float:
        """Return the slope where client k has the preferences of client `order[k]`."""
        wanted = self.preference[order]
        n = self.n.sum(axis=0)
        gap = (wanted * self.n - self.before).sum(axis=0)
        gap2 = (wanted**2 * self.n - 2 * wanted * self.before + self.before2).sum(axis=0)
        both = (wanted * self.change - self.product).sum(axis=0)
        spread = (gap2 - gap**2 / n).sum()
        return float((both - gap * self.change.sum(axis=0) / n).sum() / spread)


def naive(moves: pd.DataFrame) -> dict[str, Any]:
    """Return what ordinary least squares would say of the form: se, df, t, p, limits."""
    frame = moves[["dimension", "change"]].assign(gap=moves["preference"] - moves["before"])
    # Each about the mean of its dimension: the same slope as with a constant for every dimension.
    numbers = frame[["change", "gap"]]
    centred = numbers - numbers.groupby(frame["dimension"]).transform("mean")
    row = fit_linear("change ~ gap", centred, random=None, df="residual").fixed.loc["gap"]
    said = {name: row[name] for name in ("se", "df", "p", "ci_low", "ci_high")}
    return said | {"statistic": row["t"], "df_method": "residual"}


def correction_rows(
    rows: pd.DataFrame, last: tuple[Any, Model], specification: Specification
) -> pd.DataFrame:
    """Return the error-correction form over chance, as it stands, and by chance alone.

    Parameters
    ----------
    rows : DataFrame
        What `responsiveness.sessions_with_preference` returned. Clients without a therapist, or
        without all dimensions of preference, are left out.
    """
    moves = steps(rows[rows["therapist"].notna()])
    stated = moves.drop_duplicates(["client", "dimension"])
    preferences = stated.pivot(index="client", columns="dimension", values="preference").dropna()
    moves = moves.merge(preferences.index.to_frame(index=False), on="client")
    about: dict[str, Any] = {
        "metric": "b",
        "scale": "raw",
        "outcome": "delivery",
        "direction": DIRECTION,
        "informant": f"delivery: {specification.informant}",
        "status": "estimated",
        "reason": "",
        "n_obs": len(moves),
        "n_clients": moves["client"].nunique(),
        "n_therapists": moves["therapist"].nunique(),
    }
    try:
        if moves.empty:
            raise NotEstimable("no two sessions in a row have delivery rated")
        therapist = moves.drop_duplicates("client").set_index("client")["therapist"]
        groups = pd.factorize(therapist.reindex(preferences.index))[0]
        form = Correction(moves, preferences)
        observed = form.slope(np.arange(len(preferences)))
        orders = exchanged(
            groups,
            int(specification.setting("permutations", PERMUTATIONS)),
            int(specification.setting("seed", "1")),
        )
        found = against_chance(observed, np.array([form.slope(order) for order in orders]))
        table = chance_rows(TERM, observed, found, naive(moves)).assign(**about)
    except NotEstimable as problem:
        about |= {"status": "not estimable", "reason": str(problem)}
        table = pd.DataFrame([{"term": TERM, "level": "-"}]).assign(**about)
    result = derived_rows(table, *last, specification)
    result["reason"] = result["reason"].replace("", None)
    return result
