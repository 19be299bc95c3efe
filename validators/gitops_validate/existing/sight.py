"""How far the checkout lets us see: where an environment's cluster may hold more than what was rendered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from gitops_validate.building import link
from gitops_validate.existing.loose import mapping
from gitops_validate.model.render import FluxKustomization, HelmRelease, Reconciler, Rendered, RenderedObject

SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease", "flux-system"})
"""Namespaces that hold what the cluster and the bootstrap bring."""
GUESTS = frozenset(
    {"Role", "RoleBinding", "NetworkPolicy", "ResourceQuota", "LimitRange", "ServiceMonitor", "PodMonitor", "PrometheusRule", "Secret", "ConfigMap"}
)
"""Kinds that are put into other people's namespaces: having nothing else there does not make one the repository's."""


class Sight(Struct, frozen=True, dict=True):
    """What is known of the namespaces of an environment."""

    rendered: Rendered
    objects: Sequence[RenderedObject]

    def is_open(self, namespace: str) -> bool:
        """Whether a namespace may hold more than what was rendered: it is the system's, nobody's, or something could not be rendered."""
        return self._is_partial or namespace in self._partial or namespace in SYSTEM or (bool(namespace) and namespace not in self._inhabited)

    def may_be_created(self, namespace: str) -> bool:
        """Whether a namespace is created, or may be by what could not be rendered."""
        return namespace in self.created or self._is_partial or "" in self._partial

    @cached_property
    def created(self) -> frozenset[str]:
        """The namespaces that there will be: the cluster's own, those that the repository declares, and those that releases create."""
        releases = (each.reconciler for each in self.rendered.renders if isinstance(each.reconciler, HelmRelease))
        creating = {_target(each) for each in releases if mapping(each.spec.get("install")).get("createNamespace") is True}
        return SYSTEM | {"default"} | self._declared | creating

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset(each.ref.name for each in self.objects if (each.ref.group, each.ref.kind) == ("", "Namespace"))

    @cached_property
    def _inhabited(self) -> frozenset[str]:
        """The namespaces that the repository fills or creates."""
        return self._declared | {each.ref.namespace or "default" for each in self.objects if each.ref.kind not in GUESTS}

    @cached_property
    def _is_partial(self) -> bool:
        """Whether objects are missing of which nothing is known: a Kustomization could not be built, or something is not evaluated."""
        failed = (each for each in self.rendered.renders if isinstance(each.reconciler, FluxKustomization) and not each.objects)
        if any(each.failure or each.incomplete for each in failed):
            return True
        return any((each.ref.group, each.ref.kind) in link.NOT_EVALUATED for each in self.objects)

    @cached_property
    def _partial(self) -> frozenset[str]:
        """The namespaces of releases that were not rendered as they will be; "" if there is one, for it may bring what has no namespace."""
        broken = [each.reconciler for each in self.rendered.renders if each.failure or each.incomplete]
        return frozenset({_target(each) for each in broken} | ({""} if broken else set()))


def _target(release: Reconciler) -> str:
    """The namespace that a reconciler's objects are in unless they say otherwise."""
    return str(release.spec.get("targetNamespace") or release.ref.namespace)
