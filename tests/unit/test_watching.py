"""Which changes a watched check takes notice of, and what it says where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from watchfiles import Change

from gitops_validate import watching
from gitops_validate.check import Options
from gitops_validate.errors import UsageError


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("clusters/dev/apps.yaml", True),
        (".gitops-validate.yaml", True),
        (".gitlab-ci.yml", True),
        (".git/index", False),
        ("apps/.terraform/plan.yaml", False),
        ("clusters/dev/.apps.yaml.swp", False),
        ("clusters/dev/apps.yaml~", False),
        (".cache/gitops-validate/trusted/reports/0/1", False),
        (".cache/other", True),
    ],
)
def test_what_no_controller_reads_does_not_count(path: str, counts: bool) -> None:
    root = Path("/home/me/.venv/node_modules/platform")  # what stands above the checkout is nobody's concern
    assert watching.Counting(root, root / ".cache/gitops-validate/trusted")(Change.modified, f"{root}/{path}") is counts


def test_a_machine_that_cannot_watch_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> Iterator[set[tuple[Change, str]]]:
        raise OSError("OS file watch limit reached.\nmore words")
        yield

    (tmp_path / "clusters/dev").mkdir(parents=True)
    (tmp_path / "clusters/dev/team.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n")
    monkeypatch.setattr(watching, "changes", exhausted)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    looks = watching.watch(lambda: Options(tmp_path, cache=False))
    assert isinstance(next(looks).report, watching.Report)
    with pytest.raises(UsageError, match=r"cannot be watched: OS file watch limit reached\.; WATCHFILES_FORCE_POLLING=1"):
        next(looks)
