"""The admission policies that an environment holds itself, and what they look at besides the objects that they let in or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.judging.hide import without_secrets
from gitops_validate.keeping.cache import digest
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.render import Cause, Decision, Rendered, RenderedObject, Verdict
from gitops_validate.workloads.pods import items

GROUP = "admissionregistration.k8s.io"
POLICY = "ValidatingAdmissionPolicy"
BINDING = "ValidatingAdmissionPolicyBinding"
EXPRESSIONS = (".expression", ".messageExpression", ".valueExpression")
"""How the paths of the fields end that hold CEL."""
DOUBTS = {
    "params": "nothing in this environment is the parameters that the binding names",
    "namespace": "nothing in this environment is the namespace, whose labels count",
    "requester": "it depends on who applies it, and what that account may do",
    "conversion": "only a webhook converts it to the version that the policy asks for",
    "values": "it is encrypted",
    "library": "the library gave up",
}
"""Why it is not known what a policy says, by the engine's word for it."""


class Policies(Struct, frozen=True):
    """A list for the engine, the kinds of the parameters in it, and the API groups that policies match: it needs the definitions of all of them."""

    body: bytes
    kinds: frozenset[tuple[str, str]]
    groups: frozenset[str]

    @property
    def key(self) -> str:
        """What identifies them."""
        return digest(self.body)


def policies(rendered: Rendered) -> Policies | None:
    """The policies of an environment with their bindings, parameters and all namespaces; None if nothing is bound."""
    found = [thing for thing in rendered.objects if thing.ref.group == GROUP and thing.ref.kind in (POLICY, BINDING)]
    if not any(thing.ref.kind == BINDING for thing in found):
        return None
    wanted = {_parameters(thing) for thing in found} | {("", "Namespace")}
    used = [thing for thing in rendered.objects if (thing.ref.group, thing.ref.kind) in wanted and not thing.encrypted]
    body = b'{"items":[' + b",".join(thing.raw for thing in (*found, *used)) + b"]}"
    groups = frozenset(group for thing in found for group in _groups(thing))
    return Policies(body, frozenset((thing.ref.group, thing.ref.kind) for thing in used), groups)


def given(
    under: Policies | None, known: Mapping[tuple[str, str], tuple[str, bytes]]
) -> tuple[dict[str, object], set[tuple[str, bytes]], dict[str, bytes]]:
    """What a request says of policies: the arguments, and the definitions and lists that have to be known; nothing without policies."""
    if under is None:
        return {}, set(), {}
    needed = {found for kind, found in known.items() if kind in under.kinds or kind[0] in under.groups}
    return {"policies": {"digest": under.key, "definitions": sorted(key for key, _ in needed)}}, needed, {under.key: under.body}


def _parameters(thing: RenderedObject) -> tuple[str, str]:
    """The group and kind of a policy's parameters, ("", "") if it has none."""
    match thing.get("spec", "paramKind"):
        case {"apiVersion": str(version), "kind": str(kind)}:
            return version.rpartition("/")[0], kind
    return "", ""


def _groups(thing: RenderedObject) -> Iterator[str]:
    """The API groups that a policy matches, "" apart, which holds no custom kinds."""
    for rule in items(thing.get("spec", "matchConstraints", "resourceRules")):
        listed = rule.get("apiGroups")
        yield from (group for group in (listed if isinstance(listed, list) else ()) if isinstance(group, str) and group)


def decisions(said: Any, thing: RenderedObject) -> tuple[Decision, ...]:
    """What policies have against an object, as the engine says it. That of a value that is encrypted here is none."""
    return tuple(_sure(Decision(**{**each, "actions": tuple(each.get("actions") or ())}), thing) for each in items(said))


def _sure(decision: Decision, thing: RenderedObject) -> Decision:
    if not (thing.encrypted or thing.unknown) or decision.unknown or decision.pointer.startswith(("/metadata", "/type")):
        return decision
    return replace(decision, unknown="values")


def undecided(verdicts: Iterable[Verdict]) -> Iterator[Incomplete]:
    """What policies may say or not, for each policy and reason once."""
    seen: set[tuple[str, str, str]] = set()
    for verdict in verdicts:
        for each in verdict.policies:
            key = (each.policy, each.binding, each.unknown)
            if each.unknown and key not in seen and {"Deny", "Warn"} & set(each.actions):
                seen.add(key)
                thing = verdict.object
                reason = f"whether it lets in {thing.ref} is not known: {DOUBTS.get(each.unknown, each.unknown)}"
                yield Incomplete("policy", f"{POLICY}/{each.policy}", reason, thing.origin.path, thing.environment)


def held_against(verdict: Verdict, action: str) -> Iterator[tuple[RenderedObject, Decision, str]]:
    """What policies certainly have against an object where they take this action, each with the sentence that tells it."""
    for each in verdict.policies:
        if action in each.actions and not each.unknown:
            by = f"{POLICY} {each.policy}" + (f", bound by {each.binding}" if each.binding else "")
            yield verdict.object, each, f"{by}: {without_secrets(each.message, verdict.object)}"


def held(decision: Decision, thing: RenderedObject) -> str:
    """What a decision is about: the object, or what controllers make of it."""
    return f"{thing.ref}: its pods" if decision.pods else str(thing.ref)


def is_expression(cause: Cause, verdict: Verdict) -> bool:
    """Whether a cause of a rejection is an expression of a policy."""
    ref = verdict.object.ref
    return ref.group == GROUP and ref.kind.endswith("AdmissionPolicy") and cause.field.endswith(EXPRESSIONS)
