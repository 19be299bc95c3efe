from __future__ import annotations

import posixpath
from collections.abc import Iterator
from shlex import quote
from typing import Any

from gitops_validate.content import content
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.placing.kustomization import is_kustomization
from gitops_validate.placing.routes import Route
from gitops_validate.rule import Problems, rule
from gitops_validate.secrets.plaintext import is_public

LIMIT = 5 << 20
"""Bytes up to which Flux decrypts a file."""


@rule(Severity.ERROR)
def plaintext_secret_generator(manifest: Manifest, repo: Repo) -> Problems:
    """A secretGenerator that is fed with plain text.

    kustomize makes a Secret of it, but what it is made of stands readable in the repository and in its history. Files and environment files of
    a secretGenerator may be encrypted with SOPS: Flux decrypts them before it builds. Literals cannot be.

    **Avoid**

    ```yaml clusters/dev/kustomization.yaml
    secretGenerator:
      - name: database
        namespace: default
        literals:
          - password=correct-horse # finding
    ```

    **Prefer**

    ```yaml clusters/dev/kustomization.yaml
    configMapGenerator:
      - name: database
        namespace: default
        literals:
          - user=web
    ```
    """
    if not is_kustomization(manifest.path):
        return
    for steps, entry in _listed(manifest.data, ("literals",)):
        name, _, value = entry.partition("=")
        if value.strip("\"'") and not value.startswith("${"):
            yield Problem(manifest.at(*steps), f"the literal {name} of a secretGenerator stands in plain text", "use an encrypted file")
    for steps, entry in _listed(manifest.data, ("files", "envs", "env")):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(manifest.path), entry.rpartition("=")[2]))
        if _is_plain(path, repo):
            fix = f"replace the secret, then encrypt it: sops --encrypt --in-place {quote(path)}"
            yield Problem(manifest.at(*steps), f"a secretGenerator reads {path}, which is not encrypted", fix)


def _listed(data: Any, fields: tuple[str, ...]) -> Iterator[tuple[Route, str]]:
    generators = data.get("secretGenerator") if isinstance(data, dict) else None
    for index, generator in enumerate(generators if isinstance(generators, list) else ()):
        for field in fields if isinstance(generator, dict) else ():
            match generator.get(field):
                case list(entries):
                    yield from ((("secretGenerator", index, field, number), str(entry)) for number, entry in enumerate(entries))
                case str(entry):
                    yield ("secretGenerator", index, field), entry


def _is_plain(path: str, repo: Repo) -> bool:
    """Whether a file of the checkout has content that SOPS did not write and that is not there to be given away. Links and files that are not there are
    other rules' business.
    """
    body = content(repo, path, LIMIT)
    return bool(body.strip()) and b"ENC[AES256_GCM,data:" not in body and not is_public(body.decode("ascii", "replace"))
