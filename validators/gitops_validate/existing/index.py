"""Whether something exists in the cluster of an environment, or may come to exist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from itertools import chain

from msgspec import Struct

from gitops_validate.existing.hearsay import Hearsay
from gitops_validate.existing.loose import mapping
from gitops_validate.existing.made import ANYWHERE, claims, made
from gitops_validate.existing.pods import Pods, pods_of
from gitops_validate.existing.sight import Sight
from gitops_validate.existing.uses import GATEWAY, Use, uses
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Rendered, RenderedObject
from gitops_validate.secrets.pending import PLACEHOLDER, placeholders
from gitops_validate.secrets.producers import PRODUCERS, keys_of, secrets_of

GROUPS: Mapping[str, str] = {
    "IngressClass": "networking.k8s.io",
    "PriorityClass": "scheduling.k8s.io",
    "StorageClass": "storage.k8s.io",
    "Role": "rbac.authorization.k8s.io",
    "ClusterRole": "rbac.authorization.k8s.io",
    "Gateway": GATEWAY,
    "GatewayClass": GATEWAY,
    "Certificate": "cert-manager.io",
    "Deployment": "apps",
    "StatefulSet": "apps",
    "ReplicaSet": "apps",
    "DaemonSet": "apps",
    "Issuer": "cert-manager.io",
    "ClusterIssuer": "cert-manager.io",
    "SecretStore": "external-secrets.io",
    "ClusterSecretStore": "external-secrets.io",
    "TriggerAuthentication": "keda.sh",
    "ClusterTriggerAuthentication": "keda.sh",
}
"""The groups of the kinds that are looked for; those that are not here are in the core group."""
CLUSTER = frozenset(
    {
        "Namespace",
        "ClusterRole",
        "PriorityClass",
        "StorageClass",
        "IngressClass",
        "GatewayClass",
        "ClusterIssuer",
        "ClusterSecretStore",
        "ClusterTriggerAuthentication",
    }
)
"""The kinds that are looked for and have no namespace."""
CLOSE = 0.9
"""How like another the identity of an object is that may have been meant for it, from 0 to 1."""
COMPARED = 200
"""Names and labels that a wrong one is compared with."""
DEFAULTS = {"ConfigMap": ("kube-root-ca.crt", "istio-ca-root-cert", "openshift-service-ca.crt"), "ServiceAccount": ("default",)}
"""What each namespace has: of Kubernetes, or of Istio or OpenShift, which put the certificate of their authority into every one."""
COPIED = ("reflect", "replicat", "kubed", "emberstack")
"""What annotations that make a controller copy an object to other namespaces have in their names."""


class Existing(Struct, frozen=True, dict=True):
    """What one environment's cluster will hold, asked by kind, namespace and name; the namespace of what has none is ""."""

    repo: Repo
    rendered: Rendered

    def object(self, kind: str, namespace: str, name: str) -> RenderedObject | None:
        """The object of that name, if the repository brings it; a secret that is only pending has the keys that it will have."""
        return self._objects.get((kind, namespace, name)) or self._pending.get((kind, namespace, name))

    def any_object(self, group: str, kind: str, namespace: str, name: str) -> RenderedObject | None:
        """The object of whatever kind that has that name; without a namespace for an object that has none."""
        return self._named.get((group, kind, namespace, name)) or self._named.get((group, kind, "", name))

    def lacks(self, kind: str, namespace: str, name: str, group: str | None = None) -> bool:
        """Whether the checkout shows that there will be no such object: nothing brings it, nothing may make it, and none is told of that was meant to be it."""
        known = self._has(kind, namespace, name) if group in (None, GROUPS.get(kind, "")) else False
        return not (known or self.is_open(namespace) or self._may_make(kind, namespace, name) or self._is_meant(kind, namespace, name))

    def may_fill(self, kind: str, namespace: str, name: str) -> bool:
        """Whether somebody in the cluster may add keys to an object that is there."""
        return (kind, namespace, name) in self._made or self._may_make(kind, namespace, name)

    def fetched_keys(self, namespace: str, name: str) -> frozenset[str]:
        """The keys of a Secret that is not there and that one ExternalSecret alone makes, where that names them all."""
        makers = self._fetched.get((namespace, name), ()) if ("Secret", namespace, name) not in self._objects else ()
        return (
            keys_of(makers[0]) if len(makers) == 1 and makers[0].get("spec", "target", "creationPolicy") in (None, "Owner", "Orphan") else frozenset()
        )

    def has_hooks_for(self, maker: ReconcilerRef, name: str) -> bool:
        """Whether the hooks of a release may make a Secret of that name."""
        return self._hearsay.of_hooks(maker, name)

    def brings(self, kind: str) -> bool:
        """Whether the repository brings objects of a kind at all, so that one that it does not bring is not somebody else's affair."""
        return kind in self._kinds

    def is_open(self, namespace: str) -> bool:
        """Whether a namespace may hold more than what was rendered: it is the system's, nobody's, or something could not be rendered."""
        return self._sight.is_open(namespace)

    def near(self, kind: str, namespace: str) -> list[str]:
        """The names that objects of a kind have in a namespace, as far as it is worth comparing with them."""
        return self._names.get((kind, namespace), [])[:COMPARED]

    def namespaces(self, kind: str) -> list[str]:
        """The namespaces that objects of a kind are in."""
        return sorted({where for known, where, _ in self._objects if known == kind})

    def lacks_namespace(self, name: str) -> bool:
        """Whether the checkout shows that there will be no such namespace."""
        return not (self._sight.may_be_created(name) or self._hearsay.of_namespace(name))

    @cached_property
    def created(self) -> frozenset[str]:
        """The namespaces that there will be."""
        return self._sight.created

    def is_spoken_of(self, namespace: str, name: str) -> bool:
        """Whether a program or a custom resource may make something of that name, or by that label."""
        return self._hearsay.of(namespace, name) or name in self._hearsay.kinds

    def is_run(self, namespace: str) -> bool:
        """Whether a namespace holds custom resources whose controllers may run pods of their own there."""
        return namespace in self._hearsay.namespaces

    @cached_property
    def label_keys(self) -> frozenset[str]:
        """Every key of a label that a pod carries."""
        return frozenset(key for listed in self.pods.values() for pods in listed for key in pods.labels)

    @cached_property
    def objects(self) -> tuple[RenderedObject, ...]:
        """Every object that arrives in this cluster, rather than nowhere, or in one that a kubeConfig leads to."""
        remote = {render.reconciler.ref for render in self.rendered.renders if "kubeConfig" in render.reconciler.spec}
        nowhere = {(each.reconciler, each.ref) for each in self._nowhere}
        return tuple(each for each in self.rendered.objects if each.reconciler not in remote and (each.reconciler, each.ref) not in nowhere)

    @cached_property
    def pods(self) -> Mapping[str, tuple[Pods, ...]]:
        """The pods of each namespace."""
        found: dict[str, list[Pods]] = defaultdict(list)
        for each in self.objects:
            pods = pods_of(each)
            if pods:
                found[pods.namespace].append(pods)
        return {namespace: tuple(listed) for namespace, listed in found.items()}

    @cached_property
    def homeless_pods(self) -> tuple[Pods, ...]:
        """The pods of which it is not known what namespace they will be in."""
        return tuple(pods for each in self._nowhere if (pods := pods_of(each)))

    @property
    def workloads(self) -> Iterator[Pods]:
        """The pods of all namespaces."""
        return chain.from_iterable(self.pods.values())

    @cached_property
    def uses(self) -> Mapping[str, tuple[Use, ...]]:
        """What objects want of others, by the kind that is wanted."""
        found: dict[str, list[Use]] = defaultdict(list)
        for each in self.objects:
            for use in uses(each):
                found[use.kind].append(use)
        return {kind: tuple(listed) for kind, listed in found.items()}

    def of(self, kind: str, group: str = "") -> Iterator[RenderedObject]:
        """The objects of a kind."""
        return (each for each in self.objects if each.ref.kind == kind and each.ref.group == group)

    @cached_property
    def _names(self) -> Mapping[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for kind, namespace, name in (*self._objects, *sorted(self._made), *self._pending):
            found[kind, namespace].append(name)
        return found

    @cached_property
    def _objects(self) -> dict[tuple[str, str, str], RenderedObject]:
        known = (each for each in self.objects if each.ref.group == GROUPS.get(each.ref.kind, ""))
        return {(each.ref.kind, "" if each.ref.kind in CLUSTER else each.ref.namespace or "default", each.ref.name): each for each in known}

    @cached_property
    def _named(self) -> dict[tuple[str, str, str, str], RenderedObject]:
        return {(each.ref.group, each.ref.kind, each.ref.namespace, each.ref.name): each for each in self.objects}

    @cached_property
    def _pending(self) -> dict[tuple[str, str, str], RenderedObject]:
        return placeholders(self.repo, self.rendered.environment.name)

    @cached_property
    def _kinds(self) -> frozenset[str]:
        own = [each for each in self.objects if not each.origin.template]
        known = frozenset(each.ref.kind for each in own if each.ref.group == GROUPS.get(each.ref.kind, ""))
        return known | ({"Secret"} if self._pending or any(each.ref.kind in PRODUCERS - {"Certificate"} for each in own) else set())

    @cached_property
    def _made(self) -> frozenset[tuple[str, str, str]]:
        return frozenset(identity for each in self.objects for identity in made(each) if identity[2])

    @cached_property
    def _fetched(self) -> Mapping[tuple[str, str], list[RenderedObject]]:
        """What makes each Secret that is not written."""
        found: dict[tuple[str, str], list[RenderedObject]] = defaultdict(list)
        for each in self.objects:
            for identity in secrets_of(each) if each.ref.kind in PRODUCERS else ():
                found[identity].append(each)
        return found

    @cached_property
    def _nowhere(self) -> tuple[RenderedObject, ...]:
        """What is refused because nothing gives it a namespace: which one it will have is not known."""
        return tuple(each.object for each in self.rendered.verdicts if each.nowhere)

    @cached_property
    def _homeless(self) -> frozenset[tuple[str, str]]:
        return frozenset((each.ref.kind, each.ref.name) for each in self._nowhere)

    @cached_property
    def _claims(self) -> frozenset[tuple[str, str]]:
        return frozenset(claim for each in self.objects for claim in claims(each))

    def _has(self, kind: str, namespace: str, name: str) -> bool:
        if name in DEFAULTS.get(kind, ()) or name == PLACEHOLDER:
            return True
        known = (kind, namespace, name) in self._objects or (kind, namespace, name) in self._pending
        if known or (kind, namespace, name) in self._made or (kind, ANYWHERE, name) in self._made:
            return True
        return kind == "PersistentVolumeClaim" and (namespace, name.rstrip("0123456789")) in self._claims

    def _may_make(self, kind: str, namespace: str, name: str) -> bool:
        """Whether a program, a controller of a custom kind or one that copies objects may make it."""
        if kind == "Gateway":
            return False
        if kind not in CLUSTER and any(self._is_copied(kind, where, name) for where in self.namespaces(kind)):
            return True
        return self._hearsay.of_class(name) if kind in CLUSTER else self._hearsay.of(namespace, name, kind)

    def _is_meant(self, kind: str, namespace: str, name: str) -> bool:
        """Whether an object that does not arrive may be what is looked for, with its kind, its namespace or its name written wrong."""
        return (kind, name) in self._homeless or bool(get_close_matches(f"{kind}/{namespace}/{name}".lower(), self._astray, 1, CLOSE))

    @cached_property
    def _astray(self) -> list[str]:
        """The objects that the API server refuses, or whose namespace nothing creates: why is told where they are written."""
        refused = {id(verdict.object) for verdict in self.rendered.verdicts if verdict.verdict == "rejected"}
        lost = (each for each in self.objects if id(each) in refused or (each.ref.namespace and self.lacks_namespace(each.ref.namespace)))
        return sorted({str(each.ref).lower() for each in lost})[:COMPARED]

    def _is_copied(self, kind: str, namespace: str, name: str) -> bool:
        found = self._objects.get((kind, namespace, name))
        annotations = mapping(found.get("metadata", "annotations")) if found else {}
        return any(part in key for key in annotations for part in COPIED)

    @cached_property
    def _sight(self) -> Sight:
        return Sight(self.rendered, self.objects)

    @cached_property
    def _hearsay(self) -> Hearsay:
        return Hearsay(self.rendered, self.objects, self.pods)
