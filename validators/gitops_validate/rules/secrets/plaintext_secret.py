from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from shlex import quote
from typing import Any

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest
from gitops_validate.routes import Route, dotted
from gitops_validate.rule import Problems, rule

CIPHERTEXT = re.compile(r"ENC\[AES256_GCM,data:")
VARIABLES = re.compile(r"(\$\{[^}]*\})+")


@rule(Severity.ERROR)
def plaintext_secret(manifest: Manifest) -> Problems:
    """A Secret whose values stand in the repository in plain text.

    Everybody who can read the repository, any of its clones, forks and backups can read the secret, for ever: removing it later leaves it in
    the history. Base64 is no protection. Each value under data and stringData must be encrypted with SOPS, whatever the file's metadata claim;
    empty values and values that consist of variables only are left alone.

    **Avoid**

    ```yaml clusters/dev/database.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: correct-horse # finding
    ```

    **Prefer**

    ```yaml clusters/dev/database.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: database
      namespace: default
    data:
      user: web
    ```
    """
    if b'"Secret' not in manifest.raw:
        return
    for steps, secret in _secrets(manifest.data):
        for field in ("data", "stringData"):
            values = secret.get(field)
            for key, value in (values if isinstance(values, dict) else {}).items():
                if _is_plain(value, encoded=field == "data"):
                    where: Route = (*steps, field, key)
                    message = f"{_name(secret)} holds {dotted((field, key))} in plain text"
                    fix = f"replace the value, then encrypt it: sops --encrypt --in-place {quote(manifest.path)}"
                    yield Problem(manifest.at(*where), message, fix)


def _secrets(data: Any, steps: Route = ()) -> Iterator[tuple[Route, dict[str, Any]]]:
    """A v1 Secret, or those in a List."""
    match data:
        case {"apiVersion": "v1", "kind": "Secret"}:
            yield steps, data
        case {"kind": "List" | "SecretList", "items": list(items)} if not steps:
            for index, item in enumerate(items):
                yield from _secrets({"apiVersion": "v1", "kind": "Secret", **item} if _is_untyped(item, data) else item, ("items", index))


def _is_untyped(item: Any, of: dict[str, Any]) -> bool:
    return isinstance(item, dict) and of["kind"] == "SecretList" and "kind" not in item


def _is_plain(value: Any, *, encoded: bool) -> bool:
    text = str(value) if value is not None else ""
    if not text or CIPHERTEXT.match(text) or VARIABLES.fullmatch(text):
        return False
    return not (encoded and _holds_ciphertext(text))


def _holds_ciphertext(text: str) -> bool:
    """Whether base64 hides a whole file that SOPS encrypted, as kustomize-controller decrypts it."""
    try:
        return CIPHERTEXT.search(base64.b64decode(text, validate=False).decode()) is not None
    except (binascii.Error, ValueError):
        return False


def _name(secret: dict[str, Any]) -> str:
    metadata = secret.get("metadata")
    names = metadata if isinstance(metadata, dict) else {}
    return "/".join(str(part) for part in ("Secret", names.get("namespace"), names.get("name")) if part)
