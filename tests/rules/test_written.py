"""A field of a rendered object, followed back to the file, the patch, the generator or the values that a person edits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from msgspec.structs import replace

from gitops_validate.engine import Answer
from gitops_validate.keeping.ask import Keyed
from gitops_validate.model.environment import Environment
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.manifest import Manifest, Repo, YamlFile
from gitops_validate.model.place import At
from gitops_validate.model.render import (
    FluxKustomization,
    HelmRelease,
    InValues,
    Origin,
    Render,
    Rendered,
    RenderedObject,
)
from gitops_validate.placing.patch import Texts
from gitops_validate.placing.written import Author

APPS = ReconcilerRef("Kustomization", "flux-system", "apps")
WEB = ReconcilerRef("HelmRelease", "apps", "web")


def repo(files: Mapping[str, Sequence[Any]]) -> Repo:
    """A checkout whose files hold these documents."""
    parsed = {
        path: YamlFile(path, tuple(Manifest(path, number, 1, orjson.dumps(data)) for number, data in enumerate(documents)))
        for path, documents in files.items()
    }
    return Repo(Path("/nowhere"), dict.fromkeys(files, "digest"), parsed)


def rendered_object(data: dict[str, Any], origin: Origin, by: ReconcilerRef = APPS) -> RenderedObject:
    names = data["metadata"]
    ref = ObjectRef(data["apiVersion"], data["kind"], names.get("namespace", ""), names["name"])
    return RenderedObject(ref, orjson.dumps(data), origin, by, "dev")


def deployment(name: str = "web", **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def json_only(questions: Sequence[Keyed]) -> list[Answer]:
    """Stands in for the engine's parse: texts are JSON here, which is YAML too."""
    return [Answer({"files": [{"documents": [{"index": 0, "blob": 0}]}]}, (each.question.blobs[0],)) for each in questions]


def author(checkout: Repo, *renders: Render) -> Author:
    return Author(checkout, {"dev": Rendered(Environment("dev", "clusters/dev", "1.36"), renders)}, Texts(json_only))


BASE = Origin("base/web.yaml", 0)


def test_a_field_is_found_in_the_document_that_it_comes_from():
    checkout = repo({"base/web.yaml": [deployment(replicas=1)]})
    at = author(checkout).find(rendered_object(deployment(replicas=1), BASE).at("spec", "replicas"))
    assert at == At("base/web.yaml", 0, ("spec", "replicas"))


def test_items_of_lists_are_matched_by_name_before_index():
    checkout = repo({"base/web.yaml": [deployment(containers=[{"name": "web"}, {"name": "proxy", "image": "p:1"}])]})
    thing = rendered_object(deployment(containers=[{"name": "proxy", "image": "p:1"}, {"name": "web"}]), BASE)
    assert author(checkout).find(thing.at("spec", "containers", 0, "image")).route == ("spec", "containers", 1, "image")


def test_the_second_of_two_equal_names_keeps_its_index():
    both = deployment(containers=[{"name": "web"}, {"name": "web"}])
    at = author(repo({"base/web.yaml": [both]})).find(rendered_object(both, BASE).at("spec", "containers", 1, "name"))
    assert at.route == ("spec", "containers", 1, "name")


def test_a_missing_field_points_at_the_deepest_ancestor():
    checkout = repo({"base/web.yaml": [deployment(containers=[{"name": "web"}])]})
    thing = rendered_object(deployment(containers=[{"name": "web"}]), BASE)
    assert author(checkout).find(thing.at("spec", "containers", 0, "image")).route == ("spec", "containers", 0)


def test_the_document_is_found_by_kind_and_name_when_the_build_does_not_say_which():
    checkout = repo({"base/web.yaml": [deployment("web"), deployment("web-admin", replicas=1)]})
    thing = rendered_object(deployment("dev-web-admin", replicas=1), Origin("base/web.yaml"))
    assert author(checkout).find(thing.at("spec", "replicas")).document == 1


