from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import Place, route
from gitops_validate.rule import Problems, rule
from gitops_validate.secrets.wanted import CATALOGUE, MANY

LARGEST = 1 << 20
"""Bytes that a catalogue may have: some hundred for each secret."""
DEEPEST = 253
"""Characters of a key that a route still follows."""


@rule(Severity.ERROR)
def secret_catalogue(repo: Repo) -> Problems:
    """A secret catalogue that cannot be understood.

    `secret-catalogue.yaml` says which secrets each environment has to have. `gitops-generate secrets` makes none as long as an entry is wrong,
    and an entry that cannot be understood is missed by nobody: its pods wait in the cluster for a Secret that never comes.

    **Avoid**

    ```yaml secret-catalogue.yaml
    secrets:
      - name: mlflow-oidc
        namespace: mlflow
        component: mlflow
        stage: config
        purpose: lets people log in
        keys:
          client-secret: {gven: the identity provider's client mlflow} # finding
    ```

    ```yaml clusters/prod/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: mlflow
    ```

    **Prefer**

    ```yaml secret-catalogue.yaml
    secrets:
      - name: mlflow-oidc
        namespace: mlflow
        component: mlflow
        stage: config
        purpose: lets people log in
        keys:
          client-secret: {given: the identity provider's client mlflow}
    ```

    ```yaml clusters/prod/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: mlflow
    ```
    """
    file = repo.files.get(CATALOGUE)
    if CATALOGUE in repo.links:
        yield Problem(Place(CATALOGUE, precision="file"), "the catalogue is a link, which is not followed", "put the file itself here")
    if file is None or file.problems:  # which yaml-syntax tells
        return
    if not file.manifests:
        yield Problem(Place(CATALOGUE, 1, 1), "the catalogue is empty", "write `secrets: []` where there are none")
    for extra in file.manifests[1:]:
        yield Problem(extra.at(), "a catalogue is one document", "remove what follows the second `---`")
    for manifest in file.manifests[:1]:
        if len(manifest.raw) > LARGEST:
            yield Problem(manifest.at(), f"the catalogue is larger than {LARGEST >> 20} MiB", "it names secrets, and holds no values")
        else:
            yield from _faults(manifest)
            yield from _entries(manifest)


def _faults(manifest: Manifest) -> Problems:
    from gitops_validate.faults import SECRETS, faults  # noqa: PLC0415 - jsonschema takes 0.1 s to import

    for fault in faults(manifest.data, SECRETS):
        steps = route(fault.pointer)
        followed = next((index for index, step in enumerate(steps) if isinstance(step, str) and len(step) > DEEPEST), len(steps))
        yield Problem(manifest.at(*steps[:followed]), fault.message)


def _entries(manifest: Manifest) -> Problems:
    """What no schema says: names are unique, and there are not too many."""
    match manifest.data:
        case {"secrets": list(entries)}:
            if len(entries) > MANY:
                yield Problem(manifest.at("secrets", MANY), f"the catalogue names {len(entries):,} secrets, of which {MANY:,} are looked at")
            seen: set[str] = set()
            for index, entry in enumerate(entries[:MANY]):
                match entry:
                    case {"name": str(name)} if name in seen:
                        yield Problem(manifest.at("secrets", index, "name", value=True), f"there are two secrets {name}", "give one another name")
                    case {"name": str(name)}:
                        seen.add(name)
