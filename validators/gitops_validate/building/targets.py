"""Which objects the patches and replacements of a kustomization may mean, as far as files tell; rather too many than too few."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.patterns import may_match
from gitops_validate.placing.kustomization import is_kustomization, patch_files
from gitops_validate.placing.routes import Route

ELSEWHERE = ("helmCharts", "helmChartInflationGenerator", "generators", "transformers")
"""Fields of a kustomization by which objects come from where no file tells."""
IDENTITY = ("group", "version", "kind", "name", "namespace")
SELECTORS = {"labelSelector": "labels", "annotationSelector": "annotations"}
GENERATORS = {"configMapGenerator": "ConfigMap", "secretGenerator": "Secret"}
EQUAL = re.compile(r"\s*([^\s=!,()]+)\s*==?\s*([^\s=!,()]*)\s*")


class Candidate(Struct, frozen=True):
    """An object that a build may have when its patches are applied."""

    ref: ObjectRef
    marks: Mapping[str, Mapping[str, Any]]
    """Its labels and annotations."""


class Candidates(Struct, frozen=True):
    """The objects of a build, and what may have changed their names, namespaces and labels by then."""

    objects: Sequence[Candidate]
    affixes: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    raw: Sequence[bytes] = ()
    """Kustomizations and patches, any of which may add labels and annotations."""

    def match(self, target: Mapping[str, Any]) -> bool:
        """Whether a target may select one of them."""
        return any(all(self._fits(each, key, str(value)) for key, value in target.items() if value) for each in self.objects)

    def _fits(self, candidate: Candidate, key: str, wanted: str) -> bool:
        ref = candidate.ref
        match key:
            case "group" | "version" | "kind":
                return may_match(wanted, ref.api_version.rpartition("/")[2] if key == "version" else getattr(ref, key), whole=True)
            case "name":
                return any(may_match(wanted, name, whole=True) for name in self._names(ref.name)) or any(
                    ref.name in wanted and affix in wanted for affix in self.affixes
                )
            case "namespace":
                return bool(self.namespaces) or not ref.namespace or may_match(wanted, ref.namespace, whole=True)
            case "labelSelector" | "annotationSelector":
                return all(self._has(candidate.marks.get(SELECTORS[key]) or {}, term) for term in wanted.split(","))
        return True

    def _names(self, name: str) -> Iterator[str]:
        """What an object may be called by then."""
        yield name
        yield from (longer for affix in self.affixes for longer in (affix + name, name + affix))

    def _has(self, marks: Mapping[str, Any], term: str) -> bool:
        """Whether an object has a label, or may have got it; only `key=value` is held against it."""
        equal = EQUAL.fullmatch(term)
        if equal is None or str(marks.get(equal[1])) == equal[2]:
            return True
        return any(f'"{equal[1]}":'.encode() in raw for raw in self.raw)


def candidates(repo: Repo, paths: Iterable[str]) -> Candidates | None:
    """The objects that the files of a build bring, but for those of its patches; None where some may come from elsewhere."""
    paths = list(paths)
    own = [manifest for path in paths if is_kustomization(path) and path in repo.files for manifest in repo.files[path].manifests]
    patches = {patch for path in paths if is_kustomization(path) for patch in patch_files(repo, path)}
    if any(not _is_local(repo, manifest) for manifest in own) or any(path in repo.files and repo.files[path].problems for path in paths):
        return None
    files = [path for path in paths if path in repo.files and not is_kustomization(path)]
    written = [each for path in files if path not in patches for manifest in repo.files[path].manifests for each in _objects(manifest.data)]
    fields = [manifest.data for manifest in own if isinstance(manifest.data, dict)]
    return Candidates(
        (*written, *(each for data in fields for each in _generated(data))),
        frozenset(str(data[key]) for data in fields for key in ("namePrefix", "nameSuffix") if data.get(key)),
        frozenset(str(data["namespace"]) for data in fields if data.get("namespace")),
        [manifest.raw for manifest in own] + [manifest.raw for path in files if path in patches for manifest in repo.files[path].manifests],
    )


def _is_local(repo: Repo, manifest: Manifest) -> bool:
    """Whether all that a kustomization takes in lies in files that were read."""
    if not isinstance(manifest.data, dict) or any(manifest.data.get(field) for field in ELSEWHERE):
        return False
    listed = [entry for field in ("resources", "components", "bases") for entry in _list(manifest.data.get(field)) if isinstance(entry, str)]
    near = [posixpath.normpath(posixpath.join(posixpath.dirname(manifest.path), entry)) for entry in listed]
    return all(path in repo.files or path in repo.folders for path in near)


def _objects(data: Any) -> Iterator[Candidate]:
    match data:
        case {"kind": str(kind), "items": list(items)} if kind.endswith("List"):
            yield from (each for item in items for each in _objects(item))
        case {"apiVersion": str(version), "kind": str(kind)}:
            metadata = data["metadata"] if isinstance(data.get("metadata"), dict) else {}
            marks = {key: metadata[key] for key in SELECTORS.values() if isinstance(metadata.get(key), dict)}
            yield Candidate(ObjectRef(version, kind, str(metadata.get("namespace") or ""), str(metadata.get("name") or "")), marks)


def _generated(data: Mapping[str, Any]) -> Iterator[Candidate]:
    for field, kind in GENERATORS.items():
        for entry in _list(data.get(field)):
            if isinstance(entry, dict):
                yield Candidate(ObjectRef("v1", kind, str(entry.get("namespace") or ""), str(entry.get("name") or "")), {"labels": {}})


def targets(fields: Mapping[str, Any]) -> Iterator[tuple[Route, Mapping[str, Any]]]:
    """The targets of patches and replacements, each with the route to it."""
    for field in ("patches", "patchesJson6902"):
        for index, entry in enumerate(_list(fields.get(field))):
            if isinstance(entry, dict) and isinstance(entry.get("target"), dict):
                yield (field, index, "target"), entry["target"]
    for index, entry in enumerate(_list(fields.get("replacements"))):
        for number, target in enumerate(_list(entry.get("targets")) if isinstance(entry, dict) else ()):
            if isinstance(target, dict) and isinstance(target.get("select"), dict):
                yield ("replacements", index, "targets", number, "select"), target["select"]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
