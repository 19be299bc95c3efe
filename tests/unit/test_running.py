"""An environment that says which Flux it runs is not held against the definitions of another one."""

from pathlib import Path

import pytest

from gitops_validate.check import Options, check
from gitops_validate.model.report import Report

REPOSITORY = """\
apiVersion: source.toolkit.fluxcd.io/v1beta2
kind: HelmRepository
metadata: {name: charts, namespace: flux-system}
spec: {interval: 1h, url: "https://charts.example"}
"""
MANIFESTS = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: flux-manifests, namespace: flux-system}
spec: {interval: 1h, url: "oci://ghcr.io/fluxcd/flux-manifests", ref: {tag: %s}}
"""
INSTANCE = """\
apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata: {name: flux, namespace: flux-system}
spec: {distribution: {version: "%s", registry: ghcr.io/fluxcd}}
"""
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: helmrepositories.source.toolkit.fluxcd.io}
spec:
  group: source.toolkit.fluxcd.io
  scope: Namespaced
  names: {kind: HelmRepository, listKind: HelmRepositoryList, plural: helmrepositories, singular: helmrepository}
  versions:
    - {name: %s, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
"""


def _checked(root: Path, **clusters: str) -> Report:
    for name, text in clusters.items():
        (root / "clusters" / name).mkdir(parents=True)
        (root / "clusters" / name / "flux.yaml").write_text(text)
    return check(Options(root, offline=True, cache=False))


@pytest.mark.parametrize("flux", [MANIFESTS % "v2.5.1", INSTANCE % "2.5.x", INSTANCE % "2.5"])
def test_what_an_earlier_flux_may_serve_is_not_known(tmp_path: Path, flux: str) -> None:
    report = _checked(tmp_path, dev=f"{flux}---\n{REPOSITORY}")
    assert [found for found in report.findings if found.rule == "api-verdict"] == []
    assert any("in Flux 2.9; the environment runs" in gap.reason for gap in report.incomplete)


@pytest.mark.parametrize("flux", [MANIFESTS % "v2.9.1", MANIFESTS % "latest", INSTANCE % "2.x", INSTANCE % ">=2.5.0", ""])
def test_what_the_flux_that_is_known_does_not_serve_is_refused(tmp_path: Path, flux: str) -> None:
    report = _checked(tmp_path, dev=f"{flux}---\n{REPOSITORY}")
    assert ["served as source.toolkit.fluxcd.io/v1" in found.message for found in report.findings if found.rule == "api-verdict"] == [True]


def test_the_definitions_of_another_environment_s_flux_are_not_its_own(tmp_path: Path) -> None:
    current = REPOSITORY.replace("v1beta2", "v1")
    assert [found.rule for found in _checked(tmp_path, dev=f"{INSTANCE % '2.x'}---\n{current}", old=DEFINITION % "v1beta2").findings] == []
