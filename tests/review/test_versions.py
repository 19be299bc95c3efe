"""How the version of a chart is told: once, and without what Flux adds to it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest

from gitops_validate.model.change import Change
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import Origin, RenderedObject
from gitops_validate.review.impacts.charts import _chart, chart_sources, source_versions
from gitops_validate.review.impacts.versions import step
from gitops_validate.review.where import Where


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("app@4.6.2+aaaaaaaaaaaa@sha256:a", "app@5.0.0+bbbbbbbbbbbb@sha256:b", ["careful chart app: 4.6.2 to 5.0.0 (major)"]),
        ("app@4.5.0@sha256:a", "app@4.5.0+000000000000@sha256:a", []),
        ("app@4.5.0@sha256:a", "@@sha256:b", []),
        ("app@4.5.0@sha256:a", "app@4.5.0@sha256:b", ["careful chart app 4.5.0 has another content under the same version"]),
        (
            "app@0.1.0+aaaaaaaaaaaa@sha256:a",
            "app@0.1.0+bbbbbbbbbbbb@sha256:b",
            ["routine chart app 0.1.0 has another content under the same version"],
        ),
    ],
)
def test_what_flux_adds_to_a_version_is_no_version(old: str, new: str, said: list[str]) -> None:
    assert [f"{impact.level.label} {impact.message}" for impact in _chart(old, new)] == said


@pytest.mark.parametrize(
    ("old", "new", "how"),
    [
        ("0.5.0", "0.6.0", "early"),
        ("0.5.0", "0.5.1", "patch"),
        ("0.9.0", "1.0.0", "major"),
        ("1.5.0", "1.6.0", "minor"),
        ("v1.5", "v1.4.9", "back"),
        ("2026.8.2", "2026.8.3", "patch"),
        ("v1.14.0-beta.1", "v1.14.0-rc.1", "patch"),
        ("latest", "main", "other"),
    ],
)
def test_how_far_a_version_moves(old: str, new: str, how: str) -> None:
    assert step(old, new) == how


def release(**spec: Any) -> RenderedObject:
    body = {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "app", "namespace": "shop"}, "spec": spec}
    ref = ObjectRef("helm.toolkit.fluxcd.io/v2", "HelmRelease", "shop", "app")
    return RenderedObject(ref, orjson.dumps(body), Origin(), ReconcilerRef("Kustomization", "flux-system", "apps"), "prod")


def chart(version: str, source: str = "charts") -> dict[str, Any]:
    return {"spec": {"chart": "app", "version": version, "sourceRef": {"kind": "HelmRepository", "name": source}}}


def told(before: RenderedObject, after: RenderedObject, rendered: tuple[str, str]) -> list[str]:
    charts = {id(before): rendered[0], id(after): rendered[1]}
    where = cast(Where, SimpleNamespace(chart=lambda thing: charts[id(thing)]))
    change = Change("modified", before, after)
    return [f"{each.level.label} {each.message}" for tell in (source_versions, chart_sources) for each in tell(change, where)]


def test_the_version_of_a_chart_that_is_rendered_is_told_by_the_chart() -> None:
    before, after = release(chart=chart("3.7.2")), release(chart=chart("3.7.3"))
    assert told(before, after, ("app@3.7.2@sha256:a", "app@3.7.3@sha256:b")) == []
    assert told(before, after, ("", "")) == ["routine chart version 3.7.2 to 3.7.3 (patch)"]
    assert told(before, after, ("app@3.7.2@sha256:a", "app@3.7.2@sha256:a")) == ["routine chart version 3.7.2 to 3.7.3 (patch)"]


def test_the_same_chart_from_elsewhere_is_routine() -> None:
    before, after = release(chart=chart("4.5.0")), release(chartRef={"kind": "OCIRepository", "name": "app"})
    moved = "takes its chart from OCIRepository/shop/app instead of HelmRepository/shop/charts, where it is app"
    assert told(before, after, ("app@4.5.0@sha256:a", "app@4.5.0+000000000000@sha256:a")) == [f"routine {moved}: the same chart"]
    assert told(before, after, ("app@4.5.0@sha256:a", "app@4.5.0+000000000000@sha256:b")) == [f"careful {moved}"]
    assert told(before, after, ("", "")) == [f"careful {moved}"]
