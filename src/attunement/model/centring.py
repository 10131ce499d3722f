"""Splitting a session-level predictor into within-client, between-client and therapist parts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.study.problems import NotEstimable

ROUNDING = 1e-12


def client_means(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return one row per client with the mean of each column over its rows, and the therapist."""
    grouped = rows.groupby("client", sort=True)
    means = grouped[columns].mean()
    means["therapist"] = grouped["therapist"].first()
    return means.reset_index()


def parts(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Split columns into `<name>_within`, `<name>_between` and `<name>_therapist`.

    within = row minus client mean; between = client mean minus the mean of the therapist's clients;
    therapist = that mean minus the mean over therapists. The three are different effects (Enders &
    Tofighi 2007, doi:10.1037/1082-989X.12.2.121). They are computed on the rows analysed: stored
    centred columns would be wrong in every subsample.

    Parameters
    ----------
    rows : DataFrame
        Columns client, therapist (missing: no therapist; such clients are centred on their common
        mean and have a therapist part of 0) and `columns`. Missing values are left out of means.

    Returns
    -------
    DataFrame
        Indexed like `rows`, three columns per predictor; missing where a client has no value.
    """
    clients = client_means(rows, columns).set_index("client")
    # The mean of client means: each client counts once, however long the treatment.
    therapists = clients.groupby("therapist", sort=True)[columns].mean()
    of_therapist = therapists.reindex(clients["therapist"])
    of_therapist.index = clients.index
    alone = clients["therapist"].isna()
    of_therapist.loc[alone, columns] = clients.loc[alone, columns].mean().to_numpy()
    grand = therapists.mean() if len(therapists) else clients[columns].mean()
    between = clients[columns] - of_therapist
    of_therapist = of_therapist - grand
    of_therapist.loc[alone, columns] = 0.0

    def of_rows(values: pd.DataFrame) -> pd.DataFrame:
        return values[columns].reindex(rows["client"]).set_axis(rows.index)

    within = rows[columns] - of_rows(clients)
    # What never varies within a client must be 0, not the rounding error of its mean.
    within = within.mask(within.abs() < ROUNDING, 0.0)
    split = {"within": within, "between": of_rows(between), "therapist": of_rows(of_therapist)}
    found = {f"{name}_{part}": split[part][name] for name in columns for part in split}
    return pd.DataFrame(found, index=rows.index).astype("float64")


def between_sd(rows: pd.DataFrame, column: str) -> float:
    """Return the standard deviation of (manifest) client means: the unit of accommodation.

    Raises
    ------
    NotEstimable
        Fewer than three clients have a value, or all have the same.
    """
    means = rows.groupby("client")[column].mean().dropna()
    sd = float(np.std(means, ddof=1)) if len(means) > 2 else 0.0
    if not sd > 1e-12:
        raise NotEstimable("accommodation does not vary between clients")
    return sd
