"""Which columns of each candidate table count people, and which numbers stand on those counts."""

from __future__ import annotations

from dataclasses import dataclass

from attunement.study.contracts.pcoms import MEASURES


@dataclass(frozen=True)
class Cells:
    """How the gate reads one table.

    Parameters
    ----------
    people : tuple of str
        Counts of people (or of their rows) on which the row's numbers rest: where one of them is
        small the row is emptied.
    numbers : tuple of str
        What is emptied then.
    counts : tuple of str
        Every count: rounded, and emptied singly where it is small itself.
    rests : tuple of (str, str)
        Pairs (whole, part) whose difference is a cell as well: those who did not.
    sums : tuple of tuple of str
        Keys of groups of rows whose first count adds up to a total that is known or shown: where
        one cell of a group is emptied, a second one must be.
    shares : tuple of (str, str, str)
        (share, part, whole): recomputed from rounded counts; `part` is '' where it is not shown.
    as_declared : tuple of str
        Numbers that are declared and count nobody: they are not shortened.
    """

    people: tuple[str, ...]
    numbers: tuple[str, ...]
    counts: tuple[str, ...]
    rests: tuple[tuple[str, str], ...] = ()
    sums: tuple[tuple[str, ...], ...] = ()
    shares: tuple[tuple[str, str, str], ...] = ()
    as_declared: tuple[str, ...] = ()


FITTED = (
    *("estimate", "se", "df", "statistic", "p", "p_adjusted", "ci_low", "ci_high"),
    *("ci90_low", "ci90_high", "verdict"),
)
FITTED_COUNTS = ("n_obs", "n_events", "n_clients", "n_therapists")
# A model of events rests on those who dropped out and on those who did not.
FITTED_PEOPLE = ("n_obs", "n_events", "n_clients")

RATE_COUNTS = (
    "n_clients",
    "n_dropped_out",
    "n_censored",
    "n_unknown",
    "n_planned",
    "n_other",
    "n_before_risk",
)
ANONYMITY_COUNTS = (
    "n_clients",
    "n_classes",
    "smallest_class",
    "n_unique",
    "n_below_5",
    "n_below_10",
)
CURVE_COUNTS = ("n_at_risk", "n_events", "n_competing", "n_planned", "n_censored")
PLANNED_SHARES = ("planned", "planned_low", "planned_high")
CURVE_SHARES = ("dropped_out", "ci_low", "ci_high", *PLANNED_SHARES)
OVERLAP_COUNTS = ("n_both", "n_either", "n_only_1", "n_only_2")
SCORED_COUNTS = ("n_clients", "n_sessions", "n_no_strong_preference")
PAIR_COUNTS = ("n_clients", "n_sessions", "n_therapists")
RELIABILITY_COUNTS = ("n_clients", "n_observations")
RELIABILITY = ("value", "ci_low", "ci_high", *RELIABILITY_COUNTS, "per_client", "per_therapist")
VALIDITY_COUNTS = ("n_clients", "n_flagged", "n_events", "n_both", "n_neither")

