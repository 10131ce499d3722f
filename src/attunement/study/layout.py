"""Where the results of each stage lie. The rules, the stages and the publisher all read it here."""

from __future__ import annotations

import os

STAGES = ("ingest", "score", "accommodate", "model", "challenge", "release", "report")

# What the datasets of one run say together.
COMBINED = ("estimates.csv", "index.html", "sources.json")

OUTPUTS: dict[str, tuple[str, ...]] = {
    "ingest": (
        "therapists.parquet",
        "clients.parquet",
        "sessions.parquet",
        "responses.parquet",
        "type_preferences.parquet",
        "endings.parquet",
        "conflicts.csv",
        "flow.csv",
        "availability.csv",
        "privacy.csv",
        "anonymity.csv",
        "codebook.csv",
    ),
    "score": (
        "scores.parquet",
        "change.parquet",
        "change_methods.parquet",
        "dropout.parquet",
        "person_periods.parquet",
        "flags.parquet",
        "validity_flags.parquet",
        "expected_trajectory.csv",
        "reliability.csv",
        "item_checks.csv",
        "floor_ceiling.csv",
        "accepted_facts.csv",
        "availability.csv",
    ),
    "accommodate": (
        "preferences.parquet",
        "delivery.parquet",
        "accommodation.parquet",
        "accommodation_reliability.csv",
        "scoring_correlations.csv",
        "availability.csv",
    ),
    "model": ("estimates.csv", "variance.csv", "therapist_effects.csv", "learning_clients.csv"),
    "challenge": ("influence.csv",),
    "release": (
        "estimates.csv",
        "variance.csv",
        "influence.csv",
        "participant_flow.csv",
        "description.csv",
        "profiles.csv",
        "trajectories.csv",
        "dropout_rates.csv",
        "dropout_overlap.csv",
        "dropout_curves.csv",
        "landmark_curves.csv",
        "dropout_accounting.csv",
        "dropout_patterns.csv",
        "expected_trajectory.csv",
        "flag_counts.csv",
        "flag_validity.csv",
        "change_classes.csv",
        "change_method_classes.csv",
        "change_agreement.csv",
        "accommodation_summary.csv",
        "accommodation_reliability.csv",
        "scoring_correlations.csv",
        "therapist_effects.csv",
        "conflict_counts.csv",
        "reliability.csv",
        "item_checks.csv",
        "floor_ceiling.csv",
        "privacy.csv",
        "anonymity.csv",
        "codebook.csv",
        "availability.csv",
        "decisions.csv",
        "targets.csv",
        "about.json",
    ),
    "report": ("index.html", "codebook.html", "figures"),
}

# In the blinded mode a stage also writes what it exchanged.
BLINDED_TOO: dict[str, tuple[str, ...]] = {
    "accommodate": ("scores.parquet", "responses.parquet", "type_preferences.parquet"),
}
BLINDED = "ATTUNEMENT_BLINDED"


def blinded_run() -> bool:
    """Whether this process and its jobs belong to a blinded run (`attunement run --blinded`)."""
    return os.environ.get(BLINDED, "") == "1"


def outputs(stage: str, blinded: bool | None = None) -> tuple[str, ...]:
    """Return the files that a stage writes; where it is not said, as this run is."""
    more = blinded_run() if blinded is None else blinded
    return OUTPUTS[stage] + (BLINDED_TOO.get(stage, ()) if more else ())
