"""`gitops-validate diff`."""

from __future__ import annotations

from pathlib import Path

import click

from gitops_validate.check import Options
from gitops_validate.cli import options as opt
from gitops_validate.cli.colour import When
from gitops_validate.cli.progress import Progress
from gitops_validate.cli.reporting import check_formats
from gitops_validate.cli.reviewing import published
from gitops_validate.cli.running import asked
from gitops_validate.errors import UsageError
from gitops_validate.model.change import Level, Review
from gitops_validate.report.review import FORMATS
from gitops_validate.review.review import Asked, review

LEVELS = {level.label: level for level in (Level.ROUTINE, Level.CAREFUL, Level.DANGEROUS)}


@click.command("diff")
@opt.PATH
@opt.ENVIRONMENTS
@click.option(
    "--base",
    metavar="REF",
    default="",
    help="The commit to compare with: by default that of the merge request, else where the work parted from main.",
)
@click.option("--head", metavar="REF", default="", help="A commit instead of the files as they are.")
@click.option("--between", nargs=2, metavar="ENV ENV", help="Compare two environments of the checkout instead of two commits.")
@opt.formats(*FORMATS)
@click.option("--fail-from", type=click.Choice(list(LEVELS)), help="Exit 1 if the change is at least that: routine, careful or dangerous.")
@opt.with_run
@opt.COLOUR
def command(
    path: Path,
    environments: tuple[str, ...],
    base: str,
    head: str,
    between: tuple[str, str] | None,
    formats: tuple[opt.Format, ...],
    fail_from: str | None,
    run: opt.RunOptions,
    colour: When,
) -> int:
    """Show what a change does in each environment: what appears, changes and goes, and how dangerous that is.

    Values of Secrets are never shown, wherever they stand.

    Exit code: 0 compared, 1 if the change is at or above --fail-from, 2 wrong use or configuration, 3 if something could not be rendered here.
    """
    if between and (base or head or environments):
        raise UsageError("--between compares two environments of the checkout as it is: it goes with none of --base, --head and --env")
    check_formats(formats)
    with Progress(wanted=not run.quiet) as progress:
        options = asked(path, environments, run, progress)
        found = _between(options, *between) if between else review(options, Asked(base, head))
    published(found, formats, colour)
    if fail_from and found.level >= LEVELS[fail_from]:
        return 1
    return 3 if any(not gap.accepted for gap in found.incomplete) else 0


def _between(options: Options, one: str, other: str) -> Review:
    from gitops_validate.review.between import between  # noqa: PLC0415 - seldom asked for

    return between(options, one, other)
