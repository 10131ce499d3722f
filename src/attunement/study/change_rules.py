"""What a dataset says of change on an outcome: which cut-off, which norms, which anxiety scale."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from attunement.study.strict import Strict


class Functional(Strict):
    """Mean and standard deviation of people who function well, and the source to be printed."""

    mean: float
    sd: float = Field(gt=0)
    source: str = Field(min_length=4)


class ChangeRule(Strict):
    """How change on one outcome is judged.

    `cutoff` is `published` (that of the instrument, verified or accepted) or one of Jacobson and
    Truax's (1991): `a`, two standard deviations from the mean of this study's scores at intake
    towards health; `b`, two standard deviations of the `functional` norms from their mean towards
    illness; `c`, between the two means, as likely a member of either. `nhs_with` (only of
    phq9.total) names the anxiety measure that NHS Talking Therapies' rule reads beside the PHQ-9.
    """

    cutoff: Literal["published", "a", "b", "c"] = "published"
    functional: Functional | None = None
    nhs_with: str = "gad7.total"

    @model_validator(mode="after")
    def _norms_are_there(self) -> ChangeRule:
        if self.cutoff in ("b", "c") and self.functional is None:
            raise ValueError(
                f"cut-off {self.cutoff} needs norms of people who function well: add "
                "functional: {mean: ..., sd: ..., source: ...}, or choose 'published' or 'a'"
            )
        return self
