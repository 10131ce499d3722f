"""The rule for levels of few: neither their name nor a coefficient that rests on them leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from attunement.release.ratios import CATEGORY, SMALL
from attunement.release.rules import Decision, decided, emptied, few
from attunement.study.config import Release
from attunement.study.dataset import Dataset
from attunement.study.files import Tables

COUNTED = ["level", "variable", "category", "n", "indicator", "arm"]
UNNAMED = "small category"
IN_MODELS = ("client", "predictor")  # the levels whose variables models name
LEVEL = re.compile(r"(?:C\((\w+)[^)]*\)|(\w+))\[(?:T\.)?(.+)\]")
# Names that point at nobody, and that reasons use in their own sense.
GENERIC = {"yes", "no", "true", "false", "other", "none", "unknown", "missing", "all"}
FITTED_TERMS = {"estimates": ["term"], "influence": ["term"], "variance": ["term_1", "term_2"]}
Names = dict[tuple[str, str], str]


def in_order(present: set[str], declared: Sequence[str]) -> list[str]:
    """Return levels in their declared order, then the others by name."""
    return [*(name for name in declared if name in present), *sorted(present - set(declared))]


def _levels(frame: pd.DataFrame, level: str, declared: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Count each level of each category, and both sides of whatever takes two values."""
    found: list[tuple[str, str, str, int, bool]] = []
    for name in frame.columns.difference(["client", "therapist", "therapist_therapist"], sort=True):
        values = frame[name].dropna()
        numeric = pd.api.types.is_numeric_dtype(values)  # a flag too
        if values.empty or (numeric and values.nunique() > 2):
            continue
        sizes = values.astype("str").value_counts()
        for category in in_order(set(sizes.index), declared.get(str(name), ())):
            found.append((level, str(name), category, int(sizes[category]), numeric))
    return pd.DataFrame(found, columns=COUNTED[:5])


