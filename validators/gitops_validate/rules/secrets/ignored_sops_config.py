from __future__ import annotations

from shlex import quote

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import Place
from gitops_validate.rule import Problems, rule
from gitops_validate.secrets.sealed import CONFIG

MISNAMED = ".sops.yml"


@rule(Severity.WARNING)
def ignored_sops_config(repo: Repo) -> Problems:
    """A configuration of SOPS under a name that SOPS does not read.

    SOPS looks for `.sops.yaml`. Of `.sops.yml` it says no more than a warning, and encrypts by the next `.sops.yaml` further up, or not at all: whoever
    was given access in it cannot read what is encrypted, and whoever was taken out still can.

    **Avoid**

    ```yaml .sops.yml
    creation_rules: # finding
      - path_regex: ^clusters/dev/
        encrypted_regex: ^(data|stringData)$
        age: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: web
    ```

    **Prefer**

    ```yaml .sops.yaml
    creation_rules:
      - path_regex: ^clusters/dev/
        encrypted_regex: ^(data|stringData)$
        age: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: web
    ```
    """
    for path in sorted(path for path in repo.digests if path.rpartition("/")[2] == MISNAMED):
        right = path.removesuffix(MISNAMED) + CONFIG
        beside = right in repo.digests
        fix = f"move what is missing in {right} there, and remove it" if beside else f"git mv {quote(path)} {quote(right)}"
        yield Problem(Place(path, 1, 1), f"SOPS does not read {path}, only {right}{', which lies beside it' if beside else ''}", fix)
