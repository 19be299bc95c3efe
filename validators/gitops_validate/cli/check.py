"""`gitops-validate check`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from gitops_validate.check import Options, check
from gitops_validate.cli import options as opt
from gitops_validate.cli import writing
from gitops_validate.cli.colour import When, styler
from gitops_validate.cli.keys import identities
from gitops_validate.cli.output import columns
from gitops_validate.cli.progress import Progress
from gitops_validate.cli.reporting import check_formats, publish
from gitops_validate.cli.running import asked
from gitops_validate.discover import root_of
from gitops_validate.model.finding import Profile, Severity
from gitops_validate.model.report import Report
from gitops_validate.report import FORMATS
from gitops_validate.report.look import Look
from gitops_validate.report.sources import below

ROUNDS = 5
"""How often what is certain is repaired: a key that stands twice hides what else is wrong with a file."""


@click.command("check")
@opt.PATH
@opt.ENVIRONMENTS
@opt.CHANGED_SINCE
@opt.formats(*FORMATS)
@opt.FAIL_LEVEL
@opt.EXIT_ZERO
@click.option(
    "--age-key-file",
    "key_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Verify the MACs of encrypted files with these private keys of age.",
)
@click.option("--profile", type=click.Choice([each.label for each in Profile]), help="Which rules speak, instead of the configuration's profile.")
@click.option("--require-secrets", is_flag=True, help="Treat every environment as live: all secrets of the catalogue have to be there.")
@click.option("--write-baseline", is_flag=True, help="Write what is found to .gitops-validate-baseline.yaml: later checks tell only what is new.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until interrupted; the exit code is the last check's.")
@click.option("--fix", is_flag=True, help="Repair what is certain, show it as a diff on stderr, and check again.")
@opt.with_run
@opt.COLOUR
def command(
    path: Path,
    environments: tuple[str, ...],
    changed_since: str | None,
    formats: tuple[opt.Format, ...],
    fail_level: Severity | None,
    exit_zero: bool,
    key_file: Path | None,
    profile: str | None,
    require_secrets: bool,
    write_baseline: bool,
    watch: bool,
    fix: bool,
    run: opt.RunOptions,
    colour: When,
) -> int:
    """Say what the cluster would say of the GitOps repository at PATH.

    Exit code: 0 clean, 1 findings at or above the fail level, 2 wrong use or configuration, 3 something could not be checked.
    """
    check_formats(formats)
    if write_baseline:
        plain = not (environments or changed_since or key_file or require_secrets or profile)
        writing.refuse_baseline(plain=plain)
    if fix:
        writing.refuse_fix(write_baseline=write_baseline)
    with Progress(wanted=not run.quiet) as progress:

        def ask() -> Options:
            return replace(
                asked(path, environments, run, progress),
                require_secrets=require_secrets,
                identities=identities(key_file),
                profile=Profile[profile.upper()] if profile else None,
                baseline=not write_baseline,
            )

        def tell(report: Report) -> int:
            report = report.failing_at(fail_level or report.summary.fail_level)
            publish(report, formats, Look(styler(colour), below(root_of(path)), run.quiet, columns()))
            return report.exit_code(report.summary.fail_level, exit_zero=exit_zero)

        if watch:
            return _watched(ask, tell, formats, progress, once=fix or write_baseline or changed_since is not None)
        options = ask()
        report = _checked(options, changed_since)
        for _ in range(ROUNDS if fix else 0):
            if not writing.fix(report, root_of(path)):
                break
            report = _checked(options, changed_since)
    return tell(writing.write_baseline(report, root_of(path)) if write_baseline else report)


def _watched(ask: Callable[[], Options], tell: Callable[[Report], int], formats: Sequence[opt.Format], progress: Progress, *, once: bool) -> int:
    from gitops_validate.cli import watching  # noqa: PLC0415 - most runs end by themselves

    watching.refuse(formats, once=once)
    return watching.go_on(ask, tell, progress)


def _checked(options: Options, changed_since: str | None) -> Report:
    return check(options) if changed_since is None else _check_since(options, changed_since)


def _check_since(options: Options, ref: str) -> Report:
    from gitops_validate.revisions.since import check_since  # noqa: PLC0415 - most runs need no git

    return check_since(options, ref)
