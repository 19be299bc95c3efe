"""What an object wants of another one, as far as the kinds are Kubernetes' own or well known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from gitops_validate.existing.loose import dig, entries, mapping, text
from gitops_validate.existing.pods import Pods, pods_of
from gitops_validate.model.render import InObject, RenderedObject
from gitops_validate.placing.routes import Route

GATEWAY = "gateway.networking.k8s.io"
FIELDS: Mapping[tuple[str, str], tuple[tuple[str, str, str], ...]] = {
    ("postgresql.cnpg.io", "Cluster"): (
        ("StorageClass", "spec.storage", "storageClass"),
        ("StorageClass", "spec.walStorage", "storageClass"),
        ("Secret", "spec.superuserSecret", "name"),
        ("Secret", "spec.bootstrap.initdb.secret", "name"),
        ("Secret", "spec.bootstrap.recovery.secret", "name"),
        ("Secret", "spec.managed.roles.[].passwordSecret", "name"),
        ("Secret", "spec.backup.barmanObjectStore.s3Credentials.accessKeyId", "name"),
        ("Secret", "spec.backup.barmanObjectStore.s3Credentials.secretAccessKey", "name"),
    ),
    ("barmancloud.cnpg.io", "ObjectStore"): (
        ("Secret", "spec.configuration.s3Credentials.accessKeyId", "name"),
        ("Secret", "spec.configuration.s3Credentials.secretAccessKey", "name"),
    ),
    ("gateway.envoyproxy.io", "SecurityPolicy"): (("Secret", "spec.oidc.clientSecret", "name"),),
    ("keda.sh", "TriggerAuthentication"): (("Secret", "spec.secretTargetRef.[]", "name"), ("ConfigMap", "spec.configMapTargetRef.[]", "name")),
}
"""By group and kind: the kind that is wanted, the way to the reference, and the field that holds the name."""


class Use(Struct, frozen=True):
    """That an object wants another one, or a key of it. `route` leads to the name, `key_route` to the key."""

    object: RenderedObject
    kind: str
    namespace: str
    name: str
    route: Route
    key: str = ""
    key_route: Route = ()
    vital: bool = True
    """Whether what refers to it does not work without."""

    @property
    def at(self) -> InObject:
        """Where the name stands."""
        return self.object.at(*self.route)

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}"


def uses(rendered: RenderedObject) -> Iterator[Use]:
    """What an object wants of others; what is marked as optional is not wanted."""
    pods = pods_of(rendered)
    yield from _of_pods(pods) if pods else _of_others(rendered)
    for route, template in entries(rendered.data, "spec", "volumeClaimTemplates") if pods else ():
        yield from _named(rendered, "StorageClass", mapping(template.get("spec")), (*route, "spec", "storageClassName"))
    for kind, way, field in FIELDS.get((rendered.ref.group, rendered.ref.kind), ()):
        for route, entry in _at(rendered.data, way.split(".")):
            yield from _named(rendered, kind, entry, (*route, field), "key")


def _of_others(rendered: RenderedObject) -> Iterator[Use]:
    """What an object without pods wants."""
    spec = mapping(rendered.get("spec"))
    match rendered.ref.group, rendered.ref.kind:
        case "networking.k8s.io", "Ingress":
            yield from _named(rendered, "IngressClass", spec, ("spec", "ingressClassName"))
            for route, entry in entries(rendered.data, "spec", "tls"):
                yield from _named(rendered, "Secret", entry, (*route, "secretName"), vital=False)
        case "", "ServiceAccount":
            for route, entry in entries(rendered.data, "imagePullSecrets"):
                yield from _named(rendered, "Secret", entry, (*route, "name"), vital=False)
        case "", "PersistentVolumeClaim":
            yield from _named(rendered, "StorageClass", spec, ("spec", "storageClassName"))
        case ("kustomize.toolkit.fluxcd.io", "Kustomization") | ("helm.toolkit.fluxcd.io", "HelmRelease") if "kubeConfig" not in spec:
            yield from _named(rendered, "ServiceAccount", spec, ("spec", "serviceAccountName"))
        case "cert-manager.io", "Certificate":
            yield from _of_kind(rendered, ("spec", "issuerRef"), ("Issuer", "ClusterIssuer"))
        case "external-secrets.io", "ExternalSecret":
            yield from _of_kind(rendered, ("spec", "secretStoreRef"), ("SecretStore", "ClusterSecretStore"))
        case "gateway.networking.k8s.io", "Gateway" | "ListenerSet":
            yield from _named(rendered, "GatewayClass", spec, ("spec", "gatewayClassName"))
            yield from _certificates(rendered)


def _of_kind(rendered: RenderedObject, route: Route, kinds: tuple[str, ...]) -> Iterator[Use]:
    """What a reference that says its kind wants, the first kind if it says none; one of another group is of somebody else."""
    reference = mapping(rendered.get(*route))
    kind = text(reference.get("kind")) or kinds[0]
    if kind in kinds and text(reference.get("group")) in ("", rendered.ref.group):
        yield from _named(rendered, kind, reference, (*route, "name"))


def _certificates(gateway: RenderedObject) -> Iterator[Use]:
    """The Secrets that listeners take their certificates from, which may be in another namespace."""
    for route, listener in entries(gateway.data, "spec", "listeners"):
        for inner, reference in entries(listener, "tls", "certificateRefs"):
            name = text(reference.get("name"))
            if name and text(reference.get("group")) == "" and reference.get("kind", "Secret") == "Secret":
                namespace = text(reference.get("namespace")) or gateway.ref.namespace or "default"
                yield Use(gateway, "Secret", namespace, name, (*route, *inner, "name"))


def _of_pods(pods: Pods) -> Iterator[Use]:
    yield from _of_spec(pods)
    yield from _of_volumes(pods)
    yield from _of_containers(pods)


def _of_spec(pods: Pods) -> Iterator[Use]:
    owner, spec = pods.object, pods.spec
    yield from _named(owner, "ServiceAccount", spec, (*pods.route, "serviceAccountName"))
    yield from _named(owner, "PriorityClass", spec, (*pods.route, "priorityClassName"))
    for route, entry in entries(spec, "imagePullSecrets"):
        yield from _named(owner, "Secret", entry, (*pods.route, *route, "name"), vital=False)


def _of_volumes(pods: Pods) -> Iterator[Use]:
    for route, volume in entries(pods.spec, "volumes"):
        here = (*pods.route, *route)
        yield from _source(pods.object, "Secret", volume.get("secret"), (*here, "secret"), "secretName")
        yield from _source(pods.object, "ConfigMap", volume.get("configMap"), (*here, "configMap"), "name")
        yield from _named(
            pods.object, "PersistentVolumeClaim", mapping(volume.get("persistentVolumeClaim")), (*here, "persistentVolumeClaim", "claimName")
        )
        csi = dig(volume, "csi", "nodePublishSecretRef")
        yield from _named(pods.object, "Secret", mapping(csi), (*here, "csi", "nodePublishSecretRef", "name"))
        for inner, source in entries(volume, "projected", "sources"):
            yield from _source(pods.object, "Secret", source.get("secret"), (*here, *inner, "secret"), "name")
            yield from _source(pods.object, "ConfigMap", source.get("configMap"), (*here, *inner, "configMap"), "name")


def _of_containers(pods: Pods) -> Iterator[Use]:
    for route, container in pods.containers():
        here = (*pods.route, *route)
        for inner, variable in entries(container, "env"):
            for kind, field in (("Secret", "secretKeyRef"), ("ConfigMap", "configMapKeyRef")):
                wanted = mapping(dig(variable, "valueFrom", field))
                yield from _named(pods.object, kind, wanted, (*here, *inner, "valueFrom", field, "name"), "key")
        for inner, source in entries(container, "envFrom"):
            for kind, field in (("Secret", "secretRef"), ("ConfigMap", "configMapRef")):
                yield from _named(pods.object, kind, mapping(source.get(field)), (*here, *inner, field, "name"))


def _source(owner: RenderedObject, kind: str, value: Any, route: Route, field: str) -> Iterator[Use]:
    """A volume's object, and each key of it that becomes a file."""
    source = mapping(value)
    yield from _named(owner, kind, source, (*route, field))
    name = text(source.get(field))
    for inner, item in entries(source, "items") if name and source.get("optional") is not True else ():
        key = text(item.get("key"))
        if key:
            yield Use(owner, kind, owner.ref.namespace or "default", name, (*route, field), key, (*route, *inner, "key"))


def _named(owner: RenderedObject, kind: str, holder: dict[str, Any], route: Route, key: str = "", *, vital: bool = True) -> Iterator[Use]:
    """What a map names in the last field of a route, unless it is optional."""
    name = text(holder.get(str(route[-1])))
    if name and holder.get("optional") is not True:
        wanted = text(holder.get(key)) if key else ""
        yield Use(owner, kind, owner.ref.namespace or "default", name, route, wanted, (*route[:-1], key) if wanted else (), vital)


def _at(value: Any, way: list[str]) -> Iterator[tuple[Route, dict[str, Any]]]:
    """The maps that a way leads to, where [] stands for each item of a list."""
    if "[]" in way:
        cut = way.index("[]")
        for route, entry in entries(value, *way[:cut]):
            yield from (((*route, *inner), found) for inner, found in _at(entry, way[cut + 1 :]))
    else:
        yield tuple(way), mapping(dig(value, *way))
