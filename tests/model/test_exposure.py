import numpy as np
import pytest

from attunement.accommodate.preferences import preference_in_force
from attunement.model.exposure import exposure, past, require
from attunement.study.problems import NotEstimable


def test_future_sessions_cannot_change_the_past(tables, specify):
    before = past(exposure(tables, specify()), specify())
    for name in ("accommodation", "delivery"):
        table = tables[name]
        column = "value" if name == "accommodation" else "delivery"
        late = table["session"] > 2
        tables[name] = table.assign(**{column: table[column].where(~late, table[column] / 2)})
    after = past(exposure(tables, specify()), specify())
    early = before["session"] <= 2
    # The unit of accommodation is one for the whole sample; what is measured in it is the past's.
    ratio = before["accommodation_past"] / after["accommodation_past"]
    assert np.allclose(ratio[early], ratio[early].iloc[0])
    assert not np.allclose(ratio[~early], ratio[early].iloc[0])
    rest = [c for c in before.columns if c not in ("client", "accommodation_past")]
    assert np.array_equal(before.loc[early, rest], after.loc[early, rest])


def test_past_is_the_running_mean(tables, specify):
    exposures = exposure(tables, specify())
    running = past(exposures, specify())
    client = exposures["client"] == "c04"
    expected = exposures.loc[client, "accommodation"].expanding().mean()
    assert np.allclose(running.loc[client, "accommodation_past"], expected)


def test_latest_preference_stated_by_the_session_is_in_force(tables):
    stated = tables["preferences"]
    again = stated[stated["client"] == "c00"].assign(from_session=2, preference=0.5)
    import pandas as pd

    sessions = pd.DataFrame({"client": ["c00"] * 3, "session": [1, 2, 3]})
    force = preference_in_force(pd.concat([stated, again]), sessions)
    values = force[force["dimension"] == "td_cd"].set_index("session")["preference"]
    first = stated[(stated["client"] == "c00") & (stated["dimension"] == "td_cd")]["preference"]
    assert values.loc[1] == first.iloc[0]
    assert values.loc[2] == 0.5 and values.loc[3] == 0.5


def test_reason_of_the_availability_table_is_handed_on(tables):
    table = tables["availability"]
    table.loc[table["topic"] == "preferences", ["available", "reason"]] = [
        False,
        "no preferences recorded",
    ]
    with pytest.raises(NotEstimable, match="no preferences recorded"):
        require(tables, "preferences")


def test_an_informant_who_rated_nothing_is_named(tables, specify):
    with pytest.raises(NotEstimable, match="no delivery rated by the observer"):
        exposure(tables, specify(informant="observer"))
