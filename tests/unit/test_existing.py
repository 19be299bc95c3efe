"""What a cluster will hold, and when nothing can be said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from gitops_validate.building import link
from gitops_validate.existing import Existing
from gitops_validate.existing.wants import dangling, keyless
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Failure, HelmRelease, Origin, Render, Rendered, RenderedObject

DEV = Environment("dev", "clusters/dev", "1.36")
ENTRY = link.entry(DEV)
RELEASE = ReconcilerRef("HelmRelease", "apps", "api")
REPO = Repo(Path("/nowhere"), {}, {})


def thing(kind: str, name: str, version: str = "v1", namespace: str = "apps", maker: ReconcilerRef = ENTRY.ref, **data: Any) -> RenderedObject:
    body = {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **data}
    hooks = tuple(data.pop("hooks", ()))
    return RenderedObject(ObjectRef(version, kind, namespace, name), orjson.dumps(body), Origin(), maker, "dev", hooks=hooks)


def pod(name: str = "api", maker: ReconcilerRef = ENTRY.ref, **container: Any) -> RenderedObject:
    return thing("Pod", name, maker=maker, spec={"containers": [{"name": "x", **container}]})


def existing(*objects: RenderedObject, release: dict[str, Any] | None = None, **render: Any) -> Existing:
    renders = [Render(ENTRY, objects)]
    if release is not None:
        own = tuple(each for each in objects if each.reconciler == RELEASE)
        renders = [
            Render(ENTRY, tuple(each for each in objects if each not in own)),
            Render(HelmRelease(RELEASE, "dev", None, release), own, **render),
        ]
    return Existing(REPO, Rendered(DEV, tuple(renders)))


def lacks(*objects: RenderedObject, kind: str = "Secret", name: str = "db", **more: Any) -> bool:
    return existing(pod(), *objects, **more).lacks(kind, "apps", name)


def test_what_nobody_brings_is_lacking():
    assert lacks()
    assert not lacks(thing("Secret", "db"))
    assert lacks(thing("Secret", "db", namespace="other"))


@pytest.mark.parametrize("name", ["kube-root-ca.crt", "istio-ca-root-cert"])
def test_authorities_that_are_put_into_every_namespace_are_there(name: str):
    assert not lacks(kind="ConfigMap", name=name)
    assert lacks(kind="Secret", name=name)


def test_nothing_is_said_of_namespaces_that_the_repository_does_not_fill():
    known = existing(pod())
    assert not known.lacks("Secret", "elsewhere", "db")
    assert not known.lacks("Secret", "kube-system", "db")


@pytest.mark.parametrize(
    ("maker", "name"),
    [
        (thing("Certificate", "tls", "cert-manager.io/v1", spec={"secretName": "db"}), "db"),
        (thing("Cluster", "db", "postgresql.cnpg.io/v1", spec={}), "db-superuser"),
        (thing("SealedSecret", "other", "bitnami.com/v1alpha1", spec={"template": {"metadata": {"name": "db"}}}), "db"),
        (thing("ClusterExternalSecret", "all", "external-secrets.io/v1", namespace="", spec={"externalSecretName": "db"}), "db"),
        (thing("Elasticsearch", "logs", "elasticsearch.k8s.elastic.co/v1", spec={}), "logs-es-elastic-user"),
        (thing("Bucket", "models", "storage.example/v1", spec={"writeTo": {"name": "db"}}, namespace="infra"), "db"),
        (pod("operator", args=["--secret=db"]), "db"),
        (pod("operator", env=[{"name": "SECRET", "value": "db"}]), "db"),
        (thing("ResourceSet", "x", "fluxcd.controlplane.io/v1", spec={}), "db"),
    ],
)
def test_what_somebody_may_make_is_not_lacking(maker: RenderedObject, name: str):
    assert not lacks(maker, name=name)
    assert lacks(name=name)


@pytest.mark.parametrize(("kind", "version"), [("Certificate", "cert-manager.io/v1"), ("Cluster", "postgresql.cnpg.io/v1")])
def test_a_known_kind_makes_nothing_else(kind: str, version: str):
    assert lacks(thing(kind, "db", version, spec={"secretName": "tls"}), name="db-admin")


def test_a_secret_that_is_copied_from_another_namespace_is_not_lacking():
    source = thing("Secret", "db", namespace="other")
    body = {**source.data, "metadata": {"annotations": {"reflector.v1.k8s.emberstack.com/reflection-auto-enabled": "true"}}}
    assert not lacks(replace(source, raw=orjson.dumps(body)))


def test_the_claims_of_a_stateful_set_are_known():
    stateful = thing("StatefulSet", "web", "apps/v1", spec={"volumeClaimTemplates": [{"metadata": {"name": "data"}}]})
    assert not lacks(stateful, kind="PersistentVolumeClaim", name="data-web-12")
    assert lacks(stateful, kind="PersistentVolumeClaim", name="data-web")


def test_what_could_not_be_rendered_may_bring_anything_where_it_goes():
    failed = {"release": {}, "failure": Failure("helm-render", "no")}
    assert not lacks(**failed)
    assert not lacks(release={}, incomplete=(Incomplete("chart", "api", "out of reach"),))
    assert lacks(**{**failed, "release": {"targetNamespace": "other"}})


def test_what_goes_to_another_cluster_does_not_count():
    assert lacks(thing("Secret", "db", maker=RELEASE), release={"kubeConfig": {"secretRef": {"name": "other"}}})


def test_what_hooks_make_is_left_to_the_chart_unless_the_values_name_it():
    role = thing(
        "Role", "init", "rbac.authorization.k8s.io/v1", maker=RELEASE, rules=[{"resources": ["secrets"], "verbs": ["create"]}], hooks=["pre-install"]
    )
    reader = pod("reader", RELEASE, envFrom=[{"secretRef": {"name": "db"}}])
    assert not list(dangling(existing(role, reader, release={}), "Secret"))
    assert [use.name for use in dangling(existing(role, reader, release={"values": {"existingSecret": "db"}}), "Secret")] == ["db"]


def test_optional_references_want_nothing():
    reader = pod("reader", env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "a", "optional": True}}}])
    assert not list(dangling(existing(reader), "Secret"))


def test_a_key_is_missing_only_where_keys_are_known():
    reader = pod("reader", env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "a"}}}])
    assert [use.key for use, _ in keyless(existing(reader, thing("Secret", "db", data={"b": ""})), "Secret")] == ["a"]
    for held in (
        thing("Secret", "db"),
        thing("Secret", "db", data={"a": ""}),
        thing("Secret", "db", type="kubernetes.io/service-account-token", data={"b": ""}),
    ):
        assert not list(keyless(existing(reader, held), "Secret"))
