"""From a report to stdout, files and the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TextIO

from gitops_validate.cli.options import Format
from gitops_validate.cli.output import collect, emit, save
from gitops_validate.errors import UsageError
from gitops_validate.model.report import Report
from gitops_validate.report import write
from gitops_validate.report.look import Look, plain


def check_formats(formats: Sequence[Format]) -> None:
    """Refuse, before any work is done, what could not be written in the end."""
    if sum(form.file is None for form in formats) > 1:
        raise UsageError("only one report fits on stdout: give the others a file, as in --format json=report.json")
    for form in formats:
        if form.file and not form.file.absolute().parent.is_dir():
            raise UsageError(f"cannot write {form.file}: its folder is not there")


def publish(report: Report, formats: Sequence[Format], look: Look) -> None:
    """Write every report asked for; text to stdout if none was."""
    uncoloured = Look(plain, look.source, look.quiet)
    for form in formats or (Format("text"),):
        if form.file:
            save(form.file, collect(partial(_write, form.name, report, uncoloured)))
        else:
            emit(collect(partial(_write, form.name, report, look)))


def _write(name: str, report: Report, look: Look, out: TextIO) -> None:
    write(name, report, out, look)