def test_the_items_of_a_list_are_documents_too():
    checkout = repo({"base/all.yaml": [{"apiVersion": "v1", "kind": "List", "items": [deployment("a"), deployment("b", replicas=1)]}]})
    thing = rendered_object(deployment("b", replicas=1), Origin("base/all.yaml", 0))
    assert author(checkout).find(thing.at("spec", "replicas")).route == ("items", 1, "spec", "replicas")


PATCHED = replace(BASE, patches=("dev/kustomization.yaml",))


def test_a_field_that_a_patch_file_sets_is_found_there():
    patch = deployment(replicas=3)
    checkout = repo(
        {"base/web.yaml": [deployment(replicas=1)], "dev/kustomization.yaml": [{"patches": [{"path": "web.yaml"}]}], "dev/web.yaml": [patch]}
    )
    at = author(checkout).find(rendered_object(deployment(replicas=3), PATCHED).at("spec", "replicas"))
    assert (at.path, at.route, at.precision) == ("dev/web.yaml", ("spec", "replicas"), "patch")


def test_a_patch_that_sets_another_field_is_left_alone():
    patch = deployment(paused=True)
    checkout = repo(
        {"base/web.yaml": [deployment(replicas=1)], "dev/kustomization.yaml": [{"patches": [{"path": "web.yaml"}]}], "dev/web.yaml": [patch]}
    )
    at = author(checkout).find(rendered_object(deployment(replicas=1, paused=True), PATCHED).at("spec", "replicas"))
    assert at.path == "base/web.yaml"


def test_an_operation_inside_a_kustomization_is_found_in_its_text():
    text = orjson.dumps([{"op": "test", "path": "/kind", "value": "Deployment"}, {"op": "add", "path": "/spec", "value": {"replicas": 3}}]).decode()
    checkout = repo({"base/web.yaml": [deployment()], "dev/kustomization.yaml": [{"patches": [{"target": {"kind": "Deployment"}, "patch": text}]}]})
    at = author(checkout).find(rendered_object(deployment(replicas=3), PATCHED).at("spec", "replicas"))
    assert (at.path, at.route, at.precision) == ("dev/kustomization.yaml", ("patches", 0, "patch"), "patch")
    assert at.text and at.text.route == (1, "value", "replicas")


def test_a_patch_with_another_target_is_left_alone():
    text = orjson.dumps([{"op": "add", "path": "/spec/replicas", "value": 3}]).decode()
    checkout = repo(
        {"base/web.yaml": [deployment(replicas=3)], "dev/kustomization.yaml": [{"patches": [{"target": {"kind": "Job"}, "patch": text}]}]}
    )
    assert author(checkout).find(rendered_object(deployment(replicas=4), PATCHED).at("spec", "replicas")).path == "base/web.yaml"


def test_a_patch_of_the_flux_kustomization_is_found_in_its_spec():
    text = orjson.dumps(deployment(replicas=3)).decode()
    flux = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "apps"},
        "spec": {"patches": [{"patch": text}]},
    }
    checkout = repo({"base/web.yaml": [deployment(replicas=1)], "clusters/dev/apps.yaml": [flux]})
    declared = rendered_object(flux, Origin("clusters/dev/apps.yaml", 0), ReconcilerRef("Kustomization", "flux-system", "flux-system"))
    render = Render(FluxKustomization(APPS, "dev", declared, flux["spec"]))
    at = author(checkout, render).find(rendered_object(deployment(replicas=3), BASE).at("spec", "replicas"))
    assert (at.path, at.route, at.precision) == ("clusters/dev/apps.yaml", ("spec", "patches", 0, "patch"), "patch")


def test_a_generated_object_is_its_entry():
    kustomization = {"configMapGenerator": [{"name": "other"}, {"name": "web"}]}
    checkout = repo({"dev/kustomization.yaml": [kustomization]})
    thing = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web-5h2k"}, "data": {"mode": "fast"}}
    origin = Origin("dev/kustomization.yaml", generator="ConfigMapGenerator", generated_by="dev/kustomization.yaml")
    at = author(checkout).find(rendered_object(thing, origin).at("data", "mode"))
    assert (at.route, at.precision) == (("configMapGenerator", 1), "generator")


