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
MANGLED = re.compile(r"ENC\[AES256_GCM,.*\]", re.DOTALL)
"""What was ciphertext once: sops-structure tells of it."""
WHOLE = re.compile(r"^[ \t]*+(?:[\"']?mac[\"']?:\s*|sops_mac=)[\"']?ENC\[AES256_GCM,", re.MULTILINE)
"""What a file has in it that SOPS encrypted as a whole: in plain text it reaches the cluster as it is, which undecrypted-value tells."""
MARKS = ("mac: ENC[", '"mac": "ENC[', "sops_mac=ENC[", "[sops]")
"""By which of these kustomize-controller knows an encrypted file in base64; what has none of them is applied as it is."""
VARIABLES = re.compile(r"(\$\{([^{}]|\$\{[^{}]*\})*\})+")
"""Variables of Flux, one of which may be the default of another."""
LOGIN = re.compile(r"://[^\s/:@]*:(?!\$\{)[^\s/@]+@")
"""An address with a password in it that no variable stands for."""
REFERENCE = re.compile(r"(op://|ref\+[a-z0-9]+://)\S.*|<path:[^<>]+>")
"""Where a value lies, in the words of 1Password's `op inject`, of vals and of Argo CD's Vault plugin, which put it there when the file is used."""
PUBLIC = re.compile(
    r"(-----BEGIN (?P<what>CERTIFICATE|PUBLIC KEY)-----[A-Za-z0-9+/=\s]++-----END (?P=what)-----\s*+"
    r"|-----BEGIN PGP PUBLIC KEY BLOCK-----[A-Za-z0-9+/=\s:.,@()<>]++-----END PGP PUBLIC KEY BLOCK-----\s*+"
    r"|([\w.,:|/+=\[\]*-]++ )?(ssh-|ecdsa-sha2-|sk-)[a-z0-9@.-]++ AAAA[A-Za-z0-9+/]++={0,2}+( [^\n]*+)?(\n\s*+|$))+"
)
"""Certificates and public keys, those of PGP, of SSH and of hosts that it knows too, which are there to be given away."""
SWITCHES = frozenset({"true", "false"})
"""What a setting is switched by, which is nobody's secret."""


def plain_values(data: Any) -> Iterator[tuple[Route, dict[str, Any]]]:
    """The routes to values of Secrets that anybody can read and should not, each with its Secret: none that is empty, public, a switch or says where it lies."""
    for steps, secret in _secrets(data):
        for field in ("data", "stringData"):
            values = secret.get(field)
            for key, value in (values if isinstance(values, dict) else {}).items():
                if _is_plain(value, encoded=field == "data"):
                    yield (*steps, field, key), secret


def is_public(text: str) -> bool:
    """Whether a text is nothing but certificates and public keys."""
    return PUBLIC.fullmatch(text.lstrip()) is not None


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
    if (
        not text
        or CIPHERTEXT.match(text)
        or MANGLED.fullmatch(text)
        or _is_filled_in(text)
        or REFERENCE.fullmatch(text.strip())
        or (not encoded and WHOLE.search(text))
    ):
        return False
    told = _decoded(text) if encoded else text
    return not (is_public(told) or told.strip().lower() in SWITCHES or (encoded and _is_sealed(told)))


def _is_filled_in(text: str) -> bool:
    """Whether a value is variables, or a path or an address that they make together with short words and numbers, which are nobody's secret."""
    rest, variables = VARIABLES.subn("", text)
    if not rest or not variables:
        return not rest
    words = re.findall(r"[A-Za-z0-9]+", rest)
    return "/" in rest and "\n" not in text and not LOGIN.search(text) and all(_is_common(word) for word in words)


def _is_common(word: str) -> bool:
    return len(word) <= 3 or (word.isalpha() and len(word) < 16) or (word.isdigit() and len(word) < 6)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode()
    except (binascii.Error, ValueError):
        return ""


def _is_sealed(body: str) -> bool:
    """Whether base64 has hidden a whole file that SOPS encrypted, as kustomize-controller decrypts it."""
    return CIPHERTEXT.search(body) is not None and any(mark in body for mark in MARKS)
