"""Which Flux an environment runs, as far as its repository says so: the definitions that are known here are those of one release."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from msgspec.structs import replace

from gitops_validate.building import link
from gitops_validate.model.render import Rendered, RenderedObject, Verdict

TOOLKIT = ".toolkit.fluxcd.io"
"""What the groups of Flux end with."""
MINOR = 9
"""The minor version of Flux 2 that is rendered like, and whose definitions are known."""
MANIFESTS = "/flux-manifests"
"""How the addresses of the artifacts end that Flux publishes its own manifests as."""
_VERSION = re.compile(r"v?2\.(?P<minor>\d+)(\.(\d+.*|[xX*]))?$")
Kinds = Collection[tuple[str, str]]
"""Groups and kinds."""


def strangers(rendered: Sequence[Rendered]) -> dict[str, set[tuple[str, str]]]:
    """By environment the kinds of Flux that another environment of the checkout defines, where it says itself which Flux it runs: not that one."""
    own = {each.environment.name: set(_defined(each)) for each in rendered}
    every = {kind for kinds in own.values() for kind in kinds}
    return {each.environment.name: every - own[each.environment.name] if any(map(_version, each.objects)) else set() for each in rendered}


def earlier(environment: Rendered) -> str:
    """The version of Flux that an environment says that it runs, if that is an earlier one than is known here; "" otherwise."""
    named = (text for thing in environment.objects if (text := _version(thing)))
    return next((text for text in named if (found := _VERSION.match(text)) and int(found["minor"]) < MINOR), "")


def undefined(verdict: Verdict, version: str, defined: Kinds) -> Verdict:
    """A verdict, unless it is that a later Flux than the environment's does not serve an object's version: nobody knows here what the earlier one serves."""
    ref, cause = verdict.object.ref, next(iter(verdict.causes), None)
    if not version or verdict.verdict != "rejected" or not ref.group.endswith(TOOLKIT) or (ref.group, ref.kind) in defined:
        return verdict
    if cause is None or (cause.reason, cause.pointer) != ("NotFound", "/apiVersion"):
        return verdict
    message = (
        f"{cause.message} in Flux 2.{MINOR}; the environment runs {version}, whose definitions are not known here: add them to the repository, or "
        "`gitops-validate schemas add FILE`"
    )
    return replace(verdict, verdict="no-schema", causes=(replace(cause, message=message),))


def _defined(environment: Rendered) -> list[tuple[str, str]]:
    found = []
    for thing in environment.objects:
        match thing.data if thing.ref.kind == "CustomResourceDefinition" else None:
            case {"spec": {"group": str(group), "names": {"kind": str(kind)}}} if group.endswith(TOOLKIT):
                found.append((group, kind))
    return found


def _version(thing: RenderedObject) -> str:
    match thing.data if thing.ref.kind in ("FluxInstance", "OCIRepository") else None:
        case {"spec": {"distribution": {"version": str(version)}}} if thing.ref.group == link.OPERATOR:
            return version
        case {"spec": {"url": str(url), "ref": {"tag": str(tag)}}} if url.endswith(MANIFESTS):
            return tag
    return ""
