"""`gitops-generate new`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gitops_generate import conflicts, new
from gitops_generate.answers import from_pairs, own, read
from gitops_generate.cli import options
from gitops_generate.secrets import make
from gitops_generate.source import ADDRESS
from gitops_validate.cli.entry import run as validate


@click.command("new")
@click.argument("destination", type=click.Path(path_type=Path))
@click.option("--defaults", is_flag=True, help="Ask nothing: what is not answered is as the template would have it.")
@click.option(
    "--answers", "file", type=click.Path(path_type=Path), help="Answers from a YAML file, such as another repository's .copier-answers.yml."
)
@click.option("-d", "--data", "pairs", metavar="QUESTION=ANSWER", multiple=True, help="One answer; components also takes all and minimal.")
@click.option("--template", "address", default=ADDRESS, metavar="URL", show_default="the installed one", help="A mirror of the template.")
@click.option("--no-secrets", is_flag=True, help="Make no keys and no secrets yet.")
@options.keys_dir
@click.option("--no-check", is_flag=True, help="Do not say what the cluster would say of it.")
@click.option("--offline", is_flag=True, help="Look for charts in the cache only.")
def command(destination: Path, defaults: bool, file: Path | None, pairs: tuple[str, ...], keys_dir: Path | None, **how: Any) -> int:
    """Generate a repository in DESTINATION, with keys and secrets for each environment."""
    given = {**(own(read(file)) if file else {}), **from_pairs(pairs)}
    destination = destination.absolute()
    made = make.Done()

    def secrets(folder: Path) -> None:
        nonlocal made
        made = make.everything(folder, keys_dir)

    steps = () if how["no_secrets"] else (secrets,)
    final = new.create(destination, given, ask=not defaults, steps=steps, address=how["address"])
    code = 0 if how["no_check"] else validate(["check", str(destination), *(["--offline"] if how["offline"] else [])])
    _tell(destination, final, made)
    return int(code)


def _tell(destination: Path, final: dict[str, Any], made: make.Done) -> None:
    names = ", ".join(str(environment["name"]) for environment in final["environments"])
    click.echo(f"\n{destination} holds {final['platform']} for {names}.", err=True)
    for environment, key in made.keys.items():
        click.echo(f"     private key of {environment}: {key}", err=True)
    waiting = sorted({pending.secret for pending in made.pending if pending.own})
    if made.keys:
        click.echo("  1. back up the private keys where only their keepers can read them: nothing else opens the secrets", err=True)
    else:
        click.echo("  1. gitops-generate secrets makes the keys and all secrets that nobody has to give, encrypted for each environment", err=True)
    click.echo(f"  2. push it to {final['git_url']}/{final['git_project']}", err=True)
    click.echo("  3. bring the first environment up: docs/bootstrap.md", err=True)
    if unreal := conflicts.examples(final):
        said = f"gitops-generate change environment {unreal[0]} --addresses FIRST-LAST"
        click.echo(f"Only examples yet: the addresses of {', '.join(unreal)}; `{said}` says your own.", err=True)
    if waiting:
        click.echo(f"Waiting for a person: {', '.join(waiting)}; `gitops-generate secrets status` says where to get them.", err=True)
