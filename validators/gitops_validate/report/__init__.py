"""Reports: values in, text out. A format is a module with a function `write`."""

from __future__ import annotations

from importlib import import_module
from typing import TextIO

from gitops_validate.model.report import Report
from gitops_validate.report.look import Look

FORMATS = ("text", "json", "junit", "codeclimate", "sarif", "markdown", "html")


def write(name: str, report: Report, out: TextIO, look: Look) -> None:
    """Write a report in the format of that name. Whatever the format, no private key or password that a message quotes gets out."""
    from gitops_validate.report.scrubbed import without_secrets  # noqa: PLC0415 - nothing is written before everything was judged

    import_module(f"gitops_validate.report.{name}").write(without_secrets(report), out, look)
