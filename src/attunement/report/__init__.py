"""The report stage: tables, figures and words, made of released tables only."""

from attunement.report.page import render
from attunement.report.pieces import Released
from attunement.report.stage import run

__all__ = ["Released", "render", "run"]
