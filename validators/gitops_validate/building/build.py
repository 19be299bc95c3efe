"""What the engine is asked to build one reconciler, and what its answer means."""

from __future__ import annotations

import re
from collections import ChainMap, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import orjson
from msgspec import Struct, field

from gitops_validate.building import link
from gitops_validate.building.charts import Chart, Charts, Gap, helm_chart, wanted
from gitops_validate.building.cluster import BUILDS, Cluster
from gitops_validate.building.doubt import applied, artifact, may_read
from gitops_validate.building.elsewhere import Elsewhere, Fetched
from gitops_validate.building.inputs import Variables, release_inputs, variables
from gitops_validate.config import Config
from gitops_validate.content import content
from gitops_validate.engine import Answer, Question
from gitops_validate.errors import EngineError
from gitops_validate.keeping.ask import Keyed
from gitops_validate.keeping.tree import Tree
from gitops_validate.keeping.used import Used
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.record import Veiled
from gitops_validate.model.render import Failure, FluxKustomization, HelmRelease, Origin, Reconciler, Render, RenderedObject
from gitops_validate.placing.kustomization import reach
from gitops_validate.report.escape import visible
from gitops_validate.schemas import controllers

RENDERS = (
    "chart",
    "chartRef",
    "releaseName",
    "targetNamespace",
    "storageNamespace",
    "install",
    "upgrade",
    "postRenderers",
    "postRenderStrategy",
    "values",
    "commonMetadata",
)
"""Fields of a HelmRelease's spec that change what is rendered; only these are asked with, so that environments share answers."""


ACTIONS = {"install": "install", "upgrade": "upgrade", "rollback": "rollback", "delete": "uninstall"}
"""The fields of a HelmRelease's spec that tell of actions, by the last word of their hooks' events."""
REMOTE = "remote-reference"
"""Why a kustomization is not built that names something elsewhere."""
UNSET = "substitute-from"
VARIABLE = re.compile(rb"\$\{#?([A-Za-z_][A-Za-z0-9_]*)")
LIMIT = 5 << 20
"""Bytes of a file that is searched for variables."""
CERTAIN = frozenset({"missing-path", "not-a-directory", "outside-path", REMOTE})
"""Failures that have nothing to do with variables."""
LOOKUP = "helm-lookup"
"""Why a release cannot be rendered that is rendered in the cluster."""
REMOTE_SCHEMA = "values-schema"
"""What a gap is called where a chart's schema of values is not whole."""


class Plan(Struct, frozen=True):
    """The question that builds a reconciler. `gaps` are known before it is asked."""

    reconciler: Reconciler
    question: Keyed
    gaps: tuple[Incomplete, ...] = ()
    fetched: tuple[Fetched, ...] = ()
    """What the question brings along from elsewhere."""


class Made(Veiled, Struct, frozen=True):
    """The objects that an answer came to, and what else they depend on: what their reconciler says, and the variables that nobody knows."""

    answer: Answer
    spec: Mapping[str, Any]
    unknown: frozenset[str]
    objects: tuple[RenderedObject, ...]


