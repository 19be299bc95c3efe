"""What rules are asked about: everything of one type, each with the context that it stands in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from gitops_validate.building.expressions import Expression, expressions
from gitops_validate.building.reading import Reading
from gitops_validate.config import Config
from gitops_validate.engine import Answer, Question
from gitops_validate.errors import EngineError
from gitops_validate.existing import Existing
from gitops_validate.judging.moving import Moving, moving
from gitops_validate.judging.rego import BrokenRego, broken
from gitops_validate.keeping.ask import Keyed
from gitops_validate.model.encrypted import CreationRule, EncryptedFile, EncryptedFiles
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.former import Past, Rewritten
from gitops_validate.model.manifest import FileProblem, Manifest, Repo, YamlFile
from gitops_validate.model.record import Veiled
from gitops_validate.model.render import Reconciler, Render, Rendered, RenderedObject, Verdict
from gitops_validate.model.waiver import BaselineEntry, WaiverUse
from gitops_validate.parity.fleet import Fleet
from gitops_validate.pipeline import InvalidPipeline, invalid
from gitops_validate.placing.kustomization import is_kustomization
from gitops_validate.placing.patch import Ask
from gitops_validate.revisions.former import Former
from gitops_validate.revisions.past import past, rewritten
from gitops_validate.secrets.inspected import creation_rule, enclosed, encrypted_file, verdict_on, with_mac
from gitops_validate.secrets.sealed import KEPT, NAMED, blank, configuration, sealed, sibling

Context: TypeAlias = Mapping[type, Any]
WRITTEN = (Repo, Manifest, YamlFile, EncryptedFile, Rewritten, Past, WaiverUse, BaselineEntry, BrokenRego, InvalidPipeline)
"""What stands in the checkout, whatever is rendered from it."""


class Subjects(Veiled, Struct, dict=True):
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
    identities: bytes = b""
    """Private keys of age, with which encrypted files are verified; they go to the engine and nowhere else."""
    former: Former | None = None
    """Where the change starts that the checkout is at the end of, if that is known."""
    missed: list[Incomplete] = field(default_factory=list)
    """What could not be asked of environments."""
    _indexes: dict[str, Existing] = field(default_factory=dict)
    _found: dict[type, list[tuple[object, Context]]] = field(default_factory=dict)

    def of(self, kind: type) -> Sequence[tuple[object, Context]]:
        """Every subject of a type; most types are what several rules are asked about. Raises TypeError if rules cannot be asked about it."""
        if kind not in self._found:
            self._found[kind] = list(self._of(kind))
        return self._found[kind]

    def _of(self, kind: type) -> Iterator[tuple[object, Context]]:
        context: Context = {Repo: self.repo, Config: self.config, Reading: self._reading}
        if kind in WRITTEN:
            here = {**context, EncryptedFiles: EncryptedFiles(lambda: self._encrypted[0])}
            yield from ((subject, here) for subject in self._written(kind))
            return
        if kind is Fleet:
            yield from [(self.fleet, context)] if self.fleet else ()
            return
        for each in self.rendered:
            here = {**context, Rendered: each, Environment: each.environment, Existing: self._existing(each)}
            subjects = self._asked(kind, each, here[Existing]) if kind in (Existing, Expression, Moving) else _running(kind, each)
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
            InvalidPipeline: lambda: self._pipelines[0],
        }
        return found[kind]()

    def _asked(self, kind: type, rendered: Rendered, existing: Existing) -> Iterator[tuple[object, dict[type, Any]]]:
        """What is found by looking at an environment as a whole."""
        if kind is Existing:
            yield existing, {}
        elif kind is Moving:
            found, missed = moving(existing, self.ask)
            self.missed += missed
            yield from ((each, {}) for each in found)
        else:
            yield from ((expression, {}) for expression in expressions(rendered, self.ask))

    def _existing(self, rendered: Rendered) -> Existing:
        """The index of an environment, shared by all rules that ask it."""
        return self._indexes.setdefault(rendered.environment.name, Existing(self.repo, rendered))

    @property
    def gaps(self) -> list[Incomplete]:
        """The encrypted files and the pipelines that the engine could not look into, and what of the change's history is not known."""
        return [*self._encrypted[1], *self._past[1], *self._pipelines[1]]

    @cached_property
    def _reading(self) -> Reading:
        return Reading(self.repo, self.config)

    @cached_property
    def _encrypted(self) -> tuple[list[EncryptedFile], list[Incomplete]]:
        gaps: list[Incomplete] = []
        paths = sealed(self.repo)
        answers = self.ask([_inspect(self.repo, path, form) for path, form in paths.items()])
        pairs = list(zip(paths, answers, strict=True))
        gaps += [Incomplete("engine", path, str(answer), path) for path, answer in pairs if isinstance(answer, EngineError)]
        rules = self._creation_rules(paths, gaps)
        answered = [(path, answer.result) for path, answer in pairs if isinstance(answer, Answer)]
        found = (each for path, said in answered for each in (encrypted_file(path, said), *enclosed(path, said)))
        files = [replace(file, rule=rules.get(file.path)) for file in found]
        return [*self._verified(files, gaps), *self._blank(gaps)], gaps

    def _blank(self, gaps: list[Incomplete]) -> Iterator[EncryptedFile]:
        """Empty files that are called as encrypted ones, or that a creation rule is about: it names them, and not just any file beside them."""
        paths = [path for path in blank(self.repo) if KEPT.search(path) and not is_kustomization(path)]
        beside = {path: sibling(path) for path in paths}
        rules = self._creation_rules([*paths, *beside.values()], gaps)
        for path in paths:
            if NAMED.search(path) or (path in rules and not rules[path].failure and rules[beside[path]].failure):
                yield EncryptedFile(path, problems=(FileProblem(path, "empty", "the file is empty", 1, 1),))

    def _verified(self, files: list[EncryptedFile], gaps: list[Incomplete]) -> list[EncryptedFile]:
        """The files with what the keys show of them, if there are any keys."""
        if not self.identities:
            return files
        forms, paths = sealed(self.repo), list(dict.fromkeys(file.path for file in files))
        answers = self.ask([_inspect(self.repo, path, forms.get(path, ""), "verify", self.identities) for path in paths])
        pairs = dict(zip(paths, answers, strict=True))
        gaps += [Incomplete("engine", path, str(answer), path) for path, answer in pairs.items() if isinstance(answer, EngineError)]
        said = {path: answer.result for path, answer in pairs.items() if isinstance(answer, Answer)}
        return [with_mac(file, verdict_on(file, said[file.path])) if file.path in said else file for file in files]

    @property
    def macs(self) -> tuple[int, int]:
        """How many encrypted files there are, and of how many the MAC was verified."""
        files = [file for file in self._encrypted[0] if not (file.empty or file.encloses)]
        return len(files), sum(file.mac not in ("", "unknown") for file in files)

    @cached_property
    def _rewritten(self) -> list[Rewritten]:
        now = {file.path: file for file in self._encrypted[0] if file.within is None}
        return list(rewritten(self.former, self.repo, now, self.ask)) if self.former else []

    @cached_property
    def _past(self) -> tuple[list[Past], list[Incomplete]]:
        return past(self.former, self.repo, self.ask) if self.former else ([], [])

    @cached_property
    def _pipelines(self) -> tuple[list[InvalidPipeline], list[Incomplete]]:
        return invalid(self.repo, self.ask)

    def _creation_rules(self, paths: Iterable[str], gaps: list[Incomplete]) -> dict[str, CreationRule]:
        """What SOPS would encrypt these files by, where the checkout says so."""
        under: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            under[configuration(self.repo, path)].append(path)
        under.pop("", None)
        rules: dict[str, CreationRule] = {}
        for config, listed in under.items():
            args = {"root": str(self.repo.root), "config": config, "paths": listed}
            (answer,) = self.ask([Keyed.of(Question("creation-rules", args), self.repo.digests[config])])
            if isinstance(answer, EngineError):
                gaps.append(Incomplete("engine", config, str(answer), config))
            else:
                rules |= {path: creation_rule(config, said) for path, said in zip(listed, answer.result["rules"], strict=True)}
        return rules


def _inspect(repo: Repo, path: str, form: str, op: str = "inspect", *blobs: bytes) -> Keyed:
    args = {"root": str(repo.root), "path": path, **({"format": form} if form else {})}
    return Keyed.of(Question(op, args, blobs), repo.digests.get(path, ""))


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
