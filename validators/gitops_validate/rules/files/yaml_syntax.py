from __future__ import annotations

from gitops_validate.building.reading import Reading
from gitops_validate.content import content
from gitops_validate.leftovers import conflicts
from gitops_validate.model.encrypted import EncryptedFiles
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo, YamlFile
from gitops_validate.model.place import Place
from gitops_validate.placing.kustomization import is_left_alone
from gitops_validate.rule import Problems, rule

ELSEWHERE = frozenset({"duplicate-key", "engine"})
FIXES = {
    "encoding": "save the file as UTF-8",
    "unsupported-tag": "write the value without the tag",
    "too-large": "split the file, or take it out of the repository",
    "too-deep": "flatten the nesting",
    "alias-limit": "write the values out instead of repeating aliases",
}

GIT_CRYPT = b"\0GITCRYPT\0"
"""How a file begins that git-crypt has encrypted."""


@rule(Severity.ERROR)
def yaml_syntax(file: YamlFile, repo: Repo, encrypted: EncryptedFiles, reading: Reading) -> Problems:
    """A file that is not valid YAML.

    Flux stops at the first document that it cannot read: nothing of the Kustomization that holds it is applied any more, however small the
    mistake is, and what depends on it waits. The file is read by the decoder of the API server, behind limits on its size, its nesting and
    its aliases. A template (`{{`) that no reconciler reads, or only a generator, into a ConfigMap or a Secret, is text that somebody fills in, and left
    alone.

    **Avoid**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      labels: {app: web # finding
    data:
      mode: fast
    ```

    **Prefer**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      labels: {app: web}
    data:
      mode: fast
    ```
    """
    for problem in file.problems:
        if problem.reason == "too-large" and file.path in encrypted.by_path:
            continue  # which oversized-encrypted-file tells
        body = content(repo, file.path)
        if body.startswith(GIT_CRYPT):
            fix = "encrypt it with SOPS; where something else than Flux unlocks it, unlock the checkout before it is checked"
            yield Problem(Place(file.path, 1, 1), "the file cannot be read: git-crypt has encrypted it, which Flux does not decrypt", fix)
            continue
        if is_left_alone(repo, file.path, lambda: reading.files):
            continue  # another program fills it in, or somebody later
        if problem.reason not in ELSEWHERE and not conflicts(repo, file.path):
            fix = FIXES.get(problem.reason, "")
            yield Problem(Place(file.path, problem.line, problem.column), f"the file cannot be read: {problem.message}", fix)
