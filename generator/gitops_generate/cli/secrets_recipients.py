"""`gitops-generate secrets recipients`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import click

from gitops_generate.cli import secrets_options as options
from gitops_generate.cli.secrets_said import tell
from gitops_generate.secrets import give, recipients, rules
from gitops_generate.secrets.newcomer import LONGEST, Newcomer


@click.group("recipients")
def command() -> None:
    """Say who can read an environment, and change it."""


@command.command("list")
@options.several
@options.read
def readers(root: Path, environments: tuple[str, ...]) -> None:
    """Show who can read which environment."""
    for each in recipients.listed(root, environments):
        for reader in each.readers:
            click.echo(f"{each.environment}  {reader.name or '(no name)'}  {reader.recipient}")


@command.command("add")
@click.argument("recipient", metavar="[RECIPIENT]", default="")
@click.option("--pgp", metavar="FILE", type=click.File("rb"), help="An armoured OpenPGP public key, instead of RECIPIENT; - is stdin.")
@click.option(
    "--vault-transit", "vault", metavar="URL", default="", help="A key of Vault, as https://HOST/v1/transit/keys/NAME, instead of RECIPIENT."
)
@click.option("--name", metavar="WHO", default="", help="Whose key it is; stands in .sops.yaml.")
@click.option("--cluster", is_flag=True, help="It is the key of the environment's cluster, which is about to get a new one.")
@options.chosen
@options.write
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


@command.command("remove")
@click.argument("who", metavar="RECIPIENT|NAME")
@options.chosen
@options.write
def dismiss(root: Path, keys_dir: Path | None, who: str, environments: tuple[str, ...], dry_run: bool) -> int:
    """Let somebody read environments no more: new data keys, and a list of the values that have to change."""
    return tell(recipients.remove(root, keys_dir, environments, who, dry_run=dry_run), dry_run)
