"""Makes what is missing: keys, rules, secrets. What is there stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets import keys, restarts, writing
from gitops_generate.secrets.chest import Chest
from gitops_generate.secrets.policy import CLUSTER, Policy
from gitops_generate.secrets.policy import FILE as POLICY
from gitops_generate.secrets.sealed import Safe
from gitops_generate.secrets.wanted import Wanted, catalogue, environments

MAXIMUM = 1 << 20  # bytes of a kustomization


@dataclass
class Made:
    """What a run did, and what it left to a person."""

    written: list[Path] = field(default_factory=list)
    keys: list[tuple[str, Path]] = field(default_factory=list)
    pending: list[tuple[str, Wanted]] = field(default_factory=list)


def everything(repository: Path, keys_dir: Path | None, only: Sequence[str] = ()) -> Made:
    """Make all keys and secrets that are missing, in all environments or only in some. Raises Refused and WrongAnswer."""
    wanted, known = catalogue(repository), environments(repository)
    platform = str(known.pop("")["platform"])
    for name in only:
        if name not in known:
            raise WrongAnswer(f"there is no environment {name}; there are {', '.join(known)}")
    where, policy, made = keys.folder(platform, keys_dir), Policy(repository), Made()
    files: dict[Path, bytes] = {}
    with Safe() as safe:
        for environment in only or known:
            _recipient(policy, where, environment, safe, made)
            chest = Chest(repository, environment, wanted, safe, keys.read(where, environment))
            files |= _secrets(chest, list(policy.recipients(environment)), made)
    rules = {Path(POLICY): policy.text()} if policy.changed else {}
    made.written = writing.write(repository, {**rules, **files, **kustomizations(repository, list(known), files)})
    return made


def _recipient(policy: Policy, where: Path, environment: str, safe: Safe, made: Made) -> None:
    """An environment that nobody can read gets a key of its cluster's own."""
    if policy.recipients(environment):
        return
    there = keys.read(where, environment)
    if there is None:
        recipient = keys.create(where, environment, safe)
        made.keys.append((environment, keys.file(where, environment)))
    else:
        recipient = keys.public(there) or ""
        if not recipient:
            raise Refused(
                f"{keys.file(where, environment)} does not say its public key: add the comment `# public key: age1…`, as age-keygen writes it"
            )
    policy.add(environment, recipient, CLUSTER)


def _secrets(chest: Chest, recipients: list[str], made: Made) -> dict[Path, bytes]:
    """The files that are missing, or that miss a key."""
    files: dict[Path, bytes] = {}
    for wanted in chest.wanted():
        path = wanted.file(chest.environment)
        if chest.content(wanted) is not None and not _lacks_keys(chest, wanted):
            continue
        values = chest.values(wanted.name)
        if values is None:
            made.pending.append((chest.environment, wanted))
        else:
            files[path] = chest.safe.seal(wanted, values, recipients, path)
    return files


def _lacks_keys(chest: Chest, wanted: Wanted) -> bool:
    """Whether the catalogue names keys that a file has not; names are not encrypted."""
    try:
        data = YAML(typ="safe", pure=True).load(chest.content(wanted))
        return bool(set(wanted.keys) - set(data["stringData"]))
    except (MarkedYAMLError, ValueError, KeyError, TypeError):
        raise Refused(
            f"{wanted.file(chest.environment)} is no Secret with stringData: gitops-generate did not write it; remove it, and what it held is made anew"
        ) from None


def kustomizations(
    repository: Path, names: Sequence[str], coming: dict[Path, bytes], orders: dict[Path, restarts.Restarts] | None = None
) -> dict[Path, bytes]:
    """The secrets/kustomization.yaml of each overlay that has one or gets one: those files, and coming ones, and further restarts."""
    folders = {path for name in names for path in _folders(repository, name)} | {path.parent for path in (*coming, *(orders or {}))}
    result: dict[Path, bytes] = {}
    for folder in sorted(folders):
        path = folder / restarts.NAME
        content = writing.read(repository, path, MAXIMUM)
        ordered = restarts.parse(content, path) if content else {}
        resources = {file.name for file in (repository / folder).glob("*.sops.yaml")} | {one.name for one in coming if one.parent == folder}
        result[path] = restarts.render(sorted(resources), {**ordered, **(orders or {}).get(path, {})})
    return result


def _folders(repository: Path, environment: str) -> list[Path]:
    found = [*repository.glob(f"platform/*/*/overlays/{environment}/secrets"), *repository.glob(f"workloads/*/overlays/{environment}/secrets")]
    return [path.relative_to(repository) for path in found if path.is_dir() and not path.is_symlink()]
