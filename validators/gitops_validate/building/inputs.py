"""The ConfigMaps and Secrets that a reconciler reads: variables for a Kustomization, values for a HelmRelease.

An encrypted value is a placeholder here, and so is one of a secret that is pending, or that an ExternalSecret makes of keys that it names. As a variable it counts as set and unknown; as a single value
(targetPath) the placeholder stands in; a whole values file counts as empty, which is reported.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from msgspec import Struct, field

from gitops_validate.building import link
from gitops_validate.building.link import Reference
from gitops_validate.model.render import FluxKustomization, HelmRelease, RenderedObject
from gitops_validate.secrets.pending import is_placeholder
from gitops_validate.secrets.producers import PRODUCERS, keys_of, secrets_of

Objects = Mapping[tuple[str, str, str], RenderedObject]


class Variables(Struct):
    """What postBuild substitutes: known values by name, names whose value is not known, and objects that are not in the repository."""

    values: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    missing: list[Reference] = field(default_factory=list)


def variables(reconciler: FluxKustomization, objects: Objects, own: Callable[[], Objects] = dict) -> Variables:
    """Merge substituteFrom in its order, then substitute, as kustomize-controller does.

    What is optional may be in what the Kustomization brings itself, `own`: it is there from the second time on.
    """
    known = Variables()
    for reference in link.inputs(reconciler):
        if not _taken(known, reference, objects) and not (reference.optional and _taken(known, reference, own())) and not reference.optional:
            known.missing.append(reference)
    post_build = reconciler.spec.get("postBuild")
    inline = post_build.get("substitute") if isinstance(post_build, dict) else None
    for name, value in (inline if isinstance(inline, dict) else {}).items():
        known.values[name] = str(value)
        known.unknown.discard(name)
    return known


def _taken(known: Variables, reference: Reference, objects: Objects) -> bool:
    """Whether an entry of substituteFrom, or what makes it, is among the objects, and has been added."""
    found = objects.get(reference.identity)
    if found is not None:
        _merge(known, found)
        return True
    keys = _made(reference, objects)
    known.unknown |= keys
    known.values = {name: value for name, value in known.values.items() if name not in keys}
    return bool(keys)


def _merge(known: Variables, found: RenderedObject) -> None:
    for name, value in plain(found):
        if found.encrypted:
            known.unknown.add(name)
            known.values.pop(name, None)
        else:
            known.values[name] = value
            known.unknown.discard(name)


def _made(reference: Reference, objects: Objects) -> frozenset[str]:
    """The keys of a Secret that an ExternalSecret makes, as far as it names all of them."""
    makers = (each for (kind, _, _), each in objects.items() if kind == "ExternalSecret" and reference.kind == "Secret")
    wanted = (reference.namespace, reference.name)
    return next((keys_of(each) for each in makers if wanted in secrets_of(each)), frozenset())


def plain(found: RenderedObject) -> Iterator[tuple[str, str]]:
    """The entries of a ConfigMap's data or a Secret's data and stringData, decoded; what is not text is left out."""
    data, text = found.data.get("data"), found.data.get("stringData")
    for name, value in (data if isinstance(data, dict) else {}).items():
        if found.ref.kind != "Secret":
            yield name, str(value)
            continue
        try:
            yield name, base64.b64decode(str(value), validate=True).decode()
        except (binascii.Error, ValueError):
            continue
    if found.ref.kind == "Secret":
        yield from ((name, str(value)) for name, value in (text if isinstance(text, dict) else {}).items())


class ReleaseInputs(Struct):
    """valuesFrom as it is asked with: its entries, the objects that exist with the index of their blob, and what cannot be known."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    objects: list[dict[str, Any]] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def release_inputs(release: HelmRelease, objects: Objects) -> ReleaseInputs:
    """What a release's valuesFrom comes to.

    A Secret that nothing in the repository declares, though something may make it in the cluster, is a gap; a missing ConfigMap stays in and
    makes the engine say what helm-controller would.
    """
    given = ReleaseInputs()
    for reference, entry in zip(link.inputs(release), _well_formed(release), strict=True):
        found = objects.get(reference.identity)
        if found is None and reference.kind == "Secret" and not reference.optional and _makes_secrets(release.ref.namespace, objects):
            given.gaps.append(f"the values in {reference} are made in the cluster and not known here")
            continue
        given.entries.append(entry)
        if found is not None:
            given.objects.append({"kind": reference.kind, "name": reference.name, "blob": len(given.blobs)})
            given.blobs.append(_without_encrypted_files(found, reference, given))
    return given


def _makes_secrets(namespace: str, objects: Objects) -> bool:
    """Whether something in a namespace makes Secrets in the cluster."""
    return any(kind in PRODUCERS and where == namespace for kind, where, _ in objects)


def _well_formed(release: HelmRelease) -> list[dict[str, Any]]:
    entries = release.spec.get("valuesFrom")
    return [entry for entry in (entries if isinstance(entries, list) else []) if isinstance(entry, dict) and {"kind", "name"} <= entry.keys()]


def _without_encrypted_files(found: RenderedObject, reference: Reference, given: ReleaseInputs) -> bytes:
    key = reference.key or "values.yaml"
    if not found.encrypted or reference.target or not _has(found, key):
        return found.raw
    given.gaps.append(f"the values in {reference} are {'pending' if is_placeholder(found) else 'encrypted'} and count as empty here")
    data = {**(found.data.get("data") or {}), key: base64.b64encode(b"{}").decode()}
    return orjson.dumps({**found.data, "data": data, "stringData": {}})


def _has(found: RenderedObject, key: str) -> bool:
    """Whether an object has a key; one without it stays as it is, and the engine says what helm-controller would."""
    return any(isinstance(section, dict) and key in section for section in (found.data.get("data"), found.data.get("stringData")))
