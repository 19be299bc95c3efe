"""Sets and rotates values, and changes who can read an environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets import keys, restarts, writing
from gitops_generate.secrets.chest import Chest
from gitops_generate.secrets.make import kustomizations
from gitops_generate.secrets.policy import FILE as POLICY
from gitops_generate.secrets.policy import Policy
from gitops_generate.secrets.sealed import Safe
from gitops_generate.secrets.values import Filling, Waiting, depends_on
from gitops_generate.secrets.wanted import Wanted, catalogue, environments


@dataclass
class Changed:
    """What a change wrote, and what it asks of people."""

    written: list[Path] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    exposed: list[Wanted] = field(default_factory=list)


def put(repository: Path, environment: str, name: str, given: Mapping[str, str], keys_dir: Path | None) -> Changed:
    """Give values to keys of one secret; what depends on it follows. Raises Refused and WrongAnswer."""
    with _chest(repository, environment, keys_dir) as (chest, policy):
        wanted = _named(chest, name)
        for key in given:
            if key not in wanted.keys:
                raise WrongAnswer(f"{name} has no key {key}; it has {', '.join(wanted.keys)}")
        before = chest.stored(wanted) or {}
        chest.put(
            name,
            Filling(wanted, chest.values, {**before, **_independent(wanted, before), **given}).all() if _complete(wanted, before, given) else None,
        )
        if chest.values(name) is None:
            missing = [key for key in wanted.given if key not in {**before, **given}]
            raise WrongAnswer(f"{name} needs all of its values at once, and {', '.join(missing)} is missing")
        return _renew(chest, policy, [name, *_followers(chest, {name})])


def rotate(repository: Path, environment: str, names: list[str], keys_dir: Path | None) -> Changed:
    """New values for what is generated in some secrets (all, if none is named); what depends on them follows, and pods restart. Raises Refused and WrongAnswer."""
    with _chest(repository, environment, keys_dir) as (chest, policy):
        chosen = [_named(chest, name) for name in names] or [one for one in chest.wanted() if any("generate" in how for how in one.keys.values())]
        there = [one for one in chosen if chest.content(one) is not None]
        if names and len(there) < len(chosen):
            raise WrongAnswer(f"{', '.join(one.name for one in chosen if one not in there)} is not there yet: `gitops-generate secrets` makes it")
        for wanted in there:
            before = chest.stored(wanted) or {}
            kept = {key: value for key, value in before.items() if "given" in wanted.keys.get(key, {"given": ""})}
            chest.put(wanted.name, Filling(wanted, chest.values, kept).all())
        renewed = [one.name for one in there]
        return _renew(chest, policy, [*renewed, *_followers(chest, set(renewed))])


def admit(repository: Path, environment: str, recipient: str, who: str, keys_dir: Path | None) -> Changed:
    """Let somebody read an environment: its files are sealed anew for one more. Raises Refused."""
    with _chest(repository, environment, keys_dir) as (chest, policy):
        if recipient in policy.recipients(environment):
            raise WrongAnswer(f"{recipient[:80]} can read {environment} already")
        policy.add(environment, recipient, who)
        return _reseal(chest, policy)


def dismiss(repository: Path, environment: str, recipient: str, keys_dir: Path | None) -> Changed:
    """Let somebody no longer read an environment: its files get new data keys. What they have read they know, so that it has to change. Raises Refused."""
    with _chest(repository, environment, keys_dir) as (chest, policy):
        policy.remove(environment, recipient)
        done = _reseal(chest, policy)
        done.exposed = [one for one in chest.wanted() if chest.content(one) is not None and any("fixed" not in how for how in one.keys.values())]
        return done


@contextmanager
def _chest(repository: Path, environment: str, keys_dir: Path | None) -> Iterator[tuple[Chest, Policy]]:
    wanted, known = catalogue(repository), environments(repository)
    platform = str(known.pop("")["platform"])
    if environment not in known:
        raise WrongAnswer(f"there is no environment {environment}; there are {', '.join(known)}")
    policy = Policy(repository)
    if not policy.recipients(environment):
        raise Refused(f"nobody can read {environment} yet: run `gitops-generate secrets` first")
    with Safe() as safe:
        yield Chest(repository, environment, wanted, safe, keys.read(keys.folder(platform, keys_dir), environment)), policy


def _named(chest: Chest, name: str) -> Wanted:
    for wanted in chest.wanted():
        if wanted.name == name:
            return wanted
    raise WrongAnswer(f"there is no secret {name} in {chest.environment}; there are {', '.join(one.name for one in chest.wanted())}")


def _complete(wanted: Wanted, before: Mapping[str, str], given: Mapping[str, str]) -> bool:
    return all(key in before or key in given for key in wanted.given)


def _independent(wanted: Wanted, before: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in before.items() if not {"derive", "copy"} & set(wanted.keys.get(key, ()))}


def _followers(chest: Chest, changed: set[str]) -> list[str]:
    """The secrets that are there and take values from changed ones, filled anew; and those that take values from these."""
    followers: list[str] = []
    for _ in chest.catalogue:
        for wanted in chest.wanted():
            if wanted.name in changed or not depends_on(wanted) & changed or chest.content(wanted) is None:
                continue
            before = chest.stored(wanted) or {}
            kept = {key: value for key, value in before.items() if not {"derive", "copy"} & set(wanted.keys.get(key, ()))}
            try:
                chest.put(wanted.name, Filling(wanted, chest.values, kept).all())
            except Waiting as other:
                raise Refused(f"{wanted.name} depends on {other}, which waits for a person") from None
            changed = changed | {wanted.name}
            followers.append(wanted.name)
    return followers


def _renew(chest: Chest, policy: Policy, names: list[str]) -> Changed:
    """Seal the new values, and let the pods that read them restart."""
    recipients, files = list(policy.recipients(chest.environment)), {}
    orders: dict[Path, restarts.Restarts] = {}
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for name in names:
        wanted, values = chest.catalogue[name], chest.values(name)
        assert values is not None
        if chest.content(wanted) is not None:
            _order(wanted, chest.environment, now, orders)
        files[wanted.file(chest.environment)] = chest.safe.seal(wanted, values, recipients, wanted.file(chest.environment))
    kept = kustomizations(chest.repository, [chest.environment], files, orders)
    return Changed(writing.write(chest.repository, {**files, **kept}), renewed=names)


def _order(wanted: Wanted, environment: str, now: str, orders: dict[Path, restarts.Restarts]) -> None:
    for pods in wanted.restarts:
        overlay = Path("platform", wanted.component, pods.get("stage", wanted.stage), "overlays", environment, "secrets", restarts.NAME)
        orders.setdefault(overlay, {})[pods["kind"], pods["name"], pods.get("release", "")] = now


def _reseal(chest: Chest, policy: Policy) -> Changed:
    recipients, files = list(policy.recipients(chest.environment)), {}
    for path in sorted(_sealed(chest)):
        content = writing.read(chest.repository, path, 5 << 20)
        if chest.identity is None:
            raise Refused(f"the private key of {chest.environment} is not here, and without it its files cannot be sealed for others: see --keys-dir")
        files[path] = chest.safe.reseal(content or b"", chest.identity, recipients, path)
    return Changed(writing.write(chest.repository, {Path(POLICY): policy.text(), **files}))


def _sealed(chest: Chest) -> Iterator[Path]:
    """All encrypted files of the environment, those that people added included."""
    for pattern in (
        f"platform/*/*/overlays/{chest.environment}/secrets/*.sops.yaml",
        f"workloads/*/overlays/{chest.environment}/secrets/*.sops.yaml",
    ):
        for path in chest.repository.glob(pattern):
            yield path.relative_to(chest.repository)
