"""What every fit shows, whatever the model: tables, likelihood, and what it refuses."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed.design import Design
from attunement.mixed.equations import parse_hypotheses
from attunement.mixed.errors import InvalidSpecification, NotAvailable
from attunement.mixed.hypotheses import (
    columns_of_terms,
    compare_fits,
    require_matrix,
    wald_test,
)
from attunement.mixed.kernel import Array
from attunement.mixed.summary import summarise


class Fit:
    """A fitted model.

    Attributes
    ----------
    fixed : coefficients by term: estimate, se, df, t, p, ci_low, ci_high; a column that depends on
        others is a NaN row and named in `messages`.
    variance : level, term_1, term_2, covariance, sd_or_correlation, ci_low, ci_high, one row for
        each variance and covariance and, in linear models, the residual. In linear models the
        limits belong to the column `covariance`: Wald limits of variances on the scale of their
        logarithm, of covariances on their own; NaN for components on the boundary and where the
        curvature of the likelihood is not at hand. They are computed when the table is first
        asked for.
    vcov : covariance matrix of the coefficients by term, NaN for columns not estimable.
    deviance, loglik, aic, bic : ``deviance = -2 loglik`` on lme4's scale; the REML criterion when
        `reml`.
    n_obs, n_dropped, n_groups : rows used, rows dropped for missing values, groups by level.
    converged, singular, messages : how the search ended, and everything worth reading.
    """

    def __init__(
        self,
        design: Design,
        fixed: pd.DataFrame,
        variance: pd.DataFrame,
        covariance: Array,
        loglik: float,
        n_parameters: int,
        converged: bool,
        singular: bool,
        messages: list[str],
        reml: bool,
        df_method: str,
        engine: str,
    ) -> None:
        names = pd.Index(design.names, name="term")
        self.design = design
        self.formula = design.formula
        self.random = {term.level: term.source for term in design.terms}
        self.fixed = fixed
        self._variance = variance
        self._variance_has_limits = False
        self.loglik = loglik
        self.deviance = -2.0 * loglik
        self.n_parameters = n_parameters
        self.n_obs = design.n_rows
        self.n_dropped = design.n_dropped
        self.n_groups = {level: len(labels) for level, labels in design.labels.items()}
        self.converged = converged
        self.singular = singular
        self.messages = messages
        self.reml = reml
        self.df_method = df_method
        self.engine = engine
        kept = fixed["estimate"].notna().to_numpy()
        full = np.full((len(names), len(names)), np.nan)
        full[np.ix_(kept, kept)] = covariance
        self.vcov = pd.DataFrame(full, index=names, columns=names)
        self._kept = kept
        self._covariance = covariance

    @property
    def aic(self) -> float:
        """Akaike's criterion, ``deviance + 2 n_parameters``."""
        return self.deviance + 2.0 * self.n_parameters

    @property
    def bic(self) -> float:
        """Bayesian criterion, ``deviance + log(n_obs) n_parameters``."""
        return self.deviance + float(np.log(self.n_obs)) * self.n_parameters

    @property
    def variance(self) -> pd.DataFrame:
        """Variances and covariances by level, with Wald limits where there are any."""
        if not self._variance_has_limits:
            low, high = self._variance_limits()
            self._variance = self._variance.assign(ci_low=low, ci_high=high)
            self._variance_has_limits = True
        return self._variance

    def _variance_limits(self) -> tuple[Array, Array]:
        """Limits of the rows of the variance table."""
        return self._variance["ci_low"].to_numpy(), self._variance["ci_high"].to_numpy()

    def _unavailable(self, what: str, instead: str) -> NoReturn:
        raise NotAvailable(f"{what} is not available with engine={self.engine!r}; {instead}")

    def _needs_own_engine(self, what: str) -> None:
        if self.engine != "attunement":
            self._unavailable(what, "use engine='attunement'")

    def _df_of(self, vector: Array) -> float:
        """Denominator degrees of freedom of one combination of the kept coefficients."""
        return float("inf")

    def test(self, hypothesis: str | ArrayLike) -> pd.DataFrame:
        """Wald F test of linear hypotheses.

        Parameters
        ----------
        hypothesis : equations such as ``"arm = 0, 2*time = time:arm + 1"``, separated by commas or
            semicolons, of sums of terms with numbers before or behind them; or a term of the
            formula, ``"C(arm)"``, for all of its coefficients at once; or an (r, p) matrix tested
            against zero. Terms stand as in the index of `fixed`, with any spacing, the parts of
            an interaction in any order, whole numbers without decimals (``C(arm)[T.1]``), in
            backticks if wanted.

        Returns
        -------
        One row: F (scaled with Kenward-Roger), df_num, df_den (by the fit's `df_method`; infinite:
        chi-squared / df), p.

        Raises
        ------
        InvalidSpecification
            If the text cannot be read (the message shows the place), a term is unknown or not
            estimable, or the equations depend on each other.
        """
        names = list(self.fixed.index)
        if isinstance(hypothesis, str):
            groups = columns_of_terms(self.design, self._kept)
            matrix, values = parse_hypotheses(hypothesis, names, groups)
        else:
            matrix = require_matrix(hypothesis, len(names))
            values = np.zeros(len(matrix))
        used = (matrix != 0.0).any(axis=0) & ~self._kept
        if used.any():
            lost = [name for name, flag in zip(names, used, strict=True) if flag]
            raise InvalidSpecification(f"not estimable: {', '.join(lost)}")
        estimates = self.fixed["estimate"].to_numpy()[self._kept]
        return self._f_test(matrix[:, self._kept], values, estimates)

    def test_terms(self) -> pd.DataFrame:
        """Joint Wald F tests of the terms of the formula: all coefficients of a term are zero.

        These are R's ``anova`` with ``type = 3`` and SPSS's type III table, provided that factors
        are coded so that their effects sum to zero, ``C(arm, contr.sum)``, and covariates are
        centred. With another coding the test of a term that is part of an interaction is one at
        the reference level of the other factor (at zero of a covariate), not of a main effect;
        tests of the highest interaction do not depend on the coding.

        Returns
        -------
        By term (the intercept left out): F, df_num, df_den, p, as by `test`. Coefficients that are
        not estimable are left out; a term that has no other is a row of NaN with df_num 0.
        """
        rows = {}
        for term, places in columns_of_terms(self.design, self._kept).items():
            nothing = {"F": np.nan, "df_num": 0, "df_den": np.nan, "p": np.nan}
            matrix = np.eye(len(self.fixed))[places]
            rows[term] = self.test(matrix).iloc[0].to_dict() if places else nothing
        columns = ["F", "df_num", "df_den", "p"]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=float)
        table.index.name = "term"
        return table.astype({"df_num": int})

    def _f_test(self, matrix: Array, values: Array, estimates: Array) -> pd.DataFrame:
        """The test of ``matrix @ b = values`` for the kept coefficients b."""
        return wald_test(matrix, values, estimates, self._covariance, self._df_of)

    def compare(self, other: Fit) -> pd.DataFrame:
        """Likelihood-ratio comparison with a nested fit of the same rows.

        Returns
        -------
        One row each, the smaller fit first. `p` is that of chi-squared, too large where a variance
        is tested, whose null value lies on its boundary; `p_boundary` is that of the mixture of two
        chi-squared that holds where one random column is added to the same fixed part; `note`
        says which of them holds, or that neither does (`LinearFit.parametric_bootstrap` then does).
        Of fits that are not nested (other columns, groups or residual structures that are not part
        of the larger fit's) chi2, df and p are NaN, and `note` says why; aic and bic compare them.

        Raises
        ------
        NotComparable
            For REML fits with different fixed effects, REML beside ML, other outcome rows or other
            weights.
        """
        return compare_fits(self, other)

    def profile(self, *args: Any, **kwargs: Any) -> Any:
        """Profile intervals; raises `NotAvailable` but in linear models."""
        self._unavailable("profile", "use bootstrap for intervals")

    def parametric_bootstrap(self, *args: Any, **kwargs: Any) -> Any:
        """Parametric bootstrap; raises `NotAvailable` but in linear models."""
        self._unavailable("parametric_bootstrap", "use bootstrap")

    def summary(self) -> str:
        """The fit in words and tables, no wider than 100 characters."""
        return summarise(self)

    def __repr__(self) -> str:
        return self.summary()
