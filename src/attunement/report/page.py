"""One page per dataset, made of released tables only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from attunement.report.answers import answers, explained
from attunement.report.codebook import NOTE
from attunement.report.codebook import sections as codebook_sections
from attunement.report.pieces import Grid, Missing, Picture, Released, Section
from attunement.report.sections import people, privacy, record, results, truth
from attunement.report.sections.context import context
from attunement.report.sections.dropout import dropout
from attunement.report.sections.followed import followed
from attunement.report.sections.process import process
from attunement.report.sections.surface import surfaces

TEMPLATES = Path(__file__).parent / "templates"
# A sign with its value: p = .022, p < .001, b = −0.13, OR = 0.87.
EQUATION = re.compile(r"\b([A-Za-z]{1,3}|F\([^)]*\)) ([=<]) (?=[.\d\u2212])")


def sections(released: Released) -> list[Section]:
    """Return the sections of a page, in the order in which a reader asks."""
    found = [
        people.participants(released),
        people.preferences(released),
        people.outcomes(released),
        dropout(released),
        followed(released),
        results.models(released),
        surfaces(released),
        process(released),
        results.challenge(released),
        results.therapists(released),
        context(released),
        record.not_estimable(released),
        truth.targets(released),
        privacy.persons(released),
        record.gate(released),
        record.methods(released),
    ]
    return [section for section in found if section is not None]


def _kind(part: Any) -> str:
    return {Picture: "picture", Missing: "missing", Grid: "grid"}.get(type(part), "text")


def _code(text: str) -> Any:
    """Set what stands between backticks as code; all else is escaped."""
    from markupsafe import Markup, escape

    parts = str(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def render(released: Released) -> tuple[str, dict[str, bytes]]:
    """Return the page and its figures.

    Parameters
    ----------
    released : Released
        The released tables and `about.json`.

    Returns
    -------
    page : str
        HTML that stands alone: no script, no address outside.
    figures : dict of bytes
        SVG by file name.
    """
    environment = templates()
    made = sections(released)
    answered, unanswered = answers(released)
    page = environment.get_template("page.html.j2").render(
        about=released.about,
        simulated=released.simulated,
        confidential=released.confidential,
        explained=explained(released),
        answered=answered,
        unanswered=unanswered,
        sections=made,
        files=sorted(released.tables),
    )
    pictures = {
        f"{part.name}.svg": part.svg
        for section in made
        for part in section.parts
        if isinstance(part, Picture)
    }
    return page, pictures


def render_codebook(released: Released) -> str:
    """Return the codebook as a page that stands alone: no script, no address outside."""
    return (
        templates()
        .get_template("codebook.html.j2")
        .render(
            about=released.about,
            simulated=released.simulated,
            confidential=released.confidential,
            note=NOTE,
            sections=codebook_sections(released),
        )
    )


def _together(value: Any) -> Any:
    """`p = .022` as one word that no line breaks; what is not plain text as it is."""
    return EQUATION.sub("\\1\u00a0\\2\u00a0", value) if type(value) is str else value


def templates() -> Any:
    """Return the templates of pages, with the tests and filters that they use."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_together,
    )
    environment.tests["picture"] = lambda part: _kind(part) == "picture"
    environment.tests["missing_part"] = lambda part: _kind(part) == "missing"
    environment.tests["grid"] = lambda part: _kind(part) == "grid"
    environment.filters["code"] = _code
    return environment
