"""`gitops-generate secrets`: the commands, and what they say."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import orjson

from gitops_generate.errors import WrongAnswer
from gitops_generate.secrets import give, make, recipients, rotate, rules, status
from gitops_generate.secrets.give import Wanted
from gitops_generate.secrets.make import Done, Pending

repository = click.option("--repo", "root", type=click.Path(path_type=Path), default=".", show_default=True, help="The repository to work on.")
keys = click.option("--keys-dir", type=click.Path(path_type=Path), help="Where private keys are; never in a checkout.")
dry = click.option("--dry-run", is_flag=True, help="Show the difference, and write nothing.")
several = click.option("--env", "environments", metavar="NAME", multiple=True, help="An environment; all without (repeatable).")


@click.group("secrets", invoke_without_command=True)
@click.pass_context
def secrets(context: click.Context) -> int | None:
    """Make, set, rotate and show secrets, and say who can read them. Alone: make."""
    return context.invoke(make_command) if context.invoked_subcommand is None else None


@secrets.command("make")
@several
@click.option("--post-quantum", is_flag=True, help="Make keys of the hybrid kind (age1pq1…).")
@repository
@keys
@dry
def make_command(
    environments: tuple[str, ...] = (), post_quantum: bool = False, root: Path = Path(), keys_dir: Path | None = None, dry_run: bool = False
) -> int:
    """Make keys, rules and secrets that are missing, and touch nothing else."""
    done = make.everything(root, keys_dir, environments, kind="hybrid" if post_quantum else "x25519", dry_run=dry_run)
    return tell(done, dry_run)


def tell(done: Done, dry_run: bool) -> int:
    """Say what was done, and return the exit code: 1 if something could not be done without a private key."""
    if dry_run:
        click.echo(done.differences, nl=False)
    for path in () if dry_run else done.files:
        click.echo(f"wrote {path}", err=True)
    for environment, key in () if dry_run else done.keys.items():
        click.echo(_about_key(environment, key), err=True)
    for line in done.advice:
        click.echo(line, err=True)
    for pending in done.pending:
        click.echo(f"pending in {pending.environment}: {_waiting(pending)}", err=True)
    for pending in done.locked:
        click.echo(f"left out in {pending.environment}: {pending.secret} cannot be completed without the environment's private key", err=True)
    if not (done.files or done.pending or done.locked):
        click.echo("nothing to change", err=True)
    return 1 if done.locked else 0


def _about_key(environment: str, path: Path) -> str:
    return (
        f"made the private key of {environment} in {path}: keep a copy where neither this machine nor the repository can take it down, and load it into the cluster with "
        f"`kubectl -n flux-system create secret generic sops-age --from-file={path.name}={shlex.quote(str(path))}`"
    )


def _waiting(pending: Pending) -> str:
    """For what a secret waits, and where to get it."""
    own = [cause for cause in pending.waits_for if cause.cause.secret == pending.secret and cause.where]
    if own:
        return f"{pending.secret} ({pending.purpose}); " + "; ".join(f"{cause.cause.key}: {cause.where}" for cause in own)
    return f"{pending.secret} follows from {', '.join(str(cause.cause) for cause in pending.waits_for)}"


@secrets.command("status")
@several
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@repository
def status_command(environments: tuple[str, ...], form: str, root: Path) -> None:
    """Show which secrets exist, which wait for a person, and who can read them. Needs no key."""
    found = status.status(root, environments)
    if form == "json":
        click.echo(orjson.dumps({"version": 1, "environments": [_as_json(each) for each in found]}, option=orjson.OPT_INDENT_2))
        return
    for each in found:
        click.echo("\n".join(_lines(each)))


def _as_json(each: status.Status) -> dict[str, Any]:
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


def _lines(each: status.Status) -> list[str]:
    lines = [each.environment]
    lines += [f"  read by   {reader.name or 'somebody without a name in .sops.yaml'}: {reader.recipient}" for reader in each.readers]
    if not each.readers:
        lines.append("  read by   nobody yet: run `gitops-generate secrets`")
    for secret in each.secrets:
        lacks = f" (lacks {', '.join(secret.absent)})" if secret.absent else ""
        lines.append(f"  exists    {secret.name}{lacks}: {secret.purpose}")
        lines += [f"            {recipient} can read it or .sops.yaml names it, not both" for recipient in secret.unlisted]
    lines += [f"  missing   {name}: `gitops-generate secrets` makes it" for name in each.absent]
    lines += [f"  pending   {_waiting(pending)}" for pending in each.pending]
    lines += [f"  orphaned  {path}: the catalogue does not ask for it" for path in each.orphans]
    return lines


one = click.option("--env", "environment", metavar="NAME", required=True, help="The environment.")
chosen = click.option("--env", "environments", metavar="NAME", multiple=True, required=True, help="An environment (repeatable).")


@secrets.command("set")
@click.argument("target", metavar="SECRET[/KEY]")
@one
@repository
@keys
@dry
def set_command(target: str, environment: str, root: Path, keys_dir: Path | None, dry_run: bool) -> int:
    """Set what a person gives: from a hidden prompt, or from stdin.

    Stdin holds the value as it is, without the newline that ends a single line. For several keys at once it is a JSON object with a text for each.
    """
    return tell(give.give(root, keys_dir, environment, target, _ask, dry_run=dry_run), dry_run)


def _ask(wanted: Sequence[Wanted]) -> Mapping[str, str]:
    if not sys.stdin.isatty():
        return _from_stdin([each.key for each in wanted])
    answers = {}
    for each in wanted:
        if each.where:
            click.echo(f"{each.key}: {each.where}", err=True)
        answers[each.key] = click.prompt(each.key, hide_input=True, err=True)
    return answers


def _from_stdin(names: list[str]) -> Mapping[str, str]:
    body = sys.stdin.buffer.read(4 * give.LARGEST)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise WrongAnswer("what stdin holds is no text in UTF-8") from None
    if len(names) == 1:
        return {names[0]: text[:-1] if text.count("\n") == 1 and text.endswith("\n") else text}
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or sorted(found) != sorted(names) or not all(isinstance(value, str) for value in found.values()):
        raise WrongAnswer(f"stdin must be a JSON object with a text for each of {', '.join(names)}")
    return found


@secrets.command("rotate")
@click.argument("name", metavar="[SECRET]", default="")
@chosen
@click.option("--data-key", is_flag=True, help="Encrypt the same values with new data keys, and change no value.")
@repository
@keys
@dry
def rotate_command(name: str, environments: tuple[str, ...], data_key: bool, root: Path, keys_dir: Path | None, dry_run: bool) -> int:
    """Make new values for what is generated, of SECRET or of all, and let the pods that read them restart."""
    return tell(rotate.rotate(root, keys_dir, environments, name, data_key=data_key, dry_run=dry_run), dry_run)


@secrets.group("recipients")
def recipients_group() -> None:
    """Say who can read an environment, and change it."""


@recipients_group.command("list")
@several
@repository
def list_command(environments: tuple[str, ...], root: Path) -> None:
    """Show who can read which environment."""
    for each in recipients.listed(root, environments):
        for reader in each.readers:
            click.echo(f"{each.environment}  {reader.name or '(no name)'}  {reader.recipient}")


@recipients_group.command("add")
@click.argument("recipient")
@click.option("--name", metavar="WHO", default="", help="Whose key it is; stands in .sops.yaml.")
@click.option("--cluster", is_flag=True, help="It is the key of the environment's cluster, which is about to get a new one.")
@chosen
@repository
@keys
@dry
def add_command(recipient: str, name: str, cluster: bool, environments: tuple[str, ...], root: Path, keys_dir: Path | None, dry_run: bool) -> int:
    """Let RECIPIENT (age1…, age1pq1…) read environments."""
    if name and (cluster or not name.isprintable() or len(name) > 100 or name.strip() != name):
        raise click.UsageError("--name takes a name on one line, and --cluster needs none")
    comment = rules.CLUSTER if cluster else f"person: {name}" if name else "person"
    return tell(recipients.add(root, keys_dir, environments, recipient, comment, dry_run=dry_run), dry_run)


@recipients_group.command("remove")
@click.argument("who", metavar="RECIPIENT|NAME")
@chosen
@repository
@keys
@dry
def remove_command(who: str, environments: tuple[str, ...], root: Path, keys_dir: Path | None, dry_run: bool) -> int:
    """Let somebody read environments no more: new data keys, and a list of the values that have to change."""
    return tell(recipients.remove(root, keys_dir, environments, who, dry_run=dry_run), dry_run)
