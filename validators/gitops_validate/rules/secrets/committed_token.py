from __future__ import annotations

import re
from collections.abc import Iterator

from gitops_validate import tokens
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import Place
from gitops_validate.routes import leaves
from gitops_validate.rule import Problems, rule

TEXT = re.compile(
    r"\.(sh|bash|env|py|tf|tfvars|hcl|toml|ini|conf|cfg|properties|txt)$|(^|/)(Dockerfile|Makefile|\.env[\w.]*|\.netrc|\.npmrc|\.pypirc)$"
)
"""Names of files that are looked into; YAML and JSON have been read already."""
LARGEST = 1 << 20


@rule(Severity.ERROR)
def committed_token(repo: Repo) -> Problems:
    """A token, or a password in an address, in the repository.

    Whoever can read the repository, a clone or a fork of it can use the token, for ever: taking it out later leaves it in the history. Withdraw it, make a
    new one, and let it come from where secrets are: an encrypted Secret, a variable of the pipeline, a credential helper.

    **Avoid**

    ```yaml clusters/dev/source.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: source
      namespace: default
    data:
      url: https://deploy:k7Gq2-mWz9@git.acme.example/ml/models.git # finding
    ```

    **Prefer**

    ```yaml clusters/dev/source.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: source
      namespace: default
    data:
      url: https://git.acme.example/ml/models.git
    ```
    """
    fix = "withdraw it, and let the new one come from an encrypted Secret or a variable of the pipeline"
    for manifest in repo.manifests:
        if not _is_secret(manifest) and (tokens.ANY.search(manifest.raw.decode("utf-8", "replace")) or b"@" in manifest.raw):
            for route, leaf in leaves(manifest.data):
                if isinstance(leaf, str) and (sort := tokens.found(leaf)):
                    yield Problem(manifest.at(*route), f"{sort} stands in the repository", fix)
    for path in sorted(path for path in repo.digests if path not in repo.files and TEXT.search(path)):
        yield from (Problem(Place(path, number, 1), f"{sort} stands in the repository", fix) for number, sort in _lines(repo, path))


def _is_secret(manifest: Manifest) -> bool:
    """What stands in a Secret is what plaintext-secret reports."""
    return manifest.ref is not None and manifest.ref.kind == "Secret"


def _lines(repo: Repo, path: str) -> Iterator[tuple[int, str]]:
    if repo.digests[path].startswith(("irregular-", "large-")):
        return
    try:
        with (repo.root / path).open("rb") as file:
            lines = file.read(LARGEST).decode("utf-8", "replace").splitlines()
    except OSError:
        return
    yield from ((number, sort) for number, line in enumerate(lines, 1) if (sort := tokens.found(line)))
