r"""What a form is, and what harmless cells and codes look like (RE2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pattern:
    """One form of one kind.

    Parameters
    ----------
    kind : str
        The kind as `lexicon.yaml` calls it.
    regex : str
        RE2; searched for, so anchors stand in it where the entire cell is meant.
    digits : int
        The fewest digits that such a value has: a quick test beforehand.
    needs : str
        A pattern without which there is none: an even quicker one.
    check : callable, optional
        The check digit. Where it is given, at least half of the values of this form must pass, for
        of ordinary numbers one in ten passes by chance.
    is_number : bool
        A number or code: not looked for in declared ids, which become pseudonyms.
    one_each : bool
        Codes of studies look alike: counts only where nearly every value is of one person alone.
    """

    kind: str
    regex: str
    digits: int = 0
    needs: str = ""
    check: Callable[[str], bool] | None = None
    is_number: bool = False
    one_each: bool = False

    def passes(self, text: str) -> bool:
        """Whether a value of this form has the right check digit; it does where there is none."""
        if self.check is None:
            return True
        try:
            return bool(self.check(text))
        except (ValueError, IndexError):
            return False


# A cell that is nothing of all this: a short number, a short word.
HARMLESS = (
    r"^[-+<>=]?\d{0,4}%?$|^-?(0|[1-9]\d{0,5})?[.,]\d+([eE][-+]?\d+)?$|^\+\d{0,6}[.,]\d{1,5}$|"
    r"^[A-Za-zÀ-ž_]{0,2}$"
)
CODE = r"^[A-Za-z0-9][A-Za-z0-9._/# -]*[A-Za-z0-9]$"
MANY_LETTERS = 9  # words rather than a code
# A telephone or record number, where each is another.
PAIRS = (
    r"^\d{3}-\d{4}$|^\d{2,3}/\d{4}$|^\d{4,6}[/-]\d{2,4}$|^(19|20)\d{2}[/-]\d{4}$|"
    r"^\d{4,6}[/-]\d{5,6}$"
)
YEARS = r"^(19|20)\d{2}[/-](19|20)?\d{2}$"
NO_CODE = (
    r"^[-+]?\d*[.,]\d+$|^\d{1,6} ?[-/.] ?\d{1,6}$|^\d+(e[-+]?\d+)$|^\d+([.,]\d{3})+$|"
    r"^\d{3,5} ?[x×] ?\d{3,5}$|^(19|20)\d{2}[ /-]?[QHWqhw]\d{1,2}$|^NCT\d{8}$|^10\.\d{4,}/\S+$"
)
