"""Images, charts and the order of reconcilers, read off what was rendered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from gitops_validate.cli.graph import _mermaid, _text
from gitops_validate.cli.inventories import table
from gitops_validate.model.environment import Environment
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import Failure, FluxKustomization, HelmRelease, Origin, Reconciler, Render, Rendered, RenderedObject
from gitops_validate.workloads.inventory import ChartUse, Image, charts, graph, images

ROOT = ReconcilerRef("Kustomization", "flux-system", "flux-system")


def thing(kind: str, data: Mapping[str, Any], version: str = "v1", by: ReconcilerRef = ROOT) -> RenderedObject:
    return RenderedObject(ObjectRef(version, kind, "n", "x"), orjson.dumps(data), Origin(), by, "dev")


def environment(*renders: Render) -> Rendered:
    return Rendered(Environment("dev", "clusters/dev", "1.36"), renders)


def root(*objects: RenderedObject) -> Render:
    return Render(FluxKustomization(ROOT, "dev", None, {}), objects)


def test_images_of_every_container_and_of_kinds_that_name_one_themselves() -> None:
    pod = {"initContainers": [{"image": "a:1"}], "containers": [{"image": "b:1"}, {"image": "b:1"}, {}, "odd"], "ephemeralContainers": "odd"}
    objects = [
        thing("CronJob", {"spec": {"jobTemplate": {"spec": {"template": {"spec": pod}}}}}, "batch/v1"),
        thing("Cluster", {"spec": {"imageName": "pg:17"}}, "postgresql.cnpg.io/v1"),
        thing("Cluster", {"spec": {"imageName": "other"}}, "example.test/v1"),
        thing("Pod", {"spec": None}),
    ]
    assert images([environment(root(*objects))]) == [
        Image("dev", "a:1", "CronJob/n/x"),
        Image("dev", "b:1", "CronJob/n/x"),
        Image("dev", "pg:17", "Cluster/n/x"),
    ]


def test_charts_with_their_version_and_source() -> None:
    release = HelmRelease(ReconcilerRef("HelmRelease", "n", "web"), "dev", None, {})
    render = Render(release, chart="web@1.2.3@sha256:00", source=ReconcilerRef("HelmRepository", "n", "r"))
    assert charts([environment(root(), render)]) == [ChartUse("dev", "HelmRelease/n/web", "web", "1.2.3", "sha256:00", "HelmRepository/n/r")]


def waiting(name: str, *before: str) -> Render:
    ref = ReconcilerRef("Kustomization", "flux-system", name)
    declared = thing("Kustomization", {}, "kustomize.toolkit.fluxcd.io/v1")
    spec = {"dependsOn": [{"name": other} for other in before]}
    return Render(FluxKustomization(ref, "dev", declared, spec))


def test_what_others_wait_for_comes_first_and_a_cycle_ends() -> None:
    order = [node.ref.name for node in graph([environment(root(), waiting("a", "b"), waiting("b", "c"), waiting("c"))])]
    assert order == ["flux-system", "c", "b", "a"]
    assert {node.ref.name for node in graph([environment(waiting("a", "b"), waiting("b", "a"))])} == {"a", "b"}


def test_the_drawing_shows_failures_and_survives_hostile_names() -> None:
    hostile = ReconcilerRef("Kustomization", "n", 'x"]\n click --> <b>\x1b[31m')
    failed = Render(Reconciler(hostile, "dev", None, {}), failure=Failure("kustomize-build", "no"))
    drawn = _mermaid([environment(root(), failed)])
    assert ":::bad" in drawn
    assert not {'x"]', "<b>", "\x1b"} & {part for part in ('x"]', "<b>", "\x1b") if part in drawn}
    assert "\x1b" not in _text([environment(root(), failed)])
    assert "failed" in _text([environment(root(), failed)])


def test_a_table_has_columns() -> None:
    assert table([("a", "bb"), ("ccc", "d")]) == "a    bb\nccc  d\n"
    assert table([]) == ""
