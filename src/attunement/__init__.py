"""Preference accommodation, outcome and dropout in psychotherapy: from session data to a report."""

__version__ = "0.1.0"
