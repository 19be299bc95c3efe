"""`gitops-validate gitlab`."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import click

from gitops_validate.cli import options as opt
from gitops_validate.cli.colour import When
from gitops_validate.cli.reporting import check_formats
from gitops_validate.cli.reviewing import published
from gitops_validate.errors import UsageError
from gitops_validate.gitlab.api import Api, GitLabError
from gitops_validate.gitlab.note import Target, label, publish
from gitops_validate.gitlab.received import merged, read
from gitops_validate.model.change import Review
from gitops_validate.report.escape import visible
from gitops_validate.report.look import Look
from gitops_validate.report.review import FORMATS, write

TOKEN = "GITOPS_VALIDATE_TOKEN"  # noqa: S105 - the name of a variable
_NUMBER = re.compile(r"\d{1,18}")


@click.group("gitlab")
def command() -> None:
    """Speak to GitLab, from what other jobs have found out."""


@command.command("note")
@click.argument("reviews", metavar="REVIEW.json…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--label-prefix", metavar="PREFIX", help="Also label the merge request with PREFIX and its level, as in gitops::dangerous.")
@click.option("--strict", is_flag=True, help="Exit 3 if GitLab did not take it; otherwise that is only said.")
def note(reviews: tuple[Path, ...], label_prefix: str | None, strict: bool) -> int:
    """Write a review as a note on the merge request, or bring the one that is there up to date.

    REVIEW.json is what `gitops-validate diff --format json=REVIEW.json` has written; of several, one for each job, the note holds all. The
    merge request is that of the pipeline; the token stands in the variable GITOPS_VALIDATE_TOKEN and needs the scope api and the role Reporter.
    """
    found = merged(map(read, reviews))
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        return _skipped(f"{TOKEN} is not set, as in a pipeline of a fork: no note is written, the artifacts hold the review", strict=strict)
    target = _target()
    lacking = "note"
    try:
        api = Api(_variable("CI_API_V4_URL"), token, os.environ.get("CI_SERVER_TLS_CA_FILE", ""))
        outcome = publish(api, target, _markdown(found))
        click.echo(f"note {outcome}")
        lacking = "label"
        if label_prefix:
            label(api, target, label_prefix, found.level)
            click.echo(f"labelled {visible(label_prefix)}{found.level.label}")
    except (GitLabError, OSError) as fault:  # an unreadable file of certificates is an OSError
        return _skipped(f"no {lacking}: {visible(str(fault)).replace(token, '<hidden>')}", strict=strict)
    return 0


@command.command("merge")
@click.argument("reviews", metavar="REVIEW.json…", nargs=-1, required=True, type=click.Path(path_type=Path))
@opt.formats(*FORMATS)
@opt.COLOUR
def merge(reviews: tuple[Path, ...], formats: tuple[opt.Format, ...], colour: When) -> int:
    """Make one review of those of several jobs, each of its own environments.

    Exit code: 0 merged, 2 the files are no reviews of one change, 3 something could not be rendered, or no job has reviewed an environment.
    """
    check_formats(formats)
    found = merged(map(read, reviews))
    published(found, formats, colour)
    return 3 if any(not gap.accepted for gap in found.incomplete) else 0


def _markdown(found: Review) -> str:
    out = io.StringIO()
    write("markdown", found, out, Look())
    pipeline = os.environ.get("CI_PIPELINE_URL", "")
    link = f"\n[The pipeline]({pipeline}) has the whole review as an artifact.\n" if re.fullmatch(r"https?://[\w.:/~%-]+", pipeline) else ""
    return out.getvalue() + link


def _target() -> Target:
    project = os.environ.get("CI_MERGE_REQUEST_PROJECT_ID") or _variable("CI_PROJECT_ID")
    request = _variable("CI_MERGE_REQUEST_IID")
    for name, value in (("CI_MERGE_REQUEST_PROJECT_ID", project), ("CI_MERGE_REQUEST_IID", request)):
        if not _NUMBER.fullmatch(value):
            raise UsageError(f"{name} is no number")
    return Target(project, request)


def _variable(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise UsageError(f"{name} is not set: this runs in the pipeline of a merge request")
    return value


def _skipped(reason: str, *, strict: bool) -> int:
    click.echo(reason, err=True)
    return 3 if strict else 0
