"""Values of Secrets that stand in plain text."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from gitops_validate.model.encrypted import EncryptedFiles
from gitops_validate.model.manifest import Manifest
from gitops_validate.model.place import pointer
from gitops_validate.placing.routes import Route

CIPHERTEXT = re.compile(r"ENC\[AES256_GCM,data:")
VARIABLES = re.compile(r"(\$\{([^{}]|\$\{[^{}]*\})*\})+")
"""Variables of Flux, one of which may be the default of another."""
REFERENCE = re.compile(r"\s*((op://|ref\+[a-z0-9]+://)\S.*|<path:[^<>]+>)\s*")
"""Where a value lies, in the words of 1Password's `op inject`, of vals and of Argo CD's Vault plugin, which put it there when the file is used."""
PUBLIC = re.compile(r"(\s*-----BEGIN (?P<what>CERTIFICATE|PUBLIC KEY)-----[A-Za-z0-9+/=\s]+-----END (?P=what)-----\s*)+")
"""Certificates and public keys, which are there to be given away."""


def plain_values(data: Any) -> Iterator[tuple[Route, dict[str, Any]]]:
    """The routes to values of Secrets that anybody can read and should not, each with its Secret: none that is empty, public or says where it lies."""
    for steps, secret in _secrets(data):
        for field in ("data", "stringData"):
            values = secret.get(field)
            for key, value in (values if isinstance(values, dict) else {}).items():
                if _is_plain(value, encoded=field == "data"):
                    yield (*steps, field, key), secret


def is_left_out(manifest: Manifest, steps: Route, files: EncryptedFiles) -> bool:
    """Whether a plain value stands in a file that SOPS has encrypted, by a selector that does not choose it."""
    file = files.by_path.get(manifest.path)
    leaf = file.by_place.get((manifest.document, pointer(steps))) if file and file.written else None
    return leaf is not None and not leaf.selected


def name_of(secret: dict[str, Any]) -> str:
    """What a Secret is called in a sentence."""
    metadata = secret.get("metadata")
    names = metadata if isinstance(metadata, dict) else {}
    return "/".join(str(part) for part in ("Secret", names.get("namespace"), names.get("name")) if part)


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
    if not text or CIPHERTEXT.match(text) or VARIABLES.fullmatch(text) or REFERENCE.fullmatch(text):
        return False
    told = _decoded(text) if encoded else text
    return not (PUBLIC.fullmatch(told) or (encoded and CIPHERTEXT.search(told)))  # a whole file that SOPS encrypted is decrypted by Flux as well


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode()
    except (binascii.Error, ValueError):
        return ""
