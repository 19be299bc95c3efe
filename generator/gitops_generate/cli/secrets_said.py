"""What `gitops-generate secrets` says."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from gitops_generate.secrets.audience import PGP, VAULT
from gitops_generate.secrets.make import Done, Pending
from gitops_generate.secrets.seal import Edit, Edited
from gitops_generate.secrets.status import Readable, Status
from gitops_validate.report.escape import visible


def tell(done: Done, dry_run: bool = False, *, files: bool = True, idle: str = "nothing to change") -> int:
    """Say what was done, of `files` each or `idle` if it was nothing, and return the exit code: 1 if something could not be done without a private key."""
    if dry_run:
        click.echo(done.differences, nl=False)
    for path in done.files if files and not dry_run else ():
        click.echo(f"wrote {path}", err=True)
    for environment, key in () if dry_run else done.keys.items():
        click.echo(_about_key(environment, key), err=True)
    for line in done.advice:
        click.echo(line, err=True)
    for environment in dict.fromkeys(pending.environment for pending in done.pending):
        for line in _waiting([pending for pending in done.pending if pending.environment == environment]):
            click.echo(f"pending in {environment}: {line}", err=True)
    for pending in done.locked:
        click.echo(
            f"left out in {pending.environment}: {pending.secret}, for files have to be opened for it, and {_absent(pending.environment)}", err=True
        )
    if not (done.files or done.pending or done.locked):
        click.echo(idle, err=True)
    return 1 if done.locked else 0


def _absent(environment: str) -> str:
    return f"the private key of {environment} is not here: see --keys-dir"


def _about_key(environment: str, path: Path) -> str:
    return (
        f"made the private key of {environment} in {path}: keep a copy where neither this machine nor the repository can take it down, and load it into the cluster with "
        f"`kubectl -n flux-system create secret generic sops-age --from-file={path.name}={shlex.quote(str(path))}`"
    )


def _waiting(pending: Sequence[Pending]) -> list[str]:
    """For what secrets wait, and where to get it; those that follow from the same values share a line."""
    lines, followers = [], defaultdict[str, list[str]](list)
    for each in pending:
        if each.own:
            lines.append(f"{each.secret} ({each.purpose}); " + "; ".join(f"{cause.cause.key}: {cause.where}" for cause in each.own))
        else:
            followers[", ".join(str(cause.cause) for cause in each.waits_for)].append(each.secret)
    return lines + [f"{', '.join(names)} follow{'s' if len(names) == 1 else ''} from {causes}" for causes, names in followers.items()]


def about_edits(files: Sequence[Edited]) -> list[str]:
    """What was edited, for people: each field, and nothing that could take a terminal for a ride."""
    lines = []
    for file in files:
        lines.append(f"{file.path}, edited since {file.since}:")
        lines += [visible(f"  {_edit(edit)}") for edit in file.edits] or ["  the order of its fields"]
    return lines


def _edit(edit: Edit) -> str:
    if not edit.before:
        return f"line {edit.line}: {edit.field} is new: {edit.after}"
    return f"line {edit.line}: {edit.field} was {edit.before}, is {edit.after}" if edit.after else f"{edit.field} is gone: it was {edit.before}"


def _key(reader: Readable) -> str:
    """What opens files, with its kind where it does not show."""
    return {PGP: f"PGP key {reader.recipient}", VAULT: f"Vault's key {reader.recipient}"}.get(reader.kind, _short(reader.recipient))


def _short(recipient: str) -> str:
    """A post-quantum recipient has two thousand characters."""
    return recipient if len(recipient) < 80 else f"{recipient[:40]}…"


def as_json(each: Status) -> dict[str, Any]:
    """The state of an environment for programs."""
    waiting = [
        {
            "secret": pending.secret,
            "path": pending.path,
            "purpose": pending.purpose,
            "waits_for": [{"key": str(cause.cause), "where": cause.where} for cause in pending.waits_for],
        }
        for pending in each.pending
    ]
    return {**asdict(each), "pending": waiting}


def lines(each: Status) -> list[str]:
    """The state of an environment for people."""
    lines = [f"{each.environment} (live)" if each.live else each.environment]
    lines += [f"  read by  {reader.name or 'somebody without a name in .sops.yaml'}: {_key(reader)}" for reader in each.readers]
    if not each.readers:
        lines.append("  read by  nobody yet: run `gitops-generate secrets`")
    for secret in each.secrets:
        lacks = f" (lacks {', '.join(secret.absent)})" if secret.absent else ""
        lines.append(f"  exists   {secret.name}{lacks}: {secret.purpose}")
        lines += [f"           {_short(recipient)} can read it or .sops.yaml names it, not both" for recipient in secret.unlisted]
    lines += [f"  missing  {name}: `gitops-generate secrets` makes it" for name in each.absent]
    lines += [f"  pending  {line}" for line in _waiting(each.pending)]
    lines += [f"  orphan   {path}: the catalogue does not ask for it" for path in each.orphans]
    return lines
