"""Plain manifests, as kubeconform is used: no reconciler, no environment, every object judged as it stands."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from gitops_validate.ask import Asker, Keyed
from gitops_validate.cache import Cache
from gitops_validate.config import Config
from gitops_validate.engine import Answer, Engine
from gitops_validate.errors import EngineError, UsageError
from gitops_validate.examine import STDIN, How, examine, judge_rest
from gitops_validate.fingerprint import fingerprinted
from gitops_validate.judge import Judging, order, unread
from gitops_validate.load import SUFFIXES
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.render import Origin, Reconciler, Render, Rendered, RenderedObject, Verdict
from gitops_validate.model.report import Report, Summary
from gitops_validate.places import Places
from gitops_validate.rule import rules
from gitops_validate.schemas import folders
from gitops_validate.subjects import Subjects
from gitops_validate.tree import Tree

NOBODY = Reconciler(ReconcilerRef("", "", ""), "", None, {})
"""Stands for the reconciler that plain manifests do not have."""
CATEGORIES = frozenset({"files", "cluster"})
"""The rules that make sense for a manifest on its own."""


@dataclass(frozen=True)
class Options:
    """What is asked for: files, folders and `-`; `apply` is "create" or "server-side"; `kubernetes` the minor version."""

    inputs: Sequence[str]
    apply: str = "create"
    kubernetes: str = "1.36"
    namespace: str = "default"
    workers: int = 0
    stdin: Callable[[], bytes] = lambda: b""


def check(options: Options) -> Report:
    """What the API server would say of each object. Raises UsageError when there is nothing to read."""
    root, paths, body = _inputs(options)
    how = How(options.apply, options.namespace, options.kubernetes)
    with Engine([root], schemas=folders(), workers=options.workers, kube_version=options.kubernetes) as engine:
        examined = examine(engine, root, paths, body, how)
        repo = Repo(root, {}, examined.files)
        things = [thing for manifest in repo.manifests for thing in _objects(manifest)]
        verdicts, gaps = judge_rest(engine, things, examined, how)
        asker = Asker(engine, Cache(None), Tree(root, {}))
        return _report(repo, len(things) + examined.accepted, examined.accepted, verdicts, gaps, _asking(asker, body))


def _inputs(options: Options) -> tuple[Path, list[str], bytes | None]:
    """The folder that holds all inputs, the files relative to it, and what stands on stdin if that is one of them."""
    body = options.stdin() if STDIN in options.inputs else None
    named = [Path(name) for name in options.inputs if name != STDIN]
    for path in named:
        if not path.exists():
            raise UsageError(f"{path} is not there: name a file, a folder, or - for standard input")
    files = sorted({os.path.abspath(file) for path in named for file in _files(path)})
    if not files and body is None:
        raise UsageError("no YAML or JSON file found: nothing was checked")
    here = os.getcwd()
    root = here if all(file.startswith(here + os.sep) for file in files) else os.path.commonpath([os.path.dirname(file) for file in files])
    real = os.path.realpath(root)
    return Path(real), [os.path.relpath(file, root) for file in files], body


def _files(path: Path) -> Iterator[str]:
    if not path.is_dir():
        yield os.fspath(path)
        return
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if name != ".git")
        yield from (os.path.join(folder, name) for name in names if name.endswith(SUFFIXES))


def _objects(manifest: Manifest) -> Iterator[RenderedObject]:
    """The object in a document, or those in the items of a List."""
    if b'"items":' in manifest.raw and manifest.ref and manifest.ref.kind.endswith("List"):
        items = manifest.data.get("items")
        for item in items if isinstance(items, list) else ():
            yield _object(manifest, orjson.dumps(item), _ref(item))
        return
    yield _object(manifest, manifest.raw, manifest.ref or ObjectRef("", "", "", ""))


def _object(manifest: Manifest, raw: bytes, ref: ObjectRef) -> RenderedObject:
    return RenderedObject(ref, raw, Origin(manifest.path, manifest.document), NOBODY.ref, "")


def _ref(item: Any) -> ObjectRef:
    return Manifest("", 0, 0, orjson.dumps(item)).ref or ObjectRef("", "", "", "")


def _asking(asker: Asker, body: bytes | None) -> Callable[[Sequence[Keyed]], list[Answer | EngineError]]:
    """The asker, for which standard input is a file called `-`."""

    def ask(questions: Sequence[Keyed]) -> list[Answer | EngineError]:
        return asker.ask([_on_stdin(keyed, body) if body is not None and keyed.question.args.get("path") == STDIN else keyed for keyed in questions])

    return ask


def _on_stdin(keyed: Keyed, body: bytes) -> Keyed:
    return Keyed.of(replace(keyed.question, args={**keyed.question.args, "root": ""}, blobs=[body]))


def _report(repo: Repo, objects: int, accepted: int, verdicts: Sequence[Verdict], gaps: Sequence[Incomplete], ask: Any) -> Report:
    told = tuple(each for each in verdicts if each.verdict != "accepted" or each.warnings or each.deprecated)
    plain = Rendered(Environment("", "", ""), (Render(NOBODY, tuple(each.object for each in told)),), told)
    judging = Judging(repo, Places(repo, [plain], ask), Subjects(repo, [plain], Config(), ask))
    found = judging.candidates([rule for rule in rules().values() if rule.category in CATEGORIES])
    findings = tuple(fingerprinted(sorted((each.finding for each in found), key=order)))
    checked = accepted + sum(each.verdict in ("accepted", "rejected") for each in verdicts)
    every = tuple(sorted({*gaps, *unread(repo), *judging.subjects.gaps, *judging.broken}))
    return Report(Summary((), 0, objects, checked, len(repo.files)), findings, incomplete=every)
