from __future__ import annotations

import re
from collections.abc import Iterator

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import Place
from gitops_validate.routes import leaves
from gitops_validate.rule import Problems, rule
from gitops_validate.tokens import PRIVATE_KEY

LIKELY = re.compile(r"\.(agekey|age|key|pem|asc|gpg|txt|env)$|(^|/)(id_[a-z0-9]+|keys)$")
"""Names of files that are opened; YAML and JSON have been read already."""
BEGINNING = 64 << 10


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
    for path in sorted(path for path in repo.digests if path not in repo.files and LIKELY.search(path)):
        yield from (Problem(Place(path, number, 1), "a private key stands in the repository", fix) for number in _keys(repo, path))


def _is_secret(manifest: Manifest) -> bool:
    """What stands in a Secret is what plaintext-secret reports."""
    return manifest.ref is not None and manifest.ref.kind == "Secret"


def _keys(repo: Repo, path: str) -> Iterator[int]:
    if repo.digests[path].startswith(("irregular-", "large-")):
        return
    try:
        with (repo.root / path).open("rb") as file:
            lines = file.read(BEGINNING).decode("utf-8", "replace").splitlines()
    except OSError:
        return
    yield from (number for number, line in enumerate(lines, 1) if PRIVATE_KEY.search(line))
