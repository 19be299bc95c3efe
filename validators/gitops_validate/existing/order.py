"""Which reconciler comes before which: by dependsOn, and by who declares whom."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.render import Rendered


def is_below(rendered: Rendered, ref: ReconcilerRef, above: ReconcilerRef) -> bool:
    """Whether a reconciler is declared by another one, or by one that it declares."""
    return ref != above and above in _reach(rendered, ref, dependencies=False)


def waits_for(rendered: Rendered, ref: ReconcilerRef, other: ReconcilerRef) -> bool:
    """Whether a reconciler cannot be applied before another one is ready."""
    return ref != other and any(
        other in rendered.reconcilers[step].reconciler.depends_on for step in _reach(rendered, ref) if step in rendered.reconcilers
    )


def _reach(rendered: Rendered, ref: ReconcilerRef, *, dependencies: bool = True) -> set[ReconcilerRef]:
    """A reconciler, those that declare it, and those that all of these depend on."""
    found = {ref}
    waiting = [ref]
    while waiting:
        for step in _before(rendered, waiting.pop(), dependencies):
            if step not in found:
                found.add(step)
                waiting.append(step)
    return found


def _before(rendered: Rendered, ref: ReconcilerRef, dependencies: bool) -> Iterator[ReconcilerRef]:
    render = rendered.reconcilers.get(ref)
    if render is None:
        return
    declared = render.reconciler.object
    if declared is not None and declared.ref.kind != "FluxInstance":  # what its sync makes was there before: the bootstrap brought it
        yield declared.reconciler
    if dependencies:
        yield from render.reconciler.depends_on
