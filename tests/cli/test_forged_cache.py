"""GitLab keeps a cache in the checkout only, where a merge request can bring files: results that it brings are not believed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from gitops_validate.cli.entry import run
from gitops_validate.keeping import cache as caches
from gitops_validate.keeping.cache import Cache

BROKEN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Not_A_Name, namespace: default}\ndata: {a: b}\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a fault, and a cache in which the fault is not there."""
    found = tmp_path / "checkout"
    (found / "clusters/dev").mkdir(parents=True)
    (found / "clusters/dev/x.yaml").write_text(BROKEN)
    subprocess.run(["git", "init", "--quiet"], cwd=found, check=True)
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(found / ".cache"))
    assert check(found) == 1
    forge(Cache(caches.folder()))
    return found


def check(root: Path) -> int:
    return run(["check", str(root), "--offline", "--quiet"])


def forge(cache: Cache) -> None:
    assert cache.root
    shutil.rmtree(cache.root / "report")
    for entry in [each for each in (cache.root / "outcome").rglob("*") if each.is_file()]:
        key = entry.parent.name + entry.name
        archives, _, body = (cache.get("outcome", key) or b"").partition(b"\n")
        cache.put("outcome", key, archives + b"\n" + orjson.dumps({**orjson.loads(body), "candidates": []}))


def test_a_cache_that_nobody_can_have_committed_is_believed(root: Path) -> None:
    """Without this the other test would show nothing."""
    assert check(root) == 0


def test_a_cache_that_is_committed_is_not(root: Path) -> None:
    subprocess.run(["git", "add", "--force", ".cache"], cwd=root, check=True)
    assert check(root) == 1


def test_the_cache_is_no_part_of_what_is_checked(root: Path) -> None:
    """What a run leaves there would make the next one another run."""
    check(root)
    before = sorted((root / ".cache").rglob("*"))
    check(root)
    assert sorted((root / ".cache").rglob("*")) == before
