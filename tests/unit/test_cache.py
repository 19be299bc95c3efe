"""The cache holds whole entries or none."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gitops_validate.keeping.cache import Cache, beside, digest, folder


def test_an_entry_comes_back_as_it_was_put(tmp_path: Path) -> None:
    Cache(tmp_path).put("parse", "abcdef", b"body")
    assert Cache(tmp_path).get("parse", "abcdef") == b"body"
    assert list(Cache(tmp_path).sizes()) == [("parse", 1, 24)]


def test_a_truncated_or_altered_entry_is_a_miss(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("parse", "abcdef", b"body")
    (entry,) = (path for path in tmp_path.rglob("*") if path.is_file())
    whole = entry.read_bytes()
    for broken in (whole[:-1], b"", whole[:10], whole + b"x", bytes([whole[0] ^ 1]) + whole[1:]):
        entry.write_bytes(broken)
        assert cache.get("parse", "abcdef") is None


def test_a_pipe_or_a_folder_in_the_place_of_an_entry_is_a_miss(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("parse", "abcdef", b"body")
    (entry,) = (path for path in tmp_path.rglob("*") if path.is_file())
    for make in (os.mkfifo, lambda path: os.symlink("/dev/zero", path), os.mkdir):
        entry.unlink()
        make(entry)
        assert cache.get("parse", "abcdef") is None
        if make is not os.mkdir:
            cache.put("parse", "abcdef", b"body")
            assert cache.get("parse", "abcdef") == b"body"


def test_an_entry_is_readable_by_its_owner_only_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cache.put("parse", "abcdef", b"body")
    (entry,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert entry.stat().st_mode & 0o077 == 0
    assert entry.parent.stat().st_mode & 0o077 == 0


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file")
    cache.put("parse", "abcdef", b"body")
    assert cache.get("parse", "abcdef") is None


def test_without_a_folder_nothing_is_kept() -> None:
    cache = Cache(None)
    cache.put("parse", "abcdef", b"body")
    assert cache.get("parse", "abcdef") is None


def test_where_one_part_ends_is_part_of_the_key() -> None:
    assert digest("ab", "c") != digest("a", "bc") != digest("abc")


def test_what_a_merge_request_computed_is_not_read_by_a_protected_branch() -> None:
    protected = {"HOME": "/home/u", "CI_COMMIT_REF_PROTECTED": "true"}
    unprotected = {"HOME": "/home/u", "CI_COMMIT_REF_PROTECTED": "false"}
    assert folder(protected) == folder({"HOME": "/home/u"})
    assert folder(unprotected) != folder(protected)
    assert folder({**protected, "CI_MERGE_REQUEST_IID": "7"}) == folder(unprotected)
    assert folder({}) is None


def test_a_cache_outside_of_the_checkout_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / "cache"))
    assert beside(checkout(tmp_path)) == folder()


def test_a_cache_in_the_checkout_is_used_if_nobody_can_have_committed_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = checkout(tmp_path)
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(root / ".cache"))
    assert beside(root) == folder() == root / ".cache/gitops-validate/trusted"
    assert beside(root / "platform") == folder()


@pytest.mark.parametrize("path", [".cache/gitops-validate/trusted/outcome/ab/cd", ".cache/gitops-validate/trusted"])
def test_a_cache_that_the_checkout_brings_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    root = checkout(tmp_path)
    (root / path).parent.mkdir(parents=True)
    (root / path).write_text("forged")
    git(root, "add", "--force", path)
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(root / ".cache"))
    assert beside(root) is None


@pytest.mark.parametrize("link", [".cache", ".cache/gitops-validate", ".cache/gitops-validate/trusted"])
def test_a_cache_behind_a_link_of_the_checkout_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: str) -> None:
    root = checkout(tmp_path)
    (root / "forged/gitops-validate/trusted").mkdir(parents=True)
    (root / link).parent.mkdir(parents=True, exist_ok=True)
    (root / link).symlink_to(root / "forged", target_is_directory=True)
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(root / ".cache"))
    assert beside(root) is None


def test_a_cache_in_a_folder_without_git_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / ".cache"))
    assert beside(tmp_path) is None


def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    (root / "platform").mkdir(parents=True)
    git(root, "init", "--quiet")
    return root


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)