def _with_third_group(scored: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows of each scoring that knows a third group; all of them where none does."""
    flagged = scored["no_strong_preference"].fillna(False).astype(bool)
    scorings = sorted(set(scored.loc[flagged, "scoring"]))
    return [scored[scored["scoring"] == scoring] for scoring in scorings] or [scored]


def _third_group(scored: pd.DataFrame) -> pd.DataFrame:
    """Count the clients with and without a strong preference, on any dimension."""
    flagged = scored["no_strong_preference"].fillna(False).astype(bool)
    without = scored.loc[flagged, "client"].nunique()
    sides = {"False": scored["client"].nunique() - without, "True": without}
    return pd.DataFrame(
        [("client", "no_strong_preference", *side, True) for side in sides.items()],
        columns=COUNTED[:5],
    )


def category_counts(tables: Tables, dataset: Dataset) -> pd.DataFrame:
    """Return how many clients, or therapists, have each level of whatever may be a predictor.

    Private: the gate reads it and never lets it out. Columns: level (client, therapist, or
    predictor for therapists as the models name their covariates), variable, category, n, indicator
    (a flag or another number of two values), arm.
    """
    covariates = dataset.clients.covariates
    declared = {name: held.levels or () for name, held in covariates.items()}
    of_therapists = dataset.therapists.covariates if dataset.therapists else {}
    known = {name: held.levels or () for name, held in of_therapists.items()}
    found = [
        _levels(tables["clients"], "client", declared),
        _levels(tables["therapists"], "therapist", known),
        # In models of therapists' covariates their names have a prefix; few therapists are few.
        _levels(
            tables["therapists"].rename(columns=lambda name: f"therapist_{name}"),
            "predictor",
            {f"therapist_{name}": levels for name, levels in known.items()},
        ),
    ]
    scored = tables["accommodation"]
    if len(scored):
        found += [_third_group(rows) for rows in _with_third_group(scored)]
    counted = pd.concat(found, ignore_index=True)
    return counted.assign(arm=(counted["level"] == "client") & (counted["variable"] == dataset.arm))


def _small(counted: pd.DataFrame, rules: Release) -> pd.DataFrame:
    n = counted["n"].astype(int)
    return counted[(n > 0) & (n < rules.smallest_cell)]


def _new_names(small: pd.DataFrame) -> Names:
    """`small category` for the small level of a variable, numbered from the second one on."""
    names: Names = {}
    for variable, held in small[~small["indicator"].astype(bool)].groupby("variable", sort=True):
        for place, category in enumerate(held["category"], start=1):
            names[str(variable), category] = UNNAMED if place == 1 else f"{UNNAMED} {place}"
    return names


def _factors(term: str) -> Iterator[tuple[str, str, str]]:
    """The parts of an interaction: text, variable, level ('' for a number)."""
    for part in re.split(r":(?![^\[]*\])", term):
        match = LEVEL.fullmatch(part)
        yield (part, match[1] or match[2], match[3]) if match else (part, part, "")


def _renamed(term: str, names: Names) -> str:
    return ":".join(
        f"{variable}[{names[variable, level]}]" if (variable, level) in names else part
        for part, variable, level in _factors(term)
    )


def _small_reference(model: pd.DataFrame, variable: str, levels: list[str], few: set[str]) -> bool:
    """Whether the coefficients of a variable compare with a level of few clients."""
    found = [
        (part, level, missing)
        for term, missing in zip(model["term"], model["estimate"].isna(), strict=True)
        for part, name, level in _factors(str(term))
        if name == variable
    ]
    # Slopes at each level, the reference too, stand beside contrasts: only these tell which it is.
    contrasts = any("[T." in part for part, _, _ in found)
    held = [
        (level, missing)
        for part, level, missing in found
        if not contrasts or not level or "[T." in part
    ]
    named = {level for level, missing in held if not missing}
    if not named:
        return False
    if named == {""}:
        return levels[0] in few
    apart = {level for level, missing in held if missing} - named  # left out of the model
    first = min((levels.index(level) for level in named if level in levels), default=0)
    before = levels[:first] or [level for level in levels if level not in named]
    return bool(few & (set(before) - apart))


def _of_few(model: pd.DataFrame, counted: pd.DataFrame, small: pd.DataFrame) -> set[str]:
    """Return the terms of one model that rest on a level of few clients."""
    terms = [str(term) for term in model["term"]]
    found: set[str] = set()
    for variable, held in small.groupby("variable", sort=True):
        few = set(held["category"])
        levels = counted.loc[counted["variable"] == variable, "category"].tolist()
        reference = _small_reference(model, str(variable), levels, few)
        for term in terms:
            parts = list(_factors(term))
            of = [level for _, name, level in parts if name == variable]
            # A number of two values has one coefficient: it rests on both sides.
            if any(level in few or level == "" or reference for level in of):
                found.add(term)
            if of and reference:
                # Beside an interaction, what is left of it is the coefficient of the reference.
                rest = ":".join(part for part, name, _ in parts if name != variable)
                found.add(rest or "Intercept")
    return found & set(terms)


def small_levels(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Withhold every coefficient of a level that few clients have, and the level's name.

    Where the level of reference is small, all coefficients of its variable are withheld, and those
    that hold for the reference alone. The name becomes `small category` in all models, in table 1,
    among the groups and in reasons.
    """
    counted = tables.get("category_counts", pd.DataFrame(columns=COUNTED))
    whole = _small(counted, rules)
    clients = whole[whole["level"].isin(IN_MODELS)]
    if whole.empty:
        return {}, []
    names, found, decisions = _new_names(clients), {}, []
    of_clients = counted[counted["level"].isin(IN_MODELS)]
    hidden = {
        (str(name), term)
        for name, model in tables["estimates"].groupby("specification", sort=True)
        for term in _of_few(model, of_clients, clients)
    }
    for table, columns in FITTED_TERMS.items():
        frame = tables[table]
        hit = pd.Series(False, index=frame.index)
        for column in columns:
            pairs = zip(frame["specification"], frame[column], strict=True)
            hit |= pd.Series([pair in hidden for pair in pairs], frame.index, dtype=bool)
        if not hit.any():
            continue
        frame = emptied(frame, hit & frame["estimate"].notna(), table, few(rules))
        told = hit & frame["reason"].str.fullmatch(CATEGORY.pattern).fillna(False).astype(bool)
        frame.loc[told, "reason"] = SMALL
        for column in columns:
            new = frame[column].map(lambda term: _renamed(str(term), names))
            frame[column] = new.astype(frame[column].dtype)
        found[table] = frame
        reason = f"coefficients of a level that {few(rules)} clients have; it is not named"
        decisions.append(decided(table, "small levels", "withheld", hit.sum(), reason))
    for table in ("description", "trajectories", "dropout_rates", "dropout_curves"):
        frame, count = _without_names(tables[table], table, whole, rules)
        if count:
            found[table] = frame
            reason = f"levels of {few(rules)} are not named"
            decisions.append(decided(table, "small levels", "withheld", count, reason))
    _words(tables, found, names)
    return found, decisions


def _without_names(
    frame: pd.DataFrame, table: str, small: pd.DataFrame, rules: Release
) -> tuple[pd.DataFrame, int]:
    """Rename small levels in table 1, and small arms among the groups."""
    frame, count = frame.copy(), 0
    arms = _new_names(small[small["arm"].astype(bool)])
    groups = {category: new for (_, category), new in arms.items()}
    if hit := int(frame["group"].isin(groups).sum()):
        frame["group"] = frame["group"].replace(groups).astype(frame["group"].dtype)
        count += hit
    if table != "description":
        return frame, count
    for level, held in small.groupby("level", sort=True):
        for (variable, category), new in _new_names(held).items():
            rows = (frame["level"] == level) & (frame["variable"] == variable)
            rows &= frame["category"] == category
            frame = emptied(frame, rows, table, few(rules))
            frame.loc[rows, "category"] = new
            count += int(rows.sum())
    return frame, count


def _words(tables: Tables, found: Tables, names: Names) -> None:
    """Replace the names of small levels wherever a reason tells them."""
    told = sorted({c for _, c in names if len(c) > 2 and c.lower() not in GENERIC}, key=len)
    told = [category for category in reversed(told) if not category.replace(".", "").isdigit()]
    if not told:
        return
    word = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, told))})(?!\w)")
    for table in sorted(tables):
        frame = found.get(table, tables[table])
        for column in {"reason", "label"} & set(frame.columns):
            if column == "label" and table != "participant_flow":
                continue
            new = frame[column].map(lambda text: word.sub(UNNAMED, text), na_action="ignore")
            if (new != frame[column]).fillna(False).any():
                frame = frame.assign(**{column: new.astype(frame[column].dtype)})
                found[table] = frame
