"""Ids that are more than ids: telephone, insurance and national numbers in use for a client."""

from __future__ import annotations

import numpy as np

from attunement.ingest.privacy.identifiers import checks
from attunement.ingest.privacy.identifiers.cells import Cells
from attunement.ingest.privacy.identifiers.codes import CLOSE, pd_mask
from attunement.ingest.privacy.identifiers.shapes import Pattern

# As people dial: 0 and an area, or the country first; ids of so many digits are no counters.
DIALLED = r"^0[1-9]\d{8,10}$|^(4[1-9]|3[0-469]|35[1-9]|1[2-9]\d)[1-9]\d{8,10}$"
BARE = r"^(7|6|15|16|17)\d{8,9}$"  # a mobile number that lost its 0 in a spreadsheet
TEN = r"^[2-9]\d{2}[2-9]\d{6}$"
PLAN = r"^(INS|POL|POLICY|MEMBER|MBR|PLAN|HPN?|SSN|NHS|KVNR?|MRN)[-_:# ]*\d{5,}$|^[A-Z]\d{9}$"
SHARE = 0.5
FORMS: tuple[tuple[str, str], ...] = (
    ("phone", DIALLED),
    ("phone", BARE),
    ("phone", TEN),
    ("health plan number", PLAN),
)
CHECKED = (
    Pattern("account number", r"^(\d[ -]?){12,18}\d$", 13, "", checks.card),
    Pattern(
        "account number",
        r"^[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?$",
        9,
        "",
        checks.iban,
    ),
)


def _counted(cells: Cells, hits: np.ndarray) -> bool:
    """Whether numbers count rows: they lie close together, or share all but the last digits."""
    numbers = np.array(
        [
            int("".join(filter(str.isdigit, one)))
            for one in cells.values.filter(pd_mask(hits)).to_pylist()
        ]
    )
    return bool(numbers.max() - numbers.min() < max(1000, CLOSE * 10 * len(numbers)))


def beyond_ids(cells: Cells) -> dict[str, np.ndarray]:
    """Return which ids are telephone, insurance or card numbers.

    Numbers of up to eight digits are what ids are: a chart number becomes a pseudonym. From nine
    digits on they may be dialled or looked up elsewhere, so that a list of them in a dataset's own
    folder names the clients.

    Parameters
    ----------
    cells : Cells
        The column of ids.

    Returns
    -------
    dict of str to ndarray of bool
        By kind. A form counts where half of the ids have it and they are no running numbers; ten
        digits that begin as North American numbers do count only where the areas differ.
    """
    found: dict[str, np.ndarray] = {}
    filled = cells.counts > 0
    for kind, regex in FORMS:
        hits = cells.matches(regex, filled & (cells.n_digits >= 5))
        if not hits.any() or hits.sum() < SHARE * filled.sum() or _counted(cells, hits):
            continue
        found[kind] = found.get(kind, np.zeros_like(hits)) | hits
    for pattern in CHECKED:
        hits = cells.of_form(pattern, filled)
        if hits.sum() >= SHARE * filled.sum() and pattern.kind not in found:
            found[pattern.kind] = hits
    return found
