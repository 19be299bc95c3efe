"""From a review to stdout and files."""

from __future__ import annotations

from functools import partial
from typing import TextIO

from gitops_validate.cli.colour import When, styler
from gitops_validate.cli.options import Format
from gitops_validate.cli.output import collect, emit, save
from gitops_validate.model.change import Review
from gitops_validate.report.look import Look, plain
from gitops_validate.report.review import write


def published(found: Review, formats: tuple[Format, ...], colour: When) -> None:
    """Write every report asked for; text to stdout if none was."""
    for form in formats or (Format("text"),):
        look = Look(plain if form.file else styler(colour))
        text = collect(partial(_write, form.name, found, look))
        if form.file:
            save(form.file, text)
        else:
            emit(text)


def _write(name: str, found: Review, look: Look, out: TextIO) -> None:
    write(name, found, out, look)
