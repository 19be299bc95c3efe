"""The secrets of one environment: those that are in the repository, and what is about to be put there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from gitops_generate.errors import Refused
from gitops_generate.secrets import kustomization, manifest, rewrapping, sealing
from gitops_generate.secrets.audience import AGE, PGP, VAULT, Audience
from gitops_generate.secrets.catalogue import Catalogue, Secret, Workload, folder
from gitops_generate.secrets.documents import content, follows_no_link, parse
from gitops_generate.secrets.recipes import Ref
from gitops_generate.secrets.sealing import Sealed
from gitops_generate.secrets.writing import Batch
from gitops_validate.engine import Engine

PLACES = ("platform/*/*/overlays/{}/secrets", "workloads/*/overlays/{}/secrets")


class Shelf:
    """Reads the files of an environment, and puts new ones into a batch."""

    def __init__(self, root: Path, environment: str, catalogue: Catalogue, engine: Engine, identities: bytes | None, source: str) -> None:
        """`identities`: the private keys at hand, which `source` names."""
        self.environment, self.catalogue = environment, catalogue
        self._root, self._engine = root, engine
        self._identities, self._source = identities, source
        self._open: dict[str, sealing.Secret] = {}

    @cached_property
    def files(self) -> dict[str, Sealed]:
        """All encrypted files of the environment by path, of the catalogue or not. Raises Refused."""
        found: dict[str, bytes] = {}
        for path in self._listed():
            body = content(self._root, path)
            if body is not None:
                found[path] = body
        return sealing.inspect(self._engine, found)

    def _listed(self) -> list[str]:
        paths: list[str] = []
        for place in self.folders():
            paths += [f"{place}/{file.name}" for file in (self._root / place).iterdir() if is_secret(file.name)]
        return sorted(paths)

    def folders(self) -> list[str]:
        """The folders for secrets that are there. Raises Refused for one behind a link."""
        found = [str(path.relative_to(self._root)) for place in PLACES for path in self._root.glob(place.format(self.environment)) if path.is_dir()]
        for path in found:
            follows_no_link(self._root, path)
        return sorted(found)

    def sealed(self, secret: Secret) -> Sealed | None:
        """The file of a secret, if there is one."""
        return self.files.get(secret.path(self.environment))

    @cached_property
    def present(self) -> set[Ref]:
        """The values of the catalogue that are in files."""
        found = [(secret, self.sealed(secret)) for secret in self.catalogue.of(self.environment)]
        return {ref for secret, file in found if file for ref in secret.refs() if ref.key in file.keys}

    @cached_property
    def outdated(self) -> set[str]:
        """Secrets whose file lacks a label or an annotation that the catalogue has by now. Raises Refused."""
        found = {secret.name: self.sealed(secret) for secret in self.catalogue.of(self.environment) if secret.labels or secret.annotations}
        return {
            name
            for name, file in found.items()
            if file and manifest.lacks(self.catalogue.secrets[name], parse(file.path, file.body, self._engine).data)
        }

    @cached_property
    def kept(self) -> set[Ref]:
        """Values that a person set though they could be generated. Raises Refused."""
        found = {secret.name: self.sealed(secret) for secret in self.catalogue.of(self.environment)}
        written = {name: parse(file.path, file.body, self._engine).data for name, file in found.items() if file}
        return {Ref(name, key) for name, data in written.items() for key in manifest.given_keys(data)}

    @property
    def readable(self) -> bool:
        """Whether a private key is at hand."""
        return self._identities is not None

    @property
    def identities(self) -> bytes:
        """The private keys at hand. Raises Refused."""
        if self._identities is None:
            raise Refused(f"the private key of {self.environment} is not here ({self._source}), and files have to be opened for this: see --keys-dir")
        return self._identities

    @property
    def source(self) -> str:
        """Where the private keys are, or should be."""
        return self._source

    def open(self, names: Iterable[str]) -> None:
        """Decrypt the files of these secrets, all at once. Raises Refused."""
        files = [self.sealed(self.catalogue.secrets[name]) for name in sorted(set(names))]
        closed = [file for file in files if file and file.path not in self._open]
        if closed:
            self._open |= sealing.decrypt(self._engine, closed, self.identities, self._source)

    def value(self, ref: Ref) -> str:
        """The value that a key has in its file. Raises Refused."""
        self.open([ref.secret])
        path = self.catalogue.secrets[ref.secret].path(self.environment)
        found = sealing.values(self._open[path], path) if path in self._open else {}
        if ref.key not in found:
            raise Refused(f"{ref} is not there yet in {self.environment}: run `gitops-generate secrets` first")
        return found[ref.key]

    def seal(self, changed: Mapping[Ref, str], audience: Audience, batch: Batch, also: Iterable[str] = (), given: Collection[Ref] = ()) -> list[str]:
        """Encrypt the secrets whose values change, `also` others whose metadata do, and say their names. Raises Refused.

        given: those of the values that a person set though they could be generated.
        """
        names = list(dict.fromkeys([*(ref.secret for ref in changed), *sorted(also)]))
        self.open(names)
        homes = {self.catalogue.secrets[name].path(self.environment): self.catalogue.secrets[name] for name in names}
        for path in homes:
            _known_keys(self.files.get(path))
        plain = {path: manifest.filled(secret, self._open.get(path), changed, given) for path, secret in homes.items()}
        for path, body in sealing.encrypt(self._engine, plain, audience).items():
            batch.put(path, body)
        return names

    def rotate(self, files: Sequence[Sealed], audience: Audience, batch: Batch) -> None:
        """Give files new data keys. Raises Refused."""
        self._rewrap(rewrapping.rotate, files, audience, batch)

    def share(self, files: Sequence[Sealed], audience: Audience, batch: Batch) -> None:
        """Encrypt the data keys of files to others. Raises Refused."""
        self._rewrap(rewrapping.share, files, audience, batch)

    def _rewrap(self, how: Callable[..., Mapping[str, bytes]], files: Sequence[Sealed], audience: Audience, batch: Batch) -> None:
        for file in files:
            _known_keys(file)
        if files:
            for path, body in how(self._engine, files, self.identities, audience, self._source).items():
                batch.put(path, body)

    def list_secrets(self, batch: Batch, restarts: Collection[Workload] = (), time: str = "") -> None:
        """Let each kustomization name the secrets beside it, and tell workloads to restart. Raises Refused."""
        new = {path.rpartition("/")[0] for path in batch.paths if path.endswith(".sops.yaml") and f"/overlays/{self.environment}/" in path}
        homes: dict[str, list[Workload]] = {place: [] for place in sorted({*self.folders(), *new})}
        for workload in restarts:
            homes.setdefault(folder(workload.component, workload.stage, self.environment), []).append(workload)
        coming = {*self._listed(), *batch.paths}
        for place, workloads in homes.items():
            if not (self._root / place).parent.is_dir():
                raise Refused(f"{place.rpartition('/')[0]} is not there, but a secret of the catalogue names it: its component or stage is wrong")
            beside = sorted(path.rpartition("/")[2] for path in coming if path.rpartition("/")[0] == place and is_secret(path.rpartition("/")[2]))
            path = f"{place}/{kustomization.NAME}"
            batch.put(path, kustomization.updated(path, batch.read(path), beside, workloads, time, self._engine))


def _known_keys(file: Sealed | None) -> None:
    """Raises Refused for a file that is encrypted to keys of another kind, which would be lost when it is written again."""
    for kind, recipient in file.recipients if file else ():
        if kind not in (AGE, PGP, VAULT):
            raise Refused(
                f"{file.path if file else ''} is encrypted to {kind} {recipient[:80]}, too, which is not offered here: use sops for this file"
            )


def is_secret(name: str) -> bool:
    """Whether a file of that name is an encrypted one."""
    return name.endswith(".sops.yaml") and not name.startswith(".")
