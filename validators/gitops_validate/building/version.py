"""Which Flux an environment runs, as far as its repository says so: what is rendered here is what one release would make of it."""

from __future__ import annotations

import re

from gitops_validate.building import link
from gitops_validate.model.render import RenderedObject

MINOR = 9
"""The minor version of Flux 2 that is rendered like, and whose definitions are known."""
MANIFESTS = "/flux-manifests"
"""How the addresses of the artifacts end that Flux publishes its own manifests as."""
LABEL = "app.kubernetes.io/version"
"""The label by which what `flux install` writes tells its version."""
_VERSION = re.compile(r"v?(?P<major>\d+)\.(?P<minor>\d+)(\.(\d+.*|[xX*]))?$")
_STRICT = re.compile(rb"StrictPostBuildSubstitutions=(?P<strict>true|false)")
_TELLING = frozenset({"Deployment", "FluxInstance", "HelmRelease"})
"""Kinds of which one may start kustomize-controller, or say how it is started."""


def named(thing: RenderedObject) -> str:
    """The version of Flux that an object says that its environment runs, "" if it says none."""
    match thing.data if thing.ref.kind in (*_TELLING, "OCIRepository") else None:
        case {"metadata": {"name": "kustomize-controller", "labels": {"app.kubernetes.io/part-of": "flux", **labels}}}:
            return str(labels.get(LABEL) or "")
        case {"spec": {"distribution": {"version": str(version)}}} if thing.ref.group == link.OPERATOR:
            return version
        case {"spec": {"values": {"instance": {"distribution": {"version": str(version)}}}}}:
            return version
        case {"spec": {"url": str(url), "ref": {"tag": str(tag)}}} if url.endswith(MANIFESTS):
            return tag
    return ""


def is_earlier(version: str) -> bool:
    """Whether a version is an earlier one than is known here; a range or a name may be any."""
    found = _VERSION.match(version)
    return found is not None and (int(found["major"]), int(found["minor"])) < (2, MINOR)


def is_strict(thing: RenderedObject) -> bool | None:
    """Whether an object says that variables that are not set stop a Kustomization, as they do from Flux 2.9 on; None if it says nothing of it."""
    found = _STRICT.search(thing.raw) if thing.ref.kind in _TELLING else None
    if found:
        return found["strict"] == b"true"
    return not is_earlier(version) if (version := named(thing)) else None
