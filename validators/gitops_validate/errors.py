"""The ways in which a run can end before there is a report. Each is one sentence that says what to do."""

from __future__ import annotations


class UsageError(Exception):
    """Wrong use or wrong configuration: exit code 2."""


class EngineError(Exception):
    """The engine could not carry out a request: what it was asked for becomes incomplete."""
