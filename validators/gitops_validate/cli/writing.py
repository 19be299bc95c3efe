"""What `check` writes into a checkout when it is asked to: a baseline, and repairs. Never in a merge request's pipeline."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec.structs import replace

from gitops_validate.cli.output import save
from gitops_validate.engine import Engine
from gitops_validate.errors import UsageError
from gitops_validate.model.finding import BASELINE
from gitops_validate.model.report import Report
from gitops_validate.report.totals import plural
from gitops_validate.revisions import trust


def refuse_baseline(*, plain: bool) -> None:
    """Refuse to write a baseline of what other checks would not find. Raises UsageError."""
    if trust.base():
        raise UsageError("a merge request's baseline does not count in its pipeline: write it on a branch, where a review shows what it hides")
    if not plain:
        raise UsageError(
            "a baseline is written of all that a plain check finds: leave --env, --changed-since, --age-key-file, --profile and --require-secrets out"
        )


def write_baseline(report: Report, root: Path) -> Report:
    """Write what was found as the baseline of the checkout; the report as it is from then on. Raises UsageError."""
    from gitops_validate.judging import baseline  # noqa: PLC0415 - most runs write none

    save(root / baseline.NAME, baseline.written(report.findings))
    known = tuple(replace(finding, waived=BASELINE) for finding in report.findings)
    return replace(report, findings=(), waived=(*report.waived, *known))


def refuse_fix(*, write_baseline: bool) -> None:
    """Refuse to write into what somebody else has brought. Raises UsageError."""
    if trust.base():
        raise UsageError("nothing is repaired in the pipeline of a merge request: run --fix in a checkout of your own")
    if write_baseline:
        raise UsageError("--fix and --write-baseline are two steps: repair first, then write what is left")


def fix(report: Report, root: Path) -> bool:
    """Repair what is certain and show it; whether there was anything. Raises UsageError where a file cannot be written."""
    from gitops_validate.mend.fix import repairs  # noqa: PLC0415 - most runs repair nothing
    from gitops_validate.mend.shown import diff  # noqa: PLC0415

    with Engine([], workers=1) as engine:
        found = list(repairs(report.findings, root, engine))
    for repair in found:
        save(root / repair.path, repair.after, (root / repair.path).stat().st_mode & 0o777)
        click.echo(diff(repair.path, repair.before, repair.after), err=True, nl=False)
    fixed = sum(repair.edits for repair in found)
    click.echo(
        f"repaired {plural(fixed, 'place')} in {plural(len(found), 'file')}" if found else "nothing left that can be repaired for certain", err=True
    )
    return bool(found)
