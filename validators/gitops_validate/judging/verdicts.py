"""Ask the API server's own code about everything that would be applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from gitops_validate.building.build import REMOTE_SCHEMA
from gitops_validate.engine import Question
from gitops_validate.errors import EngineError
from gitops_validate.judging.admission import Policies, decisions, given, policies, undecided
from gitops_validate.judging.doubtful import UNKNOWN, settled
from gitops_validate.judging.locations import Locations
from gitops_validate.judging.running import Kinds, earlier, strangers, undefined
from gitops_validate.judging.watched import watched
from gitops_validate.keeping.ask import Asker, Keyed
from gitops_validate.keeping.cache import digest
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.render import Cause, FluxKustomization, Lifecycle, PodViolation, Reconciler, Rendered, RenderedObject, Verdict
from gitops_validate.model.server import VERSIONS
from gitops_validate.placing.near import did_you_mean
from gitops_validate.schemas import identity

DEFINITION = "CustomResourceDefinition"
NEWEST = VERSIONS[-1]
POD_SECURITY = "pod-security.kubernetes.io/"
MODES = ("enforce", "warn", "audit")
LEVELS = ("privileged", "baseline", "restricted")
"""Of a namespace with any other level it is said that it is refused."""
ADMIN_ACCESS = "resource.kubernetes.io/admin-access"
ONCE = frozenset({"no-schema", REMOTE_SCHEMA})
"""Gaps that are said once, however many objects or releases have them."""
Definitions = Mapping[tuple[str, str], tuple[str, bytes]]
"""CustomResourceDefinitions as digest and body, by the group and kind that they define."""


def judge_objects(repo: Repo, rendered: Sequence[Rendered], asker: Asker, locations: Locations) -> tuple[Rendered, ...]:
    """Each environment with the verdicts on its objects, and with what has none."""
    bundled, written, others = identity(), written_definitions(repo), strangers(rendered)
    known = [(environment, _known(environment, written, others[environment.environment.name]), policies(environment)) for environment in rendered]
    flux = {environment.environment.name: (earlier(environment), defined) for environment, defined, _ in known}
    asked = [
        (environment, render, things, _question(environment, things, defined, bundled, under, render.reconciler))
        for environment, defined, under in known
        for render in environment.renders
        for things in _apart(render.objects)
    ]
    answers = asker.ask([question for *_, question in asked])
    verdicts: dict[str, list[Verdict]] = {environment.environment.name: [] for environment in rendered}
    gaps: dict[str, list[Incomplete]] = {environment.environment.name: [] for environment in rendered}
    for (environment, render, things, _), answer in zip(asked, answers, strict=True):
        name = environment.environment.name
        if isinstance(answer, EngineError):
            gaps[name].append(Incomplete("engine", str(render.reconciler.ref), str(answer), environment=name))
            continue
        verdicts[name] += [undefined(verdict(thing, said), *flux[name]) for thing, said in zip(things, answer.result["verdicts"], strict=True)]
    verdicts = _taken_later(known, verdicts, asker, bundled)
    verdicts = {each.environment.name: locations.judge(verdicts[each.environment.name], each.environment.server) for each in rendered}
    named = ((environment, environment.environment.name) for environment in rendered)
    return tuple(each.judged(tuple(verdicts[name]), (*gaps[name], *unjudged(verdicts[name]), *undecided(verdicts[name]))) for each, name in named)


def _taken_later(
    known: Sequence[tuple[Rendered, Definitions, Policies | None]], verdicts: Mapping[str, list[Verdict]], asker: Asker, bundled: str
) -> dict[str, list[Verdict]]:
    """The verdicts, where refused objects of Kubernetes' own kinds say whether its newest version takes them: by then more gates are open."""
    asked = []
    for environment, defined, _ in known:
        place, server = environment.environment, environment.environment.server
        refused = [each for each in verdicts[place.name] if _may_be_taken(each) and _is_built_in(each.object, defined)]
        if refused and server.version and server.version != NEWEST and not server.changed:
            newer = replace(environment, environment=replace(place, kubernetes=NEWEST))
            asked.append((refused, _question(newer, [each.object for each in refused], {}, bundled, None)))
    later: set[int] = set()
    for (refused, _), answer in zip(asked, asker.ask([question for _, question in asked]), strict=True):
        if not isinstance(answer, EngineError):
            later |= {id(each) for each, said in zip(refused, answer.result["verdicts"], strict=True) if said.get("verdict") == "accepted"}
    return {name: [replace(each, later=NEWEST) if id(each) in later else each for each in all_] for name, all_ in verdicts.items()}


