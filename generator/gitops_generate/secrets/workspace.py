"""All that one command works on: the repository, its catalogue and rules, private keys, and what is going to be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gitops_generate.errors import WrongAnswer
from gitops_generate.secrets import catalogue, platform, rules, sealing
from gitops_generate.secrets.catalogue import Catalogue
from gitops_generate.secrets.keys import KeyFolder
from gitops_generate.secrets.platform import Platform
from gitops_generate.secrets.rules import Rules
from gitops_generate.secrets.shelf import Shelf
from gitops_generate.secrets.writing import Batch, alone
from gitops_validate.engine import Engine


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
        else:
            recipient, identity = sealing.keygen(self.engine, hybrid=hybrid)
            self._fresh[environment] = identity
            self.new_keys[environment] = self.keys.path(environment)
            self.batch.first(lambda: self.keys.write(environment, recipient, identity))
        self.set_rules(self.rules.add(environment, recipient, rules.CLUSTER))

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
