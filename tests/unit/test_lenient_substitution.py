"""What is made of variables that nothing sets depends on the Flux that an environment says that it runs."""

from pathlib import Path

import pytest

from gitops_validate.check import Options, check
from gitops_validate.model.report import Report

INSTANCE = """\
apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata: {name: flux, namespace: flux-system}
spec: {distribution: {version: "%s", registry: ghcr.io/fluxcd}%s}
"""
GATE = ', kustomize: {patches: [{patch: "[{op: add, path: /spec/args/-, value: --feature-gates=A=true,StrictPostBuildSubstitutions=%s}]"}]}'
CONTROLLER = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: kustomize-controller
  namespace: flux-system
  labels: {app.kubernetes.io/part-of: flux, app.kubernetes.io/version: %s}
spec:
  selector: {matchLabels: {app: kustomize-controller}}
  template:
    metadata: {labels: {app: kustomize-controller}}
    spec: {containers: [{name: manager, image: "ghcr.io/fluxcd/kustomize-controller:v1.8.1"%s}]}
"""
ARGUMENT = ', args: ["--feature-gates=StrictPostBuildSubstitutions=%s"]'
KUSTOMIZATION = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: %s, namespace: flux-system}
spec:
  interval: 1h
  prune: true
  path: ./%s
  sourceRef: {kind: GitRepository, name: flux-system}
  postBuild: {substitute: {domain: dev.example}}
"""
SERVICE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: default}
data: {host: "web.${domain}", mode: "x${mode}"}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {ports: [{port: 99999}]}
"""


def _checked(root: Path, **files: str) -> Report:
    for name, text in {"clusters/dev/apps": KUSTOMIZATION % ("apps", "apps"), "apps/settings": SERVICE, **files}.items():
        (root / f"{name}.yaml").parent.mkdir(parents=True, exist_ok=True)
        (root / f"{name}.yaml").write_text(text)
    return check(Options(root, offline=True, cache=False))


def _told(report: Report) -> list[tuple[str, str, int]]:
    return [(found.rule, found.place.path, found.place.line) for found in report.findings if found.rule != "floating-image"]


EMPTIED = [("emptied-variable", "apps/settings.yaml", 4), ("api-verdict", "apps/settings.yaml", 9)]
UNSET = [("unset-variable", "apps/settings.yaml", 4)]


@pytest.mark.parametrize(
    "flux",
    [
        CONTROLLER % ("v2.8.3", ""),
        CONTROLLER % ("v0.41.2", ""),
        CONTROLLER % ("v2.9.0", ARGUMENT % "false"),
        INSTANCE % ("2.8.x", ""),
        INSTANCE % ("2.x", GATE % "false"),
    ],
)
def test_an_earlier_flux_makes_nothing_of_what_is_not_set_and_the_rest_is_checked(tmp_path: Path, flux: str) -> None:
    assert _told(_checked(tmp_path, **{"clusters/dev/flux": flux})) == EMPTIED


@pytest.mark.parametrize(
    "flux", [CONTROLLER % ("v2.9.0", ""), CONTROLLER % ("v2.8.3", ARGUMENT % "true"), INSTANCE % ("2.x", ""), INSTANCE % ("2.8.x", GATE % "true")]
)
def test_what_is_not_set_stops_a_strict_flux(tmp_path: Path, flux: str) -> None:
    assert _told(_checked(tmp_path, **{"clusters/dev/flux": flux})) == UNSET


def test_what_has_failed_before_flux_was_known_is_built_again(tmp_path: Path) -> None:
    """The Kustomization that brings Flux comes after the one with the variable."""
    flux = KUSTOMIZATION % ("flux", "flux") + "  dependsOn: [{name: apps}]\n"
    report = _checked(tmp_path, **{"clusters/dev/flux": flux, "flux/instance": INSTANCE % ("2.7.x", "")})
    assert _told(report) == EMPTIED


def test_an_entry_that_brings_flux_itself_is_built_as_that_flux_does(tmp_path: Path) -> None:
    entry = KUSTOMIZATION % ("flux-system", "clusters/dev") + "---\n" + CONTROLLER % ("v2.8.3", "")
    report = _checked(tmp_path, **{"clusters/dev/flux": entry, "clusters/dev/more": SERVICE.partition("---")[0]})
    assert ("emptied-variable", "clusters/dev/more.yaml", 4) in _told(report)
    assert report.summary.reconcilers == 2
