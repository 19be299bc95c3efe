"""What people had written or changed in files that go, and the secrets that do: a removal says so, since no file is left that would."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory

from gitops_generate import change, copying

KEPT_BY_COMMANDS = frozenset({"secrets", "version.yaml"})
"""Names of files and folders that `secrets`, `promote` and Renovate write: no work of people is lost with them."""

_SECRET = re.compile(r"[AD] .*/overlays/(?P<environment>[^/]+)/secrets/(?P<name>[^/]+)[.]sops[.]yaml")


def people_s(repository: Path, going: Collection[str]) -> tuple[str, ...]:
    """Those among the paths that the template, with the repository's answers, did not write as they are. Raises Refused and WrongAnswer."""
    candidates = sorted(path for path in going if not KEPT_BY_COMMANDS & set(Path(path).parts))
    if not candidates:
        return ()
    answered = change.current(repository)
    with TemporaryDirectory(prefix="gitops-generate.") as scratch:
        written = Path(scratch) / "written"
        copying.again(written, answered)
        return tuple(path for path in candidates if _content(written / path) != _content(repository / path))


def secrets(files: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The names of secrets that go, by environment, out of what changes (`D path`, `A path`). One that only moves does not go."""
    gone, come = (
        {found.group("environment", "name") for file in files if (found := _SECRET.fullmatch(file)) and file[0] == status} for status in "DA"
    )
    environments = sorted({environment for environment, _ in gone - come})
    return {each: tuple(sorted(name for environment, name in gone - come if environment == each)) for each in environments}


def _content(file: Path) -> bytes | None:
    """What a file holds, or where a link leads; None where there is no file."""
    if file.is_symlink():
        return str(file.readlink()).encode(errors="surrogateescape")
    return file.read_bytes() if file.is_file() else None
