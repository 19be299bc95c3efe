"""Objects that go under one name and come under another: a chart's new naming, an environment's new prefix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import leaves

ALIKE = 0.6
"""The share of equal fields, names and labels apart, from which two objects count as one that was renamed."""


def renamed(removed: Sequence[RenderedObject], added: Sequence[RenderedObject]) -> list[tuple[RenderedObject, RenderedObject]]:
    """Pairs of one that goes and one that comes: of one kind and one reconciler's, the most alike first; each is in one pair at most."""
    scored = [
        (-alike, str(old.ref), str(new.ref), old, new)
        for old in removed
        for new in added
        if _comparable(old, new) and (alike := _alike(old, new)) >= ALIKE
    ]
    pairs, taken = [], set()
    for *_, old, new in sorted(scored, key=lambda entry: entry[:3]):
        if id(old) not in taken and id(new) not in taken:
            taken |= {id(old), id(new)}
            pairs.append((old, new))
    return pairs


def _comparable(old: RenderedObject, new: RenderedObject) -> bool:
    same = (old.ref.group, old.ref.kind) == (new.ref.group, new.ref.kind)
    return same and (old.reconciler.kind, old.reconciler.name) == (new.reconciler.kind, new.reconciler.name)


def _alike(old: RenderedObject, new: RenderedObject) -> float:
    """The share of fields that both have with the same value; 0 where there is nothing to compare. Of Secrets only the keys count."""
    one, other = _content(old), _content(new)
    return len(one & other) / max(len(one | other), 1) if one and other else 0.0


def _content(thing: RenderedObject) -> set[tuple[Any, ...]]:
    body = {key: value for key, value in thing.data.items() if key not in ("apiVersion", "kind", "metadata")}
    secret = thing.ref.kind == "Secret"
    return {(*route, b"" if secret else orjson.dumps(value)) for route, value in leaves(body)}
