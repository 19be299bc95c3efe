"""Ask how the API server merges the lists in the objects that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gitops_validate.engine import Answer, Question
from gitops_validate.judging.verdicts import known_definitions
from gitops_validate.keeping.ask import Asker, Keyed
from gitops_validate.model.merged import Kind, Merged
from gitops_validate.review.sides import Side
from gitops_validate.schemas import identity


def merging(before: Side, after: Side, asker: Asker) -> Mapping[Kind, Merged]:
    """How the kinds of the objects that are not what they were are merged; without those that have nothing to merge. Asked in one go."""
    former = before.objects
    others = (thing.ref for key, thing in after.objects.items() if key not in former or former[key].raw != thing.raw)
    asked = sorted({(ref.api_version, ref.kind) for ref in others})
    answers = asker.ask(list(_questions(after, asked)))
    known = {kind: answer.result["types"] for kind, answer in zip(asked, answers, strict=True) if isinstance(answer, Answer)}
    return {kind: Merged(types) for kind, types in known.items() if types}


def _questions(side: Side, kinds: Sequence[Kind]) -> Iterator[Keyed]:
    """One question a kind, so that each answer is kept for itself."""
    definitions, bundled = known_definitions(side.repo, side.rendered), identity()
    for api_version, kind in kinds:
        group = api_version.rpartition("/")[0]
        digest, body = definitions.get((group, kind), ("", b""))
        args = {"apiVersion": api_version, "kind": kind, "definitions": [digest] if digest else []}
        yield Keyed.of(Question("lists", args, (), side.rendered.environment.server, {digest: body} if digest else {}), bundled)
