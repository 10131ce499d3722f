"""Random designs of linear mixed models, well scaled and as a fit gets them.

Groups are unbalanced, some inner ones have a single row; ids are of many types and may be missing;
variances are often zero or of a lower rank than the random columns; columns are shifted by 1e5
standard deviations or scaled by 1e-8 to 1e8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.mixed import LinearFit, fit_linear

# what glmm can express comes first
PARTS = ["1", "1 t", "1 x", "1 t x", "t", "1 z", "t x", "1 x z", "t x z"]
FIXED = ["1 t x", "1 t x arm", "1", "1 t", "t x", "arm t", "1 x z arm"]
SHIFTS = [0.0, 0.0, 1e5]
SCALES = [1.0, 1.0, 1e-8, 1e8]
IDS = [
    lambda code: code,
    lambda code: f"g {code}",
    lambda code: 7 - 3 * code,
    lambda code: code / 7,
    lambda code: ("a", code) if code % 2 else str(code),
    lambda code: pd.Timestamp("2020-01-01") + pd.Timedelta(days=int(code) ** 2),
    lambda code: bytes([code]),
]


@dataclass
class Level:
    """Random columns of one level, and the group (n,) of each row, -1 without one."""

    name: str
    columns: list[str]
    independent: bool
    codes: np.ndarray

    @property
    def part(self) -> str:
        first, rest = ("1", self.columns[1:]) if "1" in self.columns else ("0", self.columns)
        return (" || " if self.independent else " + ").join([first, *rest])


@dataclass
class Drawn:
    """A design: `values` well scaled, `given` as the fit gets it."""

    values: pd.DataFrame
    given: pd.DataFrame
    fixed: list[str]
    levels: list[Level]
    reml: bool
    precision: np.ndarray | None
    scale: dict[str, float]
    shift: dict[str, float]

    def fit(self, data: pd.DataFrame, **options: object) -> LinearFit:
        right = " + ".join(self.fixed if "1" in self.fixed else ["0", *self.fixed])
        return fit_linear(
            f"y ~ {right}",
            data,
            {level.name: level.part for level in self.levels},
            reml=self.reml,
            precision=self.precision,
            df="normal",
            missing_innermost="no effect",
            **options,
        )

    def columns(self, names: list[str]) -> np.ndarray:
        return self.values.assign(**{"1": 1.0})[names].to_numpy(dtype=float)

    def units(self) -> float:
        """What the scales of the data given add to the deviance."""
        n, p = len(self.values), len(self.fixed)
        value = (n - p * self.reml) * np.log(self.scale["y"])
        if self.reml:
            value += sum(np.log(self.scale.get(name, 1.0)) for name in self.fixed)
        return 2.0 * float(value)


def draw_groups(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Outer and inner codes of the rows: unbalanced, some inner groups with a single row."""
    sizes = generator.integers(1, 7, size=generator.integers(3, 14))
    owner = np.repeat(np.arange(len(sizes)), sizes)
    rows = generator.integers(1, 9, size=len(owner))
    rows[generator.uniform(size=len(owner)) < 0.25] = 1
    inner = np.repeat(np.arange(len(owner)), rows)
    return owner[inner], inner


def draw_levels(generator: np.random.Generator, plain: bool) -> list[Level]:
    """One or two levels with more rows than random effects; ids may be missing if not `plain`."""
    while True:
        levels = []
        both = dict(zip(("outer", "inner"), draw_groups(generator), strict=True))
        names = [["outer"], ["inner"], ["outer", "inner"], ["outer", "inner"]]
        for name in names[generator.integers(4)]:
            columns = str(generator.choice(PARTS[:4] if plain else PARTS)).split()
            codes = both[name].copy()
            if not plain and generator.uniform() < 0.4:
                without = both["outer"] % 3 == 0 if name == "outer" else both["inner"] % 7 == 0
                codes[without] = -1
            independent = not plain and len(columns) > 1 and bool(generator.uniform() < 0.5)
            levels.append(Level(name, columns, independent, codes))
        counts = [(len(np.unique(v.codes[v.codes >= 0])), (v.codes >= 0).sum()) for v in levels]
        enough = [
            n_groups >= max(2, len(level.columns)) and n_groups * len(level.columns) < n_rows
            for level, (n_groups, n_rows) in zip(levels, counts, strict=True)
        ]
        if all(enough) and 15 <= len(both["outer"]) <= 200:
            return levels


def may_shift(name: str, fixed: list[str], levels: list[Level]) -> bool:
    """Whether an offset of a column only turns the coefficients and effects of others."""
    used = [level for level in levels if name in level.columns]
    return "1" in fixed and all("1" in v.columns and not v.independent for v in used)


def draw(seed: int) -> Drawn:
    generator = np.random.default_rng([2026, seed])
    plain = bool(generator.uniform() < 0.4)
    levels = draw_levels(generator, plain)
    fixed = str(generator.choice(FIXED[:2] if plain else FIXED)).split()
    n = len(levels[0].codes)
    columns = {
        "t": generator.integers(0, 8, size=n).astype(float),
        "x": generator.normal(size=n),
        "z": generator.normal(size=n),
        "arm": generator.integers(0, 2, size=n).astype(float),
    }
    values = pd.DataFrame(columns)
    weighed = not plain and generator.uniform() < 0.4
    precision = generator.uniform(0.05, 5.0, size=n) if weighed else None
    noise = generator.normal(size=n) / np.sqrt(1.0 if precision is None else precision)
    y = 0.3 * values["t"] + 0.5 * values["arm"] + noise
    for level in levels:
        q = len(level.columns)
        spread = generator.choice([0.0, 0.03, 0.3, 1.0, 10.0], p=[0.15, 0.1, 0.25, 0.35, 0.15])
        rank = int(generator.integers(1, q + 1)) if generator.uniform() < 0.4 else q
        root = spread * generator.normal(size=(q, rank)) / np.sqrt(q)
        effects = generator.normal(size=(level.codes.max() + 1, rank)) @ root.T
        z = values.assign(**{"1": 1.0})[level.columns].to_numpy()
        y = y + np.where(level.codes >= 0, (z * effects[level.codes]).sum(axis=1), 0.0)
    scale = {name: float(generator.choice(SCALES)) for name in ("y", *columns)}
    shift = {name: float(generator.choice(SHIFTS)) for name in ("y", *columns)}
    for name in columns:
        shift[name] *= may_shift(name, fixed, levels)
    shift["y"] *= "1" in fixed
    values["y"] = y
    given = pd.DataFrame({name: scale[name] * (values[name] + shift[name]) for name in values})
    # what rounding of the columns given leaves of the values
    values = pd.DataFrame({name: given[name] / scale[name] - shift[name] for name in values})
    for level in levels:
        named = np.empty(n, dtype=object)
        make = IDS[generator.integers(len(IDS))]
        named[:] = [None if code < 0 else make(code) for code in level.codes]
        given[level.name] = named
        values[level.name] = [None if code < 0 else f"k{code}" for code in level.codes]
    order = generator.permutation(n)
    for level in levels:
        level.codes = level.codes[order]
    return Drawn(
        values.iloc[order].reset_index(drop=True),
        given.iloc[order].set_index(pd.Index(order // 2)),
        fixed,
        levels,
        bool(generator.uniform() < 0.6),
        None if precision is None else precision[order],
        scale,
        shift,
    )
