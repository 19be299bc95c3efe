from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from gitops_validate.existing.loose import dig, entries, mapping
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.placing.kustomization import is_kustomization
from gitops_validate.placing.routes import Route, dotted, leaves
from gitops_validate.rule import Problems, rule
from gitops_validate.secrets import passwords

VALUES = re.compile(r"(^|[/._-])values([._-][\w.-]+)?\.ya?ml$")
"""What files of Helm values are called."""
HELM: tuple[Route, ...] = (("spec", "values"), ("spec", "source", "helm", "valuesObject"))
"""Where objects hold values of a chart themselves."""
WORDS = re.compile(b"pass|pwd|secret|token|key")
"""One of which stands in what names a password: most documents need not be looked through."""


@rule(Severity.WARNING, Profile.STANDARD)
def plaintext_password(manifest: Manifest, repo: Repo) -> Problems:
    """A password among settings that everybody can read.

    What stands in a ConfigMap, in the values of a release or in a variable of a container can be read by whoever can read the repository, a clone or a fork of it,
    and in the cluster by whoever may read ConfigMaps. Told is what the repository itself writes: a name that ends in a word for a secret, with a text that is neither
    a reference, a template nor an example. Change it, and let the new one come from an encrypted Secret.

    **Avoid**

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web
      namespace: default
    data:
      DATABASE_HOST: database.default.svc
      DATABASE_PASSWORD: correct horse 7 # finding
    ```

    **Prefer**

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web
      namespace: default
    data:
      DATABASE_HOST: database.default.svc
      DATABASE_PASSWORD_FILE: /run/secrets/database/password
    ```
    """
    if not WORDS.search(manifest.raw.lower()) or _is_of_a_chart(manifest.path, repo):
        return
    for route, name, fix in _found(manifest):
        yield Problem(manifest.at(*route), f"{name} stands in plain text, and reads like a secret", fix)


def _found(manifest: Manifest) -> Iterator[tuple[Route, str, str]]:
    """The way to each password, what it is called, and where it belongs."""
    kind = manifest.ref.kind if manifest.ref else ""
    if kind == "ConfigMap":
        for way, value in leaves(mapping(dig(manifest.data, "data"))):
            yield from ((("data", *way), name, "change it, and move it into an encrypted Secret") for name in _of_setting(way, value))
    elif is_kustomization(manifest.path):
        yield from _of_literals(manifest.data)
    elif manifest.ref is None and VALUES.search(manifest.path):
        yield from _of_values((), manifest.data)
    else:
        for base in HELM:
            yield from _of_values(base, dig(manifest.data, *base))
        yield from _of_variables(manifest.data)


def _of_setting(way: Route, value: Any) -> Iterator[str]:
    """What a value of a ConfigMap is, or holds in its lines, if that is a password."""
    if passwords.is_password(way, value):
        yield dotted(way)
    elif isinstance(value, str) and "\n" in value:
        yield from (f"{name} in line {number + 1} of {dotted(way)}" for number, name in passwords.lines(value))


def _of_literals(data: Any) -> Iterator[tuple[Route, str, str]]:
    for route, generator in entries(data, "configMapGenerator"):
        literals = generator.get("literals")
        for number, literal in enumerate(literals if isinstance(literals, list) else ()):
            name, _, value = str(literal).partition("=")
            if passwords.is_password((name,), value.strip("\"'")):
                yield (*route, "literals", number), f"the literal {name}", "change it, and let a secretGenerator read an encrypted file"


def _of_values(base: Route, values: Any) -> Iterator[tuple[Route, str, str]]:
    for way, value in leaves(values) if isinstance(values, dict) else ():
        if passwords.is_password(way, value):
            yield (
                (*base, *way),
                dotted((*base, *way)),
                "change it, and give it by valuesFrom of an encrypted Secret, or name a Secret that the chart reads",
            )


def _of_variables(data: Any, base: Route = ()) -> Iterator[tuple[Route, str, str]]:
    """Variables of containers, wherever a kind keeps its pods."""
    for route, container in _containers(data, base):
        for inner, variable in entries(container, "env"):
            name, value = variable.get("name"), variable.get("value")
            if isinstance(name, str) and passwords.is_password((name,), value):
                yield (*route, *inner, "value"), f"the variable {name}", "change it, and name a Secret in valueFrom.secretKeyRef"


def _containers(data: Any, base: Route) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Each map with a list of variables."""
    waiting: list[tuple[Route, Any]] = [(base, data)]
    while waiting:
        route, value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("env"), list) and route[:2] not in HELM:
                yield route, value
            waiting += [((*route, key), below) for key, below in value.items() if isinstance(below, dict | list)]
        elif isinstance(value, list):
            waiting += [((*route, index), below) for index, below in enumerate(value) if isinstance(below, dict | list)]


def _is_of_a_chart(path: str, repo: Repo) -> bool:
    """Whether a file belongs to a chart in the checkout, whose defaults are its author's."""
    folder = posixpath.dirname(path)
    while folder:
        if f"{folder}/Chart.yaml" in repo.digests:
            return True
        folder = posixpath.dirname(folder)
    return "Chart.yaml" in repo.digests
