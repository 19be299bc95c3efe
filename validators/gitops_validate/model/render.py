"""What a reconciler makes of its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

import orjson
from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.place import Place
from gitops_validate.model.record import Veiled

LEFT_ALONE = (("kustomize.toolkit.fluxcd.io/ssa", "ignore"), ("kustomize.toolkit.fluxcd.io/reconcile", "disabled"))
"""The labels or annotations by which kustomize-controller does not apply an object; the letters' case is no matter."""


class Origin(Struct, frozen=True):
    """Where a rendered object is written: the file and document, the generator's kustomization, or the chart's template."""

    path: str = ""
    document: int = -1
    generator: str = ""
    generated_by: str = ""
    template: str = ""
    patches: tuple[str, ...] = ()
    asks: bool = False
    """Whether the template asks the cluster what it has, so that only the cluster knows what it makes."""


class RenderedObject(Veiled, Struct, frozen=True, dict=True):
    """An object as the cluster gets it. `data` may hold placeholders for encrypted values; real secrets never come this far without a key."""

    ref: ObjectRef
    raw: bytes
    origin: Origin
    reconciler: ReconcilerRef
    environment: str
    encrypted: bool = False
    hooks: tuple[str, ...] = ()
    crd: bool = False
    unknown: bool = False
    """Whether placeholders stand in it for variables whose values are not known."""
    lost: tuple[tuple[str, str], ...] = ()
    """Labels that are no texts, each with its value as JSON: Flux reads none of an object's labels then."""

    def at(self, *route: str | int) -> InObject:
        """A route into this object, whose place in a file is found later."""
        return InObject(self, route)

    @cached_property
    def left_alone(self) -> bool:
        """Whether Flux builds the object and does not apply it: it is there only if somebody else made it."""
        if self.reconciler.kind != "Kustomization" or not any(key.encode() in self.raw for key, _ in LEFT_ALONE):
            return False  # few have one of the words, and only those are read for it
        marks = [marks for name in ("labels", "annotations") if isinstance(marks := self.get("metadata", name), dict)]
        return any(str(each.get(key)).lower() == value for each in marks for key, value in LEFT_ALONE)

    @cached_property
    def data(self) -> dict[str, Any]:
        """The object as JSON values."""
        data: dict[str, Any] = orjson.loads(self.raw)
        return data

    def get(self, *route: str | int) -> Any:
        """The value at a route, None where the route ends early."""
        value: Any = self.data
        for step in route:
            match value, step:
                case dict(), str():
                    value = value.get(step)
                case list(), int() if 0 <= step < len(value):
                    value = value[step]
                case _:
                    return None
        return value


class InObject(Struct, frozen=True):
    """A route into an object as the cluster gets it; where that is written is found later."""

    object: RenderedObject
    route: tuple[str | int, ...] = ()
    key: bool = False
    """Whether the key itself is wrong, whatever it holds."""


class InValues(Struct, frozen=True):
    """A route into the merged values of a Helm release; which file or object carries them is found later."""

    release: RenderedObject
    route: tuple[str | int, ...] = ()


class Likeliest(Struct, frozen=True):
    """Routes into the same object of several environments, the likeliest first; meant is the one that is written where no other is."""

    spots: tuple[InObject | InValues, ...]


class Failure(Struct, frozen=True):
    """Why a render did not come about: a stable reason, and the library's own sentence."""

    reason: str
    message: str
    path: str = ""
    line: int = 0
    column: int = 0
    field: str = ""


class Reconciler(Veiled, Struct, frozen=True):
    """A Flux Kustomization or HelmRelease as an environment runs it. `object` is None for an entry that nothing in the repository declares."""

    ref: ReconcilerRef
    environment: str
    object: RenderedObject | None
    spec: Mapping[str, Any]

    def at(self, *route: str | int) -> InObject | Place:
        """A route into its spec; the fields of a FluxInstance's sync stand for those of the Kustomization that it makes."""
        if self.object is None:
            return Place(str(self.spec.get("path") or "."), precision="file")
        return self.object.at("spec", *(("sync",) if self.object.ref.kind == "FluxInstance" else ()), *route)

    @property
    def suspended(self) -> bool:
        """Whether the cluster leaves it alone for now."""
        return self.spec.get("suspend") is True

    @property
    def depends_on(self) -> Iterator[ReconcilerRef]:
        """The reconcilers of the same kind that must be ready before it."""
        listed = self.spec.get("dependsOn")
        for entry in listed if isinstance(listed, list) else ():
            match entry:
                case {"name": str(name)}:
                    yield ReconcilerRef(self.ref.kind, str(entry.get("namespace") or self.ref.namespace), name)


class FluxKustomization(Reconciler, frozen=True):
    """A Kustomization of kustomize.toolkit.fluxcd.io, or the entry that stands for one."""


class HelmRelease(Reconciler, frozen=True):
    """A HelmRelease of helm.toolkit.fluxcd.io."""


