import pytest

from attunement.model.therapists import therapist_effects


def test_effects_come_in_order_without_names(tables, specify):
    spec = specify(formula="outcome ~ time", scoring=None, levels=())
    # Therapists differ, so that their variance is not estimated at zero.
    scores, therapist = tables["scores"], tables["clients"].set_index("client")["therapist"]
    shift = scores["client"].map(therapist).str[1:].astype(float) * 6
    tables["scores"] = scores.assign(value=scores["value"] + shift)
    effects = therapist_effects(tables, spec)
    assert effects["rank"].tolist() == [1, 2, 3, 4]
    assert effects["effect"].is_monotonic_increasing
    assert effects["caseload"].tolist() == ["6"] * 4
    assert not effects.astype(str).apply(lambda column: column.str.contains("t[0-3]$")).any().any()
    half = (effects["ci_high"] - effects["ci_low"]) / 2
    assert (half > 0).all() and effects["effect"].sum() == pytest.approx(0, abs=1e-6)


def test_without_therapists_there_is_nothing_to_show(tables, specify):
    tables["clients"]["therapist"] = tables["clients"]["therapist"].mask(
        lambda values: values != ""
    )
    assert therapist_effects(tables, specify(formula="outcome ~ time", scoring=None)).empty


def test_effects_are_in_standard_deviations_whatever_the_plan_counts_in(tables, specify):
    choices = {"formula": "outcome ~ time", "scoring": None, "levels": ()}
    scores, therapist = tables["scores"], tables["clients"].set_index("client")["therapist"]
    shift = scores["client"].map(therapist).str[1:].astype(float) * 6
    tables["scores"] = scores.assign(value=scores["value"] + shift)
    raw = therapist_effects(tables, specify(**choices, outcome_scale="raw"))
    assert (
        raw["effect"].tolist() == therapist_effects(tables, specify(**choices))["effect"].tolist()
    )
