"""Charts behind a login: what a registry configuration may hold, and that its logins reach the hosts that they are for, and nothing else."""

from __future__ import annotations

import base64
import io
import json
import os
import ssl
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from conftest_rules import commit

from gitops_generate.secrets import certificates
from gitops_validate.cli.entry import run
from gitops_validate.cli.registries import access
from gitops_validate.errors import UsageError
from gitops_validate.model.access import Access, Login

PASSWORD = "geheim-ü/+"
AUTH = base64.b64encode(f"reader:{PASSWORD}".encode()).decode()
FILE = "clusters/dev/release.yaml"
SOURCE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: charts, namespace: flux-system}
spec: {interval: 1h, type: TYPE, url: "URL", insecure: INSECURE}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec:
  interval: 1h
  chart: {spec: {chart: web, version: 1.0.0, sourceRef: {kind: HelmRepository, name: charts}}}
"""


def chart() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-the-chart}\n"
        for name, text in (("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"), ("web/templates/a.yaml", config)):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


@dataclass
class Registry:
    """A registry and Helm repository with one chart, for who shows the login, and what it was shown."""

    server: HTTPServer
    scheme: str
    shown: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"localhost:{self.server.server_port}"

    def files(self, kind: str, host: str = "", insecure: str = "false") -> dict[str, str]:
        url = f"{'oci' if kind == 'oci' else self.scheme}://{host or self.host}/charts"
        return {FILE: SOURCE.replace("TYPE", kind).replace("URL", url).replace("INSECURE", insecure), ".gitops-validate.yaml": self.named}

    @property
    def named(self) -> str:
        return "version: 1\nhosts: [localhost]\n"


def handler(registry: Callable[[], Registry]) -> type[BaseHTTPRequestHandler]:
    archive, config = chart(), b"{}"
    digest = {content: f"sha256:{sha256(content).hexdigest()}" for content in (archive, config)}
    layer = {"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "digest": digest[archive], "size": len(archive)}
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": digest[config], "size": 2},
            "layers": [layer],
        }
    ).encode()
    answers = {
        "/v2/charts/web/manifests/1.0.0": manifest,
        f"/v2/charts/web/manifests/sha256:{sha256(manifest).hexdigest()}": manifest,
        f"/v2/charts/web/blobs/{digest[archive]}": archive,
        "/charts/index.yaml": b"entries: {web: [{version: 1.0.0, urls: [web.tgz]}]}",
        "/charts/web.tgz": archive,
    }

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            given = self.headers.get("Authorization", "")
            registry().shown.append(given)
            body = answers.get(self.path, b"")
            known = given == f"Basic {AUTH}"
            self.send_response(200 if known and body else 404 if known else 401)
            self.send_header("WWW-Authenticate", 'Basic realm="charts"')
            self.send_header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
            self.send_header("Docker-Content-Digest", f"sha256:{sha256(body).hexdigest()}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    return Handler


def start(certificate: Path | None) -> Iterator[Registry]:
    registry: list[Registry] = []
    server = HTTPServer(("127.0.0.1", 0), handler(lambda: registry[0]))
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    registry.append(Registry(server, "https" if certificate else "http"))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield registry[0]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    private, file = certificates.tls_private(), tmp_path_factory.mktemp("authority") / "both.pem"
    file.write_text(certificates.certificate(private, common_name="charts", dns=["localhost"]) + private)
    return file


@pytest.fixture
def registry(authority: Path) -> Iterator[Registry]:
    yield from start(authority)


@pytest.fixture
def unencrypted() -> Iterator[Registry]:
    yield from start(None)


@pytest.fixture
def given(tmp_path: Path, authority: Path, registry: Registry) -> list[str]:
    """The options that show the registry its login."""
    (tmp_path / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": AUTH}}}))
    (tmp_path / "ca.pem").write_text(authority.read_text().partition("-----BEGIN PRIVATE")[0])
    return ["--registry-config", str(tmp_path / "config.json"), "--registry-ca", str(tmp_path / "ca.pem")]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", raising=False)
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "checkout").mkdir()
    return tmp_path / "checkout"


def gaps(said: str) -> str:
    return " ".join(gap["reason"] for gap in json.loads(said)["incomplete"])


@pytest.mark.parametrize("kind", ["oci", "default"])
def test_a_chart_comes_for_its_login(kind: str, checkout: Path, registry: Registry, given: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    commit(checkout, registry.files(kind))
    assert run(["check", "-q", "--format", "json", str(checkout), *given[2:]]) == 3
    told = gaps(capfd.readouterr().out)
    assert "login-required" in told and "give its login in a file with --registry-config" in told
    assert set(registry.shown) == {""}
    assert run(["render", "-q", "--env", "dev", str(checkout), *given]) == 0
    assert "from-the-chart" in capfd.readouterr().out
    assert run(["check", "-q", str(checkout)]) in (0, 1)  # from the cache, as any chart that was fetched once


def test_a_login_leaves_no_trace(checkout: Path, registry: Registry, given: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    commit(checkout, registry.files("oci"))
    assert run(["check", "--format", "text", "--format", f"json={tmp_path / 'report.json'}", str(checkout), *given]) == 0
    (tmp_path / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": base64.b64encode(b"reader:wr0ng-one").decode()}}}))
    assert run(["check", "--no-cache", "--format", "text", str(checkout), *given]) == 3
    told = "".join(capfd.readouterr())
    assert "login-refused" in told and "wr0ng-one" not in told and PASSWORD not in told
    (tmp_path / "config.json").unlink()
    for file in (file for file in tmp_path.rglob("*") if file.is_file()):
        assert not any(secret in file.read_bytes() for secret in (PASSWORD.encode(), AUTH.encode())), file


def test_the_loopback_alone_is_shown_one_without_encryption(
    checkout: Path, unencrypted: Registry, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"auths": {unencrypted.host: {"username": "reader", "password": PASSWORD}}}))
    for kind, insecure in (("oci", "true"), ("default", "false")):
        commit(checkout, unencrypted.files(kind, insecure=insecure))
        assert run(["render", "-q", "--env", "dev", str(checkout), "--registry-config", str(tmp_path / "config.json")]) == 0
        assert "from-the-chart" in capfd.readouterr().out


REQUESTS: dict[str, tuple[str, bool]] = {
    "as the base has it": ("", True),
    "elsewhere in the base": ("platform/old.yaml", True),
    "only in the request": ("none", False),
}


@pytest.mark.parametrize("kind", ["oci", "default"])
@pytest.mark.parametrize(("where", "shown"), REQUESTS.values(), ids=REQUESTS)
def test_in_a_merge_request_the_base_says_who_is_shown_a_login(
    where: str,
    shown: bool,
    kind: str,
    checkout: Path,
    registry: Registry,
    given: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    head = registry.files(kind)
    base = {**registry.files(kind, host="charts.invalid"), where: head[FILE]} if where else head
    base.pop("none", None)
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", commit(checkout, base))
    commit(checkout, {**head, "README.md": "another state\n"})
    for command in (["check"], ["diff"]):
        registry.shown.clear()
        run([*command, "-q", "--no-cache", "--format", "json", str(checkout), *given])
        told = capfd.readouterr().out
        assert (f"Basic {AUTH}" in registry.shown) == shown
        assert ("in a merge request a login is shown only where a source of the commit" in told) != shown


def test_a_mirror_of_the_base_is_shown_its_login(
    checkout: Path, registry: Registry, given: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    files = registry.files("oci", host="charts.invalid")
    mirrored = {**files, ".gitops-validate.yaml": f"version: 1\ncharts: {{mirrors: {{'oci://charts.invalid': 'oci://{registry.host}'}}}}\n"}
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", commit(checkout, mirrored))
    commit(checkout, {**files, "README.md": "another state\n"})
    assert run(["render", "-q", "--env", "dev", str(checkout), *given]) == 0
    assert "from-the-chart" in capfd.readouterr().out
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", commit(checkout, files))
    commit(checkout, mirrored)
    registry.shown.clear()
    assert run(["render", "-q", "--no-cache", "--env", "dev", str(checkout), *given]) == 3
    assert registry.shown == []


def read(tmp_path: Path, text: str | bytes) -> Access:
    (tmp_path / "config.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    (tmp_path / "checkout").mkdir(exist_ok=True)
    return access(tmp_path / "config.json", None, tmp_path / "checkout")


def of(auths: Any) -> str:
    return json.dumps({"auths": auths, "credsStore": "desktop", "credHelpers": {"gcr.io": "gcloud"}})


LOGIN = Login("reader", PASSWORD)
HOSTS = {
    "charts.example": ("charts.example", 443),
    "CHARTS.example:5000": ("charts.example", 5000),
    "https://charts.example": ("charts.example", 443),
    "https://charts.example:8443/v2/": ("charts.example", 8443),
    "https://index.docker.io/v1/": ("docker.io", 443),
    "[2001:db8::1]:5000": ("2001:db8::1", 5000),
    "127.0.0.1:5000": ("127.0.0.1", 5000),
}


@pytest.mark.parametrize(("name", "place"), HOSTS.items())
def test_an_entry_is_for_one_host_and_port(name: str, place: tuple[str, int], tmp_path: Path) -> None:
    assert read(tmp_path, of({name: {"auth": AUTH}})).logins == {place: LOGIN}


def test_no_login_can_be_printed(tmp_path: Path) -> None:
    found = read(tmp_path, of({"charts.example": {"auth": AUTH}}))
    assert PASSWORD not in repr((found, *found.logins.values()))


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "no JSON": ("{", "it is not JSON"),
    "binary": (b"\xff\0", "it is not JSON"),
    "a list": ("[]", "it has no "),
    "no auths": ("{}", "it has no "),
    "auths of a kind": ('{"auths": []}', "it has no "),
    "a helper's": (of({"gcr.io": {}}), "no name and password for 'gcr.io'"),
    "no base64": (of({"a.example": {"auth": "geheim!"}}), "no name and password for 'a.example'"),
    "no colon": (of({"a.example": {"auth": "Z2VoZWlt"}}), "no name and password for 'a.example'"),
    "no text": (of({"a.example": {"auth": "/zr/"}}), "no name and password for 'a.example'"),
    "a token": (of({"a.example": {"identitytoken": "geheim"}}), "tokens, and programs that know a login, are not used"),
    "odd": (of({"a.example": 3}), "no name and password for 'a.example'"),
    "a path": (of({"a.example/project": {"auth": AUTH}}), "'a.example/project', which is no HOST or HOST:PORT"),
    "a port": (of({"a.example:99999": {"auth": AUTH}}), "is no HOST or HOST:PORT"),
    "http": (of({"http://a.example": {"auth": AUTH}}), "is no HOST or HOST:PORT"),
    "a user": (of({"a@a.example": {"auth": AUTH}}), "is no HOST or HOST:PORT"),
    "two": (
        of({"a.example": {"auth": AUTH}, "https://a.example": {"username": "reader", "password": "other"}}),
        "two logins for 'https://a.example'",
    ),
    "large": (b" " * ((1 << 20) + 1), "larger than 1 MiB"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_bad_file_is_wrong_use_and_not_quoted(text: str | bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        read(tmp_path, text)
    assert reason in str(told.value) and "geheim" not in str(told.value) and AUTH not in str(told.value)


@pytest.mark.parametrize("option", ["--registry-config", "--registry-ca"])
def test_no_file_of_the_checkout_counts(option: str, checkout: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    commit(checkout, {"a.json": of({}), "platform/clusters/dev/a.yaml": ""})
    (tmp_path / "link").symlink_to(checkout / "a.json")
    (checkout / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_text(of({}))
    for root, file in (
        (checkout, checkout / "a.json"),
        (checkout, tmp_path / "link"),
        (checkout, checkout / "link"),
        (checkout / "platform", checkout / "a.json"),
    ):
        assert run(["check", "-q", option, str(file), str(root)]) == 2
        assert "lies in the checkout, whose authors must not say" in capfd.readouterr().err


def test_a_file_beside_the_checkout_counts(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text(of({}).replace("{}", '{"charts.example": {"auth": "' + AUTH + '"}}', 1))
    commit(checkout, {"clusters/dev/a.yaml": ""})
    monkeypatch.chdir(checkout)
    assert access(Path("../config.json"), None, Path()).logins


def test_what_another_program_hands_over_need_be_no_file(checkout: Path) -> None:
    """As in `--registry-config <(vault read …)`."""
    reading, writing = os.pipe()
    os.write(writing, of({"charts.example": {"auth": AUTH}}).encode())
    os.close(writing)
    try:
        assert access(Path(f"/dev/fd/{reading}"), None, checkout).logins == {("charts.example", 443): LOGIN}
    finally:
        os.close(reading)


def test_a_file_that_is_not_there_is_wrong_use(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", "-q", "--registry-config", str(tmp_path / "none"), str(checkout)]) == 2
    assert "none: No such file" in capfd.readouterr().err
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert run(["check", "-q", "--registry-ca", str(tmp_path / "ca.pem"), str(checkout)]) == 2
    assert "holds no certificates in PEM" in capfd.readouterr().err
    monkeypatch.setenv("GITOPS_VALIDATE_REGISTRY_CONFIG", str(tmp_path / "none"))
    assert run(["check", "-q", str(checkout)]) == 2
    monkeypatch.setenv("GITOPS_VALIDATE_REGISTRY_CONFIG", "")
    commit(checkout, {"clusters/dev/a.yaml": ""})
    assert run(["check", "-q", str(checkout)]) != 2
