"""In a merge request, charts are asked for only where the commit that it starts from has charts come from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from conftest_rules import commit, git

from gitops_validate.check import Options, check
from gitops_validate.review.review import Asked, review

FILE = "clusters/dev/release.yaml"
CONFIG = ".gitops-validate.yaml"
RELEASE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: charts, namespace: flux-system}
spec: {interval: 1h, url: "URL"}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec:
  interval: 1h
  chart: {spec: {chart: web, version: 1.0.0, sourceRef: {kind: HelmRepository, name: charts}}}
"""
LET_IN = "leads to 127.0.0.1, which is no public address"
"""What the engine says of a host that may be asked, as a public one, and is none: nothing is sent there either."""
REFUSED = re.compile("host-not-allowed: [a-z0-9.:]+ is not among the allowed hosts")


def of(url: str) -> dict[str, str]:
    return {FILE: RELEASE.replace("URL", url)}


def requested(root: Path, monkeypatch: pytest.MonkeyPatch, base: dict[str, str], head: dict[str, str]) -> str:
    """What is said of charts where a merge request makes `head` out of `base`."""
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", commit(root, base))
    commit(root, {**head, "README.md": "another state\n"})
    return said(root)


def said(root: Path) -> str:
    return " ".join(gap.reason for gap in check(Options(root, cache=False, workers=1)).incomplete if gap.what == "chart")


def test_a_host_that_the_request_brings_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = requested(tmp_path, monkeypatch, of("https://charts.invalid"), of("https://localhost"))
    assert REFUSED.search(told)
    assert "that of the commit that the request starts from" in told


def test_one_that_the_base_names_is_asked_for_whatever_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LET_IN in requested(tmp_path, monkeypatch, {"platform/old.yaml": of("https://LOCALHOST:443/a")[FILE], **of("")}, of("https://localhost/b"))


def test_another_port_is_another_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert REFUSED.search(requested(tmp_path, monkeypatch, of("https://localhost"), of("https://localhost:8443")))
    assert LET_IN in requested(tmp_path, monkeypatch, of("https://localhost:8443"), of("https://localhost:8443"))


def test_outside_of_a_merge_request_the_checkout_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", raising=False)
    commit(tmp_path, of("https://localhost:8443"))
    assert LET_IN in said(tmp_path)


@pytest.mark.parametrize(
    "url", ["https://user:geheim@localhost/x", "https://localhost:odd", "https://[localhost", "https://localhost@charts.invalid"]
)
def test_odd_addresses_break_nothing_and_are_not_quoted_whole(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = requested(tmp_path, monkeypatch, of(url), of(url))
    assert "is no address of a chart" in told
    assert "geheim" not in told


def test_a_review_asks_no_host_that_the_request_brings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", commit(tmp_path, of("https://localhost")))
    commit(tmp_path, of("https://localhost:8443"))
    told = [gap.reason for gap in review(Options(tmp_path, cache=False, workers=1), Asked()).incomplete]
    assert any(map(REFUSED.search, told))
    commit(tmp_path, of("https://localhost/charts"))
    told = [gap.reason for gap in review(Options(tmp_path, cache=False, workers=1), Asked()).incomplete]
    assert any(LET_IN in reason for reason in told)


@pytest.fixture
def served() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that has no charts, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_hosts_of_the_configuration_count_as_the_base_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: tuple[str, list[str]]
) -> None:
    host, asked = served
    named, source = {CONFIG: f"version: 1\nhosts: ['{host}']\n"}, of(f"http://{host}")
    assert REFUSED.search(requested(tmp_path, monkeypatch, {**source, CONFIG: "version: 1\nhosts: []\n"}, {**source, **named}))
    assert asked == []
    requested(tmp_path, monkeypatch, {**source, **named}, {**source, CONFIG: "version: 1\nhosts: []\n"})
    assert asked == ["/index.yaml"]


def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: dict[str, str], head: dict[str, str]) -> list[str]:
    """What a review says of charts in a subfolder of a clone that lacks the commit which the merge request starts from."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    start = commit(origin, base)
    git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
    commit(origin, head)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{origin}", str(clone))
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", start)
    return [gap.reason for gap in review(Options(clone / "platform", cache=False, workers=1), Asked()).incomplete if gap.what == "chart"]


def below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{path}": text for path, text in files.items()}


def test_of_a_base_that_was_fetched_only_the_folder_counts_that_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = {**below("other", of("https://localhost")), **below("platform", of("https://charts.invalid"))}
    told = fetched(tmp_path, monkeypatch, elsewhere, below("platform", of("https://localhost")))
    assert any(map(REFUSED.search, told)) and not any(LET_IN in reason for reason in told)


def test_a_host_of_that_folder_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = fetched(tmp_path, monkeypatch, below("platform", of("https://localhost")), below("platform", of("https://localhost/b")))
    assert any(LET_IN in reason for reason in told)


def test_the_configuration_of_that_folder_counts_and_not_that_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accepting = "version: 1\naccept:\n  - {what: chart, subject: '*', reason: there is no network}\n"
    own = {**of("https://charts.invalid"), CONFIG: "version: 1\n"}
    told = fetched(tmp_path, monkeypatch, {CONFIG: accepting, **below("platform", own)}, below("platform", of("https://charts.invalid/b")))
    assert told
    found = review(Options(tmp_path / "clone/platform", cache=False, workers=1), Asked())
    assert not any(gap.accepted for gap in found.incomplete)
