"""Random-effects meta-analysis against metafor 3.8-1 (R 4.2.2): see pooled.R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attunement.report.pooled import pool

VALUES = pd.read_csv(Path(__file__).with_name("pooled_values.csv"))
COLUMNS = "estimate se low high p tau2 q q_p common common_low common_high".split()


@pytest.mark.parametrize("row", VALUES.to_dict("records"), ids=VALUES["set"])
def test_metafor_finds_the_same(row: dict) -> None:
    found = pool(*(np.array(row[name].split(), float) for name in ("y", "se_each")))
    for name in COLUMNS:
        assert getattr(found, name) == pytest.approx(row[name], rel=1e-5, abs=1e-8), name


@pytest.mark.parametrize("row", VALUES.to_dict("records"), ids=VALUES["set"])
def test_statsmodels_finds_the_same(row: dict) -> None:
    from statsmodels.stats.meta_analysis import combine_effects

    y, se = (np.array(row[name].split(), float) for name in ("y", "se_each"))
    theirs, ours = combine_effects(y, se**2, method_re="iterated"), pool(y, se)
    assert ours.estimate == pytest.approx(theirs.mean_effect_re, rel=1e-4)
    assert ours.tau2 == pytest.approx(theirs.tau2, rel=1e-4, abs=1e-8)
    assert ours.common == pytest.approx(theirs.mean_effect_fe)
    assert ours.q == pytest.approx(theirs.q)