class Workshop(Veiled, Struct):
    """Plans the building of reconcilers and reads the answers."""

    root: str
    tree: Tree
    charts: Charts
    scopes: Mapping[str, str] = field(default_factory=dict)
    """Whether custom kinds live in a namespace, by group/Kind."""
    placeholders: Mapping[str, dict[tuple[str, str, str], RenderedObject]] = field(default_factory=dict)
    """What stands for the secrets that each environment does not have yet, unless something renders them."""
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    """What kustomizations may take from other places."""
    identities: bytes = b""
    """Private keys of age, with which encrypted files are rendered as they are in the cluster; without any, placeholders stand in."""
    served: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The API versions that each environment's definitions bring, as far as they are known."""
    used: defaultdict[str, Used] = field(default_factory=lambda: defaultdict(Used))
    """What has been used for each environment."""
    before: Mapping[tuple[str, ReconcilerRef], Made] = field(default_factory=dict)
    """The objects of another state of the checkout."""
    made: dict[tuple[str, ReconcilerRef], Made] = field(default_factory=dict)
    """The objects of this one, by environment and reconciler."""
    _asked_with: dict[tuple[str, ReconcilerRef], tuple[str, ...]] = field(default_factory=dict)

    def plan(self, cluster: Cluster, reconciler: Reconciler) -> Plan | Render:
        """A question for the engine, or the render itself when there is nothing to ask."""
        source = link.source(reconciler)
        if source and not cluster.is_self(source) and cluster.lookup(source) is None:
            return self._without_source(cluster, reconciler, source)
        match reconciler:
            case FluxKustomization():
                return self._kustomization(cluster, reconciler, source)
            case HelmRelease():
                return self._release(cluster, reconciler, source)
        raise TypeError(reconciler)

    def further(self, plan: Plan, answer: Answer | EngineError) -> Plan | Render | None:
        """What an answer makes necessary before it counts: to fetch what a kustomization names elsewhere, and to ask again. None if nothing does."""
        failure: Mapping[str, Any] = (answer.result.get("failure") if isinstance(answer, Answer) else None) or {}
        entry = str(failure.get("field") or "") if failure.get("reason") == REMOTE else ""
        if not entry or any(entry == each.entry for each in plan.fetched) or self.elsewhere.refuses(entry):
            return None
        found = self.elsewhere.fetch(entry)
        if isinstance(found, str):
            gap = Incomplete("fetch", visible(entry), found, str(failure.get("path") or ""), plan.reconciler.environment)
            folder = link.folder(plan.reconciler.spec)
            return Render(plan.reconciler, incomplete=(*plan.gaps, gap), path=folder, doubt=self._doubt(plan.reconciler.environment, folder))
        return self._with(plan, [*plan.fetched, found])

    def _with(self, plan: Plan, fetched: Sequence[Fetched]) -> Plan:
        """The same question with what was fetched."""
        blobs = [self.identities] if self.identities else []
        args = []
        for each in fetched:
            files = {name: len(blobs) + number for number, name in enumerate(each.files)}
            args.append({"entry": each.entry, "path": each.path, "files": files})
            blobs += each.files.values()
        question = Question("kustomize", {**plan.question.question.args, "fetched": args}, blobs)
        return Plan(plan.reconciler, Keyed.of(question, traced=True), plan.gaps, tuple(fetched))

    def render(self, plan: Plan, answer: Answer | EngineError) -> Render:
        """What the engine's answer means for the reconciler."""
        source, path = link.source(plan.reconciler), link.folder(plan.reconciler.spec) if isinstance(plan.reconciler, FluxKustomization) else ""
        unread = isinstance(plan.reconciler, FluxKustomization) and (isinstance(answer, EngineError) or bool(answer.result.get("failure")))
        doubt = self._doubt(plan.reconciler.environment, path) if unread else ()
        if unread and not doubt and plan.reconciler.object is None:  # nothing of the environment is known
            doubt = self._doubt(plan.reconciler.environment, ".")
        if isinstance(answer, EngineError):
            return Render(
                plan.reconciler, incomplete=(*plan.gaps, _gap(plan.reconciler, "engine", str(answer))), source=source, path=path, doubt=doubt
            )
        result = answer.result
        self.used[plan.reconciler.environment].traced(result.get("trace") or {})
        if result.get("uses_api_versions"):
            self._asked_with[plan.reconciler.environment, plan.reconciler.ref] = tuple(plan.question.question.args["api_versions"])
        failure, unknown = self._explained(result.get("failure")), frozenset(plan.question.question.args.get("unknown_variables") or ())
        if failure and failure.get("reason") not in CERTAIN and any(gap.what == UNSET for gap in plan.gaps):
            return Render(plan.reconciler, incomplete=plan.gaps, source=source, path=path, doubt=doubt)
        if failure and failure.get("reason") == LOOKUP:
            reason = (
                f"a template of its chart asks the cluster by lookup what it has, and cannot be rendered without the answer: {failure['message']}"
            )
            return Render(plan.reconciler, incomplete=(*plan.gaps, _gap(plan.reconciler, "lookup", reason)), source=source, path=path)
        return Render(
            plan.reconciler,
            self._objects(plan.reconciler, answer, unknown),
            _failure(failure) if failure else None,
            (*plan.gaps, *_locked(result, plan.reconciler), *_elsewhere(failure, plan.reconciler)),
            tuple(result.get("unused_values") or ()),
            source,
            path,
            _chart_label(result.get("chart")),
            str(plan.question.question.args.get("chart", {}).get("folder") or ""),
            tuple(_remote_schema(url) for url in result.get("schema_references") or ()),
            tuple(map(_failure, result.get("emptied") or ())),
            tuple(map(_failure, result.get("dropped") or ())),
            doubt,
        )

    def _objects(self, reconciler: Reconciler, answer: Answer, unknown: frozenset[str]) -> tuple[RenderedObject, ...]:
        """The objects of an answer; those that were made of it already, with all that has been read of them."""
        place = (reconciler.environment, reconciler.ref)
        for known in (self.made, self.before):
            made = known.get(place)
            if made and made.answer is answer and (made.spec, made.unknown) == (reconciler.spec, unknown):
                break
        else:
            headers = (header for header in answer.result.get("objects") or () if _arrives(header, reconciler))
            made = Made(answer, reconciler.spec, unknown, tuple(_object(header, answer, reconciler, unknown) for header in headers))
        self.made[place] = made
        return made.objects

    def _explained(self, failure: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """A failure, with why what it names elsewhere is not fetched."""
        if not failure or failure["reason"] != REMOTE or not failure.get("field"):
            return failure
        return {**failure, "message": f"{failure['message']}: {self.elsewhere.refuses(failure['field']) or 'what it brings names it again'}"}

    def expect(self, served: tuple[str, ...], environment: str) -> None:
        """Let an environment begin with API versions that it is likely to have, until it is known which it has."""
        if served:
            self.served.setdefault(environment, served)

    def outdated(self, cluster: Cluster, served: tuple[str, ...]) -> list[ReconcilerRef]:
        """The releases whose charts looked at the API versions when fewer were known."""
        name = cluster.environment.name
        self.served[name] = served
        return [ref for ref in cluster.renders if self._asked_with.get((name, ref), served) != served]

    def _without_source(self, cluster: Cluster, reconciler: Reconciler, source: ReconcilerRef) -> Render:
        """Of a reconciler whose source nothing declares, though what is not evaluated may make it."""
        if not cluster.gaps:
            return Render(reconciler, failure=Failure("dangling-source", f"nothing in the repository declares {source}"), source=source)
        doubt = self._doubt(reconciler.environment, *artifact(source, cluster))
        makers = ", ".join(sorted(gap.subject for gap in cluster.gaps)[:3])
        reason = f"nothing in the repository declares {source}; {makers} may make it, and that is not evaluated"
        return Render(reconciler, incomplete=(_gap(reconciler, "source", reason),), source=source, doubt=doubt)

    def cluster(self, environment: Environment, config: Config) -> Cluster:
        """An environment of which nothing is built yet."""
        return Cluster(environment, config, partial(self._has, environment.name))

    def _has(self, environment: str, folder: str) -> bool:
        """Whether there is a folder in the checkout, which counts for the environment from then on."""
        self.used[environment].folders.add(folder)
        return folder in self.charts.repo.folders

    def note(self, render: Render) -> None:
        """Note the files that may be applied by what is not evaluated among the objects of a render."""
        if folders := set().union(*map(applied, render.objects)):
            self._doubt(render.reconciler.environment, *folders)

    def _doubt(self, environment: str, *folders: str) -> tuple[str, ...]:
        """Note what may be read by a reconciler of which nobody knows what it reads: files and folders."""
        files, known = may_read(self.charts.repo, *folders)
        self.used[environment].trace["files"] |= files
        self.used[environment].folders |= known
        return tuple(sorted(files | known))

    def _kustomization(self, cluster: Cluster, reconciler: FluxKustomization, source: ReconcilerRef | None) -> Plan | Render:
        if source and not cluster.is_self(source):
            folder = link.folder(reconciler.spec)
            return Render(
                reconciler,
                incomplete=(_gap(reconciler, "source", f"the files of {source} are not in this checkout; name it under sources.self if they are"),),
                source=source,
                doubt=self._doubt(reconciler.environment, folder) if folder != "." else (),  # it may be this checkout under another name
            )
        known = variables(reconciler, self._known(cluster), lambda: self._own(reconciler))
        gaps: tuple[Incomplete, ...] = ()
        if known.missing:
            named = ", ".join(map(str, known.missing))
            gaps = (_gap(reconciler, UNSET, f"{named} is not in the repository, so its variables are not known"),)
            known.unknown |= self._asked_for(reconciler) - known.values.keys()
        args = self._kustomize_args(cluster, reconciler, known, source)
        blobs = (self.identities,) if self.identities else ()
        return Plan(reconciler, Keyed.of(Question("kustomize", args, blobs), traced=True), gaps)

    def _own(self, reconciler: FluxKustomization) -> dict[tuple[str, str, str], RenderedObject]:
        """What a Kustomization is written to bring, as it is written."""
        repo, namespace = self.charts.repo, str(reconciler.spec.get("targetNamespace") or "")
        files = (repo.files[path] for path in reach(repo, link.folder(reconciler.spec)) if path in repo.files)
        written = [(each, each.ref) for file in files for each in file.manifests if each.ref]
        refs = [(each, ref._replace(namespace=namespace or ref.namespace or reconciler.ref.namespace)) for each, ref in written]
        return {
            (ref.kind, ref.namespace, ref.name): RenderedObject(
                ref, each.raw, Origin(each.path), reconciler.ref, reconciler.environment, encrypted=b'"sops":' in each.raw
            )
            for each, ref in refs
        }

    def _asked_for(self, reconciler: FluxKustomization) -> set[str]:
        """The variables that what a Kustomization is built from, or its own spec, asks for."""
        repo = self.charts.repo
        texts = (content(repo, path, LIMIT) for path in reach(repo, link.folder(reconciler.spec)) if path in repo.digests)
        return {name.decode() for text in (*texts, orjson.dumps(reconciler.spec)) for name in VARIABLE.findall(text)}

    def _kustomize_args(self, cluster: Cluster, reconciler: FluxKustomization, known: Variables, source: ReconcilerRef | None) -> dict[str, Any]:
        declared = cluster.lookup(source) if source else None
        ignore = declared.get("spec", "ignore") if declared else None
        return {
            "root": self.root,
            "path": link.named_folder(reconciler.spec),
            "kustomization": {
                "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
                "kind": "Kustomization",
                "metadata": {"name": reconciler.ref.name, "namespace": reconciler.ref.namespace},
                "spec": _only(reconciler.spec, BUILDS),
            },
            "substitute": "postBuild" in reconciler.spec,
            "variables": known.values,
            "unknown_variables": sorted(known.unknown),
            **({"lenient": True} if cluster.lenient and "postBuild" in reconciler.spec else {}),
            "scopes": {kind: scope for kind, scope in self.scopes.items() if scope == "Cluster"},
            **({"ignore": ignore} if isinstance(ignore, str) else {}),
            **({"identities": 0} if self.identities else {}),
        }

    def _release(self, cluster: Cluster, release: HelmRelease, source: ReconcilerRef | None) -> Plan | Render:
        want = wanted(release, cluster.lookup)
        if want is None:
            return Render(release, failure=Failure("dangling-source", f"the chart of {release.ref} cannot be told from its spec"), source=source)
        if not cluster.is_self(want.source) and cluster.lookup(want.source) is None:
            return Render(release, failure=Failure("dangling-source", f"nothing in the repository declares {want.source}"), source=want.source)
        chart = self.charts.find(want, cluster.lookup(want.source), cluster.is_self(want.source), self.tree.below)
        if isinstance(chart, Gap):
            return Render(
                release, incomplete=(Incomplete(chart.what, chart.subject, chart.reason, _path(release), release.environment),), source=source
            )
        if isinstance(chart, Failure):
            return Render(release, failure=chart, source=source)
        self.used[release.environment].chart(chart)
        return self._helm(cluster, release, chart)

    def _helm(self, cluster: Cluster, release: HelmRelease, chart: Chart) -> Plan:
        given = release_inputs(release, self._known(cluster))
        args = {
            "root": self.root,
            "chart": chart.location,
            "release": {
                "apiVersion": "helm.toolkit.fluxcd.io/v2",
                "kind": "HelmRelease",
                "metadata": {"name": release.ref.name, "namespace": release.ref.namespace},
                "spec": {**_only(release.spec, RENDERS), **_template(helm_chart(release, cluster.lookup)), "valuesFrom": given.entries},
            },
            "values_from": given.objects,
            "api_versions": self.served.get(release.environment, controllers()),
            "scopes": self.scopes,
            "postRender": True,
        }
        question = Question("helm", args, given.blobs, server=cluster.environment.server)
        gaps = tuple(_gap(release, "encrypted-values", reason) for reason in given.gaps)
        elsewhere = "folder" in chart.location  # dependencies by path and valuesFiles may lie outside of it
        return Plan(release, Keyed.of(question, chart.content, traced=elsewhere), gaps)

    def _known(self, cluster: Cluster) -> Mapping[tuple[str, str, str], RenderedObject]:
        return ChainMap(cluster.objects, self.placeholders.get(cluster.environment.name, {}))


def _only(spec: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    return {name: spec[name] for name in fields if name in spec}


def _template(chart: RenderedObject | None) -> dict[str, Any]:
    """What a HelmChart that is referred to says of the chart, as the release would say it itself."""
    spec = chart.get("spec") if chart else None
    return {"chart": {"spec": spec}} if isinstance(spec, dict) else {}


def _arrives(header: Mapping[str, Any], reconciler: Reconciler) -> bool:
    """Whether the cluster gets an object: a hook only of an action that runs its hooks, a test only where helm-controller is told to run tests."""
    hooks = header.get("hooks") or ()
    return not hooks or any(_runs(hook, reconciler.spec) for hook in hooks)


def _runs(hook: str, spec: Mapping[str, Any]) -> bool:
    """Whether helm-controller runs the hooks of an event."""
    action = ACTIONS.get(hook.rpartition("-")[2], "test")
    options = spec.get(action)
    told = options if isinstance(options, dict) else {}
    return told.get("enable") is True if action == "test" else told.get("disableHooks") is not True


def _object(header: Mapping[str, Any], answer: Answer, reconciler: Reconciler, unknown: frozenset[str]) -> RenderedObject:
    origin = header.get("origin") or {}
    return RenderedObject(
        ObjectRef(header["apiVersion"], header["kind"], header.get("namespace") or "", header.get("name") or ""),
        answer.blobs[header["blob"]],
        Origin(
            origin.get("path") or "",
            origin.get("document", -1),
            origin.get("generator") or "",
            origin.get("generated_by") or "",
            origin.get("template") or "",
            tuple(header.get("patches") or ()),
            bool(origin.get("asks")),
        ),
        reconciler.ref,
        reconciler.environment,
        bool(header.get("encrypted")),
        tuple(header.get("hooks") or ()),
        bool(header.get("crd")),
        not unknown.isdisjoint(header.get("variables") or ()),
        tuple((name, value) for name, value in header.get("lost") or ()),
    )


def _failure(found: Mapping[str, Any]) -> Failure:
    return Failure(**{name: found[name] for name in Failure.__struct_fields__ if name in found})


def _gap(reconciler: Reconciler, what: str, reason: str) -> Incomplete:
    return Incomplete(what, str(reconciler.ref), reason, _path(reconciler), reconciler.environment)


def _remote_schema(url: str) -> Incomplete:
    """A document elsewhere that the schema of a chart's values refers to. Many releases of one chart have the same, and it is told once."""
    reason = "the schema of a chart's values refers to it, and nothing is fetched for that: what it says of values is not checked"
    return Incomplete(REMOTE_SCHEMA, url, reason)


def _locked(result: Mapping[str, Any], reconciler: Reconciler) -> Iterator[Incomplete]:
    """The encrypted files that no given key opens."""
    for each in result.get("locked") or ():
        reason = f"{each['path']}: {each['message']}, so placeholders stand in for what it holds"
        yield Incomplete("encrypted", str(reconciler.ref), reason, each["path"], reconciler.environment)


def _elsewhere(failure: Mapping[str, Any] | None, reconciler: Reconciler) -> Iterator[Incomplete]:
    """What Flux would fetch from another place, and nobody fetches here: the cluster gets objects that are not known."""
    if failure and failure.get("reason") == REMOTE:
        reason = "a kustomization of it takes files from another place, which are not fetched: what it brings is not checked"
        yield Incomplete("remote", str(reconciler.ref), reason, str(failure.get("path") or _path(reconciler)), reconciler.environment)


def _path(reconciler: Reconciler) -> str:
    return reconciler.object.origin.path if reconciler.object else ""


def _chart_label(chart: Mapping[str, Any] | None) -> str:
    return "@".join(str(chart.get(part) or "") for part in ("name", "version", "digest")) if chart else ""
