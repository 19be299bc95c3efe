"""Vault's transit recipients: asked where the configuration names their host, over a connection that leads nowhere else."""

import base64
import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from platform_repository import DB, Repository

from gitops_generate.secrets import certificates

TOKEN = "hvs.a-token"


@dataclass
class Transit:
    """A Vault with a transit engine, whose cipher turns bytes around."""

    server: HTTPServer
    asked: list[str] = field(default_factory=list)
    status: int = 200
    answer: bytes | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def key(self) -> str:
        """The address of its key."""
        return f"{self.address}/v1/teams/transit/keys/platform"

    @property
    def host(self) -> str:
        """Its host with the port."""
        return self.address.removeprefix("http://")

    def opened(self, text: str) -> bytes:
        """What it would decrypt."""
        return base64.b64decode(text.removeprefix("vault:v1:"))[::-1]


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Transit]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            state.asked.append(self.path)
            plain = base64.b64decode(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["plaintext"])
            fits = self.headers["X-Vault-Token"] == TOKEN and self.path == "/v1/teams/transit/encrypt/platform"
            self.send_response(state.status if fits else 403)
            self.send_header("Location", f"http://127.0.0.1:{server.server_port}/elsewhere")
            self.end_headers()
            done = json.dumps({"data": {"ciphertext": f"vault:v1:{base64.b64encode(plain[::-1]).decode()}"}}).encode()
            self.wfile.write(done if state.answer is None else state.answer)

        def log_message(self, *_said: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    state = Transit(server)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("VAULT_NAMESPACE", "VAULT_CACERT", "CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        monkeypatch.delenv(name, raising=False)
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def allowed(secured: Repository, vault: Transit) -> Repository:
    """A repository whose configuration names the Vault."""
    secured.write(".gitops-validate.yaml", f'version: 1\nhosts: ["{vault.host}"]\n')
    return secured


def add(repository: Repository, address: str, *more: str) -> tuple[int, str]:
    done = repository.run("recipients", "add", "--vault-transit", address, "--name", "the vault of ops", "--env", "dev", *more)
    return done.code, done.err


def wrapped(repository: Repository, path: str = DB) -> str:
    """The data key of a file as Vault encrypted it."""
    (found,) = re.findall(r"enc: (vault:\S+)", (repository.root / path.format("dev")).read_text())
    return str(found)


def test_vault_encrypts_the_data_keys_and_the_age_key_still_opens_the_files(allowed: Repository, vault: Transit) -> None:
    before = allowed.files()
    values = allowed.values(DB.format("dev"))
    assert add(allowed, vault.key)[0] == 0
    assert len(vault.opened(wrapped(allowed))) == 32
    assert set(vault.asked) == {"/v1/teams/transit/encrypt/platform"} and len(vault.asked) == 3, "a test, and one for each file"
    after = allowed.files()
    assert re.findall(rb"ENC\[.*", after[DB.format("dev")]) == re.findall(rb"ENC\[.*", before[DB.format("dev")])
    assert allowed.values(DB.format("dev")) == values
    rest = [line for line in after[".sops.yaml"].decode().splitlines() if line not in before[".sops.yaml"].decode().splitlines()]
    assert rest == ["    hc_vault_transit_uri:", f"      - {vault.key} # the vault of ops"]
    assert f"read by  the vault of ops: Vault's key {vault.key}" in allowed.run("status").out
    written = (allowed.root / DB.format("dev")).read_text()
    assert f"vault_address: {vault.address}" in written and "engine_path: teams/transit" in written and "key_name: platform" in written
    assert TOKEN.encode() not in b"".join(after.values())


def test_it_gets_the_data_keys_of_what_comes_later(allowed: Repository, vault: Transit) -> None:
    add(allowed, vault.key)
    first = vault.opened(wrapped(allowed))
    assert allowed.run("rotate", "mlflow-db", "--env", "dev").code == 0
    second = vault.opened(wrapped(allowed))
    assert allowed.run("rotate", "mlflow-db", "--data-key", "--env", "dev").code == 0
    third = vault.opened(wrapped(allowed))
    assert len({first, second, third}) == 3
    assert allowed.values(DB.format("dev"))["username"] == "mlflow"


def test_a_removal_needs_no_vault_and_changes_the_data_keys(allowed: Repository, vault: Transit) -> None:
    before = allowed.files()[".sops.yaml"]
    add(allowed, vault.key)
    vault.status, asked = 503, len(vault.asked)
    done = allowed.run("recipients", "remove", "the vault of ops", "--env", "dev")
    assert done.code == 0 and "mlflow-db was read by them" in done.err and len(vault.asked) == asked
    assert allowed.files()[".sops.yaml"] == before and "hc_vault" not in (allowed.root / DB.format("dev")).read_text()
    assert allowed.values(DB.format("dev"))["username"] == "mlflow"


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (403, None, "the token may not encrypt with this key"),
        (404, None, "there is no such key or transit engine"),
        (503, None, "it is sealed"),
        (307, None, "it sends on to another place"),
        (500, None, "it answers 500"),
        (200, b"[" * 50_000, "its answer is not that of a transit engine"),
        (200, b'{"data": {"ciphertext": "hunter2"}}', "its answer is not that of a transit engine"),
        (200, b"{}", "its answer is not that of a transit engine"),
    ],
)
def test_a_vault_that_does_not_encrypt(allowed: Repository, vault: Transit, status: int, answer: bytes | None, words: str) -> None:
    add(allowed, vault.key)
    before = allowed.files()
    vault.status, vault.answer = status, answer
    done = allowed.run("rotate", "mlflow-db", "--env", "dev")
    assert done.code == 1 and f"Vault at {vault.host} did not encrypt the data key: {words}" in done.err and done.err.count("\n") == 1
    assert allowed.files() == before and "/elsewhere" not in vault.asked and TOKEN not in done.err


