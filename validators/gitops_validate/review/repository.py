"""What a change does to the rules themselves: the validator's configuration, who can decrypt, what the pipeline runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from gitops_validate.config import FLAGS
from gitops_validate.discover import CONFIG
from gitops_validate.judging.baseline import NAME as BASELINE
from gitops_validate.judging.waivers import ANNOTATION, waiving
from gitops_validate.model.change import Impact, Level
from gitops_validate.model.manifest import Repo
from gitops_validate.secrets.sealed import CONFIG as SOPS
from gitops_validate.secrets.sealed import configuration
from gitops_validate.workloads.pods import items

PIPELINE = ".gitlab-ci.yml"
READERS = ("age", "pgp", "kms", "gcp_kms", "hckms", "azure_keyvault", "hc_vault_transit_uri", "hc_vault")
"""Where a creation rule, or a key group of one, lists who can read."""
Telling: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any]], Iterator[Impact]]
_LEVELS = ("error", "warning", "info")
_PROFILES = ("minimal", "standard", "strict")
_OPENINGS = {"waivers": "waiver", "accept": "accepted gap", "hosts": "host that may be asked", "differ": "declared difference"}
_REPLACED = {
    ("charts", "mirrors"): "charts are taken from other mirrors",
    ("schemas", "locations"): "custom kinds that nothing defines are held against other schemas",
}


def loosened(before: Repo, after: Repo) -> tuple[Impact, ...]:
    """What is to say of the files that say how everything else is judged, the worst first."""
    found = [
        impact
        for path, tell in {**_TELLING, **_sops(before, after)}.items()
        if _raw(before, path) != _raw(after, path)
        for impact in tell(_data(before, path), _data(after, path))
    ]
    found += _waived(before, after)
    return tuple(sorted(dict.fromkeys(found), key=lambda impact: (-impact.level, impact.kind, impact.message)))


def _waived(before: Repo, after: Repo) -> Iterator[Impact]:
    """Waivers that objects bear from now on; one that moves with its object is none."""
    former = {(ref, name, reason) for _, ref, name, reason in _waivers(before, after)}
    for path, ref, name, reason in _waivers(after, before):
        if (ref, name, reason) not in former:
            yield Impact(Level.DANGEROUS, "configuration", f"{path}: {ref} waives {name.removeprefix(ANNOTATION)}: {reason or 'no reason'}")


def _waivers(repo: Repo, other: Repo) -> Iterator[tuple[str, str, str, str]]:
    """The waivers in the files that are not the same on the other side: where each stands, of what, which and why."""
    for manifest in repo.manifests:
        if _raw(repo, manifest.path) != _raw(other, manifest.path):
            yield from ((manifest.path, str(manifest.ref), name, reason) for name, reason in waiving(manifest).items())


def _raw(repo: Repo, path: str) -> str:
    return repo.digests.get(path, "")


def _data(repo: Repo, path: str) -> Mapping[str, Any]:
    manifest = repo.at(path, 0)
    return manifest.data if manifest and isinstance(manifest.data, dict) else {}


def _configuration(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Impact]:
    for section, word in _OPENINGS.items():
        new = [each for each in _entries(after, section) if each not in _entries(before, section)]
        if new:
            yield Impact(
                Level.DANGEROUS, "configuration", f"{CONFIG}: {len(new)} new {word}{'s' * (len(new) > 1)}: {', '.join(map(_entry, new[:3]))}"
            )
    if moved := _lowered(before, after, "fail-level", "error", _LEVELS):
        yield Impact(Level.DANGEROUS, "configuration", f"{CONFIG}: fails from {moved[1]} on, and not from {moved[0]}")
    if moved := _lowered(before, after, "profile", "standard", _PROFILES):
        yield Impact(Level.DANGEROUS, "configuration", f"{CONFIG}: the profile is {moved[1]}, and not {moved[0]}")
    if "differ" in before and "differ" not in after:
        yield Impact(Level.DANGEROUS, "configuration", f"{CONFIG}: environments are not held against each other any more")
    yield from _widened(before, after)
    yield from _served(before, after)
    for (section, key), words in _REPLACED.items():
        if _inner(before, section, key) != _inner(after, section, key):
            yield Impact(Level.CAREFUL, "configuration", f"{CONFIG}: {words}")
    for name in sorted(_keys(before, "environments") - _keys(after, "environments")):
        yield Impact(Level.CAREFUL, "configuration", f"{CONFIG}: environment {name} is described no more")
    yield Impact(Level.ROUTINE, "configuration", f"{CONFIG} changes; until it is merged, what it was before counts")


def _widened(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Impact]:
    """What may come from more places than the mirror."""
    for half in ("sources", "images"):
        narrow, wide = _half(before, half), _half(after, half)
        if narrow and (not wide or wide - narrow):
            added = f"may come from {', '.join(sorted(wide - narrow))}, too" if wide else "may come from anywhere"
            yield Impact(Level.DANGEROUS, "configuration", f"{CONFIG}: {half} {added}")


def _served(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Impact]:
    """What API servers are started with that they were not, and what no more: each of them may let in what was refused."""
    old, new = dict(_switched(before)), dict(_switched(after))
    for name, flag, key in sorted(old.keys() | new.keys()):
        value, where = new.get((name, flag, key)), f" of {name}" if name else ""
        if value is None:
            yield Impact(Level.CAREFUL, "configuration", f"{CONFIG}: {flag}{where} says nothing of {key} any more")
        elif value != old.get((name, flag, key)):
            yield Impact(Level.DANGEROUS, "configuration", f"{CONFIG}: {flag}{where} has {key}={str(value).lower()}: what is taken is judged by it")


def _switched(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], Any]]:
    """What is switched on and off, by environment, "" for the default, by flag and key."""
    environments = data.get("environments")
    holders = {"": data, **{str(name): each for name, each in (environments if isinstance(environments, dict) else {}).items()}}
    for name, holder in holders.items():
        for flag in FLAGS if isinstance(holder, dict) else ():
            found = holder.get(flag)
            yield from (((name, flag, str(key)), value) for key, value in (found if isinstance(found, dict) else {}).items())


def _lowered(before: Mapping[str, Any], after: Mapping[str, Any], key: str, default: str, words: Sequence[str]) -> tuple[str, str] | None:
    """The former and the new value of a setting, if it asks for less than before; `words` are its values, from the laxest on."""
    old, new = (str(each.get(key, default)) for each in (before, after))
    return (old, new) if old in words and new in words and words.index(new) < words.index(old) else None


def _inner(data: Mapping[str, Any], section: str, key: str) -> Any:
    found = data.get(section)
    return found.get(key) if isinstance(found, dict) else None


def _half(data: Mapping[str, Any], half: str) -> set[str]:
    """What sources, or images, may come from, empty for anywhere."""
    mirror = data.get("mirror")
    return set(map(str, _entries(mirror, half))) if isinstance(mirror, dict) else set()


def _entries(data: Mapping[str, Any], section: str) -> list[Any]:
    found = data.get(section)
    return found if isinstance(found, list) else []


def _keys(data: Mapping[str, Any], section: str) -> set[str]:
    found = data.get(section)
    return set(map(str, found)) if isinstance(found, dict) else set()


def _entry(entry: Any) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    told = [str(entry[key]) for key in ("rule", "what", "object", "subject", "path") if isinstance(entry.get(key), str)]
    return " ".join([*told, *map(str, _entries(entry, "fields"))])


def _sops(before: Repo, after: Repo) -> dict[str, Telling]:
    """What to say of each configuration of SOPS: one in a folder stands for those above it."""
    paths = sorted(path for path in before.digests.keys() | after.digests.keys() if path.rpartition("/")[2] == SOPS)
    return {path: partial(_recipients, path, _above(after, path)) for path in paths}


def _above(repo: Repo, path: str) -> str:
    """The configuration of SOPS that counts where one is not, "" if there is none."""
    return configuration(repo, path.rpartition("/")[0])


def _recipients(path: str, above: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Impact]:
    if before and not after and path != SOPS:
        falls = f"encrypted as {above} says" if above else "encrypted no more"
        yield Impact(Level.DANGEROUS, "recipients", f"{path} is gone: what is below it is {falls}")
        return
    old, new = _readers(before), _readers(after)
    same = len({frozenset(readers) for readers in (*old.values(), *new.values())}) == 1
    if same and old and new and old.keys() != new.keys():  # nobody reads more than before
        yield Impact(Level.CAREFUL, "recipients", f"{path}: its rules are for other files than before, with the same readers")
    for rule in new.keys() | old.keys() if not (same and old and new) else ():
        for reader in sorted(new.get(rule, set()) - old.get(rule, set())):
            yield Impact(Level.DANGEROUS, "recipients", f"{path}: {reader} can read what is encrypted for {rule} from now on")
        for reader in sorted(old.get(rule, set()) - new.get(rule, set())):
            yield Impact(Level.CAREFUL, "recipients", f"{path}: {reader} cannot read new secrets of {rule}; the values that it has read must change")
    if before and _selectors(before) != _selectors(after):
        yield Impact(Level.DANGEROUS, "recipients", f"{path}: other fields are encrypted than before")
    if before and _each(before, "shamir_threshold") != _each(after, "shamir_threshold"):
        yield Impact(Level.DANGEROUS, "recipients", f"{path}: another number of key groups is needed to decrypt")
    if list(old) != list(new) and old.keys() == new.keys():
        yield Impact(Level.DANGEROUS, "recipients", f"{path}: its rules stand in another order, and the first that fits a file counts")


def _each(data: Mapping[str, Any], field: str) -> list[Any]:
    return [rule.get(field) for rule in items(data.get("creation_rules"))]


def _selectors(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each rule encrypts, and what its MAC covers."""
    rules = items(data.get("creation_rules"))
    return [
        {key: value for key, value in rule.items() if key == "mac_only_encrypted" or key.startswith(("encrypted_", "unencrypted_"))} for rule in rules
    ]


