"""References that lead from one environment into another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitops_validate.model.environment import Environment
from gitops_validate.model.manifest import Repo
from gitops_validate.model.outline import Reference
from gitops_validate.model.render import InObject
from gitops_validate.parity.fleet import Fleet
from gitops_validate.parity.own import word
from gitops_validate.parity.references import references


def foreign(fleet: Fleet, repo: Repo) -> Iterator[tuple[str, Reference, str, InObject]]:
    """Each of them: the environment that has it, what it is, the environment that it leads into, and every place where it stands."""
    entries = {each.path for each in fleet.environments}
    held = {each.name: frozenset(fleet.outlines[each.name].references) for each in fleet.environments}
    for here in fleet.environments:
        found = {reference: other for reference in held[here.name] if (other := _home(reference, here, fleet, held, repo))}
        led = {reference: other for reference, other in found.items() if reference.kind == "path" and reference.text in entries}
        found = led or found  # what leads into the other's entry has brought all the rest
        for reference, spot in references(fleet.look(here.name)) if found else ():
            if other := found.get(reference, ""):
                yield here.name, reference, other, spot


def _home(reference: Reference, here: Environment, fleet: Fleet, held: Mapping[str, frozenset[Reference]], repo: Repo) -> str:
    """The environment that a reference leads into, "" if it certainly leads into no other."""
    if reference.kind == "host":
        owner = max((each for each in fleet.environments if _is_under(reference.text, each.domain)), key=lambda each: len(each.domain), default=here)
        return "" if owner.domain == here.domain else owner.name
    for other in fleet.environments:
        own = _counterpart(reference.text, here, other)
        if own and _was_meant(Reference(reference.kind, own), reference, (here.name, other.name), held, repo):
            return other.name
    return ""


def _counterpart(text: str, here: Environment, other: Environment) -> str:
    """What a text that names another environment would be if it named this one; "" if it does not, or names this one as well."""
    if other.name == here.name or word(here.name).search(text):
        return ""
    named = word(other.name).sub(lambda _: here.name, text)
    return named if named != text else ""


def _was_meant(own: Reference, reference: Reference, pair: tuple[str, str], held: Mapping[str, frozenset[Reference]], repo: Repo) -> bool:
    """Whether there is reason to believe that the own one was meant: it is there, and nobody but these two has the other's."""
    if reference.kind == "path":
        return any(path.startswith(f"{own.text}/") for path in repo.digests)
    sharing = [name for name, found in held.items() if reference in found]
    return sorted(sharing) == sorted(pair) and (reference.kind == "bucket" or own in held[pair[0]])


def _is_under(host: str, domain: str) -> bool:
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))
