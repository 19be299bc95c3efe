"""The Secret of a file, in plain text: as the catalogue describes it, with whatever else a person added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_generate.secrets import sealing
from gitops_generate.secrets.catalogue import Secret
from gitops_generate.secrets.recipes import Ref


def filled(secret: Secret, old: sealing.Secret | None, changed: Mapping[Ref, str]) -> sealing.Secret:
    """A new Secret, or the old one with changed values and what the catalogue says of its metadata."""
    new = {ref.key: changed[ref] for ref in secret.refs() if ref in changed}
    if old is None:
        return {**_blank(secret), "stringData": new}
    known = {**(old.get("stringData") or {}), **new}
    rest = {key: value for key, value in (old.get("data") or {}).items() if key not in known}
    order = [*secret.recipes, *sorted(known)]
    metadata = old.get("metadata") or {}
    metadata = {**metadata, **{part: {**(metadata.get(part) or {}), **said} for part, said in _described(secret).items()}}
    return _ordered({**old, "metadata": metadata, "data": rest, "stringData": {key: known[key] for key in order if key in known}})


def lacks(secret: Secret, written: Any) -> bool:
    """Whether a file, encrypted or not, is without a label or an annotation of the catalogue."""
    metadata = written.get("metadata") or {}
    return any(dict(wanted).items() - (metadata.get(part) or {}).items() for part, wanted in _described(secret).items())


def _described(secret: Secret) -> dict[str, Mapping[str, str]]:
    return {part: said for part, said in (("labels", secret.labels), ("annotations", secret.annotations)) if said}


def _blank(secret: Secret) -> sealing.Secret:
    metadata: dict[str, object] = {"name": secret.name, "namespace": secret.namespace}
    metadata |= {part: dict(said) for part, said in _described(secret).items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": secret.type}


def _ordered(secret: sealing.Secret) -> sealing.Secret:
    """As a person would write it; decrypted maps are in no order."""
    metadata = secret["metadata"]
    first = {key: metadata[key] for key in ("name", "namespace", "labels", "annotations") if key in metadata}
    secret = {**secret, "metadata": {**first, **dict(sorted(metadata.items()))}}
    order = ["apiVersion", "kind", "metadata", "type", *sorted(set(secret) - {"data", "stringData"}), "data", "stringData"]
    return {key: secret[key] for key in dict.fromkeys(order) if secret.get(key)}
