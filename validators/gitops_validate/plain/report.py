"""From the engine's answers on plain manifests to the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from msgspec.structs import replace

from gitops_validate.config import Config
from gitops_validate.engine import Answer, Engine, Question
from gitops_validate.errors import EngineError
from gitops_validate.judge import unread
from gitops_validate.judging.admission import BINDING, GROUP, policies
from gitops_validate.judging.candidates import Judging
from gitops_validate.judging.fingerprint import fingerprinted
from gitops_validate.judging.locations import named
from gitops_validate.judging.verdicts import unjudged
from gitops_validate.keeping.ask import Asker, Keyed
from gitops_validate.keeping.cache import Cache
from gitops_validate.keeping.tree import Tree
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import order
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.render import Origin, Reconciler, Render, Rendered, RenderedObject
from gitops_validate.model.report import Report, Summary
from gitops_validate.plain.examine import Examined, examine, examine_all, judge_rest
from gitops_validate.plain.manifests import STDIN, Options
from gitops_validate.rule import rules

NOBODY = Reconciler(ReconcilerRef("", "", ""), "", None, {})
"""Stands for the reconciler that plain manifests do not have."""
NOWHERE = Environment("", "", "")
CATEGORIES = frozenset({"files", "cluster", "policies"})
"""The rules that make sense for a manifest on its own."""


def report(
    engine: Engine, options: Options, root: Path, body: bytes | None, questions: Sequence[Question], answers: Iterable[Answer | EngineError]
) -> Report:
    """The report on files of a root and on standard input; answers are waited for when everything else is ready."""
    chosen = [rule for rule in rules().values() if rule.category in CATEGORIES]
    examined = examine(engine, zip(questions, answers, strict=True))
    things = _things(root, examined)
    under = None
    if options.policies and any((thing.ref.group, thing.ref.kind) == (GROUP, BINDING) for thing in things):  # about what is in order, too
        examined = examine_all(engine, questions)
        things = _things(root, examined)
        under = policies(Rendered(NOWHERE, (Render(NOBODY, tuple(things)),)))
    repo = Repo(root, {}, examined.files)
    asker = Asker(engine, Cache(None), Tree(root, {}))
    verdicts, gaps = judge_rest(engine, things, examined, options, under)
    verdicts = named(options.locations, asker).judge(verdicts, options.server)
    gaps += unjudged(verdicts)
    told = tuple(each for each in verdicts if each.verdict != "accepted" or each.warnings or each.deprecated or each.policies or each.mismatches)
    plain = Rendered(NOWHERE, (Render(NOBODY, tuple(each.object for each in told)),), told)
    ask = _asking(asker, body)
    judging = Judging.over(repo, [plain], Config(), ask)
    findings = tuple(fingerprinted(sorted((each.finding for each in judging.candidates(chosen)), key=order)))
    checked = examined.accepted + sum(each.verdict in ("accepted", "rejected", "schema-mismatch") for each in verdicts)
    every = tuple(sorted({*gaps, *unread(repo), *judging.subjects.gaps, *judging.broken}))
    return Report(Summary((), 0, len(things) + examined.accepted, checked, len(repo.files)), findings, incomplete=every)


def _things(root: Path, examined: Examined) -> list[RenderedObject]:
    """The objects in the documents that were read."""
    return [thing for manifest in Repo(root, {}, examined.files).manifests for thing in _objects(manifest)]


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
        return asker.ask([_with_stdin(keyed, body) if body is not None and keyed.question.op == "locate" else keyed for keyed in questions])

    return ask


def _with_stdin(keyed: Keyed, body: bytes) -> Keyed:
    asked = keyed.question.args["files"]
    if all(file["path"] != STDIN for file in asked):
        return keyed
    files = [{**file, "blob": 0} if file["path"] == STDIN else file for file in asked]
    return Keyed.of(replace(keyed.question, args={**keyed.question.args, "files": files}, blobs=[body]))
