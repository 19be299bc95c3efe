"""Root causes speak once: why a render failed, unless something else has said so already."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from gitops_validate import link
from gitops_validate.kustomization import NAMES, generated_from, patch_files, reach
from gitops_validate.model.finding import Spot
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import Place
from gitops_validate.model.render import Failure, FluxKustomization, Render, Rendered

NAMED = frozenset(
    {"dangling-source", "invalid-variable", "missing-path", "outside-path", "remote-reference", "unset-variable", "values-from", "values-schema"}
)
"""Reasons that have a rule of their own; kustomize-build and helm-render say all others."""
QUOTED = re.compile(r"(?=['\"]([^'\"\n]+)['\"])|(?<=\s)(/[^\s:]+)|[A-Z]\w+\.\w+\.[^\s/]+/([\w.-]+)\.[\w\[\]-]+|struct field [\w.]*\.(\w+) of")
"""What a message quotes: strings, JSON Pointers, the name in kustomize's `Kind.version.group/name.namespace`, a field of its types."""
NOISE = (re.compile(r" with config: `.*?`", re.DOTALL), re.compile(r" from \[patch: .*\]", re.DOTALL), re.compile(r" generator &\{[^}]*\}"))
"""What kustomize repeats of its configuration, and addresses in its memory."""


def failure(render: Render, rendered: Rendered, repo: Repo) -> Failure | None:
    """The failure of a render; None if a file that cannot be read or an object that the API server refuses explains it."""
    found = render.failure
    if found is None or _is_refused(render, rendered):
        return None
    broken = [path for path, file in repo.files.items() if file.problems]
    read = set(_read(render, rendered, repo)) if broken else set()
    if any(path in read or path.startswith(f"{found.path}/") for path in broken):
        return None
    return replace(found, message=_settled(found.message))


def may_exist(ref: ReconcilerRef, rendered: Rendered, repo: Repo) -> bool:
    """Whether an object that was not rendered may still come to be: from a Kustomization that failed, or from what is not evaluated."""
    if any((each.ref.group, each.ref.kind) in link.NOT_EVALUATED for each in rendered.objects):
        return True
    if not any(_held_back(render, ref) for render in rendered.renders):
        return False
    written = (manifest.ref for manifest in repo.manifests if manifest.ref and manifest.ref.kind == ref.kind)
    return any(each.name and each.name in ref.name and each.namespace in ("", ref.namespace) for each in written)


def _held_back(render: Render, ref: ReconcilerRef) -> bool:
    """Whether a Kustomization has no objects for another reason than that `ref` itself is missing."""
    failed = render.failure is not None and not (render.failure.reason == "dangling-source" and render.source == ref)
    return isinstance(render.reconciler, FluxKustomization) and (failed or bool(render.incomplete and not render.objects))


def _is_refused(render: Render, rendered: Rendered) -> bool:
    declared = render.reconciler.object
    return any(verdict.object is declared and verdict.verdict == "rejected" for verdict in rendered.verdicts if declared is not None)


def _read(render: Render, rendered: Rendered, repo: Repo) -> Iterator[str]:
    """The files that a render is made of: what its folder reaches, and where its values or variables come from."""
    if isinstance(render.reconciler, FluxKustomization):
        yield from reach(repo, render.path or ".")
    for reference in link.inputs(render.reconciler):
        held = rendered.by_kind.get(reference.identity)
        if held is not None:
            yield held.origin.path
            made = rendered.reconcilers.get(held.reconciler)
            yield generated_from(repo, made.path if made else ".", held, reference.key or "values.yaml")


def place(found: Failure, render: Render, repo: Repo, *field: str) -> Spot:
    """Where a failure is: the line that it names, a line that holds what its message quotes, the file, or a field of the reconciler."""
    if found.path in repo.digests and found.line:
        return Place(found.path, found.line, found.column)
    files = list(_named(found, repo))
    for path in files:
        for line, column, end in _mentions(repo, path, found.message):
            return Place(path, line, column, end)
    if not files:
        return render.reconciler.at(*field)
    manifests = repo.files[files[0]].manifests if files[0] in repo.files else ()
    return replace(manifests[0].at(), precision="object") if manifests else Place(files[0], precision="file")


def _settled(message: str) -> str:
    """One line that is the same in each run, without the configuration that kustomize repeats, which may hold anything."""
    for pattern in NOISE:
        message = pattern.sub("", message)
    return " ".join(message.split())


def _named(found: Failure, repo: Repo) -> Iterator[str]:
    """The file that a failure names, or the kustomization of its folder, and the patches of that."""
    for path in (found.path, *(posixpath.normpath(f"{found.path or '.'}/{name}") for name in NAMES)):
        if path in repo.digests:
            yield path
            yield from (patch for patch in patch_files(repo, path) if patch in repo.digests)


def _mentions(repo: Repo, path: str, message: str) -> Iterator[tuple[int, int, int]]:
    """Where a file holds what a message quotes: the longest quotation first, as line, column and end."""
    quoted = {found[found.lastindex or 0] for found in QUOTED.finditer(message)}
    lines = (repo.root / path).read_text("utf-8", "replace").splitlines() if path in repo.files and repo.files[path].manifests else []
    for text in sorted(quoted, key=lambda text: (-len(text), text)):
        pattern = re.compile(rf"(?:^|[\s'\":=\[])({re.escape(text)})(?:$|[\s'\":,\]])")
        for number, line in enumerate(lines, 1):
            match = None if line.lstrip().startswith("#") else pattern.search(line)
            if match:
                yield number, match.start(1) + 1, match.end(1) + 1
