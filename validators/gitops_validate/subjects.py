"""What rules are asked about: everything of one type, each with the context that it stands in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

from gitops_validate.ask import Keyed
from gitops_validate.config import Config
from gitops_validate.engine import Answer, Question
from gitops_validate.errors import EngineError
from gitops_validate.existing import Existing
from gitops_validate.expressions import Expression, expressions
from gitops_validate.former import Former
from gitops_validate.inspected import creation_rule, encrypted_file, with_mac
from gitops_validate.model.encrypted import CIPHERTEXT, CreationRule, EncryptedFile
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.former import Past, Rewritten
from gitops_validate.model.manifest import Manifest, Repo, YamlFile
from gitops_validate.model.render import Reconciler, Render, Rendered, RenderedObject, Verdict
from gitops_validate.model.waiver import BaselineEntry, WaiverUse
from gitops_validate.parity.fleet import Fleet
from gitops_validate.past import past, rewritten
from gitops_validate.patch import Ask
from gitops_validate.reading import Reading
from gitops_validate.rego import BrokenRego, broken

Context: TypeAlias = Mapping[type, Any]
WRITTEN = (Repo, Manifest, YamlFile, EncryptedFile, Rewritten, Past, WaiverUse, BaselineEntry, BrokenRego)
"""What stands in the checkout, whatever is rendered from it."""
SOPS = ".sops.yaml"
"""The configuration of SOPS."""


@dataclass
class Subjects:
    """The checkout, what was rendered from it, and the encrypted files in it; asked for the latter once, and only if a rule wants them."""

    repo: Repo
    rendered: Sequence[Rendered]
    config: Config
    ask: Ask
    uses: Sequence[WaiverUse] = ()
    unused: Sequence[BaselineEntry] = ()
    """Entries of the baseline that are of no use."""
    fleet: Fleet | None = None
    """All environments, where rules are asked that hold them against each other."""
    identities: bytes = field(default=b"", repr=False)
    """Private keys of age, with which encrypted files are verified; they go to the engine and nowhere else."""
    former: Former | None = None
    """Where the change starts that the checkout is at the end of, if that is known."""
    _indexes: dict[str, Existing] = field(default_factory=dict)

    def of(self, kind: type) -> Iterator[tuple[object, Context]]:
        """Every subject of a type. Raises TypeError if rules cannot be asked about it."""
        context: Context = {Repo: self.repo, Config: self.config, Reading: self._reading}
        if kind in WRITTEN:
            yield from ((subject, context) for subject in self._written(kind))
            return
        if kind is Fleet:
            yield from [(self.fleet, context)] if self.fleet else ()
            return
        for each in self.rendered:
            here = {**context, Rendered: each, Environment: each.environment, Existing: self._existing(each)}
            subjects = self._asked(kind, each, here[Existing]) if kind in (Existing, Expression) else _running(kind, each)
            yield from ((subject, {**here, **around} if around else here) for subject, around in subjects)

    def _written(self, kind: type) -> Iterable[object]:
        found: Mapping[type, Callable[[], Iterable[object]]] = {
            Repo: lambda: [self.repo],
            Manifest: lambda: self.repo.manifests,
            YamlFile: lambda: [file for _, file in sorted(self.repo.files.items())],
            EncryptedFile: lambda: self._encrypted[0],
            Rewritten: lambda: self._rewritten,
            Past: lambda: self._past[0],
            WaiverUse: lambda: self.uses,
            BaselineEntry: lambda: self.unused,
            BrokenRego: lambda: broken(self.repo, self.ask),
        }
        return found[kind]()

    def _asked(self, kind: type, rendered: Rendered, existing: Existing) -> Iterator[tuple[object, dict[type, Any]]]:
        """What is found by looking at an environment as a whole."""
        if kind is Existing:
            yield existing, {}
        else:
            yield from ((expression, {}) for expression in expressions(rendered, self.ask))

    def _existing(self, rendered: Rendered) -> Existing:
        """The index of an environment, shared by all rules that ask it."""
        return self._indexes.setdefault(rendered.environment.name, Existing(self.repo, rendered))

    @property
    def gaps(self) -> list[Incomplete]:
        """The encrypted files that the engine could not look into, and what of the change's history is not known."""
        return [*self._encrypted[1], *self._past[1]]

    @cached_property
    def _reading(self) -> Reading:
        return Reading(self.repo, self.config)

    @cached_property
    def _encrypted(self) -> tuple[list[EncryptedFile], list[Incomplete]]:
        paths = [path for path, file in sorted(self.repo.files.items()) if any(_is_encrypted(manifest) for manifest in file.manifests)]
        answers = self.ask([_inspect(self.repo, path) for path in paths])
        pairs = list(zip(paths, answers, strict=True))
        gaps = [Incomplete("engine", path, str(answer), path) for path, answer in pairs if isinstance(answer, EngineError)]
        rules = self._creation_rules(paths, gaps)
        files = [replace(encrypted_file(path, answer.result), rule=rules.get(path)) for path, answer in pairs if isinstance(answer, Answer)]
        return self._verified(files, gaps), gaps

    def _verified(self, files: list[EncryptedFile], gaps: list[Incomplete]) -> list[EncryptedFile]:
        """The files with what the keys show of them, if there are any keys."""
        if not self.identities:
            return files
        asked = [Question("verify", {"root": str(self.repo.root), "path": file.path}, (self.identities,)) for file in files]
        answers = self.ask([Keyed.of(question, self.repo.digests.get(file.path, "")) for question, file in zip(asked, files, strict=True)])
        gaps += [
            Incomplete("engine", file.path, str(answer), file.path)
            for file, answer in zip(files, answers, strict=True)
            if isinstance(answer, EngineError)
        ]
        return [with_mac(file, answer.result) if isinstance(answer, Answer) else file for file, answer in zip(files, answers, strict=True)]

    @property
    def macs(self) -> tuple[int, int]:
        """How many encrypted files there are, and of how many the MAC was verified."""
        files = self._encrypted[0]
        return len(files), sum(file.mac not in ("", "unknown") for file in files)

    @cached_property
    def _rewritten(self) -> list[Rewritten]:
        now = {file.path: file for file in self._encrypted[0]}
        return list(rewritten(self.former, self.repo, now, self.ask)) if self.former else []

    @cached_property
    def _past(self) -> tuple[list[Past], list[Incomplete]]:
        return past(self.former, self.repo, self.ask) if self.former else ([], [])

    def _creation_rules(self, paths: Sequence[str], gaps: list[Incomplete]) -> dict[str, CreationRule]:
        """What SOPS would encrypt these files by, if the checkout says so at its root, where people run it."""
        if SOPS not in self.repo.digests or not paths:
            return {}
        args = {"root": str(self.repo.root), "config": SOPS, "paths": list(paths)}
        (answer,) = self.ask([Keyed.of(Question("creation-rules", args), self.repo.digests[SOPS])])
        if isinstance(answer, EngineError):
            gaps.append(Incomplete("engine", SOPS, str(answer), SOPS))
            return {}
        return {path: creation_rule(SOPS, said) for path, said in zip(paths, answer.result["rules"], strict=True)}


def _inspect(repo: Repo, path: str) -> Keyed:
    return Keyed.of(Question("inspect", {"root": str(repo.root), "path": path}), repo.digests.get(path, ""))


def _is_encrypted(manifest: Manifest) -> bool:
    """Whether a document has SOPS metadata, or values that SOPS wrote. Only those that may are looked into."""
    if CIPHERTEXT.encode() in manifest.raw:
        return re.search(rb'"ENC\[AES256_GCM,data:', manifest.raw) is not None
    return b'"sops"' in manifest.raw and isinstance(manifest.data, dict) and "sops" in manifest.data


def _running(kind: type, rendered: Rendered) -> Iterator[tuple[object, dict[type, Any]]]:
    if kind is Rendered:
        yield rendered, {}
    elif kind is RenderedObject:
        yield from ((each, {}) for each in rendered.objects)
    elif kind is Verdict:
        yield from ((verdict, {}) for verdict in rendered.verdicts)
    elif kind is Render:
        yield from ((render, {}) for render in rendered.renders)
    elif issubclass(kind, Reconciler):
        for render in rendered.renders:
            if isinstance(render.reconciler, kind):
                yield render.reconciler, {Render: render}
    else:
        raise TypeError(f"no rule can read {kind.__name__}")
