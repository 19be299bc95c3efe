"""Which files of a checkout SOPS has encrypted, whatever they are called, and which configuration each was encrypted by."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import blake2b

from gitops_validate.content import content
from gitops_validate.model.encrypted import CIPHERTEXT
from gitops_validate.model.manifest import Manifest, Repo


def _in_base64(text: bytes) -> Iterator[bytes]:
    """What stands for a text in base64, wherever in what is encoded it begins."""
    for before in range(3):
        encoded = b64encode(bytes(before) + text)
        yield encoded[-(-before * 8 // 6) : (before + len(text)) * 8 // 6]


CONFIG = ".sops.yaml"
"""The configuration of SOPS."""
LARGEST = (5 << 20) + 1
"""Bytes of a file that are read: Flux decrypts none that has as many."""
EMPTY = frozenset(blake2b(body, digest_size=20).hexdigest() for body in (b"", b"\n"))
"""The digests of files in which nothing stands."""
NAMED = re.compile(r"\.(sops|enc)(\.[a-z0-9]+)?$")
"""What encrypted files are called."""
KEPT = re.compile(r"\.(ya?ml|json|env|ini|sops|enc)$|\.(sops|enc)\.[a-z0-9]+$")
"""What files end with that may be encrypted, whatever they are called."""
ENVELOPE = re.compile(rb'\A\s*\{(\s*"data":\s*"ENC\[AES256_GCM,|.*"mac":\s*"ENC\[)', re.DOTALL)
"""What a file that is neither YAML nor lines is wrapped into, and a JSON file that is too large to be parsed."""
ENCLOSED = re.compile(b"|".join(map(re.escape, _in_base64(f"{CIPHERTEXT}data:".encode()))))
"""What a value in base64 has in it that is such a file itself."""
VARIABLES = re.compile(rb"^sops_mac=ENC\[", re.MULTILINE)
SECTION = re.compile(rb"^\[sops\]\s*$", re.MULTILINE)


def sealed(repo: Repo) -> dict[str, str]:
    """The encrypted files, each with the format that SOPS has to be told where its name does not say it."""
    found = {path: "" for path, file in repo.files.items() if any(_is_encrypted(manifest) for manifest in file.manifests)}
    found |= dict(_others(repo))
    return dict(sorted(found.items()))


def blank(repo: Repo) -> list[str]:
    """The files in which nothing stands, or comments of YAML alone."""
    bare = {path for path, file in repo.files.items() if path.endswith((".yaml", ".yml")) and not file.manifests and not file.problems}
    return [path for path, digest in repo.digests.items() if digest in EMPTY or path in bare]


def sibling(path: str) -> str:
    """A file that may lie beside one, of which the name says nothing."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/-{name[name.rfind('.') :]}".removeprefix("/")


def configuration(repo: Repo, path: str) -> str:
    """The configuration that a file is encrypted by, "" if there is none: the nearest one above it, for SOPS looks upwards from where people work."""
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        config = f"{folder}/{CONFIG}" if folder else CONFIG
        if config in repo.digests:
            return config
    return ""


def _is_encrypted(manifest: Manifest) -> bool:
    """Whether a document has SOPS metadata, or values that SOPS wrote. Only those that may are looked into."""
    if CIPHERTEXT.encode() in manifest.raw:
        return re.search(rb'"ENC\[AES256_GCM,data:', manifest.raw) is not None
    if b'"sops"' in manifest.raw and isinstance(manifest.data, dict) and "sops" in manifest.data:
        return True
    return b'"Secret' in manifest.raw and ENCLOSED.search(manifest.raw.replace(rb"\n", b"")) is not None


def _others(repo: Repo) -> Iterator[tuple[str, str]]:
    """Files that are no YAML, and those that are too large to be parsed."""
    for path in repo.digests:
        file = repo.files.get(path)
        large = file is not None and any(problem.reason == "too-large" for problem in file.problems)
        if file is not None and not large and (file.manifests or not path.endswith(".json")):
            continue
        body = content(repo, path, LARGEST)
        if CIPHERTEXT.encode() not in body:
            continue
        if large or ENVELOPE.search(body) or (path.endswith(".ini") and SECTION.search(body)):
            yield path, ""
        elif VARIABLES.search(body):
            yield path, "" if path.endswith(".env") else "dotenv"
