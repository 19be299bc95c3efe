"""The CEL expressions of reconcilers, each as Flux would read it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from gitops_validate.engine import Answer, Question
from gitops_validate.existing.loose import entries, text
from gitops_validate.keeping.ask import Keyed
from gitops_validate.model.render import Reconciler, Rendered
from gitops_validate.placing.patch import Ask
from gitops_validate.placing.routes import Route

STATES = ("current", "inProgress", "failed")
READY = ("self", "dep")
"""What readyExpr may speak of: the reconciler, and the one that it depends on."""


class Expression(Struct, frozen=True):
    """An expression, where it stands in the spec of its reconciler, and why Flux does not take it, "" if it does."""

    reconciler: Reconciler
    route: Route
    text: str
    fault: str = ""


def expressions(rendered: Rendered, ask: Ask) -> list[Expression]:
    """Every expression of an environment; those that the engine could not look into count as in order."""
    found = [each for render in rendered.renders for each in _written(render.reconciler)]
    if not found:
        return []
    asked = [{"variables": list(READY) if each.route[-1] == "readyExpr" else []} for each in found]
    texts = [each.text.encode("utf-8", "replace") for each in found]
    answers = ask([Keyed.of(Question("cel", {"expressions": asked}, texts))])
    faults = answers[0].result["faults"] if answers and isinstance(answers[0], Answer) else []
    return [Expression(each.reconciler, each.route, each.text, fault) for each, fault in zip(found, faults, strict=False)]


def _written(reconciler: Reconciler) -> Iterator[Expression]:
    for route, check in entries(reconciler.spec, "healthCheckExprs"):
        for state in STATES:
            if text(check.get(state)):
                yield Expression(reconciler, (*route, state), text(check[state]))
    for route, dependency in entries(reconciler.spec, "dependsOn"):
        if text(dependency.get("readyExpr")):
            yield Expression(reconciler, (*route, "readyExpr"), text(dependency["readyExpr"]))
