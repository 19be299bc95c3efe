from __future__ import annotations

import re

from gitops_validate.content import unparsed
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import Place
from gitops_validate.placing.routes import leaves
from gitops_validate.rule import Problems, rule
from gitops_validate.secrets import tokens

TEXT = re.compile(
    r"\.(sh|bash|env|py|tf|tfvars|hcl|toml|ini|conf|cfg|properties|txt)$|(^|/)(Dockerfile|Makefile|\.env[\w.]*|\.netrc|\.npmrc|\.pypirc)$"
)
"""Names of files in which an address with a password is one, not an example or a pattern."""


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
        if (b"@" in manifest.raw or tokens.HINT.search(manifest.raw)) and not _is_secret(manifest):
            for route, leaf in leaves(manifest.data):
                if isinstance(leaf, str) and (sort := tokens.found(leaf)):
                    yield Problem(manifest.at(*route), f"{sort} stands in the repository", fix)
    for path, lines in unparsed(repo):
        addresses = TEXT.search(path) is not None
        found = ((number, tokens.found(line, addresses=addresses)) for number, line in enumerate(lines, 1))
        yield from (Problem(Place(path, number, 1), f"{sort} stands in the repository", fix) for number, sort in found if sort)


def _is_secret(manifest: Manifest) -> bool:
    """What stands in a Secret is what plaintext-secret reports."""
    return manifest.ref is not None and manifest.ref.kind == "Secret"
