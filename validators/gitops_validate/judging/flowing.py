"""Where the values of Secrets in plain text may have flowed: into what a reconciler makes that reads them, and on from there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from gitops_validate.building import link
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.render import Render, Rendered, RenderedObject
from gitops_validate.review.veil import Veil, brought


def reaching(rendered: Rendered) -> Mapping[ReconcilerRef, Sequence[RenderedObject]]:
    """The Secrets whose values may stand in what each reconciler makes, for those that any can reach.

    A reconciler reads Secrets itself (substituteFrom, valuesFrom), or what another one made of them: its own object, a ConfigMap.
    """
    found: dict[ReconcilerRef, dict[RenderedObject, None]] = {}
    while True:
        before = sum(map(len, found.values()))
        for render in rendered.renders:
            read = dict.fromkeys(_read(render, rendered, found))
            if read:
                found[render.reconciler.ref] = read
        if sum(map(len, found.values())) == before:
            return {ref: list(secrets) for ref, secrets in found.items()}


def veil_over(environments: Iterable[Rendered]) -> Veil:
    """What hides the values of the Secrets of environments in whatever is said of these."""
    every = list(environments)
    flowing = dict.fromkeys(chain.from_iterable(secrets for each in every for secrets in reaching(each).values()))
    return Veil(flowing, (thing for each in every for thing in brought(each.objects) if thing not in flowing))


def _read(render: Render, rendered: Rendered, found: Mapping[ReconcilerRef, Mapping[RenderedObject, None]]) -> list[RenderedObject]:
    """What is known to reach a reconciler by now."""
    given = [thing for reference in link.inputs(render.reconciler) if (thing := rendered.by_kind.get(reference.identity))]
    makers = [thing.reconciler for thing in (*given, render.reconciler.object) if thing]
    return [*brought(given), *(secret for maker in makers for secret in found.get(maker, ()))]
