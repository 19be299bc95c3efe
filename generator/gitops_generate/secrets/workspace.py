"""All that one command works on: the repository, its catalogue and rules, private keys, and what is going to be written."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets import catalogue, platform, public_keys, rules, sealing
from gitops_generate.secrets.audience import AGE, PGP, Audience, Recipient
from gitops_generate.secrets.catalogue import Catalogue
from gitops_generate.secrets.keys import KeyFolder
from gitops_generate.secrets.platform import Platform
from gitops_generate.secrets.readers import Reader
from gitops_generate.secrets.rules import Rules
from gitops_generate.secrets.shelf import Shelf
from gitops_generate.secrets.vault import Vault
from gitops_generate.secrets.writing import Batch, alone
from gitops_validate.engine import Engine
from gitops_validate.errors import UsageError
from gitops_validate.revisions import trust


@dataclass
class Workspace:
    """A repository that a command works on. `rules` is as it will be."""

    root: Path
    engine: Engine
    platform: Platform
    catalogue: Catalogue
    rules: Rules
    keys: KeyFolder
    batch: Batch
    new_keys: dict[str, Path] = field(default_factory=dict)
    """Private keys that are made now, by environment."""
    notes: list[str] = field(default_factory=list)
    """What a person should know besides."""
    _fresh: dict[str, bytes] = field(default_factory=dict)

    def shelf(self, environment: str) -> Shelf:
        """The secrets of an environment, with its private key if that is at hand."""
        identities = self._fresh.get(environment) or self.keys.read(environment)
        return Shelf(self.root, environment, self.catalogue, self.engine, identities, str(self.keys.path(environment)))

    def need_cluster_key(self, environment: str, *, hybrid: bool = False) -> None:
        """See to it that the environment's cluster has a key: the one in the rules, the one on this machine, or a new one. Raises Refused."""
        if any(reader.cluster for reader in self.rules.readers(environment)):
            return
        identities = self.keys.read(environment)
        if identities is not None:
            recipient = sealing.recipients_of(self.engine, identities, str(self.keys.path(environment)))[0]
            self.notes.append(f"took the private key that is in {self.keys.path(environment)} for {environment}")
        else:
            recipient, identity = sealing.keygen(self.engine, hybrid=hybrid)
            self._fresh[environment] = identity
            self.new_keys[environment] = self.keys.path(environment)
            self.batch.first(lambda: self.keys.write(environment, recipient, identity))
        self.set_rules(self.rules.add(environment, Recipient(AGE, recipient), rules.CLUSTER))

    def audience(self, environment: str) -> Audience:
        """Whom the environment's files are encrypted to. Raises Refused where the public key of one of them is not in the repository."""
        readers = self.rules.readers(environment)
        keys = {reader.recipient: self._public_key(reader) for reader in readers if reader.kind == PGP}
        return Audience(tuple(reader.key for reader in readers), keys, self.vault.encrypt)

    def _public_key(self, reader: Reader) -> str:
        path = public_keys.path(reader.recipient)
        body = self.batch.read(path)
        if body is None:
            raise Refused(
                f"{rules.FILE}:{reader.line + 1}: there is no {path}, and no keyring is asked for it:"
                " give the public key with `gitops-generate secrets recipients add --pgp FILE`"
            )
        return body.decode("ascii", "replace")

    @cached_property
    def vault(self) -> Vault:
        """Vault, where the configuration names its host: in a merge request that of the commit it starts from, as everywhere."""

        def hosts() -> Collection[str]:
            try:
                return trust.configuration(self.root, self.engine, trust.base_commit(self.root)).hosts
            except UsageError as fault:
                raise Refused(str(fault)) from None

        return Vault(hosts)

    def set_rules(self, changed: Rules) -> None:
        """Let `.sops.yaml` say this."""
        self.rules = changed
        self.batch.put(rules.FILE, changed.text.encode())


@contextmanager
def opened(root: Path, keys_dir: Path | None, *, writes: bool = True) -> Iterator[Workspace]:
    """Open a repository for one command; `writes` keeps a second one out. Raises Refused and WrongAnswer."""
    if not root.is_dir():
        raise WrongAnswer(f"{root} is not a folder: --repo must be the root of a generated repository")
    root = root.resolve()
    with Engine([]) as engine:
        if not writes:
            yield _workspace(root, keys_dir, engine)
            return
        with alone(root):
            yield _workspace(root, keys_dir, engine)


def _workspace(root: Path, keys_dir: Path | None, engine: Engine) -> Workspace:
    known = platform.load(root, engine)
    return Workspace(
        root,
        engine,
        known,
        catalogue.load(root, engine),
        rules.load(root, engine),
        KeyFolder(known.name, root, keys_dir),
        Batch(root),
    )
