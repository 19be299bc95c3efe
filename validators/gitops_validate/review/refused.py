"""Updates that the API server refuses, because a field cannot be changed or a policy denies it: its own code says so, given the object as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.engine import Answer, Question
from gitops_validate.judging.admission import DOUBTS, given, held_against, policies
from gitops_validate.judging.verdicts import known_definitions, verdict
from gitops_validate.keeping.ask import Asker, Keyed
from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import Cause, RenderedObject, Verdict
from gitops_validate.review.where import Where
from gitops_validate.schemas import identity

LONGEST = 200
Pair = tuple[RenderedObject, RenderedObject]


class Refusals(Struct, frozen=True):
    """Asks an engine what would become of updates."""

    asker: Asker

    def of(self, changes: Sequence[Change], where: Where) -> Mapping[int, list[Impact]]:
        """The refusals, by the index of the change. What is refused by itself, updated or not, is a finding and not said here."""
        pairs = {index: (each.before, each.after) for index, each in enumerate(changes) if each.before and each.after and _updates(each)}
        if not pairs:
            return {}
        answer = self.asker.ask([self._question(list(pairs.values()), where)])[0]
        if not isinstance(answer, Answer):
            return {index: [_unknown()] for index in pairs}
        judged = where.sides.after.rendered.verdicts
        alone = {(found.object.ref, cause.field) for found in judged for cause in found.causes}
        refused = {found.object.ref for found in judged if found.verdict == "rejected"}
        denied = {(found.object.ref, said.policy, said.message) for found in judged for said in found.policies}
        told = {}
        for (index, (_, after)), said in zip(pairs.items(), answer.result["verdicts"], strict=True):
            found = verdict(after, said)
            causes = [cause for cause in found.causes if (after.ref, cause.field) not in alone and (cause.field or after.ref not in refused)]
            own = tuple(each for each in found.policies if (after.ref, each.policy, each.message) not in denied)
            told[index] = [*_impacts(causes, changes[index], where), *_denials(replace(found, policies=own), changes[index])]
        return told

    @staticmethod
    def _question(pairs: Sequence[Pair], where: Where) -> Keyed:
        side = where.sides.after
        known = known_definitions(side.repo, side.rendered)
        needed = {known[kind] for _, after in pairs if (kind := (after.ref.group, after.ref.kind)) in known}
        named, others, lists = given(policies(side.rendered), known)
        args = {"apply": "server-side", "definitions": sorted(key for key, _ in needed), "namespace": "default", **named}
        bodies = [body for before, after in pairs for body in (before.raw, after.raw)]
        return Keyed.of(Question("update", args, bodies, side.rendered.environment.server, dict(needed | others), lists), identity())


def _updates(change: Change) -> bool:
    """Whether an object is updated in its place. A generated one comes under a new name."""
    return bool(
        change.before
        and change.after
        and change.before.ref.name == change.after.ref.name
        and change.before.ref.namespace == change.after.ref.namespace
    )


def _said(cause: Cause) -> str:
    """The reason without the value, which the server repeats in a notation of its own."""
    first = cause.message.splitlines()[0] if cause.message else ""
    return "field is immutable" if "field is immutable" in cause.message else first.rpartition(": ")[2][:LONGEST]


def _impacts(causes: Iterable[Cause], change: Change, where: Where) -> Iterable[Impact]:
    forced = where.forced(change)
    for cause in causes:
        if forced:
            words = f"{cause.field} cannot be changed: it is deleted and made anew, since {change.reconciler} is told to force"
            yield Impact(Level.DANGEROUS, "recreated", words, change.ref, cause.field)
        else:
            words = f"the update is refused until somebody deletes it: {cause.field}: {_said(cause)}"
            yield Impact(Level.DANGEROUS, "immutable", words, change.ref, cause.field)


def _denials(found: Verdict, change: Change) -> Iterable[Impact]:
    """What policies have against the update itself, which sees both objects; what they have against the new one is a finding."""
    for action, level, word, kind in (("Deny", Level.DANGEROUS, "denied", "denied"), ("Warn", Level.CAREFUL, "warned of", "warned")):
        for _, decision, sentence in held_against(found, action):
            yield Impact(level, kind, f"the update is {word} by {sentence}", change.ref, decision.pointer.replace("/", ".").lstrip("."))
    for each in found.policies:
        if each.unknown and {"Deny", "Warn"} & set(each.actions):
            words = f"whether ValidatingAdmissionPolicy {each.policy} lets the update in is not known: {DOUBTS.get(each.unknown, each.unknown)}"
            yield Impact(Level.CAREFUL, "not-judged", words, change.ref)


def _unknown() -> Impact:
    return Impact(Level.CAREFUL, "not-judged", "whether the API server takes the update could not be found out: the engine gave up")
