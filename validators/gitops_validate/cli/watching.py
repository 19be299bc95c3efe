"""`check --watch`: one report after the other, until somebody interrupts."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import click

from gitops_validate.check import Options
from gitops_validate.cli.entry import Exit, Terminated, say
from gitops_validate.cli.options import Format
from gitops_validate.cli.progress import Progress
from gitops_validate.errors import UsageError
from gitops_validate.model.report import Report
from gitops_validate.report.escape import visible
from gitops_validate.report.totals import plural
from gitops_validate.watching import Look, watch


def refuse(formats: Sequence[Format], *, once: bool) -> None:
    """Refuse to watch what is done once, or in a form that has an end. Raises UsageError."""
    if once:
        raise UsageError("--watch checks again and again: leave --fix, --write-baseline and --changed-since out")
    if any(form.file or form.name != "text" for form in formats):
        raise UsageError("--watch prints one report after the other, as text: leave --format out")


def go_on(ask: Callable[[], Options], tell: Callable[[Report], int], progress: Progress) -> int:
    """Tell each report; the exit code of the last, once somebody interrupts or terminates. Raises UsageError where nothing can be watched."""
    codes: list[int] = []
    try:
        for look in watch(ask):
            progress.clear()
            _introduce(look)
            codes.append(_told(look.report, tell))
            click.echo(f"watching {plural(look.files, 'file')}; the check took {look.seconds:.2f} s; Ctrl-C ends it", err=True)
    except (KeyboardInterrupt, Terminated):
        if not codes:
            raise
        click.echo(err=True)
    return codes[-1]


def _introduce(look: Look) -> None:
    if look.changed:
        others = f" and {plural(len(look.changed) - 1, 'other file')}" if len(look.changed) > 1 else ""
        click.echo(f"\n{time.strftime('%H:%M:%S')} {visible(look.changed[0])}{others} changed", err=True)


def _told(report: Report | UsageError, tell: Callable[[Report], int]) -> int:
    if isinstance(report, UsageError):
        return say(str(report), Exit.USAGE)
    return tell(report)
