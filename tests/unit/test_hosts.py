"""Hosts that the sources of a base name: read at that commit, within bounds."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitops_validate.building.charts import Charts
from gitops_validate.building.hosts import BaseHosts, OwnHosts, address, own, shown
from gitops_validate.config import Config
from gitops_validate.engine import Answer, Engine
from gitops_validate.model.manifest import Repo
from gitops_validate.revisions import former
from gitops_validate.revisions.former import Former

GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org")
SOURCE = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {{name: a, namespace: b}}\nspec: {{url: '{}'}}\n"
ASKED = "https://charts.example/stable"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine([tmp_path_factory.mktemp("empty")], workers=1) as started:
        yield started


def base(root: Path, files: dict[str, str | bytes]) -> Former:
    """A commit of these files, none of which is left in the checkout."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "a state")):
        subprocess.run([*GIT, *command], cwd=root, check=True)
    commit = subprocess.run([*GIT, "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True).stdout.strip()
    for path in files:
        (root / path).unlink()
    return Former(root, commit)


def test_all_sources_of_the_commit_count_wherever_they_stand(tmp_path: Path, engine: Engine) -> None:
    files = {"a b/x.yml": "a: b\n---\n" + SOURCE.format("oci://one.example/x"), "y.json": '{"kind": "HelmRepository"}'}
    hosts = BaseHosts(base(tmp_path, {**files, "-z.yaml": SOURCE.format("https://two.example:8443/")}), engine)
    assert hosts.of("https://one.example/other") == ["one.example:443"]
    assert hosts.of("oci://TWO.example:8443/x") == ["two.example:8443"]
    assert hosts.of("https://two.example") == []


def test_what_cannot_be_read_names_none_and_costs_only_itself(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(former, "LARGEST", 4096)
    broken = {"odd.yaml": SOURCE.format(ASKED) + "x: [\n", "binary.yaml": SOURCE.format(ASKED).encode() + b"\0", "other.txt": SOURCE.format(ASKED)}
    large = {"large.yaml": SOURCE.format(ASKED) + "#" * 4096}
    hosts = BaseHosts(base(tmp_path, {**broken, **large, "good.yaml": SOURCE.format("oci://good.example")}), engine)
    assert hosts.of("oci://good.example/x") == ["good.example:443"]
    assert hosts.of(ASKED) == []


@pytest.mark.parametrize("kind", ["kind: GitRepository # OCIRepository", "kind: [OCIRepository]", "kind: OCIRepository\nspec: 3 #"])
def test_only_sources_of_charts_count(kind: str, tmp_path: Path, engine: Engine) -> None:
    text = SOURCE.format(ASKED).replace("kind: OCIRepository", kind).replace("\nspec: {url", "\nother: {url" if "spec" in kind else "\nspec: {url")
    assert BaseHosts(base(tmp_path, {"x.yaml": text}), engine).of(ASKED) == []


def test_kinds_of_other_groups_do_not_count(tmp_path: Path, engine: Engine) -> None:
    text = SOURCE.format(ASKED).replace("source.toolkit.fluxcd.io", "example.org")
    assert BaseHosts(base(tmp_path, {"x.yaml": text}), engine).of(ASKED) == []


def test_attributes_and_settings_of_the_checkout_run_nothing(tmp_path: Path, engine: Engine) -> None:
    start = base(tmp_path, {"x.yaml": SOURCE.format(ASKED)})
    subprocess.run(["git", "config", "diff.evil.textconv", f"touch {tmp_path}/ran; cat"], cwd=tmp_path, check=True)
    (tmp_path / ".gitattributes").write_text("*.yaml diff=evil binary\n")
    assert BaseHosts(start, engine).of(ASKED) == ["charts.example:443"]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "url", ["", "charts.example", "http://charts.example", "https://", "https://[::1", "https://a:b", "https://a:70000", "oci://u:p@a"]
)
def test_what_leads_nowhere_has_no_address(url: str) -> None:
    assert address(url) is None
    assert own(url) == []


def test_an_address_of_numbers_keeps_its_brackets(tmp_path: Path, engine: Engine) -> None:
    start = base(tmp_path, {"x.yaml": SOURCE.format("https://[2001:db8::1]/x")})
    assert BaseHosts(start, engine).of("https://[2001:DB8::1]") == ["[2001:db8::1]:443"]


def test_a_login_is_shown_where_the_base_has_charts_from(tmp_path: Path, engine: Engine) -> None:
    hosts = BaseHosts(base(tmp_path, {"x.yaml": SOURCE.format("oci://charts.example:5000/x")}), engine)
    places = [("charts.example", 5000), ("charts.example", 443), ("example", 5000)]
    assert [hosts.trusts(place) for place in places] == [True, False, False]


def test_credentials_are_not_shown() -> None:
    assert shown("https://user:ge@heim@charts.example:1/a@b") == "https://charts.example:1/a@b"


class Recorder:
    """An engine that has no chart, and what it was asked."""

    def __init__(self, reason: str) -> None:
        self.reason, self.asked = reason, list[Any]()

    def ask(self, question: Any, **_: float) -> Answer:
        self.asked.append(question.args["public_hosts"])
        return Answer({"failure": {"reason": self.reason, "message": ""}}, [])


@pytest.mark.parametrize(("reason", "expected"), [("offline", [[]]), ("host-not-allowed", [[], ["charts.example"]])])
def test_public_hosts_are_told_only_where_a_chart_must_be_fetched(reason: str, expected: list[Any], tmp_path: Path) -> None:
    recorder, told = Recorder(reason), list[str]()

    class Told(OwnHosts):
        def of(self, url: str) -> list[str]:
            told.append(url)
            return super().of(url)

    charts = Charts(Repo(tmp_path, {}, {}), Config(), recorder, False, "", Told())  # type: ignore[arg-type]
    charts.again("HelmRepository", ASKED, "web", "1.0.0", "", False)
    assert recorder.asked == expected
    assert told == [ASKED] * (len(expected) - 1)
