"""What an environment's own policies say of its objects, and of what nothing is known."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gitops_validate.judging.admission import decisions, held_against, policies, undecided
from gitops_validate.model.environment import Environment
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import FluxKustomization, Origin, Render, Rendered, RenderedObject, Verdict

ROOT = ReconcilerRef("Kustomization", "flux-system", "flux-system")
V1 = "admissionregistration.k8s.io/v1"


def thing(version: str, kind: str, spec: Any = None, *, encrypted: bool = False) -> RenderedObject:
    return RenderedObject(ObjectRef(version, kind, "n", "x"), orjson.dumps({"kind": kind, "spec": spec}), Origin(), ROOT, "dev", encrypted)


def environment(*objects: RenderedObject) -> Rendered:
    return Rendered(Environment("dev", "clusters/dev", "1.36"), (Render(FluxKustomization(ROOT, "dev", None, {}), objects),))


POLICY = thing(V1, "ValidatingAdmissionPolicy", {"paramKind": {"apiVersion": "acme.example/v1", "kind": "Limit"}})
BINDING = thing(V1, "ValidatingAdmissionPolicyBinding")
SAID = {"policy": "p", "binding": "b", "actions": ["Deny"], "message": "no", "pointer": "/spec"}


def test_an_environment_without_a_binding_pays_nothing() -> None:
    assert policies(environment(thing("v1", "ConfigMap"), POLICY)) is None


def test_policies_come_with_namespaces_and_the_objects_that_may_be_parameters() -> None:
    limit, secret = thing("acme.example/v1beta1", "Limit"), thing("acme.example/v1", "Limit", encrypted=True)
    found = policies(
        environment(POLICY, BINDING, thing("v1", "Namespace"), limit, secret, thing("v1", "ConfigMap"), thing("other.example/v1", "Limit"))
    )
    assert found is not None
    assert [each["kind"] for each in orjson.loads(found.body)["items"]] == [
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "Namespace",
        "Limit",
    ]
    assert found.kinds == {("", "Namespace"), ("acme.example", "Limit")}


@pytest.mark.parametrize("odd", [None, 7, [], "x", {"paramKind": 7}, {"paramKind": {"apiVersion": 1, "kind": []}}])
def test_odd_policies_have_no_parameters(odd: Any) -> None:
    found = policies(environment(thing(V1, "ValidatingAdmissionPolicy", odd), BINDING, thing("v1", "ConfigMap")))
    assert found is not None
    assert not found.kinds


def test_a_decision_that_depends_on_the_cluster_is_no_finding_but_a_gap_told_once() -> None:
    web = thing("apps/v1", "Deployment")
    verdict = Verdict(web, "accepted", policies=decisions([{**SAID, "unknown": "requester"}, SAID], web))
    assert [told for _, _, told in held_against(verdict, "Deny")] == ["ValidatingAdmissionPolicy p, bound by b: no"]
    (gap,) = undecided([verdict, verdict])
    assert (gap.what, gap.subject, gap.environment) == ("policy", "ValidatingAdmissionPolicy/p", "dev")
    assert "who applies it" in gap.reason


def test_what_is_only_audited_is_no_gap() -> None:
    web = thing("apps/v1", "Deployment")
    assert not list(undecided([Verdict(web, "accepted", policies=decisions([{**SAID, "actions": ["Audit"], "unknown": "params"}], web))]))


@pytest.mark.parametrize(("pointer", "unknown"), [("/data/a", "values"), ("", "values"), ("/metadata/labels", ""), ("/type", "")])
def test_of_an_encrypted_secret_only_what_is_not_encrypted_is_judged(pointer: str, unknown: str) -> None:
    (found,) = decisions([{**SAID, "pointer": pointer}], thing("v1", "Secret", encrypted=True))
    assert found.unknown == unknown
