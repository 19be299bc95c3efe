"""What controllers make in the cluster of an object: the Secrets of certificates and databases, the Services of what an operator runs.

Kinds in `KNOWN` make just what is listed, so a name beside it is wrong. Of other custom kinds we know nothing: they may make whatever they
name themselves, and whatever begins with their own name, as is the habit of operators.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitops_validate.existing.loose import dig, entries, mapping, text
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import strings
from gitops_validate.secrets.producers import secrets_of

ANYWHERE = "*"
"""Stands for every namespace."""
KNOWN: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("postgresql.cnpg.io", "Cluster"): (
        *(("Secret", suffix) for suffix in ("-app", "-superuser", "-ca", "-replication", "-server")),
        *(("Service", suffix) for suffix in ("-rw", "-ro", "-r", "-any")),
        ("ServiceAccount", ""),
        ("ConfigMap", "-monitoring"),
    ),
    ("postgresql.cnpg.io", "Pooler"): (("Service", ""), ("ServiceAccount", "")),
    ("cert-manager.io", "Certificate"): (),
    ("external-secrets.io", "ExternalSecret"): (),
    ("bitnami.com", "SealedSecret"): (),
    ("isindir.github.com", "SopsSecret"): (),
}
"""What comes of an object, by group and kind: kinds, and what they are called after its name."""
FIXED: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("postgresql.cnpg.io", "Cluster"): (("ConfigMap", "cnpg-default-monitoring"), ("Secret", "cnpg-default-monitoring")),
    ("monitoring.coreos.com", "Prometheus"): (("Service", "prometheus-operated"),),
    ("monitoring.coreos.com", "Alertmanager"): (("Service", "alertmanager-operated"),),
    ("monitoring.coreos.com", "ThanosRuler"): (("Service", "thanos-ruler-operated"),),
}
"""What comes of an object under a name that does not depend on its own."""
BUILT_IN = frozenset(
    {"", "apps", "batch", "autoscaling", "policy", "extensions", "apiregistration.k8s.io", "apiextensions.k8s.io", "rbac.authorization.k8s.io"}
)
READERS = (".toolkit.fluxcd.io", "metallb.io", "snapshot.storage.k8s.io")
"""Groups whose objects make none of the kinds that are looked for, or only those that rendering knows."""
READING = frozenset(
    {
        *(
            ("monitoring.coreos.com", kind)
            for kind in ("ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe", "ScrapeConfig", "AlertmanagerConfig")
        ),
        *(
            ("gateway.networking.k8s.io", kind)
            for kind in ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "ReferenceGrant", "GatewayClass")
        ),
        *(("gateway.envoyproxy.io", kind) for kind in ("SecurityPolicy", "ClientTrafficPolicy", "BackendTrafficPolicy")),
        ("postgresql.cnpg.io", "ScheduledBackup"),
        ("barmancloud.cnpg.io", "ObjectStore"),
        *(("keda.sh", kind) for kind in ("ScaledObject", "TriggerAuthentication", "ClusterTriggerAuthentication")),
    }
)
"""The same for single kinds."""
ISSUED = ("cert-manager.io/cluster-issuer", "cert-manager.io/issuer", "kubernetes.io/tls-acme")
"""Annotations with which cert-manager makes certificates for an Ingress or a Gateway."""


def made(rendered: RenderedObject) -> Iterator[tuple[str, str, str]]:
    """Kind, namespace and name of what is known to come of an object besides itself."""
    ref = rendered.ref
    namespace = ref.namespace or "default"
    yield from (("Secret", *secret) for secret in secrets_of(rendered) if ref.kind != "Secret")
    yield from ((kind, namespace, ref.name + suffix) for kind, suffix in KNOWN.get((ref.group, ref.kind), ()))
    yield from ((kind, namespace, name) for kind, name in FIXED.get((ref.group, ref.kind), ()))
    match ref.group, ref.kind:
        case "postgresql.cnpg.io", "Cluster":
            for _, service in entries(rendered.data, "spec", "managed", "services", "additional"):
                yield "Service", namespace, text(dig(service, "serviceTemplate", "metadata", "name"))
        case "bitnami.com", "SealedSecret":
            yield "Secret", namespace, text(rendered.get("spec", "template", "metadata", "name"))
        case "external-secrets.io", "ClusterExternalSecret":
            spec = mapping(rendered.get("spec"))
            named = (text(spec.get("externalSecretName")), text(dig(spec, "externalSecretSpec", "target", "name")), ref.name)
            yield from (("Secret", ANYWHERE, name) for name in named)
        case ("networking.k8s.io", "Ingress") | ("gateway.networking.k8s.io", "Gateway") if _issued(rendered):
            yield from (("Secret", namespace, name) for name in strings([rendered.get("spec", "tls"), rendered.get("spec", "listeners")]))


def claims(rendered: RenderedObject) -> Iterator[tuple[str, str]]:
    """Namespace, and the beginning of the name, of the claims that come of a StatefulSet: the ordinal follows."""
    if (rendered.ref.group, rendered.ref.kind) == ("apps", "StatefulSet"):
        for _, template in entries(rendered.data, "spec", "volumeClaimTemplates"):
            yield rendered.ref.namespace or "default", f"{text(dig(template, 'metadata', 'name'))}-{rendered.ref.name}-"


def is_unknown(rendered: RenderedObject) -> bool:
    """Whether an object is of a custom kind that may make anything."""
    group = rendered.ref.group
    if group in BUILT_IN or (group.endswith(".k8s.io") and not group.endswith(("networking.k8s.io", ".x-k8s.io"))) or group == "networking.k8s.io":
        return False
    return not (group.endswith(READERS) or (group, rendered.ref.kind) in READING or (group, rendered.ref.kind) in KNOWN)


def _issued(rendered: RenderedObject) -> bool:
    annotations = mapping(rendered.get("metadata", "annotations"))
    return any(name in annotations for name in ISSUED)
