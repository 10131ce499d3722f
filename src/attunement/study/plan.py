"""From the plan in `config.yaml` to the specifications for one dataset."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

from attunement.study.config import Config, PlannedModel, Selector
from attunement.study.confirmatory import check_named, named_bare
from attunement.study.contracts import DROPOUT_DEFINITIONS, WITH_THIRD_GROUP
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument
from attunement.study.problems import StudyError
from attunement.study.readable import check_readable, filled
from attunement.study.specification import Level, Specification

PARTS = {
    "preference": "preference_{}",
    "preference_within": "preference_{}_within",
    "preference_between": "preference_{}_between",
    "preference_therapist": "preference_{}_therapist",
    "delivery_within": "delivery_{}_within",
    "delivery_between": "delivery_{}_between",
    "delivery_therapist": "delivery_{}_therapist",
    "delivery_past": "delivery_{}_past",
}


def dimensions(dataset: Dataset, instruments: dict[str, Instrument]) -> tuple[str, ...]:
    """Return the dimensions of the dataset's preference inventory, in lower case."""
    if dataset.preference is None:
        return ()
    return tuple(scale.lower() for scale in instruments[dataset.preference.instrument].scales)


def improvement(outcome: str, dataset: Dataset, instruments: dict[str, Instrument]) -> int:
    """Return +1 where a higher score of `instrument.scale` is better, -1 where it is worse."""
    name, _, scale = outcome.partition(".")
    if name in dataset.ratings:
        directions = {"higher_better": 1, "higher_worse": -1}
        return directions.get(dataset.ratings[name].direction, 0)
    if name not in instruments:
        raise StudyError(
            f"The outcome '{outcome}' of dataset '{dataset.name}' belongs to no known instrument",
            advice=f"Known: {', '.join(sorted([*instruments, *dataset.ratings]))}.",
        )
    return instruments[name].improvement_of(scale)


def _over(planned: PlannedModel, dataset: Dataset) -> list[dict[str, str]]:
    """Return the settings of each specification that `over` asks for, declared names filled in.

    Where the dataset declares none the plan keeps one entry, which says why it cannot be tried.
    """
    declared = {
        "process": dataset.process,
        "moderators": dataset.moderators,
        "groups": dataset.groups,
        "further": dataset.outcomes.further,
    }
    choices: list[dict[str, str]] = [{}]
    for name, values in planned.over.items():
        asked = [one for value in values for one in declared.get(value, [value])]
        known = list(dict.fromkeys(asked))
        choices = [held | {name: value} for held in choices for value in known] or choices
    return choices


def _fill(
    template: str,
    dataset: Dataset,
    dims: tuple[str, ...],
    scoring: str | None,
    settings: dict[str, str],
) -> str:
    """Fill in a formula; of a model of one dimension only that dimension's main effects."""
    if not dims:  # an interaction with `1` would be no formula: what is empty goes with its plus
        template = re.sub(r"\+\s*\{(?:preference|delivery)(?:_\w+)?\}", "", template)
    parts = {name: value.replace(".", "_") for name, value in settings.items()} | {
        name: " + ".join(part.format(dim) for dim in dims) or "1" for name, part in PARTS.items()
    }
    parts["dimension"] = dims[0] if dims else ""
    parts["covariates"] = " + ".join(dataset.model_covariates) or "1"
    parts["therapist_covariates"] = " + ".join(_of_therapists(dataset)) or "1"
    parts["by_arm"] = f" * {dataset.arm}" if dataset.arm else ""
    parts["by_arm_only"] = f" + {dataset.arm}" if dataset.arm else ""
    # Clients without a (strong) preference stay in the model as a group of their own.
    parts["third_group"] = "+ no_strong_preference" if scoring in WITH_THIRD_GROUP else ""
    return filled(template, parts)


def _of_therapists(dataset: Dataset) -> tuple[str, ...]:
    """The declared covariates of therapists; clients have some of the same names (gender)."""
    declared = dataset.therapists.covariates if dataset.therapists else {}
    return tuple(f"therapist_{name}" for name in declared)


def _levels(planned: PlannedModel, dataset: Dataset) -> tuple[tuple[str, Level], ...]:
    """The focal coefficients; one that names {therapist_covariates} stands for each of them."""
    found: list[tuple[str, Level]] = []
    for term, level in planned.levels.items():
        each = _of_therapists(dataset) if "{therapist_covariates}" in term else ("",)
        named = each or ("therapist_covariates",)
        found += [(term.replace("{therapist_covariates}", name), level) for name in named]
    return tuple(found)


def _confirmatory(planned: PlannedModel, choice: dict[str, str | None], primary: str) -> bool:
    if isinstance(planned.confirmatory, bool):
        return planned.confirmatory
    wanted = planned.confirmatory.model_dump(exclude_none=True)
    wanted["outcome"] = primary if wanted.get("outcome") == "primary" else wanted.get("outcome")
    return all(choice[key] == value for key, value in wanted.items() if value is not None)


def _outcomes(planned: PlannedModel, dataset: Dataset) -> list[str]:
    named: list[str] = []
    for outcome in planned.outcomes:
        if outcome == "primary":
            named.append(dataset.outcomes.primary)
        elif outcome == "secondary":
            named.extend(dataset.outcomes.secondary)
        else:
            named.append(outcome)
    return named


