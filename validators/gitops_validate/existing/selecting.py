"""What label selectors select, and whether a controller may give its own pods such labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from gitops_validate.existing.index import COMPARED, Existing
from gitops_validate.existing.loose import entries, labels, mapping
from gitops_validate.existing.pods import Pods
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.routes import strings

EVERYBODY = ("app.kubernetes.io/", "helm.sh/", "k8s.io/")
"""Prefixes of labels that people set; another prefix that no pod carries belongs to a controller."""


def matches(selector: Mapping[str, Any], own: Mapping[str, str]) -> bool:
    """Whether a selector of matchLabels and matchExpressions selects labels; an operator that does not exist is left to the API server."""
    wanted = mapping(selector.get("matchLabels"))
    return all(own.get(key) == value for key, value in wanted.items()) and all(_holds(each, own) for _, each in entries(selector, "matchExpressions"))


def pods(existing: Existing, namespaces: Iterable[str], selector: Mapping[str, Any]) -> Iterator[Pods]:
    """The pods of namespaces that a selector selects, or may once they have a namespace."""
    here = chain.from_iterable(existing.pods.get(namespace, ()) for namespace in namespaces)
    return (each for each in chain(here, existing.homeless_pods) if matches(selector, each.labels))


def is_foreign(existing: Existing, namespaces: Sequence[str], selector: Mapping[str, Any], candidates: Iterable[Mapping[str, str]]) -> bool:
    """Whether what a selector wants may be there although nothing in the repository brings it: a controller makes and labels it.

    `candidates` are the labels of what the repository brings; a selector that almost selects one of them is more likely to be wrong.
    """
    wanted = mapping(selector.get("matchLabels"))
    keys = [*wanted, *(str(each.get("key")) for _, each in entries(selector, "matchExpressions"))]
    if any(existing.is_open(namespace) for namespace in namespaces) or any(_is_controllers(existing, key) for key in keys):
        return True
    values = {*strings(wanted), *(value for _, each in entries(selector, "matchExpressions") for value in strings(each.get("values")))}
    if any(existing.is_spoken_of(namespace, value) for namespace in namespaces for value in values):
        return True
    return any(existing.is_run(namespace) for namespace in namespaces) and not any(_resembles(wanted, own) for own in islice(candidates, COMPARED))


def nearest(selector: Mapping[str, Any], candidates: Iterable[Mapping[str, str]]) -> str:
    """What a wrong label may have been meant to be, "" if no candidate comes near."""
    wanted = labels(selector.get("matchLabels"))
    known = [own for own in islice(candidates, COMPARED) if own]
    best = max(known, key=lambda own: sum(own.get(key) == value for key, value in wanted.items()), default={})
    for key, value in wanted.items():
        if key not in best:
            near = did_you_mean(key, best)
            return near or f"nothing there has the label {key}"
        if best[key] != value:
            return f"{key} is {best[key]} there"
    return ""


def _resembles(wanted: Mapping[str, Any], own: Mapping[str, str]) -> bool:
    """Whether labels have a pair that is wanted, or almost."""
    return any(own.get(key) == value or did_you_mean(str(value), [own.get(key, "")]) for key, value in wanted.items())


def _holds(expression: Mapping[str, Any], own: Mapping[str, str]) -> bool:
    key, values = str(expression.get("key")), list(strings(expression.get("values")))
    match expression.get("operator"):
        case "In":
            return own.get(key) in values
        case "NotIn":
            return own.get(key) not in values
        case "Exists":
            return key in own
        case "DoesNotExist":
            return key not in own
    return True


def _is_controllers(existing: Existing, key: str) -> bool:
    return "/" in key and not key.startswith(EVERYBODY) and key not in existing.label_keys
