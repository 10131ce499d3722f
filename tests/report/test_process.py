from dataclasses import replace

import pandas as pd
import pytest

from attunement.report.change_odds import dichotomy_grid, needed
from attunement.report.page import render
from attunement.report.pieces import Picture
from attunement.report.process import (
    chance_note,
    equity_grid,
    mediation_grid,
    moderation_grid,
    who,
)
from attunement.report.sections.process import process
from attunement.study.contracts import conform

NOTHING = dict.fromkeys(("estimate", "se", "df", "p", "p_adjusted", "ci_low", "ci_high"))


def row(name, term, metric="b", **changes):
    return {
        "dataset": "small",
        "specification": name,
        "role": "exploratory",
        "term": term,
        "level": "between",
        "metric": metric,
        "scale": "sd",
        "direction": "above 0: better outcome",
        "informant": "delivery: client; outcome: client (same informant)",
        "estimate": 0.14,
        "ci_low": 0.04,
        "ci_high": 0.24,
        "p": 0.03,
        "n_obs": 100,
        "n_clients": 100,
        "n_therapists": 12,
        "status": "estimated",
    } | changes


ROWS = [
    row("mediation_within.phq9.srs_total", "indirect", "ab", level="within", estimate=0.021),
    row("mediation_within.phq9.srs_total", "path_a", level="within"),
    row("mediation_within.phq9.srs_total", "path_b", level="within"),
    row("mediation_within.phq9.srs_total", "direct", level="within"),
    row("mediation_within.phq9.srs_total", "total", level="within"),
    row("mediation_within.phq9.srs_total", "proportion", "proportion", level="within")
    | NOTHING
    | {"status": "not estimable", "reason": "no total"},
    row("moderation.phq9.gender", "accommodation_between:gender[T.man]"),
    row("moderation.phq9.gender", "accommodation_between:gender[woman]", "slope", estimate=0.5),
    row("moderation.phq9.gender", "accommodation_between:gender[man]", "slope"),
    row("equity_unadjusted.gender", "gender[T.man]", estimate=-0.2, outcome="accommodation"),
    row("equity_adjusted.gender", "gender[T.man]", estimate=-0.1, outcome="accommodation"),
    row("equity_unadjusted.gender", "gender", "F", ci_low=None, ci_high=None),
    row("dichotomies.phq9.improved", "accommodation_between", "OR", scale="ratio", estimate=1.4),
    row("dichotomies.phq9.improved", "accommodation_between", "RD", scale="raw", ci_low=-0.05),
    row("dichotomies.phq9.improved", "accommodation_between", "NNTB", scale="raw", estimate=10.0)
    | {"ci_low": 4.0, "ci_high": None},
    row("dichotomies.phq9.improved", "accommodation_between", "NNTH", scale="raw", estimate=None)
    | {"ci_low": 20.0, "ci_high": None},
]
SETTINGS = {
    "mediation_within.phq9.srs_total": ("mediation", {"mediator": "srs.total"}),
    "moderation.phq9.gender": ("moderation", {"moderator": "gender"}),
    "equity_unadjusted.gender": ("equity", {"group": "gender"}),
    "equity_adjusted.gender": ("equity", {"group": "gender"}),
    "dichotomies.phq9.improved": ("dichotomies", {"dichotomy": "improved"}),
}


@pytest.fixture
def told(simulated):
    """The simulated study with one specification of each analysis."""
    estimates = pd.concat([simulated.table("estimates"), pd.DataFrame(ROWS)], ignore_index=True)
    template = simulated.about["specifications"][0]
    planned = [
        template | {"name": name, "analysis": analysis, "settings": settings, "role": "exploratory"}
        for name, (analysis, settings) in SETTINGS.items()
    ]
    about = simulated.about | {"specifications": [*simulated.about["specifications"], *planned]}
    tables = simulated.tables | {"estimates": conform(estimates, "estimates")}
    return replace(simulated, tables=tables, about=about)


def test_a_mediation_is_one_line_with_its_informants(told):
    (line,) = mediation_grid(told).rows
    assert line[:3] == ["SRS total", "client throughout", "within clients"]
    assert line[5] == "0.02 [0.04, 0.24]"
    assert line[8] == "none told"


@pytest.mark.parametrize(
    ("informant", "expected"),
    [
        ("delivery: client; outcome: client (same informant)", "client throughout"),
        ("delivery: observer; mediator: client; outcome: client", "observer, client, client"),
        ("records", "records"),
    ],
)
def test_informants_are_told_shortly(informant, expected):
    assert who(informant) == expected


def test_indirect_effects_are_drawn_with_words_for_who_cannot_see(told):
    picture = next(part for part in process(told).parts if isinstance(part, Picture))
    assert "Within clients, client throughout, SRS total: 0.02 [0.04, 0.24]" in picture.alt
    assert picture.alt.startswith("Simulated data.")


def test_a_fit_on_the_boundary_is_marked(told):
    singular = pd.DataFrame(ROWS).assign(status="singular")
    tables = told.tables | {"estimates": conform(singular, "estimates")}
    grid = mediation_grid(replace(told, tables=tables))
    assert grid.rows[0][5].endswith("*") and "boundary" in grid.note


def test_what_is_assumed_stands_before_the_indirect_effects(told):
    section = process(told)
    assert section.parts[0].startswith("An indirect effect is one of causes only if nothing")
    assert "association" in section.parts[0]


def test_slopes_stand_beside_their_difference(told):
    (line,) = moderation_grid(told).rows
    assert line[0] == "gender"
    assert line[1] == "man: 0.14 [0.04, 0.24]"
    assert line[3].startswith("woman: 0.50") and "; man: 0.14" in line[3]
    assert chance_note(told).startswith("1 differences of slopes were tested")


def test_equity_is_told_with_and_without_preferences_held(told):
    lines = equity_grid(told).rows
    assert lines[0][:2] == ["gender", "man"]
    assert lines[0][2].startswith("\u22120.20") and lines[0][3].startswith("\u22120.10")
    assert lines[1][1:4] == ["all", "F = 0.14, p = .030", "\u2013"]


def test_a_number_needed_runs_through_infinity(told):
    (line,) = dichotomy_grid(told).rows
    assert line[0] == "at least improved"
    assert line[2] == "14.0 [\u22125.0, 24.0]"
    assert line[3] == "NNTB 10 (NNTH 20 to infinity to NNTB 4.0)"


def test_a_number_needed_of_one_side_has_two_finite_limits():
    side = {"estimate": 5.0, "ci_low": 2.0, "ci_high": 11.0}
    assert needed(side, {"estimate": None, "ci_low": None, "ci_high": None}) == (
        "NNTB 5.0 (NNTB 2.0 to 11)"
    )
    assert needed(None, None) == "\u2013"


def test_the_page_holds_the_section_and_the_models_section_does_not_repeat_it(told):
    page, _ = render(told)
    assert 'id="process"' in page and "How, and for whom" in page
    models = page[page.index('id="models"') : page.index('id="process"')]
    exploratory = (
        models[models.index("Exploratory coefficients") :]
        if ("Exploratory coefficients" in models)
        else ""
    )
    assert "indirect" not in exploratory.partition("</details>")[0]


def test_a_study_without_such_questions_has_no_such_section(simulated):
    assert process(simulated) is None


def test_what_cannot_be_estimated_says_why(told):
    empty = pd.DataFrame(ROWS).assign(**NOTHING, status="not estimable", reason="no preferences")
    tables = told.tables | {"estimates": conform(empty, "estimates")}
    (part,) = process(replace(told, tables=tables)).parts
    assert part.sentence == "Nothing of this can be estimated: no preferences."
