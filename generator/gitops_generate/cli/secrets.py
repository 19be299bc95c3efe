"""`gitops-generate secrets`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import orjson

from gitops_generate.cli import secrets_options as options
from gitops_generate.cli import secrets_recipients
from gitops_generate.cli.secrets_said import about_edits, as_json, lines, tell
from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets import give, make, rotate, seal, status
from gitops_generate.secrets.give import Wanted

IDLE = "nothing is missing"


@click.group("secrets", invoke_without_command=True)
@options.repository
@options.keys_dir
@options.several
@options.dry_run
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
@options.several
@click.option("--post-quantum", is_flag=True, help="Make keys of the hybrid kind (age1pq1…).")
@options.write
def make_missing(root: Path, keys_dir: Path | None, environments: tuple[str, ...], post_quantum: bool, dry_run: bool) -> int:
    """Make all keys and secrets that are missing, and touch nothing else."""
    return tell(make.everything(root, keys_dir, environments, hybrid=post_quantum, dry_run=dry_run), dry_run, idle=IDLE)


@command.command("status")
@options.several
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@options.read
def show(root: Path, environments: tuple[str, ...], form: str) -> None:
    """Show what exists, what waits for a person, and who can read it. Needs no key."""
    found = status.status(root, environments)
    if form == "json":
        click.echo(orjson.dumps([as_json(each) for each in found], option=orjson.OPT_INDENT_2))
    for each in found if form == "text" else ():
        click.echo("\n".join(lines(each)))


@command.command("set")
@click.argument("target", metavar="SECRET[/KEY]")
@options.one
@options.write
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
@options.chosen
@click.option("--data-key", is_flag=True, help="Encrypt the same values with new data keys, and change no value.")
@options.write
def renew(root: Path, keys_dir: Path | None, name: str, environments: tuple[str, ...], data_key: bool, dry_run: bool) -> int:
    """Make new values for what is generated, of SECRET or of all, and let the pods that read them restart.

    Without SECRET, one that the catalogue rotates by its name only, such as an authority that others trust, stays.
    """
    return tell(rotate.rotate(root, keys_dir, environments, name, data_key=data_key, dry_run=dry_run), dry_run)


@command.command("seal")
@click.argument("names", metavar="[SECRET|FILE]...", nargs=-1)
@options.chosen
@click.option("--yes", is_flag=True, help="Do not ask whether what was edited was meant.")
@options.write
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


command.add_command(secrets_recipients.command)
