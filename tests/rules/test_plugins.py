"""Rules that another installed distribution brings: the example of docs/plugins.md, installed without a network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops_validate import plugins
from gitops_validate.cli.entry import run
from gitops_validate.keeping import memo
from gitops_validate.rule import rules

PAGE = Path(__file__).parents[2] / "docs/plugins.md"
RULE = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\n"


def install(site: Path, name: str, version: str, files: dict[str, str], package: str) -> None:
    """What an installer leaves behind."""
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    files = {**files, f"{info.name}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"}
    files[f"{info.name}/entry_points.txt"] = f"[gitops_validate.rules]\nacme = {package}\n"
    for path, text in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)


def package(top: str, rule: str, text: str) -> dict[str, str]:
    return {f"{top}/__init__.py": "", f"{top}/rules/__init__.py": "", f"{top}/rules/company/__init__.py": "", f"{top}/rules/company/{rule}.py": text}


def example() -> str:
    assert RULE
    return RULE[1]


def forget() -> None:
    plugins.plugins.cache_clear()
    rules.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0].startswith("acme_")]:
        del sys.modules[name]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that stands for where packages are installed."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.setattr(plugins, "folders", lambda: [folder])
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / "cache"))
    forget()
    yield folder
    forget()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo/clusters/dev"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text(CONFIG_MAP)
    return tmp_path / "repo"


def found(repo: Path, capsys: pytest.CaptureFixture[str]) -> set[tuple[str, int]]:
    capsys.readouterr()
    run(["check", str(repo), "--offline", "--jobs", "1", "--format", "json"])
    return {(each["rule"], each["line"]) for each in json.loads(capsys.readouterr().out)["findings"]}


def test_the_example_of_the_page_is_asked_listed_and_explained(site: Path, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(site, "acme-rules", "1.2", package("acme_rules", "missing_owner", example()), "acme_rules.rules")
    assert found(repo, capsys) == {("missing-owner", 3)}
    assert run(["rules"]) == 0
    assert "(from acme-rules 1.2)" in next(line for line in capsys.readouterr().out.splitlines() if line.startswith("missing-owner"))
    assert run(["explain", "missing-owner"]) == 0
    assert "`company` · warning: it does not stop a deployment · from acme-rules 1.2" in capsys.readouterr().out
    (repo / "clusters/dev/a.yaml").write_text(CONFIG_MAP.replace("default}", "default, annotations: {acme.example/owner: us}}"))
    assert found(repo, capsys) == set()


def test_what_was_kept_before_another_version_does_not_count(site: Path, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert found(repo, capsys) == set()
    without = memo.judges()
    install(site, "acme-rules", "1.2", package("acme_rules", "missing_owner", example()), "acme_rules.rules")
    forget()
    assert found(repo, capsys) == {("missing-owner", 3)}
    first = memo.judges()
    (site / "acme_rules/helper.py").write_text("# another file that a rule may import\n")
    second = memo.judges()
    (site / "acme_rules-1.2.dist-info").rename(site / "acme_rules-1.3.dist-info")
    (site / "acme_rules-1.3.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 1.3\n")
    forget()
    assert len({without, first, second, memo.judges()}) == 4


@pytest.mark.parametrize(
    ("rule", "text", "package_name", "said"),
    [
        (
            "api_verdict",
            None,
            "acme_rules.rules",
            "two rules are called api-verdict: one of gitops-validate and one of acme-rules 1.2; rename the latter",
        ),
        ("missing_owner", "import nothing_of_that_name\n", "acme_rules.rules", "the rules of acme-rules 1.2 cannot be loaded: ModuleNotFoundError"),
        ("missing_owner", "1/0\n", "acme_rules.rules", "the rules of acme-rules 1.2 cannot be loaded: ZeroDivisionError"),
        ("missing_owner", "", "acme_rules.rules", "no module in it has a rule of its own name"),
        ("missing_owner", "", "acme_rules.nowhere", "the rules of acme-rules 1.2 cannot be loaded: ModuleNotFoundError"),
        ("missing_owner", "", "acme_rules.rules:all", "acme-rules 1.2 does not name a package of rules"),
    ],
    ids=["same-id", "import", "raises", "empty", "no-package", "attribute"],
)
def test_what_cannot_be_used_is_one_sentence(
    site: Path, repo: Path, capsys: pytest.CaptureFixture[str], rule: str, text: str | None, package_name: str, said: str
) -> None:
    body = example().replace("missing_owner", rule) if text is None else text
    install(site, "acme-rules", "1.2", package("acme_rules", rule, body), package_name)
    for command in (["check", str(repo), "--offline"], ["rules"]):
        assert run(command) == 2
        told = capsys.readouterr()
        assert said in told.err
        assert told.err.count("\n") == 1
        assert told.out == ""


def test_two_distributions_with_one_id_are_one_sentence(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("acme-one", "acme-two"):
        top = name.replace("-", "_")
        install(site, name, "1", package(top, "missing_owner", example()), f"{top}.rules")
    assert run(["rules"]) == 2
    assert "two rules are called missing-owner: one of acme-one 1 and one of acme-two 1" in capsys.readouterr().err


def test_nothing_is_loaded_from_the_checkout(repo: Path, tmp_path: Path) -> None:
    hostile = package("acme_rules", "missing_owner", f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    install(repo, "acme-rules", "1.2", hostile, "acme_rules.rules")
    done = subprocess.run([sys.executable, "-m", "gitops_validate", "rules"], cwd=repo, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "acme" not in done.stdout
    assert not (tmp_path / "ran").exists()


def test_the_checkout_does_not_stand_in_for_an_installed_package(
    site: Path, repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(site, "acme-rules", "1.2", package("acme_rules", "missing_owner", example()), "acme_rules.rules")
    install(repo, "acme-rules", "1.2", package("acme_rules", "missing_owner", f"open({str(tmp_path / 'ran')!r}, 'w')\n"), "acme_rules.rules")
    monkeypatch.chdir(repo)
    monkeypatch.setattr(sys, "path", ["", os.fspath(repo), *sys.path])
    assert run(["rules"]) == 0
    assert "acme-rules 1.2" in capsys.readouterr().out
    assert not (tmp_path / "ran").exists()


def test_packages_are_looked_for_where_the_environment_has_them() -> None:
    assert any((folder / "click").is_dir() for folder in plugins.folders())
    assert Path.cwd() not in plugins.folders()
