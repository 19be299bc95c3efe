"""Reports: values in, text out. A format is a module with a function `write`."""

from __future__ import annotations

from importlib import import_module
from typing import TextIO

from gitops_validate.model.report import Report
from gitops_validate.report.look import Look

FORMATS = ("text", "json")


def write(name: str, report: Report, out: TextIO, look: Look) -> None:
    """Write a report in the format of that name."""
    import_module(f"gitops_validate.report.{name}").write(report, out, look)
