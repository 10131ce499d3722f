"""Counts of clients: who is in which analysis, what became of every dropout."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace

import pandas as pd
import pytest

from attunement.report import Released, render
from attunement.report.counts import accounting_grid, analysed_grid, rates_grid
from attunement.report.figures.dropout import draw_curves
from attunement.report.figures.flow import numbers, steps
from attunement.report.sections.dropout import dropout
from attunement.report.sections.record import main_effects

DIMENSION = "preference_ws_fc_between + delivery_ws_fc_past"


def planned(released: Released, **formulas: str) -> Released:
    """The same release with these formulas."""
    named = [{"name": name, "formula": formula} for name, formula in formulas.items()]
    return replace(released, about={**released.about, "specifications": named})


def test_the_figure_of_the_flow_holds_the_steps_of_the_sources(simulated: Released) -> None:
    assert steps(simulated.table("participant_flow"))["step"].tolist() == ["clients", "outcome"]


def test_the_figure_of_the_flow_says_what_its_rows_are() -> None:
    row = {"step": "with_outcome", "n_clients": 260, "n_therapists": None, "n_rows": 2809}
    assert numbers(row) == "260 clients, 2,809 scores"
    assert numbers(row | {"step": "with_session", "n_rows": 1}) == "260 clients, 1 session"
    assert numbers(row | {"step": "clients"}) == "260 clients, 2,809 rows"


def test_who_is_in_which_analysis(simulated: Released) -> None:
    grid = analysed_grid(simulated)
    assert grid is not None
    assert grid.rows == [
        ["With all dimensions of preference scored", "97", *["\u2013"] * 4],
        ["Growth: PHQ-9, distance", "91", "\u2013", "655", "\u2013", "\u2013"],
        ["Hazard: therapist's judgement, distance", "83", "\u2013", "544", "17", "9"],
    ]


def test_further_steps_are_neither_drawn_nor_rows_left_out(simulated: Released) -> None:
    page = render(simulated)[0]
    folded = re.search(r"Rows read, set missing and left out.*?</table>", page, re.DOTALL)
    assert folded is not None
    assert "900" in folded[0]
    assert "preference" not in folded[0]


def test_every_dropout_has_its_column(simulated: Released) -> None:
    grid = accounting_grid(simulated)
    assert grid is not None
    assert grid.rows == [["Therapist's judgement", "100", "21", "4", "withheld", "14", "11"]]
    assert grid.heads[-1] == "From the landmark on"
    told = [{"name": "landmark.a", "landmark": 3}]
    grid = accounting_grid(replace(simulated, about={**simulated.about, "specifications": told}))
    assert grid is not None
    assert grid.heads[-1] == "From session 3 on"
    assert "in no model of it" not in render(simulated)[0]


def test_without_accommodation_there_is_no_accounting(nothing: Released) -> None:
    assert accounting_grid(nothing) is None
    assert analysed_grid(nothing) is None
    assert "left too early" not in render(nothing)[0].lower()


def test_rates_say_what_before_risk_means(simulated: Released) -> None:
    grid = rates_grid(simulated)
    assert grid.heads[-1] == "Before risk"
    assert grid.rows[0][-1] == "4"
    assert "no session (or assessment) on record" in grid.note


@pytest.mark.parametrize(("never", "said"), [(3, "3 clients were"), (1, "1 client was"), (0, "")])
def test_the_curve_says_how_many_were_never_assessed(
    simulated: Released, never: int, said: str
) -> None:
    rates = simulated.table("dropout_rates").copy()
    rates.loc[rates["definition"] == "study_attrition", "n_before_risk"] = never
    shown = replace(simulated, tables={**simulated.tables, "dropout_rates": rates})
    caption = next(part.caption for part in dropout(shown).parts if "Johansen" in str(part))
    assert ("never assessed" in caption) is bool(said)
    assert said in caption
    assert "endings that the definition does not call dropout compete; open cases" in caption


def test_curves_of_attrition_alone_have_nothing_that_competes(simulated: Released) -> None:
    curves = simulated.table("dropout_curves")
    attrition = curves.assign(definition="study_attrition")

    def caption(table: pd.DataFrame) -> str:
        shown = replace(simulated, tables={**simulated.tables, "dropout_curves": table})
        return next(part.caption for part in dropout(shown).parts if "curve stops" in str(part))

    assert "Kaplan" in caption(attrition)
    assert "compete" not in caption(attrition)
    both = caption(pd.concat([curves, attrition], ignore_index=True))
    assert "compete; none does under study attrition" in both


def test_methods_claim_main_effects_only_as_formulas_hold_them(simulated: Released) -> None:
    full = f"y ~ accommodation_between + {DIMENSION}"
    assert "every model of accommodation holds" in main_effects(planned(simulated, a=full))
    bare = "y ~ accommodation_between + preference_ws_fc_between"
    both = main_effects(planned(simulated, a=full, b=bare))
    assert "every model of accommodation but b holds" in both
    assert main_effects(planned(simulated, b=bare)) == ""
    assert main_effects(planned(simulated, c="y ~ time")) == ""


def test_curves_of_different_length_fit_their_panels(simulated: Released) -> None:
    """The shared axis of time reaches the end of the longest curve: a warning is an error."""
    curves = simulated.table("dropout_curves")
    names = ("missed_last_appointment", "protocol_not_completed", "no_reliable_change")
    later = [
        curves.assign(definition=name, time=curves["time"] * 9, n_at_risk=50) for name in names
    ]
    both = pd.concat([curves, *later], ignore_index=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert draw_curves(both, simulated.about, True)
