"""Packs the template's releases into one git repository, with a tag each. The build hook does so too: nothing but the standard library here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from gitops_generate.errors import Refused

_DEFINITIONS = "schemas/gitops_schemas/crds"
PARTS = ("copier.yml", "catalogue", "template", f"{_DEFINITIONS}/gateway.networking.k8s.io", f"{_DEFINITIONS}/modules.json")
"""What a release of the template consists of; a file of it includes the definitions of the Gateway API."""

_AUTHOR = {
    f"GIT_{role}_{field}": value
    for role in ("AUTHOR", "COMMITTER")
    for field, value in (("NAME", "gitops-generate"), ("EMAIL", "noreply@gitops-generate.invalid"))
}
_UNDATED = "2026-01-01T00:00:00Z"
_CALM = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def pack(checkout: Path, version: str, into: Path) -> None:
    """Make a repository of the template as it stands in a checkout, tagged with its version, beside those of the checkout's release tags.

    Commits carry the release's own date, so that the same templates give the same repository. `into` must not exist. Raises Refused.
    """
    git(checkout, "init", "--quiet", "--initial-branch=main", str(into))
    tracked = (checkout / ".git").exists()  # a source distribution has no history, and is one release
    releases = git(checkout, "tag", "--list", "v[0-9]*", "--sort=creatordate").split() if tracked else []
    for tag in releases:
        if git(checkout, "ls-tree", "--name-only", tag, "--", PARTS[0]).strip():
            _commit(into, tag, git(checkout, "log", "-1", "--format=%cI", tag).strip(), _archive(checkout, tag))
    if f"v{version}" not in releases:
        date = git(checkout, "log", "-1", "--format=%cI").strip() if tracked else _UNDATED
        _commit(into, f"v{version}", date, _work_tree(checkout, tracked))


def bundle(repository: Path, file: Path) -> None:
    """Write a packed repository into one file, with its tags."""
    git(repository, "bundle", "create", "--quiet", str(file), "HEAD", "--tags")


def _commit(repository: Path, tag: str, date: str, tree: bytes) -> None:
    for part in PARTS:
        git(repository, "rm", "-r", "--quiet", "--force", "--ignore-unmatch", "--", part)
    subprocess.run(["tar", "-x", "-C", str(repository)], input=tree, check=True, capture_output=True)
    git(repository, "add", "--all", "--force", "--", *(part for part in PARTS if (repository / part).exists()))
    git(repository, "commit", "--quiet", "--allow-empty", "-m", tag, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
    git(repository, "tag", tag)


def _archive(checkout: Path, tag: str) -> bytes:
    there = git(checkout, "ls-tree", "--name-only", tag, "--", *PARTS).splitlines()
    return _run(checkout, ("archive", "--format=tar", tag, "--", *there)).stdout


def _work_tree(checkout: Path, tracked: bool) -> bytes:
    """The files as they are now: those that git knows or would add, or all where there is no git."""
    if tracked:
        listed = _run(checkout, ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", *PARTS)).stdout
        names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
    else:
        names = [str(path.relative_to(checkout)) for part in PARTS for path in (checkout / part, *(checkout / part).rglob("*"))]
    there = b"\0".join(os.fsencode(name) for name in sorted(names) if (checkout / name).is_file())
    command = ["tar", "-c", "-C", str(checkout), "--null", "--files-from=-"]
    return subprocess.run(command, input=there, check=True, capture_output=True).stdout


def git(folder: Path, *arguments: str, **environment: str) -> str:
    """Run one git command in a folder, free of the user's own settings, and return what it prints. Raises Refused."""
    return _run(folder, arguments, **environment).stdout.decode()


def _run(folder: Path, arguments: tuple[str, ...], **environment: str) -> subprocess.CompletedProcess[bytes]:
    variables = {**os.environ, **_AUTHOR, **_CALM, **environment}
    try:
        return subprocess.run(["git", *arguments], cwd=folder, env=variables, capture_output=True, check=True)
    except FileNotFoundError:
        raise Refused("git is not installed: install it, and try again") from None
    except subprocess.CalledProcessError as fault:
        words = fault.stderr.decode(errors="replace").strip().splitlines()
        raise Refused(f"the template could not be read: git {arguments[0]}: {words[-1] if words else fault.returncode}") from None
