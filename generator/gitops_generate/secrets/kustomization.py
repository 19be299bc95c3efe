"""`secrets/kustomization.yaml` of an overlay: a component with the secrets that are there, and the restarts that new values call for."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from textwrap import dedent
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from gitops_generate.errors import Refused
from gitops_generate.secrets.catalogue import Workload
from gitops_generate.secrets.documents import parse
from gitops_validate.config import Engine

NAME = "kustomization.yaml"
ROTATED = "gitops-generate/rotated"
LONGEST = 100_000
"""Characters of a patch that is read: ours has a few hundred for each workload."""
HEAD = "# Kept by `gitops-generate secrets`.\napiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources:"

Times = dict[tuple[str, str, str], str]
"""When the pods of a release ("" for an object of the overlay), kind and name were told to restart."""


def updated(path: str, text: bytes | None, resources: Sequence[str], restarts: Sequence[Workload], time: str, engine: Engine) -> bytes:
    """The file with these resources, and with `restarts` told to restart at `time`; unchanged where it says so already. Raises Refused."""
    body = text or _plain([])
    document = parse(path, body, engine)
    patches = document.data.get("patches") or [] if isinstance(document.data, dict) else None
    if not isinstance(patches, list) or not all(isinstance(patch, dict) for patch in patches):
        raise document.refuse("this is no kustomization; remove the file, and it is made again", "patches")
    times = _times(patches)
    wanted = {**times, **{(each.release, each.kind, each.name): time for each in restarts}}
    if document.data.get("resources") == list(resources) and wanted == times:
        return body
    if not wanted and body == _plain(document.data.get("resources") or []):
        return _plain(resources)  # which spares hundreds of files the way through a YAML writer
    others = [patch for patch in patches if not _times([patch])]
    return _written(path, body, resources, [*others, *_patches(wanted)])


def _plain(resources: Sequence[Any]) -> bytes:
    """The file as it mostly is."""
    return "\n".join([HEAD if resources else f"{HEAD} []", *(f"  - {name}" for name in resources), ""]).encode()


def _written(path: str, text: bytes, resources: Sequence[str], patches: Sequence[Mapping[str, Any]]) -> bytes:
    yaml = _yaml()
    try:
        data = yaml.load(text)
    except YAMLError:  # the engine took it, so that this is something that few have heard of
        raise Refused(f"{path} is written in a way that this command cannot keep; remove the file, and it is made again") from None
    data["resources"] = list(resources)
    if patches:
        data["patches"] = [dict(patch) for patch in patches]
    out = io.BytesIO()
    yaml.dump(data, out)
    return out.getvalue()


def _times(patches: Iterable[Any]) -> Times:
    """What the patches of earlier runs say; those of others say nothing."""
    found: Times = {}
    for patch in patches:
        match _parsed(patch):
            case [{"path": "/spec/postRenderers/-", "value": {"kustomize": {"patches": [*inner]}}}]:
                release = str(patch["target"]["name"])
                found |= {(release, kind, name): time for (_, kind, name), time in _times(inner).items()}
            case {
                "kind": str(kind),
                "metadata": {"name": str(name)},
                "spec": {"template": {"metadata": {"annotations": {"gitops-generate/rotated": str(time)}}}},
            }:
                found["", kind, name] = time
    return found


def _parsed(patch: Any) -> Any:
    """The body of a patch that may be ours, None for any other."""
    match patch:
        case {"patch": str(text), "target": {"name": str()}} if ROTATED in text and len(text) < LONGEST:
            try:
                return YAML(typ="safe", pure=True).load(text)
            except (YAMLError, ValueError, RecursionError):  # somebody else's text that happens to name our annotation
                return None
    return None


def _patches(times: Times) -> list[dict[str, Any]]:
    """A patch for each release, and one for each object of the overlay, sorted."""
    made = []
    for release in sorted({release for release, _, _ in times}):
        pods = [_pod_patch(kind, name, time) for (owner, kind, name), time in sorted(times.items()) if owner == release]
        made += [_release_patch(release, pods)] if release else pods
    return made


def _release_patch(release: str, patches: list[dict[str, Any]]) -> dict[str, Any]:
    """One more post-renderer: the release has a list of them, empty or not, so that nothing is replaced."""
    body = [{"op": "add", "path": "/spec/postRenderers/-", "value": {"kustomize": {"patches": patches}}}]
    return {"target": {"kind": "HelmRelease", "name": release}, "patch": _text(body)}


def _pod_patch(kind: str, name: str, time: str) -> dict[str, Any]:
    body = {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"template": {"metadata": {"annotations": {ROTATED: time}}}},
    }
    return {"target": {"kind": kind, "name": name}, "patch": _text(body)}


def _text(body: Mapping[str, Any] | list[dict[str, Any]]) -> str:
    out = io.StringIO()
    _yaml().dump(body, out)
    text: str = LiteralScalarString(dedent(out.getvalue()))
    return text


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
