"""Which files an environment may be built from, as they name each other: rather too many than too few, and without building anything.

Often that cannot be told from what is written: a path may be filled in, a patch or a chart may make what Flux builds further files from, a chart may
lie elsewhere. Then nothing is told.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from msgspec import Struct, field

from gitops_validate.building import link
from gitops_validate.building.inputs import plain
from gitops_validate.model.environment import Environment
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.render import Origin, RenderedObject
from gitops_validate.placing.kustomization import is_kustomization, ways
from gitops_validate.placing.routes import strings
from gitops_validate.review.mentions import MENTION, Charts

PLAIN = frozenset(
    {
        *("apiVersion", "kind", "metadata", "resources", "components", "bases", "crds", "patches", "patchesStrategicMerge", "patchesJson6902"),
        *("configMapGenerator", "generatorOptions", "namespace", "namePrefix", "nameSuffix", "labels", "commonLabels", "commonAnnotations"),
        *("images", "replicas", "configurations", "openapi", "sortOptions", "buildMetadata"),
    }
)
"""What a kustomization may hold so that what it makes reads no other files than those that it names, and holds no Secret but those that are written."""
IGNORED = ".sourceignore"
_NAMING = re.compile(r"""\b(?:path|chart|components|valuesFiles?|sync)["']?\s*:\s*["']?(?P<value>[^\s"',}\]]*)""")
_POINTING = re.compile(r"/spec/(?:path|chart|components|sync)\b")
_FILLED = ("${", "{{")
_UNNAMED = ReconcilerRef("Kustomization", "", "")


class _Unclear(Exception):
    """Only building would tell."""


class Named(Struct):
    """What building a folder may read: files, and those that they let Flux build in turn."""

    files: set[str] = field(default_factory=set)
    folders: dict[str, None] = field(default_factory=dict)


class Wires:
    """What the files of a checkout name, each folder looked at once however many environments are built from it."""

    def __init__(self, repo: Repo, charts: Charts) -> None:
        """`charts` are those of the checkout."""
        self._repo, self._charts = repo, charts
        self._tops = {path.partition("/")[0] for path in (*repo.digests, *repo.links)}
        self._folders = {".", *(folder for path in repo.digests for folder in _above(path))}
        self._known: dict[str, Named] = {}

    def of(self, environment: Environment) -> set[str] | None:
        """All files that an environment may be built from, None where only building would tell."""
        found = {path for path in self._repo.digests if posixpath.basename(path) == IGNORED}
        folders = dict.fromkeys([link.folder({"path": environment.path})])
        waiting = list(folders)
        try:
            for folder in waiting:
                named = self._built(folder)
                found |= named.files
                waiting += (other for other in named.folders if other not in folders)
                folders |= named.folders
        except _Unclear:
            return None
        return found

    def secrets(self, files: Iterable[str], environment: str) -> list[RenderedObject]:
        """The Secrets that are written in files, but for the encrypted ones, as if they were rendered."""
        manifests = (each for path in sorted(files) if path in self._repo.files for each in self._repo.files[path].manifests)
        secrets = (each for each in manifests if each.ref and each.ref.kind == "Secret" and "sops" not in each.data)
        return [_as_rendered(each, environment) for each in secrets]

    def _built(self, folder: str) -> Named:
        if folder not in self._known:
            files, looked_at = ways(self._repo, folder)
            self._without_links(folder, looked_at)
            named = Named(set(files))
            for path in files:
                self._read(path, named)
            self._known[folder] = named
        return self._known[folder]

    def _without_links(self, folder: str, looked_at: set[str]) -> None:
        inside = "" if folder == "." else f"{folder}/"
        for each in self._repo.links:
            if each.startswith(inside) or any(path == each or path.startswith(f"{each}/") for path in looked_at):
                raise _Unclear

    def _read(self, path: str, named: Named) -> None:
        file = self._repo.files.get(path)
        if file is None or file.problems:
            self._silent(path)
        for manifest in file.manifests if file else ():
            if is_kustomization(path):
                self._plain(manifest.data)
            else:
                self._manifest(manifest, named)

    def _silent(self, path: str) -> None:
        """A file that is no manifest may become a value of a chart."""
        try:
            said = MENTION.search((self._repo.root / path).read_bytes())
        except OSError:
            raise _Unclear from None
        if said or path in self._repo.files:
            raise _Unclear

    def _plain(self, data: Any) -> None:
        if not isinstance(data, dict) or not data.keys() <= PLAIN:
            raise _Unclear
        self._patched(data)

    def _patched(self, data: Any) -> None:
        """Patches that stand in a text must name no files."""
        for text in strings(data):
            if "\n" in text or "{" in text:
                self._harmless(text)

    def _harmless(self, text: str) -> None:
        told = {found["value"] for found in _NAMING.finditer(text)}
        if _POINTING.search(text) or "allowKindChange" in text or any(map(self._may_lead, told)) or ("/" in told and "Kustomization" in text):
            raise _Unclear

    def _may_lead(self, value: str) -> bool:
        """Whether a value may be a path in the checkout, rather than one in an object or of a URL."""
        return value[:1] != "/" or value.split("/")[1] in self._tops or any(part in value for part in _FILLED)

    def _manifest(self, manifest: Manifest, named: Named) -> None:
        ref = manifest.ref
        if ref is None:
            self._no_object(manifest)
        elif "$" in ref.kind or "$" in ref.api_version or ref.kind.endswith("List") or (ref.group, ref.kind) == (link.SOURCE, "HelmChart"):
            raise _Unclear
        elif ref.kind in ("ConfigMap", "Secret"):
            if any(MENTION.search(value.encode()) for _, value in plain(_as_rendered(manifest, ""))):
                raise _Unclear
        elif (ref.group, ref.kind) == (link.KUSTOMIZE, "Kustomization"):
            self._kustomization(_part(manifest.data, "spec"), named)
        elif (ref.group, ref.kind) == (link.OPERATOR, "FluxInstance"):
            self._kustomization(_part(manifest.data, "spec", "sync"), named)
        elif (ref.group, ref.kind) == (link.HELM, "HelmRelease"):
            self._release(manifest, named)

    def _no_object(self, manifest: Manifest) -> None:
        """Values of a chart, or a patch of single fields."""
        if MENTION.search(manifest.raw) or _part(manifest.data, "spec"):
            raise _Unclear
        if isinstance(manifest.data, list):
            self._harmless(manifest.raw.decode())

    def _kustomization(self, spec: Mapping[str, Any], named: Named) -> None:
        folder, components = link.folder(spec), spec.get("components")
        listed = [str(each) for each in (components if isinstance(components, list) else ())]
        if any(part in path for path in (folder, *listed) for part in _FILLED) or (listed and "path" not in spec):
            raise _Unclear
        self._patched(spec.get("patches"))
        if _part(spec, "sourceRef").get("kind") == "ExternalArtifact" or ("path" in spec and folder not in self._folders):
            raise _Unclear  # what makes the artifact of which files is not followed, and in an artifact folders are called otherwise
        if "path" in spec or "sourceRef" in spec:  # what has neither is a patch
            named.folders |= dict.fromkeys([folder, *(posixpath.normpath(posixpath.join(folder, each)) for each in listed)])

    def _release(self, manifest: Manifest, named: Named) -> None:
        spec = _part(manifest.data, "spec")
        given = orjson.dumps([spec.get("values"), spec.get("postRenderers")])
        if MENTION.search(given) or b'"Revision"' in manifest.raw or "chartRef" in spec:
            raise _Unclear
        match _part(spec, "chart", "spec"):
            case {"valuesFiles": _}:
                raise _Unclear
            case {"chart": str(chart), "sourceRef": {"kind": "GitRepository" | "Bucket"}}:
                folder = posixpath.normpath(chart.lstrip("/"))
                if self._charts.may_bring(folder):  # nor does a path that is filled in lead to files
                    raise _Unclear
                inside = "" if folder == "." else f"{folder}/"
                named.files |= {path for path in self._repo.digests if path.startswith(inside)}
            case {"chart": _} | {"sourceRef": _}:
                raise _Unclear


def _above(path: str) -> Iterator[str]:
    """The folders that a file lies in."""
    while path := posixpath.dirname(path):
        yield path


def _part(data: Any, *route: str) -> Mapping[str, Any]:
    """The mapping at a route, an empty one if there is none."""
    for step in route:
        data = data.get(step) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _as_rendered(manifest: Manifest, environment: str) -> RenderedObject:
    assert manifest.ref
    return RenderedObject(manifest.ref, manifest.raw, Origin(manifest.path, manifest.document), _UNNAMED, environment)
