"""PGP recipients: a public key in the repository is all that encrypting takes, and GnuPG opens what comes of it."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from platform_repository import DB, STORE, Repository

from gitops_generate.secrets import rules, sealing
from gitops_generate.secrets.rewrapping import data_keys
from gitops_validate.engine import Engine

pytestmark = pytest.mark.skipif(not shutil.which("gpg"), reason="GnuPG makes and opens the keys")


class GnuPG:
    """A home of GnuPG that nobody else uses."""

    def __init__(self, home: str) -> None:
        self.home = home

    def run(self, *arguments: str, feed: bytes = b"") -> bytes:
        """One command, without questions."""
        quiet = ("--homedir", self.home, "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "")
        return subprocess.run(["gpg", *quiet, *arguments], input=feed, capture_output=True, check=True).stdout

    def key(self, who: str, expires: str = "never") -> str:
        """Make a key, and tell its fingerprint."""
        self.run("--quick-generate-key", who, "default", "default", expires)
        return self.fingerprint(who)

    def fingerprint(self, who: str) -> str:
        """That of the primary key."""
        listed = self.run("--with-colons", "--list-keys", who).decode()
        return re.findall(r"^fpr:+([0-9A-F]{40}):", listed, re.MULTILINE)[0]

    def public(self, who: str) -> bytes:
        """The armoured public key."""
        return self.run("--armor", "--export", who)


@pytest.fixture(scope="module")
def gnupg() -> Iterator[GnuPG]:
    with tempfile.TemporaryDirectory(prefix="gpg", ignore_cleanup_errors=True) as home:  # sockets need a short path
        yield GnuPG(home)
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)


@pytest.fixture(scope="module")
def ada(gnupg: GnuPG) -> str:
    return gnupg.key("Ada Lovelace <ada@acme.example>")


def add(repository: Repository, key: bytes, *more: str) -> tuple[int, str]:
    """Add the holder of a public key to dev."""
    file = repository.root.parent / "key.asc"
    file.write_bytes(key)
    done = repository.run("recipients", "add", "--pgp", str(file), "--env", "dev", *more)
    return done.code, done.err


def data_key(gnupg: GnuPG, file: bytes) -> bytes:
    """What GnuPG makes of the message that SOPS calls `enc`."""
    lines = file.decode().split("pgp:")[1].splitlines()
    begin, end = (next(number for number, line in enumerate(lines) if mark in line) for mark in ("BEGIN PGP MESSAGE", "END PGP MESSAGE"))
    return gnupg.run("--decrypt", feed="\n".join(line.strip() for line in lines[begin : end + 1]).encode())


def test_whoever_has_the_key_gets_the_data_key_of_each_file(secured: Repository, gnupg: GnuPG, ada: str) -> None:
    before = secured.files()[DB.format("dev")]
    assert add(secured, gnupg.public(ada))[0] == 0
    files = secured.files()
    assert re.findall(rb"ENC\[.*", files[DB.format("dev")]) == re.findall(rb"ENC\[.*", before), "no value is encrypted again"
    with Engine([]) as engine:
        for path in (DB.format("dev"), STORE.format("dev")):
            sealed = list(sealing.inspect(engine, {path: files[path]}).values())
            assert ("pgp", ada) in sealed[0].recipients
            assert data_key(gnupg, files[path]) == _data_key(engine, sealed, secured)
    assert secured.values(DB.format("dev"))["username"] == "mlflow"
    assert ada.encode() not in files[DB.format("prod")]


def _data_key(engine: Engine, files: list[sealing.Sealed], secured: Repository) -> bytes:
    return data_keys(engine, files, secured.key().read_bytes(), "the key")[files[0].path]


def test_it_stands_in_the_rules_and_in_the_repository(secured: Repository, gnupg: GnuPG, ada: str) -> None:
    before = (secured.root / ".sops.yaml").read_text().splitlines()
    assert add(secured, gnupg.public(ada))[0] == 0
    after = (secured.root / ".sops.yaml").read_text().splitlines()
    assert [line for line in after if line not in before] == ["    pgp:", f"      - {ada} # Ada Lovelace <ada@acme.example>"]
    assert [line for line in after if line in before] == before
    kept = (secured.root / f".sops/pgp/{ada}.asc").read_bytes()
    assert kept.startswith(b"-----BEGIN PGP PUBLIC KEY BLOCK-----") and gnupg.run("--show-keys", "--with-colons", feed=kept).count(ada.encode()) == 1
    assert f"read by  Ada Lovelace <ada@acme.example>: PGP key {ada}" in secured.run("status").out
    assert f"dev  Ada Lovelace <ada@acme.example>  {ada}" in secured.run("recipients", "list").out
    files = secured.files()
    code, said = add(secured, gnupg.public(ada))
    assert code == 0 and "wrote .sops.yaml" not in said and files[".sops.yaml"] == secured.files()[".sops.yaml"]


def test_what_comes_later_is_encrypted_to_it_without_a_keyring(secured: Repository, gnupg: GnuPG, ada: str, monkeypatch: pytest.MonkeyPatch) -> None:
    add(secured, gnupg.public(ada))
    old = data_key(gnupg, secured.files()[DB.format("dev")])
    monkeypatch.setenv("PATH", "/nonexistent")
    assert secured.run("rotate", "mlflow-db", "--env", "dev").code == 0
    assert secured.run("set", "mlflow-oidc", "--env", "dev", stdin='{"client-id": "a", "client-secret": "b"}').code == 0
    assert secured.run("rotate", "--data-key", "--env", "dev").code == 0
    monkeypatch.undo()
    files = [body for path, body in secured.files().items() if path.endswith(".sops.yaml") and "/overlays/dev/" in path]
    assert len(files) == 3
    keys = {data_key(gnupg, body) for body in files}
    assert len(keys) == 3 and old not in keys


def test_whoever_is_removed_is_out_of_files_rules_and_repository(secured: Repository, gnupg: GnuPG, ada: str) -> None:
    before = secured.files()
    add(secured, gnupg.public(ada))
    old = data_key(gnupg, secured.files()[DB.format("dev")])
    done = secured.run("recipients", "remove", f"0x{ada.lower()}", "--env", "dev")
    assert done.code == 0 and "mlflow-db was read by them: change password with" in done.err
    after = secured.files()
    assert after.keys() == before.keys() and after[".sops.yaml"] == before[".sops.yaml"]
    assert b"PGP MESSAGE" not in b"".join(after.values())
    with Engine([]) as engine:
        assert _data_key(engine, list(sealing.inspect(engine, {"a.yaml": after[DB.format("dev")]}).values()), secured) != old


def test_a_public_key_stays_while_another_environment_needs_it(secured: Repository, gnupg: GnuPG, ada: str) -> None:
    add(secured, gnupg.public(ada), "--env", "prod")
    assert secured.run("recipients", "remove", ada, "--env", "dev").code == 0
    assert (secured.root / f".sops/pgp/{ada}.asc").exists()
    dry = secured.run("recipients", "remove", ada, "--env", "prod", "--dry-run")
    assert f"--- a/.sops/pgp/{ada}.asc\n+++ /dev/null" in dry.out and (secured.root / f".sops/pgp/{ada}.asc").exists()
    assert secured.run("recipients", "remove", ada, "--env", "prod").code == 0
    assert not (secured.root / ".sops").exists()


def test_a_public_key_goes_with_the_last_environment_that_names_it(secured: Repository, gnupg: GnuPG, ada: str) -> None:
    add(secured, gnupg.public(ada), "--env", "prod")
    rules.forget(secured.root, "dev")
    assert (secured.root / f".sops/pgp/{ada}.asc").exists()
    rules.forget(secured.root, "prod")
    assert not (secured.root / f".sops/pgp/{ada}.asc").exists()


def test_a_later_copy_of_a_key_takes_the_place_of_the_old_one(secured: Repository, gnupg: GnuPG) -> None:
    grace = gnupg.key("Grace Hopper <grace@acme.example>", "30d")
    code, said = add(secured, gnupg.public(grace))
    assert code == 0 and f"{grace} expires on " in said
    gnupg.run("--quick-set-expire", grace, "2y")
    gnupg.run("--quick-set-expire", grace, "2y", "*")
    kept = secured.root / f".sops/pgp/{grace}.asc"
    before = kept.read_bytes()
    code, said = add(secured, gnupg.public(grace))
    assert code == 0 and kept.read_bytes() != before and "wrote .sops/pgp" in said and f"wrote {DB.format('dev')}" in said
    assert data_key(gnupg, secured.files()[DB.format("dev")])


def test_a_key_that_is_not_there_or_another_s_is_not_encrypted_to(secured: Repository, gnupg: GnuPG, ada: str) -> None:
    add(secured, gnupg.public(ada))
    kept = secured.root / f".sops/pgp/{ada}.asc"
    other = gnupg.key("Mallory <mallory@acme.example>")
    kept.write_bytes(gnupg.public(other))
    before = secured.files()
    done = secured.run("rotate", "mlflow-db", "--env", "dev")
    assert done.code == 1 and f"{ada} in .sops.yaml: this public key has another fingerprint: {other}" in done.err
    assert secured.files() == before
    kept.unlink()
    done = secured.run("rotate", "mlflow-db", "--env", "dev")
    assert done.code == 1 and f"there is no .sops/pgp/{ada}.asc" in done.err and "recipients add --pgp FILE" in done.err
    assert secured.run("status").code == 0, "which needs no key"


@pytest.mark.parametrize("text", [b"", b"hunter2", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"])
def test_what_is_no_key(secured: Repository, text: bytes) -> None:
    before = secured.files()
    code, said = add(secured, text)
    assert code == 2 and "this is no armoured OpenPGP public key" in said and "hunter2" not in said and secured.files() == before


def test_a_private_key_is_refused_and_not_repeated(secured: Repository, gnupg: GnuPG, ada: str) -> None:
    before = secured.files()
    private = gnupg.run("--armor", "--export-secret-keys", ada)
    code, said = add(secured, private)
    assert code == 2 and "this is a private key" in said and secured.files() == before
    assert not any(line in said for line in private.decode().splitlines() if line)


def test_an_expired_key_is_refused(secured: Repository, gnupg: GnuPG) -> None:
    gnupg.run("--faked-system-time", "20200101T000000", "--quick-generate-key", "Old <old@acme.example>", "default", "default", "30d")
    code, said = add(secured, gnupg.run("--armor", "--export", "old@acme.example"))
    assert code == 2 and "this key expired" in said


def test_a_key_of_a_cluster_is_an_age_key(secured: Repository, gnupg: GnuPG, ada: str, tmp_path: Path) -> None:
    assert tmp_path
    code, said = add(secured, gnupg.public(ada), "--cluster")
    assert code == 2 and "--cluster takes an age recipient" in said


def test_a_name_that_would_break_the_line_is_left_out(secured: Repository, gnupg: GnuPG) -> None:
    key = gnupg.key("Eve\u2028# the cluster")
    assert add(secured, gnupg.public(key))[0] == 0
    assert f"      - {key}\n" in (secured.root / ".sops.yaml").read_text()