class Render(Struct, frozen=True):
    """The objects of one reconciler, or the failure, or the gap; what it was built from is in `source` and `chart`."""

    reconciler: Reconciler
    objects: tuple[RenderedObject, ...] = ()
    failure: Failure | None = None
    incomplete: tuple[Incomplete, ...] = ()
    unused_values: tuple[str, ...] = ()
    source: ReconcilerRef | None = None
    path: str = ""
    chart: str = ""
    """Name, version and digest of the chart, as `name@version@digest`, "" for a Kustomization."""
    folder: str = ""
    """Where the chart lies in the checkout, "" if it lies elsewhere."""
    aside: tuple[Incomplete, ...] = ()
    """What was not checked although every object is known."""
    emptied: tuple[Failure, ...] = ()
    """The variables that nothing sets and that its environment's Flux makes nothing of, each as a strict one would fail at it."""
    dropped: tuple[Failure, ...] = ()
    """The fields of the root kustomization that kustomize does not have, each with its JSON Pointer, which Flux drops."""
    doubt: tuple[str, ...] = ()
    """Where it could not be built: the files and folders of the checkout that it may be made of, rather too many than too few."""


class Cause(Struct, frozen=True):
    """One reason of a rejection: the field as the API server writes it, and a JSON Pointer into the object."""

    field: str
    pointer: str
    reason: str
    message: str


class Lifecycle(Struct, frozen=True):
    """That an API version is deprecated or gone: since which Kubernetes version, and what replaces it."""

    message: str
    since: str = ""
    replacement: str = ""


class PodViolation(Struct, frozen=True):
    """A level of Pod Security that pods do not keep to: `restricted:latest`, what is wrong, and where."""

    level: str
    reason: str
    detail: str


class Decision(Struct, frozen=True):
    """What an admission policy has against an object, by which binding, and what comes of it: Deny, Warn or Audit."""

    policy: str
    binding: str = ""
    actions: tuple[str, ...] = ()
    message: str = ""
    pointer: str = ""
    """The field that the expression reads, "" for the object."""
    unknown: str = ""
    """What the decision depends on that only a cluster knows, "" if it is certain."""
    pods: bool = False
    """Whether it is about the pods that a controller makes of the object."""


class Verdict(Struct, frozen=True):
    """What the API server would say of one object."""

    object: RenderedObject
    verdict: Literal["accepted", "rejected", "schema-mismatch", "no-schema", "no-verdict"]
    """`schema-mismatch`: nothing defines its kind, and a JSON Schema that the configuration names refuses it."""
    causes: tuple[Cause, ...] = ()
    warnings: tuple[str, ...] = ()
    removed: Lifecycle | None = None
    deprecated: Lifecycle | None = None
    refused_pods: PodViolation | None = None
    """What the level that its namespace enforces says of the pods that it makes, or is."""
    warned_pods: PodViolation | None = None
    """What the level that its namespace warns of says of them."""
    policies: tuple[Decision, ...] = ()
    """What the policies of its environment have against it."""
    mismatches: tuple[Cause, ...] = ()
    """The expressions of a policy that fit none of the kinds that it matches."""
    dropped: tuple[Cause, ...] = ()
    """Fields that its kind does not have, and that Flux does not send."""
    later: str = ""
    """The version of Kubernetes, later than the environment's, that takes an object that is refused."""

    @property
    def nowhere(self) -> bool:
        """Whether Flux has no address to send the object to: its kind lives in a namespace, and nothing names one."""
        return any((cause.field, cause.reason) == ("metadata.namespace", "NotFound") for cause in self.causes)


class Said(Struct, frozen=True):
    """What a rule of a policy in Rego has against an object, and whether it only warns."""

    object: RenderedObject
    package: str
    rule: str
    warning: bool
    message: str


class Rendered(Struct, frozen=True, dict=True):
    """Everything that one environment's cluster would get."""

    environment: Environment
    renders: tuple[Render, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    gaps: tuple[Incomplete, ...] = ()
    """What could not be evaluated, besides what its renders say."""
    rego: tuple[Said, ...] = ()
    """What policies in Rego have against its objects."""

    @cached_property
    def objects(self) -> tuple[RenderedObject, ...]:
        """All objects of all reconcilers."""
        return tuple(rendered for render in self.renders for rendered in render.objects)

    @cached_property
    def by_kind(self) -> Mapping[tuple[str, str, str], RenderedObject]:
        """Objects by kind, namespace and name: how Flux refers to them."""
        return {(rendered.ref.kind, rendered.ref.namespace, rendered.ref.name): rendered for rendered in self.objects}

    @cached_property
    def reconcilers(self) -> Mapping[ReconcilerRef, Render]:
        """Renders by what they are a render of."""
        return {render.reconciler.ref: render for render in self.renders}

    def judged(self, verdicts: tuple[Verdict, ...], gaps: tuple[Incomplete, ...] = ()) -> Rendered:
        """The same with the API server's verdicts, and what it could not judge."""
        return replace(self, verdicts=verdicts, gaps=(*self.gaps, *gaps))
