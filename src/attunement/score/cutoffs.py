"""The border between clinical and healthy scores: published, or a, b, c of Jacobson and Truax."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from attunement.score.coefficients import FEWEST_CLIENTS
from attunement.score.facts import usable, why_not
from attunement.study.change_rules import ChangeRule
from attunement.study.dataset import Dataset
from attunement.study.instruments import Fact, Instrument

NOBODY_RECOVERS = "no usable clinical cut-off, so nobody can be called recovered"


def jacobson_truax_cutoff(
    which: str,
    direction: int,
    clinical: tuple[float, float],
    functional: tuple[float, float] = (np.nan, np.nan),
) -> float:
    """Return cut-off a, b or c in the points of the score.

    Parameters
    ----------
    which : "a", M_clin + 2 SD_clin towards health; "b", M_func - 2 SD_func, that is two standard
        deviations of the functional sample from its mean towards illness; "c",
        (SD_func M_clin + SD_clin M_func) / (SD_func + SD_clin).
    direction : 1 where a higher score is better, -1 where it is worse.
    clinical, functional : mean and standard deviation.

    References
    ----------
    Jacobson NS, Truax P (1991). J Consult Clin Psychol 59:12-19. doi:10.1037/0022-006X.59.1.12
    """
    (mean_clinical, sd_clinical), (mean_functional, sd_functional) = clinical, functional
    if which == "a":
        return float(mean_clinical + direction * 2 * sd_clinical)
    if which == "b":
        return float(mean_functional - direction * 2 * sd_functional)
    weighted = sd_functional * mean_clinical + sd_clinical * mean_functional
    return float(weighted / (sd_functional + sd_clinical))


def _computed(rule: ChangeRule, direction: int, intake: np.ndarray) -> tuple[Fact | None, str]:
    """Return cut-off a, b or c of this sample, or None and why not."""
    if len(intake) < FEWEST_CLIENTS:
        return None, f"cut-off {rule.cutoff}: fewer than {FEWEST_CLIENTS} scores at intake"
    mean, sd = float(np.mean(intake)), float(np.std(intake, ddof=1))
    norms = rule.functional
    source = f"cut-off {rule.cutoff}: M {mean:.2f}, SD {sd:.2f} at intake in this sample"
    functional = (np.nan, np.nan)
    if rule.cutoff != "a" and norms is not None:
        if not direction * (norms.mean - mean) > 0:
            return None, f"cut-off {rule.cutoff}: the functional mean is not better than intake's"
        functional = (norms.mean, norms.sd)
        source += f"; functional M {norms.mean:g}, SD {norms.sd:g} ({norms.source})"
    value = jacobson_truax_cutoff(rule.cutoff, direction, (mean, sd), functional)
    # Functioning well is to lie beyond the cut-off: a score that equals it is still clinical.
    comparison = "<=" if direction > 0 else ">="
    return Fact(value=value, comparison=comparison, verified=True, source=source), ""


def cutoff_for(
    outcome: str,
    intake: np.ndarray,
    dataset: Dataset,
    instruments: dict[str, Instrument],
    accepted: Collection[str],
) -> tuple[Fact | None, str]:
    """Return the clinical cut-off of an outcome, or None and why nobody can be called recovered.

    That of the instrument unless the dataset chooses a, b or c under `change`. `comparison` of the
    result is what a clinical score fulfils. `intake`: scores at intake, none missing.
    """
    name, _, scale = outcome.partition(".")
    # A cut-off of the alliance is an alert, not a border of the clinical population.
    if name not in instruments or instruments[name].kind != "outcome":
        return None, NOBODY_RECOVERS
    rule = dataset.change.get(outcome, ChangeRule())
    direction = instruments[name].improvement_of(scale)
    if rule.cutoff == "published" or direction == 0:
        cutoff = usable(instruments[name], "cutoff", accepted, scale)
        why = why_not(instruments[name], "cutoff", accepted, scale)
    else:
        cutoff, why = _computed(rule, direction, intake)
    return cutoff, "" if cutoff else f"{NOBODY_RECOVERS} ({why})"