def _may_be_taken(verdict: Verdict) -> bool:
    """Whether a later Kubernetes may take an object that is refused: not one that is sent nowhere."""
    return verdict.verdict == "rejected" and not verdict.removed and not verdict.nowhere


def _is_built_in(thing: RenderedObject, defined: Definitions) -> bool:
    """Whether Kubernetes itself defines an object's kind: its groups have no dot or end like this. What a definition may say is the same in all versions."""
    group = thing.ref.group
    return thing.ref.kind != DEFINITION and ("." not in group or group.endswith(".k8s.io")) and (group, thing.ref.kind) not in defined


def _apart(objects: Iterable[RenderedObject]) -> Iterator[list[RenderedObject]]:
    """The definitions, which take longest and are the same in most environments, and the other objects. Nobody sends what Flux leaves alone."""
    parts: tuple[list[RenderedObject], list[RenderedObject]] = ([], [])
    for thing in objects:
        if thing.left_alone:
            continue
        parts[thing.ref.kind != DEFINITION].append(thing)
    yield from filter(None, parts)


def told_once(gaps: Iterable[Incomplete]) -> Iterator[Incomplete]:
    """The gaps of several environments, in their order; a kind without a schema is said once, and so is a schema that lies elsewhere."""
    seen: set[tuple[str, str]] = set()
    for gap in gaps:
        if (gap.what, gap.subject) not in seen:
            yield gap
        if gap.what in ONCE:
            seen.add((gap.what, gap.subject))


def written_definitions(repo: Repo) -> Definitions:
    """The definitions that a checkout holds, rendered or not."""
    return definitions((DEFINITION, manifest.raw, manifest.data) for manifest in _definers(repo))


def definitions(objects: Iterable[tuple[str, bytes, object]]) -> dict[tuple[str, str], tuple[str, bytes]]:
    """The definitions among objects, given as kind, body and value."""
    found: dict[tuple[str, str], tuple[str, bytes]] = {}
    for kind, raw, data in objects:
        match data if kind == DEFINITION else None:
            case {"spec": {"group": str(group), "names": {"kind": str(defined)}}}:
                found[group, defined] = (digest(raw), raw)
    return found


def scopes(repo: Repo) -> dict[str, str]:
    """Whether objects of the kinds that a checkout defines live in a namespace: "group/Kind" → "Namespaced" or "Cluster"."""
    found = {}
    for manifest in _definers(repo):
        match manifest.data:
            case {"spec": {"group": str(group), "scope": ("Namespaced" | "Cluster") as scope, "names": {"kind": str(kind)}}}:
                found[f"{group}/{kind}"] = str(scope)
    return found


def _definers(repo: Repo) -> Iterator[Manifest]:
    """The documents that are definitions. Few are: the others need not be parsed for that."""
    word = f'"{DEFINITION}"'.encode()
    return (manifest for manifest in repo.manifests if word in manifest.raw and manifest.ref and manifest.ref.kind == DEFINITION)


def verdict(rendered: RenderedObject, said: Mapping[str, object]) -> Verdict:
    """Read one verdict of the engine."""
    match said:
        case {"verdict": ("accepted" | "rejected" | "no-schema" | "no-verdict") as word}:
            found = Verdict(
                rendered,
                word,
                tuple(_causes(said.get("causes"))),
                tuple(_strings(said.get("warnings"))),
                _lifecycle(said.get("removed")),
                _lifecycle(said.get("deprecated")),
                *_pods(said.get("pods")),
                decisions(said.get("policies"), rendered),
                tuple(_causes(said.get("mismatches"))),
                tuple(_causes(said.get("dropped"))),
            )
            return settled(found)
    raise EngineError(f"validate: an answer without a verdict for {rendered.ref}")


def known_definitions(repo: Repo, rendered: Rendered) -> Definitions:
    """The definitions that objects of an environment are judged by, besides the bundled ones: those that it brings itself come first."""
    return _known(rendered, written_definitions(repo))


def _known(environment: Rendered, written: Definitions, strange: Kinds = ()) -> dict[tuple[str, str], tuple[str, bytes]]:
    ours = {kind: definition for kind, definition in written.items() if kind not in strange}
    return {**watched(environment), **ours, **_rendered_definitions(environment)}


def _rendered_definitions(environment: Rendered) -> Definitions:
    return definitions((DEFINITION, rendered.raw, rendered.data) for rendered in environment.objects if rendered.ref.kind == DEFINITION)