def test_a_vault_that_is_not_there(allowed: Repository, vault: Transit) -> None:
    allowed.write(".gitops-validate.yaml", "version: 1\nhosts: [127.0.0.1]\n")
    before = allowed.files()
    code, said = add(allowed, "http://127.0.0.1:1/v1/transit/keys/platform")
    assert code == 1 and "Vault at 127.0.0.1:1 did not encrypt the data key: Connection refused; nothing was changed" in said
    assert allowed.files() == before and not vault.asked


def test_only_a_host_that_the_configuration_names_is_asked(secured: Repository, vault: Transit) -> None:
    before = secured.files()
    code, said = add(secured, vault.key)
    assert code == 1 and f"{vault.host} is not among the hosts in .gitops-validate.yaml" in said
    secured.write(".gitops-validate.yaml", "version: 1\nhosts: [127.0.0.1:1, vault.acme.example]\n")
    assert add(secured, vault.key)[0] == 1
    code, said = add(secured, "http://vault.acme.example/v1/transit/keys/platform")
    assert code == 1 and "is without encryption" in said
    (secured.root / ".gitops-validate.yaml").write_text("hosts: 7\n")
    code, said = add(secured, vault.key)
    assert code == 1 and ".gitops-validate.yaml:1" in said
    (secured.root / ".gitops-validate.yaml").unlink()
    assert secured.files() == before and not vault.asked


def test_the_token_is_that_of_vault_login(allowed: Repository, vault: Transit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAULT_TOKEN")
    code, said = add(allowed, vault.key)
    assert code == 1 and "there is no token for Vault: say VAULT_TOKEN" in said
    (tmp_path / ".vault-token").write_text(f"{TOKEN}\n")
    assert add(allowed, vault.key)[0] == 0
    monkeypatch.setenv("VAULT_TOKEN", "two\r\nlines")
    done = allowed.run("rotate", "mlflow-db", "--env", "dev")
    assert done.code == 1 and "what VAULT_TOKEN or ~/.vault-token holds is none" in done.err and "lines" not in done.err


@pytest.mark.parametrize(
    "address",
    [
        "vault.acme.example/v1/transit/keys/a",
        "https://vault.acme.example/transit/keys/a",
        "https://vault.acme.example/v1/transit/encrypt/a",
        "https://vault.acme.example/v1/transit/keys/a/b",
        "https://vault.acme.example/v1/../keys/a",
        "https://a@vault.acme.example/v1/transit/keys/a",
        "https://vault.acme.example/v1/transit/keys/a?b",
        "https://vault.acme.example/v1/transit/keys/a b",
        "file:///v1/transit/keys/a",
        "https://vault.acme.example:99999/v1/transit/keys/a",
    ],
)
def test_what_is_no_address_of_a_key(secured: Repository, address: str) -> None:
    before = secured.files()
    code, said = add(secured, address)
    assert code == 2 and "is no key of Vault's transit engine: write https://HOST[:PORT]/v1/transit/keys/NAME" in said
    assert secured.files() == before


def test_a_certificate_of_the_company_s_own_authority(allowed: Repository, vault: Transit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = certificates.tls_private()
    (tmp_path / "vault.pem").write_text(certificates.certificate(private, common_name="vault", dns=["localhost"]) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "vault.pem")
    vault.server.socket = context.wrap_socket(vault.server.socket, server_side=True)
    address = f"https://localhost:{vault.server.server_port}/v1/teams/transit/keys/platform"
    allowed.write(".gitops-validate.yaml", "version: 1\nhosts: [localhost]\n")
    code, said = add(allowed, address)
    assert code == 1 and "its certificate is not trusted (" in said and "VAULT_CACERT may name the company's authority" in said
    monkeypatch.setenv("VAULT_CACERT", str(tmp_path / "vault.pem"))
    assert add(allowed, address)[0] == 0
    assert len(vault.opened(wrapped(allowed))) == 32


def test_a_vault_that_takes_its_time(allowed: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops_generate.secrets.vault.SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        allowed.write(".gitops-validate.yaml", "version: 1\nhosts: [127.0.0.1]\n")
        code, said = add(allowed, f"http://127.0.0.1:{silent.getsockname()[1]}/v1/transit/keys/a")
    assert code == 1 and "no answer in 0.05 seconds" in said


def test_an_authority_that_cannot_be_read(secured: Repository, tmp_path: Path, vault: Transit, monkeypatch: pytest.MonkeyPatch) -> None:
    assert vault
    secured.write(".gitops-validate.yaml", "version: 1\nhosts: [localhost]\n")
    monkeypatch.setenv("VAULT_CACERT", str(tmp_path / "none.pem"))
    code, said = add(secured, "https://localhost:1/v1/transit/keys/a")
    assert code == 1 and "none.pem, which VAULT_CACERT names, cannot be read" in said