def _settings(
    planned: PlannedModel, over: dict[str, str], config: Config
) -> tuple[tuple[str, str], ...]:
    """The settings of an analysis; what is random in it has the seed of the run."""
    given: dict[str, Any] = {} if planned.analysis == "model" else {"seed": config.seed}
    return tuple((name, str(value)) for name, value in (given | planned.settings | over).items())


def _specification(
    entry: str,
    planned: PlannedModel,
    choice: dict[str, str | None],
    over: dict[str, str],
    dataset: Dataset,
    config: Config,
    instruments: dict[str, Instrument],
) -> Specification:
    dims = dimensions(dataset, instruments)
    dimension = choice["dimension"] or "all"
    dims = dims if dimension == "all" else (dimension,)
    if choice["scoring"] == "type_matched" or (
        choice["scoring"] == "rated" and dataset.delivery is None
    ):
        dims = ()  # types lie on no dimension; what is rated directly needs no delivery on any
    outcome = choice["outcome"] or ("dropout" if choice["dropout_definition"] else "delivery")
    rated = [r for r in dataset.responses if r.instrument == outcome.split(".")[0]]
    parts = [entry, outcome if choice["outcome"] else None, choice["dropout_definition"]]
    parts += [choice["scoring"], dimension if dimension != "all" else None]
    parts += list(over.values())
    if choice["informant"] not in (None, planned.informants[0] if planned.informants else None):
        parts.append(choice["informant"])
    named = {name: name for name in planned.over} | over
    details: dict[str, Any] = {
        "improvement": improvement(outcome, dataset, instruments) if choice["outcome"] else 0,
        "outcome_informant": rated[0].rater if rated else "",
        "dropout_definition": choice["dropout_definition"],
        "scoring": choice["scoring"],
        "informant": choice["informant"] or "",
    }
    return Specification(
        dataset=dataset.name,
        name=".".join(part.replace(".", "_") for part in parts if part),
        question=planned.question,
        estimand=planned.estimand,
        rows=planned.rows,
        analysis=planned.analysis,
        settings=_settings(planned, over, config),
        outcome=outcome,
        outcome_scale=planned.outcome_scale if choice["outcome"] else "raw",
        dimension=dimension,
        dimensions=dims,
        commensurable=bool(dataset.delivery and dataset.delivery.commensurable),
        centring=planned.centring,
        landmark=planned.landmark,
        time_shape=dataset.time.shape,
        time_per=dataset.time.per,
        time_unit=dataset.time.unit,
        attrition_times=tuple(dataset.dropout.study_attrition_times or ()),
        arm=dataset.arm,
        covariates=tuple(dataset.model_covariates),
        frequency=dataset.frequency,
        therapist_covariates=_of_therapists(dataset),
        formula=_fill(planned.formula, dataset, dims, choice["scoring"], named),
        therapist_terms=_fill(planned.therapist_terms, dataset, dims, choice["scoring"], named),
        minimum_therapists=config.limits.therapists_for_therapist_terms,
        smallest_group=config.limits.clients_for_a_group,
        events_for_a_predictor=config.limits.events_for_a_predictor,
        seed=config.seed,
        random=tuple(planned.random.items()),
        link=planned.link,
        df=planned.df,
        residual=planned.residual,
        reml=planned.reml,
        levels=_levels(planned, dataset),
        family=planned.family,
        role=(
            "confirmatory"
            if _confirmatory(planned, choice, dataset.outcomes.primary)
            else "exploratory"
        ),
        **details,
    )


def specifications(
    config: Config, dataset: Dataset, instruments: dict[str, Instrument]
) -> list[Specification]:
    """Return every planned specification for a dataset, those included that it cannot support.

    Raises
    ------
    StudyError
        An outcome of the dataset belongs to no known instrument; a confirmatory model names no
        coefficient, or holds an index without its main effects; a formula cannot be read.
    """
    found = []
    for entry, planned in config.plan.items():
        definitions = (
            list(DROPOUT_DEFINITIONS)
            if planned.dropout_definitions == ["all"]
            else planned.dropout_definitions
        )
        dims = planned.dimensions
        if dims == ["each"]:
            # Without an inventory the plan keeps its one entry, which says why it cannot be tried.
            dims = list(dimensions(dataset, instruments)) or ["all"]
        axes: list[list[str | None]] = [
            list(_outcomes(planned, dataset)) or [None],
            list(definitions) or [None],
            list(planned.scorings) or [None],
            list(planned.informants) or [None],
            list(dims),
        ]
        for (outcome, definition, scoring, informant, dimension), over in product(
            product(*axes), _over(planned, dataset)
        ):
            choice = {
                "outcome": outcome,
                "dropout_definition": definition,
                "scoring": scoring,
                "informant": informant,
                "dimension": dimension,
            }
            one = _specification(entry, planned, choice, over, dataset, config, instruments)
            check_readable(one)
            check_named(one, planned.formula)
            found.append(named_bare(one))
    return found


__all__ = ["Selector", "dimensions", "improvement", "specifications"]
