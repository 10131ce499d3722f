"""What happens to records in clinics: gaps, their codes, slips of the pen, rows entered twice."""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd

from attunement.simulate.recording import Gaps
from attunement.simulate.study import Study

Frames = dict[str, pd.DataFrame]
TENTHS = ("ors_", "srs_", "experience_years", "practice_hours", "wellbeing")
FORMS = {
    "sessions": ("ors_", "srs_", "given_"),
    "preferences": ("cnip_",),
    "phq9": ("phq9_",),
}
SINGLE = {
    "sessions": ("rated_accommodation", "empathy", "cultural_humility"),
    "goals": ("goal_attainment",),
    "clients": ("age", "social_support", "sexual_orientation", "physical_health"),
}
MISSING_CODES = ("-9", "99", "NA")
REMARKS = ("?", "ca. 5", "see notes", "not asked")
# A code of another system, or a word in place of a code.
UNKNOWN = {
    ("clients", "gender"): "w",
    ("clients", "trauma_history"): "unclear",
    ("endings", "last_appointment"): "no show",
}
DOUBLED = ("sessions", "phq9")


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame as it stands in a file: text, empty where missing."""
    shown = {}
    for name in frame.columns:
        values = frame[name]
        if not pd.api.types.is_numeric_dtype(values):
            shown[name] = values.astype("str").fillna("")
            continue
        style = "%.1f" if name.startswith(TENTHS) else "%d"
        present = values.notna().to_numpy()
        text = np.full(len(values), "", dtype=object)
        text[present] = [style % value for value in values.to_numpy()[present].tolist()]
        shown[name] = pd.Series(text, index=frame.index, dtype="str")
    return pd.DataFrame(shown)


def _generator(study: Study, source: str) -> np.random.Generator:
    key = (zlib.crc32(b"gaps"), zlib.crc32(source.encode()), study.first_therapist)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(study.seed, spawn_key=key)))


def _chance(base: float, gaps: Gaps, severity: np.ndarray) -> np.ndarray:
    """Return the chance of a gap for each row, higher for more severe clients."""
    if base <= 0:
        return np.zeros(len(severity))
    return 1 / (1 + np.exp(-(np.log(base / (1 - base)) + gaps.severe * severity)))


def _slip(value: str, column: str, remark: bool, pick: int) -> str:
    """Return a slip of the pen: a remark in place of a number, or a number that cannot be."""
    if remark:
        return REMARKS[pick % len(REMARKS)]
    if column.startswith(("ors_", "srs_")):
        return value.replace(".", "") if float(value) > 1 else "11.0"
    return {"phq9_": "4", "cnip_": "5", "given": "-4"}.get(column[:5], "11")


def _damage(
    frame: pd.DataFrame,
    source: str,
    gaps: Gaps,
    severity: np.ndarray,
    random: np.random.Generator,
) -> pd.DataFrame:
    """Return one source with slips, lost items and lost forms."""
    columns = [name for name in frame.columns if name.startswith(FORMS.get(source, ("-",)))]
    single = list(SINGLE.get(source, ()))
    rows = len(frame)
    cells = frame[columns + single].to_numpy(dtype=object)
    filled = cells != ""

    slips = random.random((rows, len(columns))) < gaps.typing_errors + gaps.text_cells
    remark = random.random((rows, len(columns))) < gaps.text_cells / (
        gaps.typing_errors + gaps.text_cells
    )
    pick = random.integers(0, 12, (rows, len(columns)))
    for row, place in np.argwhere(slips & filled[:, : len(columns)]):
        cells[row, place] = _slip(
            cells[row, place], columns[place], remark[row, place], pick[row, place]
        )

    lost = random.random(cells.shape) < _chance(gaps.item, gaps, severity)[:, None]
    coded = random.random(cells.shape) < gaps.codes
    code = np.array(MISSING_CODES, dtype=object)[random.integers(0, 3, cells.shape)]
    cells = np.where(lost & filled, np.where(coded, code, ""), cells)

    kept = np.ones(rows, dtype=bool)
    for form in FORMS.get(source, ()):
        absent = random.random(rows) < _chance(gaps.form, gaps, severity)
        if source == "sessions":
            of_form = np.array([name.startswith(form) for name in columns + single])
            cells[absent[:, None] & of_form] = ""
        else:
            kept &= ~absent
    frame = frame.copy()
    for place, name in enumerate(columns + single):
        frame[name] = pd.Series(cells[:, place], index=frame.index, dtype="str")
    return frame[kept]


def damage(study: Study, frames: Frames) -> Frames:
    """Return the records as text with the gaps and slips that clinics' files have.

    Gaps are more frequent for more severe clients; what is wrong is never disagreement: doubled
    rows are equal, every client has one therapist.
    """
    gaps = study.world.gaps
    severity = pd.Series(
        study.people.clients["severity_z"], index=frames["clients"]["client"].to_numpy()
    )
    damaged: Frames = {}
    for source, frame in frames.items():
        random = _generator(study, source)
        text = as_text(frame)
        if source in FORMS or source in SINGLE:
            text = _damage(text, source, gaps, severity[text["client"]].to_numpy(), random)
        for (of, column), word in UNKNOWN.items():
            if of == source:
                strange = random.random(len(text)) < gaps.unknown_codes
                text[column] = text[column].mask(strange, word)
        if source in DOUBLED:
            double = random.random(len(text)) < gaps.double_rows
            text = text.iloc[np.repeat(np.arange(len(text)), 1 + double)]
        damaged[source] = text.reset_index(drop=True)
    return damaged
