"""Secrets that an environment has to have and has not yet: the catalogue names them, and nothing has or renders them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from shlex import quote

import orjson
from msgspec import Struct

from gitops_validate.model.finding import Pending
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import At
from gitops_validate.model.render import Origin, Rendered, RenderedObject
from gitops_validate.review import held
from gitops_validate.secrets.producers import secrets_of
from gitops_validate.secrets.wanted import CATALOGUE, Wanted, wanted

PLACEHOLDER = base64.b64encode(held.PLACEHOLDER.encode()).decode()
"""What the engine puts in the place of an encrypted value."""


class Missing(Struct, frozen=True):
    """A secret that is not there, where the catalogue names it, and what a person does about it."""

    pending: Pending
    at: At
    fix: str


def pending(repo: Repo, rendered: Rendered) -> tuple[Pending, ...]:
    """What an environment still lacks."""
    return tuple(sorted({each.pending for each in missing(repo, rendered)}))


def missing(repo: Repo, rendered: Rendered) -> Iterator[Missing]:
    """What an environment still lacks, in the catalogue's order."""
    there = {identity for item in rendered.objects for identity in secrets_of(item)}
    lacking = [each for each in absent(repo, rendered.environment.name) if (each.namespace, each.name) not in there]
    asked = {each.name: each for each in lacking if each.given}
    for each in lacking:
        first = next((asked[name] for name in sorted(each.follows & asked.keys())), None)
        yield _missing(each, rendered.environment.name, first)


def absent(repo: Repo, environment: str) -> Iterator[Wanted]:
    """The secrets for an environment whose files are not there."""
    for each in wanted(repo):
        path = each.path(environment)
        if each.is_for(environment) and path not in repo.digests and path not in repo.links:
            yield each


def placeholders(repo: Repo, environment: str) -> dict[tuple[str, str, str], RenderedObject]:
    """What stands for absent secrets where a reconciler reads them: their keys, each with the placeholder of an encrypted value."""
    return {("Secret", each.namespace, each.name): _placeholder(each, environment) for each in absent(repo, environment)}


def is_placeholder(held: RenderedObject) -> bool:
    """Whether an object stands for a secret that is not there yet."""
    return held.origin.path == CATALOGUE


def _placeholder(each: Wanted, environment: str) -> RenderedObject:
    data = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": each.name, "namespace": each.namespace}}
    body = orjson.dumps({**data, "data": dict.fromkeys(each.keys, PLACEHOLDER)})
    ref, origin = ObjectRef("v1", "Secret", each.namespace, each.name), Origin(CATALOGUE, each.at.document)
    return RenderedObject(ref, body, origin, ReconcilerRef("", "", ""), environment, encrypted=True)


def _missing(each: Wanted, environment: str, first: Wanted | None) -> Missing:
    if each.given:
        reason = f"from {each.given}"
        fix = f"gitops-generate secrets set {each.name} --env {quote(environment)}: {reason}"
    elif first:
        reason = f"comes with {first.namespace}/{first.name}"
        fix = f"gitops-generate secrets set {first.name} --env {quote(environment)}: from {first.given}"
    else:
        reason, fix = "`gitops-generate secrets` makes it", "gitops-generate secrets, and commit what it makes"
    return Missing(Pending(f"{each.namespace}/{each.name}", environment, each.path(environment), reason), each.at, fix)