def released(spec: dict[str, Any], *more: RenderedObject) -> tuple[Author, RenderedObject]:
    """A release, declared in apps/web.yaml, and what knows about it."""
    data = {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "web", "namespace": "apps"}, "spec": spec}
    values = {"image": {"tag": "9.9.9"}}
    checkout = repo({"apps/web.yaml": [data], "apps/values.yaml": [values], "apps/kustomization.yaml": [KUSTOMIZATION]})
    release = rendered_object(data, Origin("apps/web.yaml", 0))
    renders = (
        Render(FluxKustomization(APPS, "dev", None, {}), (release, *more), path="apps"),
        Render(HelmRelease(WEB, "dev", release, spec)),
    )
    return author(checkout, *renders), release


KUSTOMIZATION = {"resources": ["web.yaml"], "configMapGenerator": [{"name": "values", "files": ["values.yaml"]}]}
FROM_FILE = RenderedObject(
    ObjectRef("v1", "ConfigMap", "apps", "values-7g2"),
    orjson.dumps({"data": {"values.yaml": '{"image": {"tag": "9.9.9"}}'}}),
    Origin("apps/kustomization.yaml", generator="ConfigMapGenerator", generated_by="apps/kustomization.yaml"),
    APPS,
    "dev",
)
VALUES_FROM = {"valuesFrom": [{"kind": "ConfigMap", "name": "values-7g2"}]}
TEMPLATE = Origin(template="web/templates/deployment.yaml")


def test_a_value_in_a_chart_is_the_only_values_key_that_carries_it():
    knows, _ = released({"values": {"tuning": {"replicas": 17}, "port": 80}})
    at = knows.find(rendered_object(deployment(replicas=17), TEMPLATE, WEB).at("spec", "replicas"))
    assert (at.path, at.route, at.precision) == ("apps/web.yaml", ("spec", "values", "tuning", "replicas"), "values")


def test_a_value_that_two_keys_carry_is_the_release():
    knows, _ = released({"values": {"a": "shared", "b": "shared"}})
    at = knows.find(rendered_object(deployment(strategy="shared"), TEMPLATE, WEB).at("spec", "strategy"))
    assert (at.path, at.route, at.precision) == ("apps/web.yaml", (), "object")


def test_a_value_from_a_generated_configmap_is_in_the_file_that_it_was_made_of():
    knows, _ = released(VALUES_FROM, FROM_FILE)
    at = knows.find(rendered_object(deployment(image="9.9.9"), TEMPLATE, WEB).at("spec", "image"))
    assert (at.path, at.route, at.precision) == ("apps/values.yaml", ("image", "tag"), "values")


def test_a_values_key_is_where_the_strongest_source_has_it():
    knows, release = released({**VALUES_FROM, "values": {"image": {"tag": "1.0.0"}}}, FROM_FILE)
    assert knows.find(InValues(release, ("image", "tag"))).path == "apps/web.yaml"
    knows, release = released(VALUES_FROM, FROM_FILE)
    assert knows.find(InValues(release, ("image", "tag"))).path == "apps/values.yaml"


def test_a_chart_that_declares_its_own_release_ends_somewhere():
    data = {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "web", "namespace": "apps"}, "spec": {"x": 1}}
    itself = rendered_object(data, TEMPLATE, WEB)
    assert author(repo({}), Render(HelmRelease(WEB, "dev", itself, {}))).find(itself.at("spec", "x")).precision == "object"


def overlay(*patches: Any) -> Repo:
    """A base with an overlay of these patches."""
    listed = {"patches": [{"target": {"kind": "Deployment"}, "patch": json.dumps(patch)} for patch in patches]}
    return repo(
        {"base/web.yaml": [deployment(containers=[{"name": "web", "env": [{"name": "A", "value": 1}]}])], "prod/kustomization.yaml": [listed]}
    )


def test_what_lacks_a_field_is_where_it_begins_and_not_where_a_patch_adds_another():
    checkout = overlay(deployment(containers=[{"name": "web", "tty": True}]))
    thing = rendered_object(deployment(containers=[{"name": "web", "tty": True}]), Origin("base/web.yaml", 0, patches=("prod/kustomization.yaml",)))
    assert author(checkout).find(thing.at("spec", "containers", 0, "image")).path == "base/web.yaml"
    assert author(checkout).find(thing.at("spec", "containers", 0, "tty")).path == "prod/kustomization.yaml"


