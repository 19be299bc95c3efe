"""Files that kustomizations take from elsewhere: fetched by a full commit where the host is allowed, and by nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gitops_validate.building import fetching
from gitops_validate.building.elsewhere import Elsewhere, Fetched, named
from gitops_validate.cli.entry import run
from gitops_validate.keeping.cache import Cache

SHA = "0123456789abcdef0123456789abcdef01234567"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME, namespace: default}\ndata: {a: b}\n"


class Git(BaseHTTPRequestHandler):
    """Git's own server of repositories, over HTTP; it sends whoever asks below /moved elsewhere."""

    root: Path
    asked: list[str]

    def do_GET(self) -> None:
        """Answer as git does."""
        self.asked.append(self.path)
        if self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/moved"))
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        given = {"GIT_PROJECT_ROOT": str(self.root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query}
        given |= {"REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""), "REMOTE_ADDR": "127.0.0.1"}
        given |= {"HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "GIT_PROTOCOL": self.headers.get("Git-Protocol", "")}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        out = subprocess.run(["git", "http-backend"], input=body, env=os.environ | given, stdout=subprocess.PIPE, check=False).stdout
        head, _, payload = out.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_POST = do_GET  # noqa: N815 - as the library calls it

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Remote:
    """A repository called team/base on a server, its address and its commit."""

    def __init__(self, folder: Path) -> None:
        work = folder / "team/base"
        (work / "prod").mkdir(parents=True)
        (work / "shared").mkdir()
        (work / "prod/kustomization.yaml").write_text("resources: [../shared]\nnamePrefix: far-\n")
        (work / "shared/kustomization.yaml").write_text("resources: [map.yaml]\n")
        (work / "shared/map.yaml").write_text(CONFIG_MAP.replace("NAME", "map"))
        (work / "shared/link.yaml").symlink_to("/etc/hostname")
        for line in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "one"]):
            subprocess.run(["git", "-C", str(work), *line], check=True)
        subprocess.run(["git", "-C", str(work), "config", "uploadpack.allowReachableSHA1InWant", "true"], check=True)
        self.commit = subprocess.run(["git", "-C", str(work), "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
        self.asked: list[str] = []
        handler = type("Here", (Git,), {"root": folder, "asked": self.asked})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def entry(self, ref: str = "", above: str = "") -> str:
        """What a kustomization names to take in the folder prod."""
        return f"http://{self.host}{above}/team/base//prod?ref={ref or self.commit}"


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = Remote(tmp_path / "served")
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "repo/clusters/dev").mkdir(parents=True)
    (tmp_path / "repo/clusters/dev/own.yaml").write_text(CONFIG_MAP.replace("NAME", "own"))
    return tmp_path / "repo"


def naming(repo: Path, entry: str, *hosts: str) -> Path:
    (repo / "clusters/dev/kustomization.yaml").write_text(f"resources:\n  - own.yaml\n  - {entry}\n")
    (repo / ".gitops-validate.yaml").write_text(f"version: 1\nhosts: {json.dumps(hosts)}\n")
    return repo


def report(repo: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, Any]:
    code = run(["check", str(repo), "--format", "json", *options])
    return code, json.loads(capsys.readouterr().out)


def test_what_a_commit_of_an_allowed_host_holds_is_rendered_and_kept(remote: Remote, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    naming(repo, remote.entry(), remote.host)
    assert run(["render", str(repo), "--env", "dev"]) == 0
    printed = capsys.readouterr().out
    assert "name: far-map" in printed
    assert "name: own" in printed
    assert report(repo, capsys)[0] == 0
    remote.asked.clear()
    (repo / "clusters/dev/own.yaml").write_text(CONFIG_MAP.replace("NAME", "other"))
    code, found = report(repo, capsys, "--offline")
    assert (code, found["summary"]["objects"]) == (0, 2)
    assert not remote.asked, "a commit is fetched once"


def test_a_fault_in_what_was_fetched_is_told_at_the_entry(remote: Remote, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    naming(repo, remote.entry(), remote.host)
    with (repo / "clusters/dev/kustomization.yaml").open("a") as file:
        file.write(
            "patches:\n  - target: {kind: ConfigMap, name: map}\n    patch: |\n      - {op: add, path: /metadata/labels, value: {a: 'not valid'}}\n"
        )
    code, found = report(repo, capsys)
    assert code == 1
    assert [(each["rule"], each["path"]) for each in found["findings"]] == [("api-verdict", "clusters/dev/kustomization.yaml")]


@pytest.mark.parametrize(
    ("ref", "hosts", "says"),
    [
        ("", ["git.example.test"], "only files of the checkout are built"),
        ("main", None, "name a full commit"),
        (SHA[:12], None, "name a full commit"),
    ],
    ids=["another host", "a branch", "an abbreviation"],
)
def test_anything_else_is_refused_and_nobody_is_asked(
    remote: Remote, repo: Path, ref: str, hosts: list[str] | None, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    naming(repo, remote.entry(ref), *(hosts or [remote.host]))
    code, found = report(repo, capsys)
    assert code == 3
    assert [gap["what"] for gap in found["incomplete"]] == ["remote"]
    (finding,) = found["findings"]
    assert (finding["rule"], finding["line"]) == ("remote-reference", 3)
    assert says in finding["message"]
    assert not remote.asked


@pytest.mark.parametrize(
    ("above", "ref", "options", "says"),
    [
        ("", "", ["--offline"], "no connection may be opened"),
        ("", SHA, [], "could not be fetched"),
        ("/moved", "", [], "could not be fetched"),
    ],
    ids=["offline", "no such commit", "a redirect"],
)
def test_what_cannot_be_fetched_could_not_be_checked(
    remote: Remote, repo: Path, above: str, ref: str, options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    naming(repo, remote.entry(ref, above), remote.host)
    code, found = report(repo, capsys, *options)
    assert (code, found["findings"]) == (3, [])
    (gap,) = found["incomplete"]
    assert (gap["what"], gap["path"]) == ("fetch", "clusters/dev/kustomization.yaml")
    assert says in gap["reason"]
    assert not any(path.startswith("/team") for path in remote.asked) or above != "/moved"


@pytest.mark.parametrize(
    ("entry", "url", "commit", "path"),
    [
        (f"https://git.example/a/b//c/d?ref={SHA}", "https://git.example/a/b", SHA, "c/d"),
        (f"https://git.example/group/sub/a.git/c?ref={SHA}", "https://git.example/group/sub/a.git", SHA, "c"),
        (f"https://git.example/a/b.git?ref={SHA}&timeout=120", "https://git.example/a/b.git", SHA, "."),
        (f"git::https://git.example/a/b//c?version={SHA}", "https://git.example/a/b", SHA, "c"),
        (f"github.com/a/b/c/d?ref={SHA}", "https://github.com/a/b", SHA, "c/d"),
        (f"github.com/a/b?ref={SHA}", "https://github.com/a/b", SHA, "."),
        ("https://git.example/a/b//c", "https://git.example/a/b", "", "c"),
        ("https://git.example/a/b//c?ref=v1.2.3", "https://git.example/a/b", "", "c"),
        (f"https://raw.example/a/b/{SHA}/c/crd.yaml", f"https://raw.example/a/b/{SHA}/c/crd.yaml", SHA, "crd.yaml"),
        ("https://raw.example/a/b/main/crd.yaml", "https://raw.example/a/b/main/crd.yaml", "", "crd.yaml"),
    ],
)
def test_an_entry_is_read_as_kustomize_reads_it(entry: str, url: str, commit: str, path: str) -> None:
    found = named(entry)
    assert found
    assert (found.entry, found.url, found.commit, found.path) == (entry, url, commit, path)


@pytest.mark.parametrize(
    "entry",
    [
        "ssh://git@git.example/a/b?ref=" + SHA,
        "git@git.example:a/b?ref=" + SHA,
        "file:///etc?ref=" + SHA,
        "https://user:word@git.example/a/b?ref=" + SHA,
        "--upload-pack=x",
        "ext::sh -c x",
        f"http://raw.example/{SHA}/x.yaml",
        "https://[::1/a/b",
        "https://git.example:port/a/b?ref=" + SHA,
    ],
)
def test_what_git_could_be_led_astray_by_names_nothing(entry: str) -> None:
    assert named(entry) is None
    assert Elsewhere(("git.example", "raw.example", "user", "")).refuses(entry)


def test_a_port_is_part_of_the_host_unless_any_is_allowed() -> None:
    entry = f"https://git.example:8443/a/b//c?ref={SHA}"
    assert not Elsewhere(("git.example",)).refuses(entry)
    assert not Elsewhere(("git.example:8443",)).refuses(entry)
    assert Elsewhere(("git.example:443", "example", "git.example.test")).refuses(entry)


def test_a_single_file_is_kept_by_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(fetching, "file", lambda url: asked.append(url) or b"kind: List\n")
    entry = f"https://raw.example/a/b/{SHA}/crd.yaml"
    for _ in range(2):
        found = Elsewhere(("raw.example",), cache=Cache(tmp_path / "cache")).fetch(entry)
        assert found == Fetched(entry, "crd.yaml", {"crd.yaml": b"kind: List\n"})
    assert len(asked) == 1
