"""What the Flux that an environment runs serves, if it is another one than that whose definitions are known here."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec.structs import replace

from gitops_validate.building.version import MINOR, is_earlier, named
from gitops_validate.model.render import Rendered, Verdict

TOOLKIT = ".toolkit.fluxcd.io"
"""What the groups of Flux end with."""
Kinds = Collection[tuple[str, str]]
"""Groups and kinds."""


def strangers(rendered: Sequence[Rendered]) -> dict[str, set[tuple[str, str]]]:
    """By environment the kinds of Flux that another environment of the checkout defines, where it says itself which Flux it runs: not that one."""
    own = {each.environment.name: set(_defined(each)) for each in rendered}
    every = {kind for kinds in own.values() for kind in kinds}
    return {each.environment.name: every - own[each.environment.name] if any(map(named, each.objects)) else set() for each in rendered}


def earlier(environment: Rendered) -> str:
    """The version of Flux that an environment says that it runs, if that is an earlier one than is known here; "" otherwise."""
    return next(filter(is_earlier, map(named, environment.objects)), "")


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
