"""What is said instead of a traceback."""

from __future__ import annotations


class Refused(Exception):
    """Something cannot be done, and one sentence says why and what to do."""


class WrongAnswer(Refused):
    """An answer, or two that contradict each other."""