def _readers(data: Mapping[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for rule in items(data.get("creation_rules")):
        readers = found.setdefault(str(rule.get("path_regex", "everything")), set())
        for group in (rule, *_groups(rule, "key_groups")):
            for kind in READERS:
                readers |= set(_named(group.get(kind)))
    return found


def _groups(data: Mapping[str, Any], field: str) -> Iterator[Mapping[str, Any]]:
    """The key groups of a rule, and those that are merged into them."""
    for group in items(data.get(field)):
        yield group
        yield from _groups(group, "merge")


def _named(value: Any) -> Iterator[str]:
    """The readers of a field: a list, or a text, and commas in each; a key of a cloud is a map."""
    for each in value if isinstance(value, list) else [value] if isinstance(value, str) else ():
        names = ["/".join(map(str, each.values()))] if isinstance(each, dict) else str(each).split(",")
        yield from filter(None, map(str.strip, names))


def _pipeline(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Impact]:
    del before, after
    yield Impact(Level.CAREFUL, "pipeline", f"{PIPELINE} changes: look whether it still validates what is merged")


def _baseline(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Impact]:
    old, new = ({str(each.get("fingerprint")): each for each in items(data.get("findings"))} for data in (before, after))
    more = [new[fingerprint] for fingerprint in new if fingerprint not in old]
    if more:
        named = ", ".join(_entry(each) for each in more[:3])
        yield Impact(Level.DANGEROUS, "baseline", f"{BASELINE}: passes over {len(more)} more finding{'s' * (len(more) > 1)}: {named}")
    yield Impact(Level.ROUTINE, "baseline", f"{BASELINE} changes; until it is merged, what it was before counts")


_TELLING: Mapping[str, Telling] = {
    CONFIG: _configuration,
    PIPELINE: _pipeline,
    BASELINE: _baseline,
}
