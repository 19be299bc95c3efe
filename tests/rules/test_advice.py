"""What a fix says where the usual one would lead astray."""

from __future__ import annotations

KUSTOMIZATION = """apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  interval: 10m
  path: ./apps
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
"""
DEFINITION = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.org
spec:
  group: example.org
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          description: replaces ${var} by its value
"""
CHECKS = """  wait: true
  healthChecks:
    - {apiVersion: cert-manager.io/v1, kind: ClusterIssuer, name: ca}
  healthCheckExprs:
    - {apiVersion: cert-manager.io/v1, kind: ClusterIssuer, current: "true"}
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\n"


def test_a_definition_that_speaks_of_variables_is_annotated(checked) -> None:
    (found,) = checked(
        {"clusters/dev/apps.yaml": KUSTOMIZATION + "  postBuild:\n    substitute: {A: b}\n", "apps/crd.yaml": DEFINITION}
    ).report.findings
    assert (found.rule, "annotate it with" in found.fix) == ("unset-variable", True)


def test_health_checks_beside_wait_are_passed_over(checked) -> None:
    (found,) = checked({"clusters/dev/apps.yaml": KUSTOMIZATION + CHECKS, "apps/settings.yaml": SETTINGS}).report.findings
    assert (found.rule, found.fix.startswith("take away `wait: true`")) == ("idle-health-expression", True)


def test_an_entry_that_is_there_in_one_folder_is_checked_from_there(checked) -> None:
    """The artifact that Flux syncs from is made of that folder."""
    instance = "kind: FluxInstance\napiVersion: fluxcd.controlplane.io/v1\nmetadata: {name: flux, namespace: flux-system}\nspec: {sync: {path: clusters/main}}\n"
    (found,) = checked({"kubernetes/clusters/main/flux.yaml": instance}).report.findings
    assert (found.rule, found.fix.rpartition(": ")[2]) == ("missing-path", "gitops-validate check kubernetes")


def test_a_path_with_a_variable_that_nothing_replaces_says_who_should(checked) -> None:
    outer = KUSTOMIZATION.replace("apps", "outer")
    inner = KUSTOMIZATION.replace("./apps", "./apps/${STAGE:=dev}")
    (found,) = checked({"clusters/dev/outer.yaml": outer, "outer/apps.yaml": inner, "apps/dev/settings.yaml": SETTINGS}).report.findings
    assert (found.rule, found.fix.partition(",")[0]) == ("missing-path", "Kustomization/flux-system/outer")
