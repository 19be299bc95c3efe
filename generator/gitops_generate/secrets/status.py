"""What exists, what waits for a person, and who can read it. No key is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gitops_generate.secrets.policy import Policy
from gitops_generate.secrets.wanted import Wanted, catalogue, environments


@dataclass(frozen=True)
class Standing:
    """One environment's secrets."""

    environment: str
    live: bool
    readers: dict[str, str]  # recipients, and who each is
    there: tuple[Wanted, ...]
    makeable: tuple[Wanted, ...]  # missing, and made by `gitops-generate secrets`
    pending: tuple[Wanted, ...]  # missing, and given by a person
    orphans: tuple[Path, ...]  # files that the catalogue does not name


def status(repository: Path) -> list[Standing]:
    """How each environment stands, in the order of promotion. Raises Refused."""
    wanted, known, policy = catalogue(repository), environments(repository), Policy(repository)
    known.pop("")
    return [_one(repository, name, bool(details.get("live")), list(wanted.values()), policy) for name, details in known.items()]


def _one(repository: Path, environment: str, live: bool, wanted: list[Wanted], policy: Policy) -> Standing:
    ours = [one for one in wanted if one.environments is None or environment in one.environments]
    there = tuple(one for one in ours if (repository / one.file(environment)).is_file())
    missing = [one for one in ours if one not in there]
    files = {path.relative_to(repository) for path in repository.glob(f"platform/*/*/overlays/{environment}/secrets/*.sops.yaml")}
    return Standing(
        environment,
        live,
        policy.recipients(environment),
        there,
        tuple(one for one in missing if not one.given),
        tuple(one for one in missing if one.given),
        tuple(sorted(files - {one.file(environment) for one in ours})),
    )
