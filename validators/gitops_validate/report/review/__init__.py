"""Reports on a change: values in, text out. A format is a module with a function `write`."""

from __future__ import annotations

from importlib import import_module
from typing import TextIO

from gitops_validate.model.change import Review
from gitops_validate.report.look import Look

FORMATS = ("text", "json", "markdown", "html", "unified")


def write(name: str, review: Review, out: TextIO, look: Look) -> None:
    """Write a review in the format of that name."""
    import_module(f"gitops_validate.report.review.{name}").write(review, out, look)
