"""What most commands look at: the environments with their objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import orjson
from msgspec.structs import replace

from gitops_validate.cli.options import RunOptions
from gitops_validate.cli.progress import Progress
from gitops_validate.cli.running import asked
from gitops_validate.judging.flowing import reaching, veil_over
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import Failure, Render, Rendered, RenderedObject
from gitops_validate.review.veil import Veil
from gitops_validate.run import opened, rendered_environments

Ref = TypeVar("Ref", ObjectRef, ReconcilerRef)


@contextmanager
def looked_at(path: Path, environments: tuple[str, ...], run: RunOptions) -> Iterator[tuple[Sequence[Rendered], list[Incomplete]]]:
    """Every environment asked for with its objects, and what is missing from them. What Secrets hold has flowed nowhere."""
    with Progress(wanted=not run.quiet) as progress:
        options = asked(path, environments, run, progress)
        with opened(options) as opened_run:
            rendered, gaps = rendered_environments(opened_run, options)
    veil = veil_over(rendered)
    missing = [*gaps, *(gap for each in rendered for render in each.renders for gap in render.incomplete)]
    yield list(map(_environment, rendered)), list(map(veil.gap, missing))


def _environment(rendered: Rendered) -> Rendered:
    """The same where nothing flows."""
    veils = {ref: Veil(secrets) for ref, secrets in reaching(rendered).items()}
    renders = (_render(each, veils[each.reconciler.ref]) if each.reconciler.ref in veils else each for each in rendered.renders)
    return replace(rendered, renders=tuple(renders), verdicts=(), rego=()) if veils else rendered


def _render(render: Render, veil: Veil) -> Render:
    known = render.reconciler
    source = _named(render.source, veil) if render.source else None
    shown = _object(known.object, veil) if known.object else None
    reconciler = replace(known, ref=_named(known.ref, veil), spec=veil.flowed(known.spec), object=shown)
    objects = tuple(_object(each, veil) for each in render.objects)
    return replace(
        render, reconciler=reconciler, objects=objects, failure=_failure(render.failure, veil), source=source, chart=veil.text(render.chart)
    )


def _object(thing: RenderedObject, veil: Veil) -> RenderedObject:
    raw = orjson.dumps(veil.flowed(thing.data))
    return replace(thing, ref=_named(thing.ref, veil), raw=raw, reconciler=_named(thing.reconciler, veil))


def _named(ref: Ref, veil: Veil) -> Ref:
    return ref._replace(name=veil.text(ref.name), namespace=veil.text(ref.namespace))


def _failure(failure: Failure | None, veil: Veil) -> Failure | None:
    return replace(failure, message=veil.text(failure.message)) if failure else None
