"""What a kustomization.yaml says of its patches and generators, looked up for one object that came out of it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Container, Iterator
from typing import Any

from msgspec.structs import replace

from gitops_validate.content import content
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import At
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.patch import Patch, Texts
from gitops_validate.placing.routes import Route, get, strings

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def is_kustomization(path: str) -> bool:
    """Whether kustomize takes a file of this name for a kustomization."""
    return posixpath.basename(path) in NAMES


def patches(repo: Repo, rendered: RenderedObject, texts: Texts) -> Iterator[Patch]:
    """The patches of the kustomizations that touched an object, the last first: those in files, and those that stand inside a kustomization.yaml."""
    for path in reversed(rendered.origin.patches):
        file = repo.files.get(path)
        for manifest in file.manifests if file else ():
            for steps, text, other in _listed(manifest.data):
                if not may_target(get(manifest.data, steps[:2]), rendered):
                    continue
                near = posixpath.normpath(posixpath.join(posixpath.dirname(path), other))
                if text:
                    at = At(manifest.path, manifest.document, steps, precision="patch")
                    yield from (Patch(replace(at, text=At("", number)), data) for number, data in texts.parse(text))
                elif near in repo.files:
                    yield from (Patch(found.at(), found.data) for found in repo.files[near].manifests)


def may_target(entry: Any, rendered: RenderedObject) -> bool:
    """Whether an entry of `patches` can mean an object, by the kind and the name of its target, which may be a pattern."""
    match entry:
        case {"target": {"kind": str(kind)}} if kind != rendered.ref.kind:
            return False
        case {"target": {"name": str(name)}} if name.replace("-", "").isalnum():
            return name in rendered.ref.name
    return True


def patch_files(repo: Repo, path: str) -> Iterator[str]:
    """The files that the patches of a kustomization stand in."""
    file = repo.files.get(path)
    for manifest in file.manifests if file and is_kustomization(path) else ():
        yield from (posixpath.normpath(posixpath.join(posixpath.dirname(path), other)) for _, _, other in _listed(manifest.data) if other)


def generator_entry(repo: Repo, rendered: RenderedObject, route: Route = ()) -> At | None:
    """The entry of the generator that made an object, and in it what a route into its data is made of."""
    for manifest, key, index, entry in _entries(repo, rendered, rendered.origin.generated_by):
        return At(manifest.path, manifest.document, (key, index, *_source_of(entry, route)), precision="generator")
    return None


def _source_of(entry: dict[str, Any], route: Route) -> Route:
    """The literal or the file that a key of the data is taken from."""
    for field in ("literals", "files") if len(route) > 1 and route[0] in ("data", "stringData", "binaryData") else ():
        for index, source in enumerate(listed if isinstance(listed := entry.get(field), list) else ()):
            name, given, _ = str(source).partition("=")
            if (name if given or field == "literals" else posixpath.basename(name)) == route[1]:
                return field, index
    return ()


def generated_from(repo: Repo, folder: str, rendered: RenderedObject, key: str) -> str:
    """The file that a generator below `folder` took a key of an object from, "" if none; an overlay's generator wins over its base's."""
    for path in reach(repo, folder) if rendered.origin.generator else ():
        for manifest, _, _, entry in _entries(repo, rendered, path) if is_kustomization(path) else ():
            files = entry.get("files")
            for source in files if isinstance(files, list) else ():
                name, _, other = str(source).rpartition("=")
                if (name or posixpath.basename(other)) == key:
                    return posixpath.normpath(posixpath.join(posixpath.dirname(manifest.path), other))
    return ""


def is_only_text(repo: Repo, path: str) -> bool:
    """Whether a file is none that is applied, but one that a generator puts into a ConfigMap or a Secret as it is."""
    folder, texts = path, False
    while folder:
        folder = posixpath.dirname(folder)
        for own in (posixpath.join(folder, name) for name in NAMES):
            for manifest in repo.files[own].manifests if own in repo.files else ():
                listed = {posixpath.normpath(posixpath.join(folder, text)) for text in strings(_without_generators(manifest.data))}
                if path in listed:
                    return False
                texts |= any(posixpath.normpath(posixpath.join(folder, text)) == path for text in _sources(manifest.data))
    return texts


def is_left_alone(repo: Repo, path: str, read: Callable[[], Container[str]]) -> bool:
    """Whether a file that is no YAML need be none: a template, which none of the files that are `read` is, or only as text."""
    return b"{{" in content(repo, path) and (path not in read() or is_only_text(repo, path))


def _without_generators(data: Any) -> Any:
    return {key: below for key, below in data.items() if not str(key).endswith("Generator")} if isinstance(data, dict) else data


def _sources(data: Any) -> Iterator[str]:
    """The files that the generators of a kustomization read whole."""
    for section in ("configMapGenerator", "secretGenerator") if isinstance(data, dict) else ():
        entries = data.get(section)
        for entry in entries if isinstance(entries, list) else ():
            files = entry.get("files") if isinstance(entry, dict) else None
            yield from (str(source).rpartition("=")[2] for source in (files if isinstance(files, list) else ()))


def taken_in(data: Any) -> Iterator[str]:
    """The files and folders of the checkout that a kustomization takes in, as it names them."""
    for section in ("resources", "components", "bases") if isinstance(data, dict) else ():
        entries = data.get(section)
        yield from (entry for entry in (entries if isinstance(entries, list) else ()) if isinstance(entry, str) and ":" not in entry)
    yield from (path for _, _, path in _listed(data) if path)
    yield from _sources(data)


def reach(repo: Repo, *folders: str) -> list[str]:
    """The files that the builds of folders may read, as far as their kustomizations name them: those nearest to them first."""
    found: dict[str, None] = {}
    roots = dict.fromkeys(map(posixpath.normpath, folders))
    waiting, known = list(roots), set(roots)
    for here in waiting:
        if here in repo.digests:
            found[here] = None
            continue
        inside = "" if here == "." else f"{here}/"
        if own := next((path for name in NAMES if (path := inside + name) in repo.digests), ""):
            found[own] = None
            manifests = repo.files[own].manifests if own in repo.files else ()
            named = dict.fromkeys(path for manifest in manifests for path in manifest.leads_to if path not in known)
            waiting += named
            known |= named.keys()
        elif here in roots:  # Flux makes a kustomization of all manifests in it, and of all kustomizations
            files = repo.below(here)
            found |= dict.fromkeys(files)
            built = dict.fromkeys(folder for path in files if is_kustomization(path) and (folder := posixpath.dirname(path)) not in known)
            waiting += built
            known |= built.keys()
    return list(found)


def _entries(repo: Repo, rendered: RenderedObject, path: str) -> Iterator[tuple[Manifest, str, int, dict[str, Any]]]:
    file = repo.files.get(path)
    key = "secretGenerator" if rendered.ref.kind == "Secret" else "configMapGenerator"
    for manifest in file.manifests if file and rendered.origin.generator else ():
        listed = manifest.data.get(key) if isinstance(manifest.data, dict) else None
        entries = [(index, entry) for index, entry in enumerate(listed if isinstance(listed, list) else ()) if isinstance(entry, dict)]
        named = [each for each in entries if str(each[1].get("name") or "\0") in rendered.ref.name]
        for index, entry in sorted(named, key=lambda each: -len(str(each[1]["name"]))):
            yield manifest, key, index, entry


def _listed(data: Any) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Every patch of a kustomization: the route to its text and the text, or else the file that holds it."""
    for key in ("patches", "patchesJson6902", "patchesStrategicMerge"):
        listed = data.get(key) if isinstance(data, dict) else None
        for index, entry in enumerate(listed if isinstance(listed, list) else ()):
            match entry:
                case {"patch": str(text)}:
                    yield (key, index, "patch"), text, ""
                case {"path": str(path)}:
                    yield (key, index, "path"), "", path
                case str(text) if "\n" in text:
                    yield (key, index), text, ""
                case str(path):
                    yield (key, index), "", path
