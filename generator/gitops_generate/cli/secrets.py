"""`gitops-generate secrets`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import orjson

from gitops_generate.cli import options
from gitops_generate.errors import WrongAnswer
from gitops_generate.secrets import change, make, status, wanted

_environment = click.option("--env", "environment", required=True, metavar="NAME", help="The environment.")


@click.group("secrets", invoke_without_command=True)
@options.repository
@options.keys_dir
@click.pass_context
def command(context: click.Context, repository: Path, keys_dir: Path | None) -> None:
    """Make all keys and secrets that are missing; or, with a command, look at them and change them."""
    context.obj = (repository, keys_dir)
    if context.invoked_subcommand is None:
        _make(repository, keys_dir, ())


@command.command("make")
@click.option("--env", "environments", multiple=True, metavar="NAME", help="Only this environment; may be repeated.")
@click.pass_obj
def make_missing(where: tuple[Path, Path | None], environments: tuple[str, ...]) -> None:
    """Make all keys and secrets that are missing, and touch nothing else."""
    _make(*where, environments)


@command.command("status")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def show(where: tuple[Path, Path | None], form: str) -> None:
    """Show what exists, what waits for a person, and who can read it."""
    standings = status.status(where[0])
    if form == "json":
        click.echo(orjson.dumps([_values(one) for one in standings], option=orjson.OPT_INDENT_2))
        return
    for one in standings:
        _show(one)


@command.command("set")
@click.argument("secret")
@_environment
@click.pass_obj
def put(where: tuple[Path, Path | None], secret: str, environment: str) -> None:
    """Set SECRET, or one value of it as SECRET/KEY; the value comes from a prompt, or from standard input where that is no terminal."""
    name, _, key = secret.partition("/")
    found = wanted.catalogue(where[0]).get(name)
    if found is None:
        raise WrongAnswer(f"there is no secret {name} in {wanted.FILE}")
    keys = [key] if key else list(found.given)
    if not keys:
        raise WrongAnswer(f"nobody has to give {name}: to replace a value nevertheless, name it as {name}/KEY")
    _tell(change.put(where[0], environment, name, _ask(name, keys), where[1]))


@command.command("rotate")
@click.argument("secrets", nargs=-1)
@_environment
@click.pass_obj
def rotate(where: tuple[Path, Path | None], secrets: tuple[str, ...], environment: str) -> None:
    """Give SECRETS new values (all that are generated, if none is named), and let the pods that read them restart."""
    _tell(change.rotate(where[0], environment, list(secrets), where[1]))


@command.group("recipients")
def recipients() -> None:
    """Say who can read an environment's secrets."""


@recipients.command("list")
@click.pass_obj
def readers(where: tuple[Path, Path | None]) -> None:
    """List who can read which environment."""
    for one in status.status(where[0]):
        for recipient, who in one.readers.items():
            click.echo(f"{one.environment}  {recipient}  {who}".rstrip())


@recipients.command("add")
@click.argument("recipient")
@click.option("--name", "who", default="", help="Who it is; kept as a comment.")
@_environment
@click.pass_obj
def admit(where: tuple[Path, Path | None], recipient: str, who: str, environment: str) -> None:
    """Let RECIPIENT (age1…) read an environment."""
    _tell(change.admit(where[0], environment, recipient, " ".join(who.split())[:80], where[1]))


@recipients.command("remove")
@click.argument("recipient")
@_environment
@click.pass_obj
def dismiss(where: tuple[Path, Path | None], recipient: str, environment: str) -> None:
    """Let RECIPIENT no longer read an environment, and list what has to change because it was read."""
    done = change.dismiss(where[0], environment, recipient, where[1])
    _tell(done)
    if done.exposed:
        click.echo("what was read stays known; rotate, or set anew where a person gives it:", err=True)
    for one in done.exposed:
        click.echo(f"  gitops-generate secrets {'set' if one.given else 'rotate'} {one.name} --env {environment}", err=True)


def _make(repository: Path, keys_dir: Path | None, environments: tuple[str, ...]) -> None:
    done = make.everything(repository, keys_dir, environments)
    _files(done.written)
    for environment, path in done.keys:
        click.echo(f"new key of {environment}: {path}", err=True)
        click.echo("  back it up where only its keepers can read it: without it nobody can read these secrets again", err=True)
        click.echo(f"  into the cluster: kubectl -n flux-system create secret generic sops-age --from-file={environment}.agekey={path}", err=True)
    if not done.written and not done.keys:
        click.echo("nothing is missing" + (" that could be made" if done.pending else ""), err=True)
    if done.pending:
        click.echo("waiting for a person (gitops-generate secrets status says where to get them):", err=True)
    for environment, one in done.pending:
        click.echo(f"  gitops-generate secrets set {one.name} --env {environment}", err=True)


def _ask(name: str, keys: list[str]) -> dict[str, str]:
    if sys.stdin.isatty():
        return {key: click.prompt(f"{name}/{key}", hide_input=True, err=True) for key in keys}
    if len(keys) > 1:
        raise WrongAnswer(f"{name} takes {len(keys)} values: run this on a terminal, or give them one by one as {name}/KEY")
    value = sys.stdin.read(1 << 20).removesuffix("\n")
    if not value:
        raise WrongAnswer("standard input is empty: the value is read from there")
    return {keys[0]: value}


def _tell(done: change.Changed) -> None:
    _files(done.written)
    if not done.written:
        click.echo("nothing to change", err=True)


def _files(paths: list[Path]) -> None:
    for path in paths:
        click.echo(str(path), err=True)


def _show(one: status.Standing) -> None:
    missing = len(one.makeable) + len(one.pending)
    click.echo(f"{one.environment}{' (live)' if one.live else ''}: {len(one.there)} there, {missing} missing")
    for recipient, who in one.readers.items():
        click.echo(f"  read by  {recipient[:24]}…  {who}".rstrip())
    for wanting in one.makeable:
        click.echo(f"  missing  {wanting.name}: gitops-generate secrets makes it")
    for waiting in one.pending:
        click.echo(f"  pending  {waiting.name}: {waiting.purpose}")
        for key, source in waiting.given.items():
            click.echo(f"             {key} from {source}")
    for path in one.orphans:
        click.echo(f"  orphan   {path}: the catalogue does not name it")


def _values(one: status.Standing) -> dict[str, Any]:
    return {
        "environment": one.environment,
        "live": one.live,
        "recipients": [{"recipient": recipient, "who": who} for recipient, who in one.readers.items()],
        "there": [wanting.name for wanting in one.there],
        "missing": [wanting.name for wanting in one.makeable],
        "pending": [{"name": waiting.name, "keys": waiting.given} for waiting in one.pending],
        "orphans": [str(path) for path in one.orphans],
    }
