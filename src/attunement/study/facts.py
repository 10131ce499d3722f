"""The facts of instruments that computations rest on, by the names under which they are accepted.

`phq9.cutoff` is a fact of the instrument, `oq45.SD.cutoff` one of a scale; `wai_s.key` stands for
the key itself: items, reversal and range, as far as they are not verified.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from attunement.study.instruments import Instrument
from attunement.study.scales import Bands, Fact, MissingRule, Scale, SkipRules, Verified

FactName = Literal["cutoff", "reliable_change", "reliability"]
FACTS: tuple[FactName, ...] = ("cutoff", "reliable_change", "reliability")
# The one number under `further` that something is computed from: caseness in NHS Talking Therapies,
# where it is not the cut-off of the instrument.
CASENESS = "cutoff_nhs_caseness"


@dataclass(frozen=True)
class Named:
    """A fact with its name, in words, whether it was verified, and where it stands."""

    name: str
    value: str
    verified: Verified
    source: str


def _fact(name: str, fact: Fact) -> Named:
    value = f"{fact.comparison or ''} {fact.value:g}".strip()
    return Named(name, value, fact.verified, fact.source)


def _missing(name: str, rule: MissingRule) -> Named:
    where = "the instrument" if rule.of == "instrument" else "a scale"
    return Named(name, f"{rule.allowed} items of {where}", rule.verified, rule.source)


def _bands(name: str, bands: Bands) -> Named:
    value = f">= {bands.strong_first:g}, <= {bands.strong_other:g}"
    return Named(name, value, bands.verified, bands.source)


def _skips(name: str, skips: SkipRules) -> Named:
    value = ", ".join(f"item {rule.item} as {rule.counts_as:g}" for rule in skips.rules)
    return Named(name, value, skips.verified, skips.source)


def _of_scale(name: str, scale: Scale) -> Iterable[Named]:
    if scale.missing is not None:
        yield _missing(f"{name}.missing", scale.missing)
    if scale.bands is not None:
        yield _bands(f"{name}.bands", scale.bands)
    for what in FACTS:
        fact: Fact | None = getattr(scale, what)
        if fact is not None:
            yield _fact(f"{name}.{what}", fact)
    if CASENESS in scale.further:
        yield _fact(f"{name}.{CASENESS}", scale.further[CASENESS])


def named_facts(instrument: Instrument) -> dict[str, Named]:
    """Return every fact of an instrument by its name, verified or not.

    The key is among them only where it, or that of one of its scales, is not verified.
    """
    found: list[Named] = []
    doubtful = [name for name in instrument.scales if key_verified(instrument, name) is not True]
    if doubtful:
        sources = [instrument.scales[name].source for name in doubtful]
        source = "; ".join(dict.fromkeys(s for s in sources if s)) or "; ".join(instrument.source)
        verified = key_verified(instrument, doubtful[0])
        value = ", ".join(doubtful)
        found.append(Named(f"{instrument.id}.key", f"scales {value}", verified, source))
    if instrument.missing is not None:
        found.append(_missing(f"{instrument.id}.missing", instrument.missing))
    if instrument.skips is not None:
        found.append(_skips(f"{instrument.id}.skips", instrument.skips))
    for what in FACTS:
        fact: Fact | None = getattr(instrument, what)
        if fact is not None:
            found.append(_fact(f"{instrument.id}.{what}", fact))
    for scale_id, scale in instrument.scales.items():
        found += _of_scale(f"{instrument.id}.{scale_id}", scale)
    return {one.name: one for one in found}


def key_verified(instrument: Instrument, scale: str) -> Verified:
    """Return whether the key of a scale was verified: its own word, else that of the instrument."""
    own = instrument.scales[scale].verified
    return instrument.verified if own is None else own


def fact_of(instrument: Instrument, scale: str, what: FactName) -> tuple[str, Fact | None]:
    """Return the name of a fact of a scale, and the fact: the scale's own, else the instrument's.

    Where there is none the name is that under which an own instrument file would give it.
    """
    held = instrument.scales.get(scale)
    own: Fact | None = getattr(held, what) if held is not None else None
    if own is not None or len(instrument.scales) > 1:
        return f"{instrument.id}.{scale}.{what}", own
    return f"{instrument.id}.{what}", getattr(instrument, what)


def caseness_of(instrument: Instrument, scale: str) -> tuple[str, Fact | None]:
    """Return name and fact of caseness in NHS Talking Therapies: its own, else the cut-off."""
    own = instrument.scales[scale].further.get(CASENESS) if scale in instrument.scales else None
    if own is not None:
        return f"{instrument.id}.{scale}.{CASENESS}", own
    return fact_of(instrument, scale, "cutoff")


def missing_rule_of(instrument: Instrument, scale: str) -> tuple[str, MissingRule | None]:
    """Return the name of the missing rule of a scale, and the rule: its own, else the general."""
    own = instrument.scales[scale].missing
    if own is not None:
        return f"{instrument.id}.{scale}.missing", own
    return f"{instrument.id}.missing", instrument.missing