CELLS: dict[str, Cells] = {
    "estimates": Cells(
        FITTED_PEOPLE,
        (*FITTED, *FITTED_COUNTS, "n_before_risk"),
        (*FITTED_COUNTS, "n_before_risk"),
        rests=(("n_obs", "n_events"),),
    ),
    "variance": Cells(
        FITTED_PEOPLE,
        ("estimate", "ci_low", "ci_high", *FITTED_COUNTS),
        FITTED_COUNTS,
        rests=(("n_obs", "n_events"),),
    ),
    "influence": Cells(
        ("n_refits",),
        (
            "estimate",
            "lowest",
            "highest",
            "n_refits",
            "n_failed",
            "sign_changes",
            "significance_changes",
        ),
        ("n_refits", "n_failed", "sign_changes", "significance_changes"),
    ),
    "participant_flow": Cells(
        ("n_clients",),
        ("n_clients", "n_therapists", "n_rows"),
        ("n_clients", "n_therapists", "n_rows"),
    ),
    "description": Cells(
        ("n",),
        ("n", "n_missing", "mean", "sd"),
        ("n", "n_missing"),
        sums=(("level", "variable", "group"), ("level", "variable", "category")),
    ),
    "profiles": Cells(
        ("n_clients",),
        ("mean", "sd", "strong_first", "strong_other", "n_clients"),
        ("n_clients",),
        shares=(("strong_first", "", "n_clients"), ("strong_other", "", "n_clients")),
    ),
    "trajectories": Cells(
        ("n_clients",), ("n_clients", "mean", "sd"), ("n_clients",), sums=(("outcome", "time"),)
    ),
    "dropout_rates": Cells(
        ("n_dropped_out", "n_clients"),
        (*RATE_COUNTS, "rate", "ci_low", "ci_high", "design_effect"),
        RATE_COUNTS,
        rests=(("n_clients", "n_dropped_out"),),
        sums=(("definition",),),
        shares=(("rate", "n_dropped_out", "n_clients"),),
    ),
    "dropout_overlap": Cells(
        # Who is a dropout under one alone is the rate's count less those under both.
        OVERLAP_COUNTS,
        (*OVERLAP_COUNTS, "agreement"),
        OVERLAP_COUNTS,
        rests=(("n_either", "n_both"),),
        shares=(("agreement", "n_both", "n_either"),),
    ),
    "dropout_curves": Cells(
        ("n_at_risk", "n_events"), (*CURVE_COUNTS, *CURVE_SHARES), CURVE_COUNTS
    ),
    "landmark_curves": Cells(
        ("n_at_risk", "n_events", "n_clients"),
        ("n_clients", *CURVE_COUNTS, *CURVE_SHARES),
        ("n_clients", *CURVE_COUNTS),
    ),
    "dropout_patterns": Cells(
        ("n_clients",), ("n_clients",), ("n_clients", "n_compared"), sums=(("compared",),)
    ),
    "expected_trajectory": Cells(
        ("n_clients",),
        (
            "intake",
            "n_clients",
            "mean",
            "sd",
            *(f"p{percentile}" for percentile in (10, 25, 50, 75, 90)),
            "limit",
            "n_below",
        ),
        ("n_clients", "n_below"),
        rests=(("n_clients", "n_below"),),
    ),
    "flag_counts": Cells(
        ("n_clients", "n_flagged"),
        ("n_clients", "n_flagged", "n_scores", "n_scores_flagged"),
        ("n_clients", "n_flagged", "n_scores", "n_scores_flagged"),
        rests=(("n_clients", "n_flagged"),),
    ),
    "flag_validity": Cells(
        VALIDITY_COUNTS,
        (
            *VALIDITY_COUNTS,
            "base_rate",
            *(f"{name}{end}" for name in (*MEASURES, "auc") for end in ("", "_low", "_high")),
        ),
        VALIDITY_COUNTS,
        rests=(
            ("n_clients", "n_events"),
            ("n_clients", "n_flagged"),
            ("n_events", "n_both"),
            ("n_flagged", "n_both"),
        ),
    ),
    "dropout_accounting": Cells(
        ("n_clients",), ("n_clients",), ("n_clients",), sums=(("definition", "part_of"),)
    ),
    "change_classes": Cells(
        ("n_clients",),
        ("n_clients",),
        ("n_clients", "n_analysed", "n_available"),
        sums=(("outcome", "method", "part_of"),),
    ),
    "change_method_classes": Cells(
        ("n_clients",),
        ("n_clients",),
        ("n_clients", "n_analysed", "n_available"),
        sums=(("outcome", "method", "part_of"),),
    ),
    "change_agreement": Cells(
        ("n_both", "n_same"),
        ("n_both", "n_same", "agreement", "kappa", "weighted_kappa"),
        ("n_both", "n_same"),
        rests=(("n_both", "n_same"),),
        shares=(("agreement", "n_same", "n_both"),),
    ),
    "accommodation_summary": Cells(
        ("n_clients",),
        (*SCORED_COUNTS, "mean", "sd_between", "sd_within", "too_much", "too_little"),
        SCORED_COUNTS,
    ),
    "accommodation_reliability": Cells(("n_clients",), RELIABILITY, RELIABILITY_COUNTS),
    "scoring_correlations": Cells(
        ("n_clients", "n_therapists"),
        ("correlation", "ci_low", "ci_high", *PAIR_COUNTS),
        PAIR_COUNTS,
    ),
    "conflict_counts": Cells(("n_rows",), ("n_rows",), ("n_rows",)),
    "reliability": Cells(("n_clients",), (*RELIABILITY, "lowest_item_rest"), RELIABILITY_COUNTS),
    "item_checks": Cells(
        ("n_clients",), ("item_rest", "ci_low", "ci_high", "n_clients"), ("n_clients",)
    ),
    "floor_ceiling": Cells(
        ("n_clients",),
        ("n_clients", "n_scores", "floor", "ceiling"),
        ("n_clients", "n_scores"),
        shares=(("floor", "", "n_scores"), ("ceiling", "", "n_scores")),
    ),
    "privacy": Cells((), ("n_rows",), ("n_rows",)),
    # How many are unique says how well persons hide, not who they are: small ones go singly.
    "anonymity": Cells(
        ("n_clients",),
        ANONYMITY_COUNTS,
        ANONYMITY_COUNTS,
    ),
    "codebook": Cells(
        ("n_rows",),
        ("n_rows", "n_missing", "share_missing"),
        ("n_rows", "n_missing"),
        rests=(("n_rows", "n_missing"),),
        shares=(("share_missing", "n_missing", "n_rows"),),
        as_declared=("low", "high"),
    ),
}
