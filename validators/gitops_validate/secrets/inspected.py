"""The engine's answers about encrypted files, as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from gitops_validate.model.encrypted import CreationRule, EncryptedFile, Leaf, Recipients, Seal
from gitops_validate.model.manifest import FileProblem
from gitops_validate.model.place import At, route


def encrypted_file(path: str, said: Mapping[str, Any]) -> EncryptedFile:
    """Read the engine's answer to `inspect`."""
    leaves = tuple(
        Leaf(
            leaf.get("document", 0), leaf["pointer"], leaf["state"], bool(leaf.get("selected")), leaf.get("type") or "", leaf["line"], leaf["column"]
        )
        for leaf in said.get("leaves") or ()
    )
    problems = tuple(
        FileProblem(path, problem["reason"], problem["message"], problem.get("line", 0), problem.get("column", 0))
        for problem in said.get("problems") or ()
    )
    return EncryptedFile(
        path,
        _recipients(said),
        _selector(said),
        leaves,
        problems,
        mac_only_encrypted=bool(said.get("mac_only_encrypted")),
        threshold=_threshold(said),
        keys=frozenset(said.get("copies") or ()),
        seals=tuple(Seal(seal["nonce"], seal["digest"], seal["line"], seal["column"]) for seal in said.get("seals") or ()),
        encloses=bool(said.get("nested")) and not _recipients(said),
    )


def enclosed(path: str, said: Mapping[str, Any]) -> Iterator[EncryptedFile]:
    """The encrypted files within values of a file, by the same answer. Their leaves, and what is wrong with them, are told with the file."""
    for each in said.get("nested") or ():
        place = At(path, each["document"], route(each["pointer"]))
        yield replace(encrypted_file(path, each), leaves=(), problems=(), within=place)


ALTERED = frozenset({"mac-mismatch", "mac-altered", "value-altered", "data-key-altered"})
"""Reasons of the engine's `verify` that need a key to be seen."""


def with_mac(file: EncryptedFile, said: Mapping[str, Any]) -> EncryptedFile:
    """The file with the engine's answer to `verify`."""
    altered = tuple(
        FileProblem(file.path, problem["reason"], problem["message"], problem.get("line", 0), problem.get("column", 0))
        for problem in said.get("problems") or ()
        if problem["reason"] in ALTERED
    )
    seen = tuple((value["document"], value["pointer"], value["digest"]) for value in said.get("values") or ())
    keys = file.keys | ({said["key"]} if said.get("key") else set())
    return replace(file, mac=str(said.get("mac") or ""), altered=altered, fingerprints=seen, keys=keys)


def verdict_on(file: EncryptedFile, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of the engine's answer to `verify` that is about a file, or about one within a value of it."""
    if file.within is None:
        return said
    nested = (each for each in said.get("nested") or () if (each["document"], route(each["pointer"])) == (file.within.document, file.within.route))
    return next(nested, {})


def creation_rule(config: str, said: Mapping[str, Any]) -> CreationRule:
    """Read one rule of the engine's answer to `creation-rules`."""
    failure, only = str(said.get("failure") or ""), bool(said.get("mac_only_encrypted"))
    return CreationRule(config, _recipients(said), _selector(said), failure, only, _threshold(said))


def _threshold(said: Mapping[str, Any]) -> int:
    """Without a number, SOPS wants all groups; of a single one there is nothing to want."""
    groups = len(said.get("recipients") or ())
    return int(said.get("shamir_threshold") or groups) if groups > 1 else 0


def _recipients(said: Mapping[str, Any]) -> Recipients:
    return tuple(tuple((str(key["type"]), str(key["id"])) for key in group) for group in said.get("recipients") or ())


def _selector(said: Mapping[str, Any]) -> tuple[str, str]:
    selector = said.get("selector") or {}
    return selector.get("kind") or "", selector.get("value") or ""
