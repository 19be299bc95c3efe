from __future__ import annotations

import posixpath
from shlex import quote

from gitops_validate.config import Config
from gitops_validate.discover import CONFIG
from gitops_validate.judging.causes import failure
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import At
from gitops_validate.model.render import Failure, Render, Rendered
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.pinpoint import place
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def missing_path(render: Render, rendered: Rendered, repo: Repo, config: Config) -> Problems:
    """A path that nothing in the repository has.

    The path of a Kustomization, or an entry of a kustomization.yaml, names a file or folder that is not there: renamed, never committed, or
    ignored. Nothing of the Kustomization is applied until it is.

    **Avoid**

    ```yaml clusters/dev/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10m
      path: ./app # finding
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    ```

    **Prefer**

    ```yaml clusters/dev/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    ```
    """
    found = failure(render, rendered, repo)
    if found and found.reason in ("missing-path", "not-a-directory"):
        message = f"{render.reconciler.ref} cannot be built: {found.message}"
        fix = _as_written(render) or _near(found, repo) or _below(rendered.environment.path, render, repo)
        yield Problem(_configured(render, rendered, repo, config) or place(found, render, repo, "path"), message, fix)


def _configured(render: Render, rendered: Rendered, repo: Repo, config: Config) -> At | None:
    """Where the configuration names the path of an entry that nothing in the repository declares."""
    file = repo.files.get(CONFIG) if render.reconciler.object is None and config.path == CONFIG else None
    return file.manifests[0].at("environments", rendered.environment.name, "path") if file and file.manifests else None


def _as_written(render: Render) -> str:
    """What to do where the path has a variable in it that nothing has replaced."""
    declared = render.reconciler.object
    if declared is None or "${" not in render.path:
        return ""
    return f"{declared.reconciler}, which applies it, replaces no variables in it: give that the variable in spec.postBuild"


def _near(found: Failure, repo: Repo) -> str:
    """A file or folder beside the missing one that may have been meant."""
    base = posixpath.dirname(found.path) if found.field else ""
    wanted = posixpath.normpath(posixpath.join(base, found.field or found.path))
    parent, _, name = wanted.rpartition("/")
    inside = f"{parent}/" if parent else ""
    return did_you_mean(name, {path.removeprefix(inside).partition("/")[0] for path in repo.digests if path.startswith(inside)})


def _below(entry: str, render: Render, repo: Repo) -> str:
    """What to do where the entry is there in one folder: the source may be made of that folder, as an artifact in a registry often is."""
    if render.path != entry or not entry.startswith("clusters/"):
        return ""
    roots = [folder.removesuffix(f"/{entry}") for folder in repo.folders if folder.endswith(f"/{entry}")]
    return f"if the source holds {roots[0]} alone, check that folder: gitops-validate check {quote(roots[0])}" if len(roots) == 1 else ""