def _question(
    environment: Rendered,
    things: Sequence[RenderedObject],
    known: Definitions,
    bundled: str,
    under: Policies | None,
    sender: Reconciler | None = None,
) -> Keyed:
    needed = {known[kind] for thing in things if (kind := (thing.ref.group, thing.ref.kind)) in known}
    claiming = {thing.ref.namespace or "default" for thing in things if thing.ref.kind.startswith("ResourceClaim")}
    levels = _levels(environment, {thing.ref.namespace or "default" for thing in things}, claiming)
    args: dict[str, object] = {"apply": "server-side", "definitions": sorted(key for key, _ in needed), "namespace": "default", "namespaces": levels}
    named, others, lists = given(under, known)
    args, needed = {**args, **named, **_sent_by(sender)}, needed | others
    bodies = [thing.raw for thing in things]
    question = Question("validate", args, bodies, environment.environment.server, dict(needed), lists)
    return Keyed.of(question, bundled)


def _sent_by(sender: Reconciler | None) -> dict[str, object]:
    """How a reconciler sends its objects. A Kustomization gives them no namespace if it is declared, without a target; a FluxInstance may patch one in."""
    if not isinstance(sender, FluxKustomization):
        return {}
    placed = sender.object is None or b"targetNamespace" in sender.object.raw
    return {"typed": True} if placed else {"typed": True, "explicit": True}


def _levels(environment: Rendered, namespaces: set[str], claiming: set[str]) -> dict[str, dict[str, str]]:
    """The labels of these namespaces that name levels of Pod Security; where devices are claimed, also whether that may be with admin access."""
    found = {}
    for name in sorted(namespaces):
        namespace = environment.by_kind.get(("Namespace", "", name))
        labels = namespace.get("metadata", "labels") if namespace else None
        telling = (POD_SECURITY, ADMIN_ACCESS) if name in claiming else (POD_SECURITY,)
        own = {str(key): str(value) for key, value in (labels if isinstance(labels, dict) else {}).items() if str(key).startswith(telling)}
        own = {key: value for key, value in own.items() if key.removeprefix(POD_SECURITY) not in MODES or value in LEVELS}
        if own or (namespace and name in claiming):
            found[name] = own
    return found


def unjudged(verdicts: Iterable[Verdict]) -> Iterator[Incomplete]:
    """What has no verdict. A kind without a schema is said once, however many objects of it there are."""
    seen: set[str] = set()
    verdicts = list(verdicts)
    refused = definitions(
        (DEFINITION, each.object.raw, each.object.data) for each in verdicts if each.verdict == "rejected" and each.object.ref.kind == DEFINITION
    )
    there = definitions((DEFINITION, each.object.raw, each.object.data) for each in verdicts if each.object.ref.kind == DEFINITION)
    for verdict in verdicts:
        if verdict.verdict == "no-verdict" and (verdict.object.ref.group, verdict.object.ref.kind) in refused:
            continue  # the definition is told of
        kind = f"{verdict.object.ref.group}/{verdict.object.ref.kind}"
        if verdict.verdict == "no-schema" and kind not in seen:
            seen.add(kind)
            nothing = f"nothing defines {verdict.object.ref.kind} of {verdict.object.ref.api_version}: add its CustomResourceDefinition to the repository, or `gitops-validate schemas add FILE`"
            near = did_you_mean(verdict.object.ref.kind, [defined for group, defined in there if group == verdict.object.ref.group])
            reason = verdict.causes[0].message if verdict.causes else f"{nothing}; {near}" if near else nothing
            yield Incomplete("no-schema", kind, reason, verdict.object.origin.path)
        elif verdict.verdict == "no-verdict":
            yield Incomplete(
                "unknown-values" if any(cause.reason == UNKNOWN for cause in verdict.causes) else "engine",
                str(verdict.object.ref),
                "; ".join(cause.message for cause in verdict.causes),
                verdict.object.origin.path,
                verdict.object.environment,
            )


def _pods(said: object) -> tuple[PodViolation | None, PodViolation | None]:
    levels = said if isinstance(said, dict) else {}
    enforced, warned = (PodViolation(**found) if (found := levels.get(name)) else None for name in ("enforce", "warn"))
    return enforced, warned


def _causes(said: object) -> Iterator[Cause]:
    for cause in said if isinstance(said, list) else ():
        yield Cause(str(cause.get("field") or ""), str(cause.get("pointer") or ""), str(cause.get("reason") or ""), str(cause.get("message") or ""))


def _strings(said: object) -> Iterator[str]:
    yield from map(str, said if isinstance(said, list) else ())


def _lifecycle(said: object) -> Lifecycle | None:
    match said:
        case {"message": str(message), **rest}:
            return Lifecycle(message, str(rest.get("since") or ""), str(rest.get("replacement") or ""))
    return None
