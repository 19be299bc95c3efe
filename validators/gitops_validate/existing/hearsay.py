"""What may come to exist although nothing is known to make it: somebody in the cluster speaks of it.

A controller of an unknown kind makes what its objects name, and what begins with their names; a program makes what its arguments name; the
hooks of a release make what its chart has thought of. Whoever is told a name is given the benefit of the doubt.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct

from gitops_validate.building import link
from gitops_validate.existing.loose import entries
from gitops_validate.existing.made import is_unknown
from gitops_validate.existing.pods import Pods
from gitops_validate.existing.uses import GATEWAY
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.render import Rendered, RenderedObject
from gitops_validate.placing.routes import strings

ARGO = "argoproj.io"
PLACES = frozenset({"namespace", "matchNames", "labels", "matchLabels"})
"""Keys that lead to where an object is that is there, or to what tells objects apart."""
WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


class Hearsay(Struct, frozen=True, dict=True):
    """Who speaks of what in an environment."""

    rendered: Rendered
    objects: Sequence[RenderedObject]
    pods: Mapping[str, Sequence[Pods]]

    def of(self, namespace: str, name: str, kind: str = "") -> bool:
        """Whether a program in a namespace or a custom resource may make something of that name, and of that kind if it is known, there."""
        return name in self._by_pods[namespace] or any(self._may_come_of(each, namespace, name, kind) for each in self._customs)

    def of_namespace(self, name: str) -> bool:
        """Whether a custom resource may make a namespace of that name: it names it other than as where something is, or as a label."""
        return any(_begins(each, "", name) or name in strings(_without_places(each)) for each in self._customs)

    def of_class(self, name: str) -> bool:
        """Whether a controller may make something of that name that has no namespace: it reads in a ConfigMap which classes it makes."""
        return name in self._by_settings

    def of_hooks(self, maker: ReconcilerRef, name: str) -> bool:
        """Whether the hooks of a release may make a Secret that only the chart knows of: its name is not among the values."""
        return maker in self._hooked and name not in self._values(maker)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The custom kinds in lower case: controllers label with them what they make."""
        return frozenset(each.ref.kind.lower() for each in self._customs)

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """The namespaces that hold objects of unknown kinds."""
        return frozenset(each.ref.namespace for each in self._customs)

    def _may_come_of(self, custom: RenderedObject, namespace: str, name: str, kind: str) -> bool:
        if kind == "Secret" and custom.ref.group == GATEWAY:
            return False  # a Gateway makes Services and Deployments; the Secrets that it names are somebody else's
        return _begins(custom, namespace, name) or name in self._by_customs[id(custom)]

    @cached_property
    def _customs(self) -> tuple[RenderedObject, ...]:
        return tuple(each for each in self.objects if is_unknown(each))

    @cached_property
    def _by_customs(self) -> Mapping[int, frozenset[str]]:
        return {id(each): frozenset(strings(each.data)) for each in self._customs}

    @cached_property
    def _by_settings(self) -> frozenset[str]:
        telling = (each for each in self.objects if (is_unknown(each) and each.ref.group != GATEWAY) or each.ref.kind == "ConfigMap")
        told = (line for each in telling for line in strings(each.data))
        return frozenset(word for line in told for word in WORD.findall(line))

    @cached_property
    def _by_pods(self) -> Mapping[str, set[str]]:
        """The words of commands, arguments and variables in each namespace."""
        said: dict[str, set[str]] = defaultdict(set)
        for namespace, listed in self.pods.items():
            for _, container in (found for pods in listed for found in pods.containers()):
                plain = [variable.get("value") for _, variable in entries(container, "env")]
                told = strings([container.get("command"), container.get("args"), plain])
                said[namespace].update(word for line in told for word in WORD.findall(line))
        return said

    @cached_property
    def _hooked(self) -> frozenset[ReconcilerRef]:
        """The releases whose hooks bring a role that may create Secrets."""
        return frozenset(each.reconciler for each in self.objects if each.hooks and each.ref.kind in ("Role", "ClusterRole") and _creates(each))

    def _values(self, maker: ReconcilerRef) -> frozenset[str]:
        """The words of a release's values, as far as they stand in ConfigMaps and in the release."""
        release = self.rendered.reconcilers[maker].reconciler
        held = (self.rendered.by_kind.get(reference.identity) for reference in link.inputs(release))
        told = strings([release.spec.get("values"), *(each.data for each in held if each)])
        return frozenset(word for line in told for word in WORD.findall(line))


def _begins(custom: RenderedObject, namespace: str, name: str) -> bool:
    """Whether a name has that of a custom resource in it, which its controller gives to what it makes there."""
    own = custom.ref.name
    return bool(own) and custom.ref.namespace in (namespace, "") and f"-{own}-" in f"-{name}-"


def _without_places(custom: RenderedObject) -> Any:
    """A custom resource without what only says where something is, or what it is labelled with. An Application is told to make where it deploys to."""
    return custom.data if custom.ref.group == ARGO else _without(custom.data)


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(below) for key, below in value.items() if key not in PLACES}
    return [_without(each) for each in value] if isinstance(value, list) else value


def _creates(role: RenderedObject) -> bool:
    return any(
        {"secrets", "*"} & set(strings(rule.get("resources"))) and {"create", "*"} & set(strings(rule.get("verbs")))
        for _, rule in entries(role.data, "rules")
    )
