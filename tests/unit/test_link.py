"""What refers to what, read off rendered objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from gitops_validate.building import link
from gitops_validate.model.environment import Environment
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import FluxKustomization, HelmRelease, Origin, RenderedObject

ENTRY = ReconcilerRef("Kustomization", "flux-system", "flux-system")


def thing(version: str, kind: str, spec: Mapping[str, Any], *, namespace: str = "apps", name: str = "shop") -> RenderedObject:
    data = {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}
    return RenderedObject(ObjectRef(version, kind, namespace, name), orjson.dumps(data), Origin("a.yaml", 0), ENTRY, "dev")


def test_kustomize_s_own_kind_of_the_same_name_is_no_reconciler() -> None:
    assert not list(link.reconcilers(thing("kustomize.config.k8s.io/v1beta1", "Kustomization", {"path": "x"})))


def test_flux_s_kinds_are_reconcilers_in_every_version() -> None:
    (one,) = link.reconcilers(thing("kustomize.toolkit.fluxcd.io/v1beta2", "Kustomization", {"path": "./apps/"}))
    (two,) = link.reconcilers(thing("helm.toolkit.fluxcd.io/v2", "HelmRelease", {}))
    assert isinstance(one, FluxKustomization)
    assert isinstance(two, HelmRelease)
    assert link.folder(one.spec) == "apps"


def test_a_flux_instance_stands_for_the_kustomization_that_it_makes() -> None:
    sync = {"kind": "OCIRepository", "url": "oci://x/y", "path": "clusters/dev", "ref": "latest"}
    (made,) = link.reconcilers(thing("fluxcd.controlplane.io/v1", "FluxInstance", {"sync": sync}, namespace="flux-system", name="flux"))
    assert made.ref == ENTRY
    assert link.source(made) == ReconcilerRef("OCIRepository", "flux-system", "flux-system")
    assert link.folder(made.spec) == "clusters/dev"


@pytest.mark.parametrize(
    ("path", "folder"), [("", "."), ("./", "."), ("/apps", "apps"), ("./a/../b", "b"), ("../out", "out"), ("..", "."), ("a/../../b", "b")]
)
def test_a_path_is_relative_to_its_source(path: str, folder: str) -> None:
    assert link.folder({"path": path}) == folder


@pytest.mark.parametrize(
    ("spec", "source"),
    [
        ({"chartRef": {"kind": "OCIRepository", "name": "c"}}, ReconcilerRef("OCIRepository", "apps", "c")),
        ({"chartRef": {"kind": "OCIRepository", "name": "c", "namespace": "n"}}, ReconcilerRef("OCIRepository", "n", "c")),
        ({"chart": {"spec": {"chart": "x", "sourceRef": {"kind": "HelmRepository", "name": "c"}}}}, ReconcilerRef("HelmRepository", "apps", "c")),
        ({"chart": {"spec": {"sourceRef": {"name": "c"}}}}, None),
        ({"chart": []}, None),
    ],
)
def test_the_source_of_a_release(spec: Mapping[str, Any], source: ReconcilerRef | None) -> None:
    (release,) = link.reconcilers(thing("helm.toolkit.fluxcd.io/v2", "HelmRelease", spec))
    assert link.source(release) == source


def test_inputs_keep_their_order_and_malformed_ones_are_left_to_the_api_server() -> None:
    entries = [
        {"kind": "Secret", "name": "s", "optional": True, "valuesKey": "k", "targetPath": "a.b"},
        {"kind": "ConfigMap"},
        7,
        {"kind": "ConfigMap", "name": "c"},
    ]
    (release,) = link.reconcilers(thing("helm.toolkit.fluxcd.io/v2", "HelmRelease", {"valuesFrom": entries}))
    assert link.inputs(release) == (link.Reference("Secret", "apps", "s", True, "k", "a.b"), link.Reference("ConfigMap", "apps", "c"))


@pytest.mark.parametrize("spec", [{"dependsOn": [{"name": "a"}, {"name": "b", "namespace": "n"}]}])
def test_dependencies_are_of_the_same_kind(spec: Mapping[str, Any]) -> None:
    (one,) = link.reconcilers(thing("kustomize.toolkit.fluxcd.io/v1", "Kustomization", spec))
    assert list(one.depends_on) == [ReconcilerRef("Kustomization", "apps", "a"), ReconcilerRef("Kustomization", "n", "b")]


def test_an_entry_that_nothing_declares_is_what_bootstrap_would_make() -> None:
    made = link.entry(Environment("dev", "clusters/dev", "1.36"))
    assert (made.ref, link.folder(made.spec), link.source(made)) == (
        ENTRY,
        "clusters/dev",
        ReconcilerRef("GitRepository", "flux-system", "flux-system"),
    )
