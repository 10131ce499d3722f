"""A world that studies are simulated from: parameters with sources, and what follows from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from attunement.simulate import parameters, recording
from attunement.study.problems import StudyError
from attunement.study.strict import Strict, read_yaml, validate

# What the mean and spread of accommodation rest on: a change of these makes them anew.
SHAPES_ACCOMMODATION = ("clients", "therapists", "preference", "delivery", "sizes.sessions_high")


class World(Strict):
    """The generating parameters of a simulated study, in the parts that they belong to."""

    seed: int
    sizes: parameters.Sizes
    calendar: parameters.Calendar
    clients: parameters.Clients
    therapists: parameters.Therapists
    preference: parameters.Preference
    delivery: parameters.Delivery
    outcome: parameters.Outcome
    alliance: parameters.Alliance
    leaving: parameters.Leaving
    records: recording.Records
    measures: recording.Measures
    gaps: recording.Gaps
    derived: parameters.Derived
    sources: dict[str, str]

    @classmethod
    def load(cls, path: Path) -> World:
        """Read a `world.yaml` (see `load_world`)."""
        return load_world(path)

    @property
    def n_therapists(self) -> int:
        """How many therapists a study of this world has."""
        return self.sizes.therapists

    def with_(self, **changes: Any) -> World:
        """Return a world with other values of some parameters.

        Parameters
        ----------
        **changes
            Parameter name = value, for example ``therapists=12, accommodation_d=0.0``.

        Raises
        ------
        StudyError
            No part of the world has a parameter of that name.
        """
        content = self.model_dump()
        places = {name: part for part, name in _names(content)}
        anew = False
        for name, value in changes.items():
            if name == "seed":
                content["seed"] = value
                continue
            if name not in places:
                raise StudyError(
                    f"A world has no parameter '{name}'", advice=f"Known: {', '.join(places)}."
                )
            part = places[name]
            anew = anew or {part, f"{part}.{name}"}.intersection(SHAPES_ACCOMMODATION) != set()
            content[part][name] = value
            content["sources"][f"{part}.{name}"] = "assumed"
        world = World.model_validate(content)
        if anew and "accommodation_sd" not in changes:
            from attunement.simulate.derive import HOW, derive

            named = world.sources | {
                f"derived.{name}": HOW for name in places if places[name] == "derived"
            }
            world = world.model_copy(update={"derived": derive(world), "sources": named})
        return world

    def shape(self, session: np.ndarray | float) -> np.ndarray | float:
        """Return the share of growth reached by a session: 0 at intake, 1 at the reference."""
        return np.log1p(session) / np.log1p(self.outcome.reference_session)

    @property
    def client_intercept_variance(self) -> float:
        """What is left of the variance of one at intake (at least a tenth)."""
        outcome = self.outcome
        taken = outcome.therapist_intercept_variance + outcome.residual_variance
        return max(0.1, 1 - taken - self.covariate_variance)

    @property
    def covariate_variance(self) -> float:
        """Variance of wellbeing at intake that covariates account for."""
        outcome, clients = self.outcome, self.clients
        fair, poor = clients.health_fair, clients.health_poor
        health = (fair + 4 * poor) - (fair + 2 * poor) ** 2
        return float(
            outcome.severity**2
            + outcome.support**2
            + outcome.trauma_effect**2 * clients.trauma * (1 - clients.trauma)
            + outcome.health_effect**2 * health
        )

    @property
    def equal_accommodation_variance(self) -> float:
        """Variance of wellbeing at the reference session among clients of equal accommodation."""
        outcome = self.outcome
        slope = outcome.client_slope_variance
        intercept = self.client_intercept_variance
        covariance = outcome.client_correlation * np.sqrt(slope * intercept)
        within = outcome.alliance_effect**2 * self.alliance.alliance_session_variance
        within += (outcome.within_total * self.within_ratio) ** 2
        others = self.covariate_variance + intercept + slope + 2 * covariance
        others += outcome.challenge**2 + outcome.residual_variance + within
        return float(others / (1 - outcome.therapist_icc))

    @property
    def within_ratio(self) -> float:
        """Spread of sessions within clients over the spread of clients' means, accommodation."""
        return self.derived.accommodation_within_sd / self.derived.accommodation_sd

    @property
    def outcome_sd(self) -> float:
        """Standard deviation of wellbeing at the reference session."""
        d = self.outcome.accommodation_d
        return float(np.sqrt(self.equal_accommodation_variance * (1 + d**2 / 4)))

    @property
    def accommodation_r(self) -> float:
        """Correlation that stands for d: d / sqrt(d^2 + 4)."""
        d = self.outcome.accommodation_d
        return float(d / np.sqrt(d**2 + 4))

    @property
    def accommodation_effect(self) -> float:
        """Gain at the reference session per SD of latent accommodation (SD at intake)."""
        return self.accommodation_r * self.outcome_sd

    @property
    def therapist_slope_variance(self) -> float:
        """Variance of therapists' growth that brings their share to the ICC at the reference."""
        whole = self.outcome.therapist_icc * self.equal_accommodation_variance
        return max(0.0, whole - self.outcome.therapist_intercept_variance)

    @property
    def within_direct(self) -> float:
        """Direct part of the effect of the last session's deviation."""
        return self.outcome.within_total * (1 - self.outcome.within_mediated)

    @property
    def deviation_to_alliance(self) -> float:
        """Rise of the alliance per unit of deviation that carries the mediated part."""
        mediated = self.outcome.within_total * self.outcome.within_mediated
        return mediated / self.outcome.alliance_effect

    def constants(self) -> dict[str, float]:
        """Return what follows from the parameters, rounded to six decimals."""
        names = (
            "client_intercept_variance",
            "covariate_variance",
            "equal_accommodation_variance",
            "therapist_slope_variance",
            "outcome_sd",
            "accommodation_r",
            "accommodation_effect",
            "within_direct",
            "deviation_to_alliance",
            "within_ratio",
        )
        return {name: round(float(getattr(self, name)), 6) for name in names}


def _names(content: dict[str, Any]) -> list[tuple[str, str]]:
    parts = {name: part for name, part in content.items() if isinstance(part, dict)}
    parts.pop("sources", None)
    return [(part, name) for part, values in parts.items() for name in values]


def load_world(path: Path) -> World:
    """Read a `world.yaml`, where each parameter is a mapping of `value` and `source`.

    Raises
    ------
    StudyError
        The file is absent or faulty, or a parameter lacks its source.
    """
    content = read_yaml(Path(path))
    if not isinstance(content, dict):
        raise StudyError("The file holds no parameters", file=path)
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for part, entries in content.items():
        if not isinstance(entries, dict):
            values[part] = entries
            continue
        values[part] = {}
        for name, entry in entries.items():
            if not isinstance(entry, dict) or set(entry) != {"value", "source"}:
                raise StudyError(
                    f"The parameter '{part}.{name}' is not written as {{value, source}}",
                    file=path,
                    advice="Give its value and its source: a citation, or the word assumed.",
                )
            values[part][name] = entry["value"]
            sources[f"{part}.{name}"] = str(entry["source"])
    return validate(values | {"sources": sources}, World, Path(path))
