from __future__ import annotations

from collections import defaultdict

from gitops_validate.existing import Existing
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def missing_namespace(existing: Existing, repo: Repo) -> Problems:
    """Objects in a namespace that nothing creates.

    The API server refuses them ("namespaces … not found"), and Flux then applies nothing of the reconciler that they belong to. A repository that
    creates no namespaces leaves them to somebody else; a HelmRelease with install.createNamespace creates its own.

    **Avoid**

    ```yaml clusters/dev/serving.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: serving
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: servin # finding
    data:
      LOG_LEVEL: info
    ```

    **Prefer**

    ```yaml clusters/dev/serving.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: serving
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: serving
    data:
      LOG_LEVEL: info
    ```
    """
    if not existing.brings("Namespace"):
        return
    created = existing.created
    lost: defaultdict[str, list[RenderedObject]] = defaultdict(list)
    for each in existing.objects:
        if each.ref.namespace and each.ref.namespace not in created:
            lost[each.ref.namespace].append(each)
    for where in filter(existing.lacks_namespace, lost):
        first, *others = sorted(lost[where], key=lambda each: each.reconciler.kind == "HelmRelease")  # what is nearer to a file that somebody wrote
        who = f"{first.ref} and {len(others)} more are" if others else f"{first.ref} is"
        fix = _unlisted(where, repo) or did_you_mean(where, created) or "declare the Namespace"
        yield Problem(first.at("metadata", "namespace"), f"{who} in the namespace {where}, which nothing creates", fix)


def _unlisted(name: str, repo: Repo) -> str:
    """What to do where a file declares the namespace, so that it is just not built."""
    refs = ((manifest.path, manifest.ref) for manifest in repo.manifests)
    path = next((path for path, ref in refs if ref and (ref.group, ref.kind, ref.name) == ("", "Namespace", name)), "")
    return f"build {path} here, too, which declares it" if path else ""