def test_a_patch_that_adds_an_item_sets_no_field_of_another():
    checkout = overlay([{"op": "add", "path": "/spec/containers/0/env/-", "value": {"name": "B", "value": 2}}])
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    thing = rendered_object(deployment(containers=[{"name": "web", "env": env}]), Origin("base/web.yaml", 0, patches=("prod/kustomization.yaml",)))
    assert author(checkout).find(thing.at("spec", "containers", 0, "env", 0, "value")).path == "base/web.yaml"
    assert author(checkout).find(thing.at("spec", "containers", 0, "env", 1, "value")).path == "prod/kustomization.yaml"


def test_what_a_kustomization_gives_all_objects_is_found_in_it():
    fields = {"namespace": "shop", "nameSuffix": "-blue", "labels": [{"pairs": {"team": "a b"}}], "replicas": [{"name": "web", "count": -1}]}
    checkout = repo({"base/web.yaml": [deployment(replicas=1)], "prod/kustomization.yaml": [fields]})
    given = {**deployment(replicas=-1), "metadata": {"name": "web-blue", "namespace": "shop", "labels": {"team": "a b"}}}
    thing = rendered_object(given, Origin("base/web.yaml", 0, patches=("prod/kustomization.yaml",)))
    routes = [("metadata", "namespace"), ("metadata", "name"), ("metadata", "labels", "team"), ("spec", "replicas")]
    found = [author(checkout).find(thing.at(*route)) for route in routes]
    assert {at.path for at in found} == {"prod/kustomization.yaml"}
    assert [at.route for at in found] == [("namespace",), ("nameSuffix",), ("labels", 0, "pairs", "team"), ("replicas", 0, "count")]


def test_a_target_namespace_is_found_in_the_reconciler():
    declared = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "apps"},
        "spec": {"targetNamespace": "shop"},
    }
    checkout = repo({"base/web.yaml": [deployment()], "clusters/dev/apps.yaml": [declared]})
    reconciler = FluxKustomization(APPS, "dev", rendered_object(declared, Origin("clusters/dev/apps.yaml", 0)), declared["spec"])
    thing = rendered_object({**deployment(), "metadata": {"name": "web", "namespace": "shop"}}, BASE)
    at = author(checkout, Render(reconciler)).find(thing.at("metadata", "namespace"))
    assert (at.path, at.route) == ("clusters/dev/apps.yaml", ("spec", "targetNamespace"))


def test_what_sets_a_field_of_a_chart_is_the_patch_of_its_post_renderer():
    patch = {"target": {"kind": "Deployment"}, "patch": json.dumps([{"op": "add", "path": "/spec/replicas", "value": -1}])}
    release = {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "web", "namespace": "apps"}}
    release["spec"] = {"postRenderers": [{"kustomize": {"patches": [patch]}}]}
    declared = rendered_object(release, Origin("clusters/dev/web.yaml", 0))
    thing = rendered_object(deployment(replicas=-1), Origin("clusters/dev/web.yaml", 0, template="web/templates/web.yaml"), WEB)
    render = Render(HelmRelease(WEB, "dev", declared, release["spec"]), (thing,))
    at = author(repo({"clusters/dev/web.yaml": [release]}), render).find(thing.at("spec", "replicas"))
    assert at.route == ("spec", "postRenderers", 0, "kustomize", "patches", 0, "patch")
    assert at.text and at.text.route == (0, "value")


def test_a_generated_key_is_found_at_its_literal():
    checkout = repo({"apps/kustomization.yaml": [{"configMapGenerator": [{"name": "web", "literals": ["a=1", "host=x y"]}]}]})
    data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web-5g7h"}, "data": {"a": "1", "host": "x y"}}
    thing = rendered_object(data, Origin("apps/kustomization.yaml", generator="ConfigMapGenerator", generated_by="apps/kustomization.yaml"))
    assert author(checkout).find(thing.at("data", "host")).route == ("configMapGenerator", 0, "literals", 1)
