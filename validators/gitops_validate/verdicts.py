"""Ask the API server's own code about everything that would be applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from gitops_validate.ask import Asker, Keyed
from gitops_validate.cache import digest
from gitops_validate.engine import Question
from gitops_validate.errors import EngineError
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Cause, Lifecycle, Render, Rendered, RenderedObject, Verdict
from gitops_validate.schemas import identity

Definitions = Mapping[tuple[str, str], tuple[str, bytes]]
"""CustomResourceDefinitions as digest and body, by the group and kind that they define."""


def judge_objects(repo: Repo, rendered: Sequence[Rendered], asker: Asker) -> tuple[tuple[Rendered, ...], list[Incomplete]]:
    """Each environment with the verdicts on its objects, and the kinds that nothing defines."""
    bundled = identity()
    written = definitions((manifest.ref.kind, manifest.raw, manifest.data) for manifest in repo.manifests if manifest.ref)
    asked = [
        (environment, render, _question(environment, render, {**written, **_rendered_definitions(environment)}, bundled))
        for environment in rendered
        for render in environment.renders
        if render.objects
    ]
    answers = asker.ask([question for _, _, question in asked])
    verdicts: dict[str, list[Verdict]] = {environment.environment.name: [] for environment in rendered}
    gaps: list[Incomplete] = []
    for (environment, render, _), answer in zip(asked, answers, strict=True):
        if isinstance(answer, EngineError):
            gaps.append(Incomplete("engine", str(render.reconciler.ref), str(answer), environment=environment.environment.name))
            continue
        verdicts[environment.environment.name] += [
            verdict(thing, said) for thing, said in zip(render.objects, answer.result["verdicts"], strict=True)
        ]
    judged = tuple(environment.judged(tuple(verdicts[environment.environment.name])) for environment in rendered)
    return judged, gaps + list(unjudged(chain.from_iterable(environment.verdicts for environment in judged)))


def definitions(objects: Iterable[tuple[str, bytes, object]]) -> dict[tuple[str, str], tuple[str, bytes]]:
    """The definitions among objects, given as kind, body and value."""
    found: dict[tuple[str, str], tuple[str, bytes]] = {}
    for kind, raw, data in objects:
        match data if kind == "CustomResourceDefinition" else None:
            case {"spec": {"group": str(group), "names": {"kind": str(defined)}}}:
                found[group, defined] = (digest(raw), raw)
    return found


def scopes(repo: Repo) -> dict[str, str]:
    """Whether objects of the kinds that a checkout defines live in a namespace: "group/Kind" → "Namespaced" or "Cluster"."""
    found = {}
    for manifest in repo.manifests:
        match manifest.data if manifest.ref and manifest.ref.kind == "CustomResourceDefinition" else None:
            case {"spec": {"group": str(group), "scope": ("Namespaced" | "Cluster") as scope, "names": {"kind": str(kind)}}}:
                found[f"{group}/{kind}"] = str(scope)
    return found


def verdict(rendered: RenderedObject, said: Mapping[str, object]) -> Verdict:
    """Read one verdict of the engine."""
    match said:
        case {"verdict": ("accepted" | "rejected" | "no-schema" | "no-verdict") as word}:
            return Verdict(
                rendered,
                word,
                tuple(_causes(said.get("causes"))),
                tuple(_strings(said.get("warnings"))),
                _lifecycle(said.get("removed")),
                _lifecycle(said.get("deprecated")),
            )
    raise EngineError(f"validate: an answer without a verdict for {rendered.ref}")


def _rendered_definitions(environment: Rendered) -> Definitions:
    return definitions(
        (rendered.ref.kind, rendered.raw, rendered.data if rendered.ref.kind == "CustomResourceDefinition" else None)
        for rendered in environment.objects
    )


def _question(environment: Rendered, render: Render, known: Definitions, bundled: str) -> Keyed:
    needed = {known[kind] for rendered in render.objects if (kind := (rendered.ref.group, rendered.ref.kind)) in known}
    args = {"apply": "server-side", "definitions": sorted(key for key, _ in needed), "namespace": "default"}
    question = Question("validate", args, [rendered.raw for rendered in render.objects], environment.environment.kubernetes, dict(needed))
    return Keyed.of(question, bundled)


def unjudged(verdicts: Iterable[Verdict]) -> Iterator[Incomplete]:
    """What has no verdict. A kind without a schema is said once, however many objects of it there are."""
    seen: set[str] = set()
    for verdict in verdicts:
        kind = f"{verdict.object.ref.group}/{verdict.object.ref.kind}"
        if verdict.verdict == "no-schema" and kind not in seen:
            seen.add(kind)
            reason = f"nothing defines {verdict.object.ref.kind} of {verdict.object.ref.api_version}: add its CustomResourceDefinition to the repository, or `gitops-validate schemas add FILE`"
            yield Incomplete("no-schema", kind, reason, verdict.object.origin.path)
        elif verdict.verdict == "no-verdict":
            yield Incomplete(
                "engine",
                str(verdict.object.ref),
                "; ".join(cause.message for cause in verdict.causes),
                verdict.object.origin.path,
                verdict.object.environment,
            )


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
