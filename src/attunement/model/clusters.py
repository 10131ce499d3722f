"""Which clients share a therapist, where enough therapists are known to tell what that does."""

from __future__ import annotations

import numpy as np
import pandas as pd

FEWEST_THERAPISTS = 10  # with fewer the variance between them is not known well enough
Z95 = 1.959963984540054


def clusters(client: pd.Series, clients: pd.DataFrame) -> np.ndarray | None:
    """Return a number per client that clients of one therapist share; None with few therapists.

    A client without a known therapist stands alone. Fewer than ten therapists do not tell how
    clients of one therapist hang together: intervals then take clients as independent.
    """
    if "therapist" not in clients.columns:
        return None
    known = clients.drop_duplicates("client").set_index("client")["therapist"]
    code = pd.factorize(known.reindex(client).to_numpy(dtype=object))[0]
    if code.max(initial=-1) + 1 < FEWEST_THERAPISTS:
        return None
    alone = code < 0
    code[alone] = code.max() + 1 + np.arange(alone.sum())
    return code
