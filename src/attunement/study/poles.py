"""Which end of an item has the high numbers: of the preference inventory and of what was given.

Left is the pole that the instrument's file names first. In canonical direction it is positive.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import Field

from attunement.study.once import Once, Words
from attunement.study.sources import Rater
from attunement.study.strict import Strict

Coding = Literal["left_positive", "left_negative", "one_to_seven_left_low"]
ONE_TO_SEVEN: tuple[float, float] = (1, 7)


class Preference(Strict):
    """The preference inventory and how this dataset codes its poles."""

    instrument: str
    coding: Coding
    flip: Annotated[list[int], Once] = []


class Delivery(Strict):
    """The rating of what was delivered; its items are dimensions of the preference inventory.

    `coding` has the words of `preference.coding`. Without it the high end is the pole named first,
    as under `left_positive`; both, and `left_negative`, hold for whatever range the rating has.
    """

    rating: str
    raters: Annotated[list[Rater], Once] = Field(min_length=1)
    commensurable: bool = Field(description="delivery and preference share a scale by design")
    coding: Coding | None = Field(
        None,
        description="which pole has the high numbers, as under preference; left_positive unless "
        "said",
    )
    flip: Words = Field([], description="items that are printed the other way round than the rest")

    def sign_of(self, item: str) -> float:
        """1 where the high end of an item is the pole named first, -1 where it is the other."""
        turned = self.coding not in (None, "left_positive")
        return -1.0 if turned != (item in self.flip) else 1.0


def demand_printed(
    delivery: Delivery, low: float | None, high: float | None, items: Collection[str]
) -> None:
    """Demand that the rating of what was delivered can be coded as `delivery` says.

    Raises
    ------
    ValueError
        It has no range, its range is not that of its coding, or `flip` names no item of it.
    """
    if low is None or high is None:
        raise ValueError(f"delivery.rating '{delivery.rating}' needs low and high")
    if delivery.coding == "one_to_seven_left_low" and (low, high) != ONE_TO_SEVEN:
        raise ValueError(
            f"delivery.coding one_to_seven_left_low needs a rating from 1 to 7, and "
            f"'{delivery.rating}' runs from {low:g} to {high:g}; left_negative says of any range "
            "that the low end is the pole named first"
        )
    for item in delivery.flip:
        if item not in items:
            raise ValueError(
                f"delivery.flip names '{item}', which is no item of '{delivery.rating}'; it has: "
                f"{', '.join(items)}"
            )
