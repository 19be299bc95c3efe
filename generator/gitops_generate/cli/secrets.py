"""`gitops-generate secrets`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson

from gitops_generate.cli.secrets_said import about_edits, as_json, lines, tell
from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets import give, make, recipients, rotate, rules, seal, status
from gitops_generate.secrets.give import Wanted
from gitops_generate.secrets.newcomer import LONGEST, Newcomer

IDLE = "nothing is missing"
_repository = click.option("--repo", "root", type=click.Path(path_type=Path), help="The repository to work on.  [default: .]")
_keys_dir = click.option("--keys-dir", type=click.Path(path_type=Path), help="Where private keys are; never in a checkout.")
_dry_run = click.option("--dry-run", is_flag=True, help="Show the difference, and write nothing.")
_several = click.option("--env", "environments", metavar="NAME", multiple=True, help="Only this environment; may be repeated.")
_one = click.option("--env", "environment", metavar="NAME", required=True, help="The environment.")
_chosen = click.option("--env", "environments", metavar="NAME", multiple=True, required=True, help="The environment; may be repeated.")


def _read(function: Callable[..., Any]) -> Callable[..., Any]:
    """A command that reads a repository: --repo stands behind its name, or behind `secrets`."""

    @wraps(function)
    @click.pass_context
    def command(context: click.Context, /, root: Path | None, **options: Any) -> Any:
        return function(root or (context.obj or (None, None))[0] or Path(), **options)

    return _repository(command)


def _write(function: Callable[..., Any]) -> Callable[..., Any]:
    """A command that changes a repository: --keys-dir, too, and --dry-run."""

    @wraps(function)
    @click.pass_context
    def command(context: click.Context, /, root: Path, keys_dir: Path | None, **options: Any) -> Any:
        return function(root, keys_dir or (context.obj or (None, None))[1], **options)

    return _read(_keys_dir(_dry_run(command)))


@click.group("secrets", invoke_without_command=True)
@_repository
@_keys_dir
@_several
@_dry_run
@click.pass_context
def command(context: click.Context, root: Path | None, keys_dir: Path | None, environments: tuple[str, ...], dry_run: bool) -> int | None:
    """Make all keys and secrets that are missing; or, with a command, look at them and change them."""
    context.obj = (root, keys_dir)
    if context.invoked_subcommand is None:
        return tell(make.everything(root or Path(), keys_dir, environments, dry_run=dry_run), dry_run, idle=IDLE)
    if environments or dry_run:
        raise click.UsageError(f"--env and --dry-run belong behind {context.invoked_subcommand}")
    return None


@command.command("make")
@_several
@click.option("--post-quantum", is_flag=True, help="Make keys of the hybrid kind (age1pq1…).")
@_write
def make_missing(root: Path, keys_dir: Path | None, environments: tuple[str, ...], post_quantum: bool, dry_run: bool) -> int:
    """Make all keys and secrets that are missing, and touch nothing else."""
    return tell(make.everything(root, keys_dir, environments, hybrid=post_quantum, dry_run=dry_run), dry_run, idle=IDLE)


@command.command("status")
@_several
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_read
def show(root: Path, environments: tuple[str, ...], form: str) -> None:
    """Show what exists, what waits for a person, and who can read it. Needs no key."""
    found = status.status(root, environments)
    if form == "json":
        click.echo(orjson.dumps([as_json(each) for each in found], option=orjson.OPT_INDENT_2))
    for each in found if form == "text" else ():
        click.echo("\n".join(lines(each)))


@command.command("set")
@click.argument("target", metavar="SECRET[/KEY]")
@_one
@_write
def put(root: Path, keys_dir: Path | None, target: str, environment: str, dry_run: bool) -> int:
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


@command.command("rotate")
@click.argument("name", metavar="[SECRET]", default="")
@_chosen
@click.option("--data-key", is_flag=True, help="Encrypt the same values with new data keys, and change no value.")
@_write
def renew(root: Path, keys_dir: Path | None, name: str, environments: tuple[str, ...], data_key: bool, dry_run: bool) -> int:
    """Make new values for what is generated, of SECRET or of all, and let the pods that read them restart.

    Without SECRET, one that the catalogue rotates by its name only, such as an authority that others trust, stays.
    """
    return tell(rotate.rotate(root, keys_dir, environments, name, data_key=data_key, dry_run=dry_run), dry_run)


@command.command("seal")
@click.argument("names", metavar="[SECRET|FILE]...", nargs=-1)
@_chosen
@click.option("--yes", is_flag=True, help="Do not ask whether what was edited was meant.")
@_write
def seal_again(root: Path, keys_dir: Path | None, names: tuple[str, ...], environments: tuple[str, ...], yes: bool, dry_run: bool) -> int:
    """Give files of which you edited labels, annotations or anything else that is in plain text a new MAC.

    Shows every such edit since the last commit in which the MAC fitted, and asks. Encrypted values have to be what they were.
    """

    def agree(found: Sequence[seal.Edited]) -> bool:
        click.echo("\n".join(about_edits(found)), err=True)
        if yes or dry_run:
            return True
        if not sys.stdin.isatty():
            raise Refused("nothing was changed, for nobody is here to ask whether this was meant: say --yes")
        return click.confirm("Was all of this meant?", err=True)

    return tell(seal.seal(root, keys_dir, environments, names, agree, dry_run=dry_run), dry_run, idle="every MAC fits")


@command.group("recipients")
def recipients_group() -> None:
    """Say who can read an environment, and change it."""


@recipients_group.command("list")
@_several
@_read
def readers(root: Path, environments: tuple[str, ...]) -> None:
    """Show who can read which environment."""
    for each in recipients.listed(root, environments):
        for reader in each.readers:
            click.echo(f"{each.environment}  {reader.name or '(no name)'}  {reader.recipient}")


@recipients_group.command("add")
@click.argument("recipient", metavar="[RECIPIENT]", default="")
@click.option("--pgp", metavar="FILE", type=click.File("rb"), help="An armoured OpenPGP public key, instead of RECIPIENT; - is stdin.")
@click.option(
    "--vault-transit", "vault", metavar="URL", default="", help="A key of Vault, as https://HOST/v1/transit/keys/NAME, instead of RECIPIENT."
)
@click.option("--name", metavar="WHO", default="", help="Whose key it is; stands in .sops.yaml.")
@click.option("--cluster", is_flag=True, help="It is the key of the environment's cluster, which is about to get a new one.")
@_chosen
@_write
def admit(root: Path, keys_dir: Path | None, cluster: bool, environments: tuple[str, ...], dry_run: bool, **who: Any) -> int:
    """Let RECIPIENT (age1…, age1pq1…), the holder of a PGP key, or whoever may use a key of Vault, read environments.

    The public key is kept in .sops/pgp. Vault is asked only if .gitops-validate.yaml lists its host, with the token in VAULT_TOKEN or ~/.vault-token.
    """
    newcomer = _newcomer(cluster, **who)
    return tell(recipients.add(root, keys_dir, environments, newcomer, cluster=cluster, dry_run=dry_run), dry_run)


def _newcomer(cluster: bool, recipient: str, pgp: BinaryIO | None, vault: str, name: str) -> Newcomer:
    if sum([bool(recipient), pgp is not None, bool(vault)]) != 1:
        raise click.UsageError("say one of RECIPIENT, --pgp and --vault-transit")
    if cluster and not recipient:
        raise click.UsageError("--cluster takes an age recipient, for these commands open files with the cluster's key, too")
    if name and (cluster or name == rules.CLUSTER or not name.isprintable() or len(name) > LONGEST or name.strip() != name):
        raise click.UsageError("--name takes a name on one line, and --cluster needs none")
    return Newcomer(recipient, pgp.read(give.LARGEST + 1) if pgp else None, vault, name)


@recipients_group.command("remove")
@click.argument("who", metavar="RECIPIENT|NAME")
@_chosen
@_write
def dismiss(root: Path, keys_dir: Path | None, who: str, environments: tuple[str, ...], dry_run: bool) -> int:
    """Let somebody read environments no more: new data keys, and a list of the values that have to change."""
    return tell(recipients.remove(root, keys_dir, environments, who, dry_run=dry_run), dry_run)
