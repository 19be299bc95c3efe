from __future__ import annotations

import re
from collections.abc import Iterator

from gitops_validate.content import unparsed
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import Place
from gitops_validate.placing.routes import leaves
from gitops_validate.rule import Problems, rule
from gitops_validate.secrets.tokens import PRIVATE_KEY

KEPT = re.compile(r"\.(agekey|age|key|pem|asc|gpg|txt|env)$|(^|/)(id_[a-z0-9]+|keys)$")
"""Names of files that keys are kept in."""
BODY = re.compile(r"[A-Za-z0-9+/]{40}")


@rule(Severity.ERROR)
def committed_private_key(repo: Repo) -> Problems:
    """A private key in the repository.

    An age key decrypts every secret of its environment, in all of the history and in every clone. Once committed it is known: encrypt for a
    new recipient, rotate the data keys, and change the secrets themselves. Keys belong outside of any checkout.

    **Avoid**

    ```txt clusters/dev/age.txt
    # created: 2026-01-15T08:00:00Z
    AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ # finding
    ```

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    ```

    **Prefer**

    ```txt clusters/dev/recipient.txt
    age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
    ```

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    ```
    """
    fix = "remove it, and replace the key and all that it protects"
    for manifest in repo.manifests:
        if b"PRIVATE KEY" in manifest.raw or b"AGE-SECRET-KEY-" in manifest.raw:
            for steps, leaf in leaves(manifest.data):
                if isinstance(leaf, str) and PRIVATE_KEY.search(leaf) and not _is_secret(manifest):
                    yield Problem(manifest.at(*steps), "a private key stands in the repository", fix)
    for path, lines in unparsed(repo):
        yield from (Problem(Place(path, number, 1), "a private key stands in the repository", fix) for number in _keys(path, lines))


def _is_secret(manifest: Manifest) -> bool:
    """What stands in a Secret is what plaintext-secret reports."""
    return manifest.ref is not None and manifest.ref.kind == "Secret"


def _keys(path: str, lines: list[str]) -> Iterator[int]:
    """The lines where keys begin. Prose and patterns speak of keys as well: there, one in PEM has to go on with what it holds."""
    for number, line in enumerate(lines, 1):
        match = PRIVATE_KEY.search(line)
        if match and (
            match.group().startswith("AGE-") or KEPT.search(path) or BODY.search(" ".join([line[match.end() :], *lines[number : number + 4]]))
        ):
            yield number
