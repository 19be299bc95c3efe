from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gitops_validate.building import link
from gitops_validate.existing.loose import dig, entries, text
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import At
from gitops_validate.pipeline.files import pipelines
from gitops_validate.pipeline.images import images
from gitops_validate.placing.kustomization import is_kustomization
from gitops_validate.placing.routes import Route, leaves
from gitops_validate.renovate import watching
from gitops_validate.rule import Problems, rule

FIELDS: dict[tuple[str, str], Route] = {
    (link.HELM, "HelmRelease"): ("spec", "chart", "spec", "version"),
    (link.SOURCE, "OCIRepository"): ("spec", "ref", "tag"),
    (link.SOURCE, "GitRepository"): ("spec", "ref", "tag"),
    (link.OPERATOR, "FluxInstance"): ("spec", "distribution", "version"),
}
"""Where objects of Flux name a version."""


CONTAINERS = ("containers", "initContainers")
TAGGED = re.compile(r"(?<!sha256):v?[0-9][\w.-]{0,127}(@sha256:[0-9a-f]{64})?$")
"""How an image ends that has a version."""
VERSION = re.compile(r"v?[0-9]|sha256:")


@rule(Severity.INFO)
def unwatched_version(repo: Repo) -> Problems:
    """A version that Renovate does not look at.

    Renovate's manager for Flux reads `gotk-components.yaml` only, unless its file patterns say more, and the one for Kubernetes reads nothing: the version
    stays as it is until somebody remembers it. Of images, those of containers, of kustomizations and of pipelines are looked at. Not judged are
    configurations that extend presets of your own.

    **Avoid**

    ```json renovate.json
    {
      "extends": ["config:recommended"]
    }
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata:
      name: web
      namespace: default
    spec:
      interval: 1h
      url: oci://registry.example/charts/web
      ref:
        tag: 1.4.2 # finding
    ```

    **Prefer**

    ```json renovate.json
    {
      "extends": ["config:recommended"],
      "flux": {"managerFilePatterns": ["clusters/**/*.yaml"]}
    }
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata:
      name: web
      namespace: default
    spec:
      interval: 1h
      url: oci://registry.example/charts/web
      ref:
        tag: 1.4.2
    ```
    """
    watched = watching(repo)
    if watched is None:
        return
    for manifest in repo.manifests:
        route, said = _version(manifest)
        if route and not any(pattern.matches(manifest.path) for pattern in watched):
            yield Problem(
                manifest.at(*route), f"Renovate does not look at {said} of {manifest.ref}", "add the file to `managerFilePatterns` of a manager"
            )
    for manager, find in FINDING.items():
        patterns = watching(repo, manager) or ()
        for at, image in find(repo):
            if not any(pattern.matches(at.path) for pattern in patterns):
                yield Problem(at, f"Renovate does not look at {image}", f"add the file to `managerFilePatterns` of its manager {manager}")


def _of_containers(repo: Repo) -> Iterator[tuple[At, str]]:
    """The images that containers run, but those that a kustomization gives another version."""
    overridden = {text(each.get("name")) for manifest in repo.manifests for _, each in _transformed(manifest)}
    for manifest in repo.manifests:
        yield from ((manifest.at(*route), image) for route, image in _images(manifest) if _name(image) not in overridden)


def _of_kustomizations(repo: Repo) -> Iterator[tuple[At, str]]:
    """The versions that kustomizations give images."""
    for manifest in repo.manifests:
        for route, entry in _transformed(manifest):
            for field in ("newTag", "digest"):
                if VERSION.match(said := text(entry.get(field))):
                    yield manifest.at(*route, field), f"{text(entry.get('name'))}:{said}"


def _of_pipelines(repo: Repo) -> Iterator[tuple[At, str]]:
    """The images that jobs of pipelines run in."""
    for path in sorted({path for pipeline in pipelines(repo) for path in pipeline.files}):
        for manifest in repo.files[path].manifests:
            yield from ((at, image) for at, image in images(manifest) if "$" not in image and TAGGED.search(image))


def _transformed(manifest: Manifest) -> Iterator[tuple[Route, dict[str, Any]]]:
    """The entries by which a kustomization gives images their versions."""
    return entries(manifest.data, "images") if is_kustomization(manifest.path) else iter(())


def _images(manifest: Manifest) -> Iterator[tuple[Route, str]]:
    """The images with a version that the containers of a manifest run, wherever its kind keeps them."""
    if b'"image"' not in manifest.raw or manifest.ref is None or manifest.ref.kind == "CustomResourceDefinition":
        return
    for route, leaf in leaves(manifest.data):
        if route[-1] == "image" and len(route) > 2 and route[-3] in CONTAINERS and isinstance(leaf, str) and TAGGED.search(leaf):
            yield route, leaf


def _name(image: str) -> str:
    """An image without its version."""
    name = image.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}"


def _version(manifest: Manifest) -> tuple[Route, str]:
    """Where a manifest names one version of what somebody else publishes, and which; nothing if it does not."""
    route = FIELDS.get((manifest.ref.group, manifest.ref.kind), ()) if manifest.ref else ()
    said = text(dig(manifest.data, *route)) if route else ""
    return (route, said) if VERSION.match(said) else ((), "")


FINDING: Mapping[str, Callable[[Repo], Iterator[tuple[At, str]]]] = {
    "kubernetes": _of_containers,
    "kustomize": _of_kustomizations,
    "gitlabci": _of_pipelines,
}
"""By the manager of Renovate that reads them: where images have versions."""
