"""What `secrets make` writes, what it leaves alone, and what it says of the rest."""

import json
import re
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from platform_repository import CATALOGUE, DB, OIDC, STORE, TLS, Repository, build

from gitops_generate.secrets import kustomization


def test_everything_that_can_be_made_is_there(repository: Repository) -> None:
    done = repository.run()
    assert done.code == 0
    made = {path for path in repository.files() if path.endswith(".sops.yaml") and "/" in path}
    assert made == {DB.format("dev"), DB.format("prod"), STORE.format("dev"), STORE.format("prod"), TLS}
    values = repository.values(DB.format("dev"))
    assert values["username"] == "mlflow"
    assert re.fullmatch(r"[a-j@/:%?#]{32}", values["password"])
    assert repository.values(DB.format("prod"), "prod")["password"] != values["password"]


def test_derived_values_are_escaped_for_where_they_stand(repository: Repository) -> None:
    repository.run()
    database, store = repository.values(DB.format("dev")), repository.values(STORE.format("dev"))
    escaped = "".join(character if character.isalnum() else f"%{ord(character):02X}" for character in database["password"])
    assert database["uri"] == f"postgresql://mlflow:{escaped}@mlflow-db-rw.mlflow.svc:5432/mlflow"
    assert store["database"] == database["password"]
    assert json.loads(store["config.json"]) == {"admin": store["password"], "db": database["password"]}
    assert re.fullmatch(r"admin:\$2b\$10\$[./A-Za-z0-9]{53}", store["users"])


def test_a_certificate_belongs_to_its_key(repository: Repository) -> None:
    repository.run()
    values = repository.values(TLS, "prod")
    certificate = x509.load_pem_x509_certificate(values["tls.crt"].encode())
    assert certificate.public_key() == load_pem_private_key(values["tls.key"].encode(), None).public_key()
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName) == ["store.store.svc"]


def test_a_secret_is_as_the_catalogue_describes_it(repository: Repository) -> None:
    repository.run()
    text = (repository.root / DB.format("dev")).read_text()
    for line in ("type: kubernetes.io/basic-auth", "  name: mlflow-db", "  namespace: mlflow", '    cnpg.io/reload: "true"'):
        assert line in text.splitlines()
    assert text.count("ENC[AES256_GCM") == 4  # three values and the MAC


def test_no_value_is_in_any_file_nor_said(repository: Repository) -> None:
    said = [repository.run(), repository.run("status"), repository.run("status", "--format", "json")]
    said += [repository.run("set", "mlflow-oidc", "--env", "dev", stdin='{"client-id": "mlflow-client", "client-secret": "hunter2-hunter2"}')]
    said += [repository.run("rotate", "--env", "dev"), repository.run("make", "--dry-run"), repository.run("rotate", "--env", "dev", "--dry-run")]
    assert [each.code for each in said] == [0] * 7
    everything = repository.everything()
    assert "hunter2-hunter2" in everything[OIDC.format("dev")].values()
    secret = {value for values in everything.values() for value in values.values()} - {"mlflow", "admin"}
    assert len(secret) == 15
    written = b"".join(repository.files().values()).decode()
    keys = [line for path in repository.keys.iterdir() for line in path.read_text().splitlines() if line.startswith("AGE-SECRET-KEY")]
    assert len(keys) == 2
    for value in (*secret, *keys):
        assert value not in written
        assert all(value not in each.out + each.err for each in said)


def test_done_again_nothing_is_written(repository: Repository) -> None:
    repository.run()
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in repository.root.rglob("*") if path.is_file()}
    again = repository.run()
    assert again.code == 0 and "wrote" not in again.err and "mlflow-oidc" in again.err
    assert before == {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in repository.root.rglob("*") if path.is_file()}


def test_only_what_is_missing_is_made(repository: Repository) -> None:
    repository.run()
    before = repository.files()
    (repository.root / DB.format("prod")).unlink()
    assert repository.run().code == 0
    after = repository.files()
    assert {path for path in before if before[path] != after[path]} == {DB.format("prod")}


def test_a_new_key_of_a_secret_joins_the_others(repository: Repository) -> None:
    repository.run()
    before = repository.values(DB.format("dev"))
    repository.write("secret-catalogue.yaml", CATALOGUE.replace("      uri: {derive:", "      token: {generate: uuid}\n      uri: {derive:"))
    assert repository.run().code == 0
    after = repository.values(DB.format("dev"))
    assert re.fullmatch(r"[0-9a-f-]{36}", after.pop("token"))
    assert after == before


def test_a_new_label_reaches_secrets_that_are_there(secured: Repository) -> None:
    before, files = secured.everything(), secured.files()
    secured.write("secret-catalogue.yaml", CATALOGUE.replace('{cnpg.io/reload: "true"}', '{cnpg.io/reload: "true", team: ml}'))
    assert secured.run("make", "--env", "dev").code == 0
    assert secured.everything() == before
    assert {path for path, body in secured.files().items() if files[path] != body} == {"secret-catalogue.yaml", DB.format("dev")}
    assert "    team: ml\n" in (secured.root / DB.format("dev")).read_text()
    assert "wrote" not in secured.run("make", "--env", "dev").err
    secured.key("prod").unlink()
    done = secured.run("make", "--env", "prod")
    assert done.code == 1 and "left out in prod: mlflow-db" in done.err


def test_without_the_private_key_what_it_is_needed_for_is_left_out(repository: Repository) -> None:
    repository.run()
    repository.key().unlink()
    (repository.root / STORE.format("dev")).unlink()
    before = repository.files()
    repository.write("secret-catalogue.yaml", CATALOGUE.replace("      uri: {derive:", "      token: {generate: uuid}\n      uri: {derive:"))
    done = repository.run("make", "--env", "dev")
    assert done.code == 1
    assert "left out in dev: mlflow-db" in done.err and "left out in dev: store-admin" in done.err
    assert not (repository.root / STORE.format("dev")).exists()
    assert (repository.root / DB.format("dev")).read_bytes() == before[DB.format("dev")]


def test_secrets_are_made_without_any_private_key_where_none_is_needed(repository: Repository) -> None:
    repository.run()
    repository.key().unlink()
    (repository.root / DB.format("dev")).unlink()
    (repository.root / STORE.format("dev")).unlink()
    assert repository.run("make", "--env", "dev").code == 0
    assert (repository.root / DB.format("dev")).is_file()
    assert not repository.key().exists(), "the cluster's key is known, so that no new one is made"


def test_overlays_list_their_secrets(repository: Repository) -> None:
    repository.run()
    text = (repository.root / "platform/store/controller/overlays/dev/secrets" / kustomization.NAME).read_text()
    assert text.startswith("# Kept by") and text.endswith("kind: Component\nresources:\n  - store-admin.sops.yaml\n")
    (repository.root / STORE.format("dev")).unlink()
    repository.write("secret-catalogue.yaml", CATALOGUE.replace("component: store\n    stage: controller", "component: store\n    stage: config"))
    assert repository.run().code == 0
    assert (repository.root / "platform/store/controller/overlays/dev/secrets" / kustomization.NAME).read_text().endswith("resources: []\n")


def test_keys_are_their_owners_alone(repository: Repository) -> None:
    done = repository.run()
    assert {stat.S_IMODE(path.stat().st_mode) for path in repository.keys.iterdir()} == {0o600}
    assert stat.S_IMODE(repository.keys.stat().st_mode) == 0o700
    assert re.fullmatch(r"# created: \S+Z\n# public key: age1\w+\nAGE-SECRET-KEY-1\w+\n", repository.key().read_text())
    assert f"kubectl -n flux-system create secret generic sops-age --from-file=dev.agekey={repository.key()}" in done.err


def test_a_key_that_is_there_is_used_and_stays(repository: Repository, tmp_path: Path) -> None:
    repository.run()
    kept = repository.key().read_bytes()
    other = build(tmp_path / "other")
    other.keys = repository.keys
    assert other.run().code == 0
    assert repository.key().read_bytes() == kept
    assert other.values(DB.format("dev"))["username"] == "mlflow"


def test_post_quantum_keys(repository: Repository) -> None:
    assert repository.run("make", "--post-quantum").code == 0
    assert "AGE-SECRET-KEY-PQ-1" in repository.key().read_text()
    assert "age1pq1" in (repository.root / DB.format("dev")).read_text()
    assert repository.values(DB.format("dev"))["username"] == "mlflow"


def test_a_dry_run_writes_nothing_and_shows_it_all(repository: Repository) -> None:
    before = repository.files()
    done = repository.run("make", "--dry-run")
    assert done.code == 0 and repository.files() == before and not repository.keys.exists()
    assert f"new encrypted file: {DB.format('dev')}" in done.out
    assert "+  - mlflow-db.sops.yaml" in done.out and "+      - age1" in done.out


@pytest.mark.parametrize("inside", ["keys", "platform/../.keys"])
def test_keys_never_lie_in_the_checkout(repository: Repository, inside: str) -> None:
    (repository.root / ".git").mkdir()
    repository.keys = repository.root / inside
    done = repository.run()
    assert done.code == 1 and "never lie in a checkout" in done.err
    assert not repository.keys.exists()


def test_keys_never_lie_in_another_checkout_either(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "dotfiles/.git").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "dotfiles")
    repository.keys = tmp_path / "link/keys"
    done = repository.run()
    assert done.code == 1 and "never lie in a checkout" in done.err
    assert not (tmp_path / "dotfiles/keys").exists()


def test_without_an_option_keys_are_in_the_users_configuration(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gitops_generate.cli.entry import run  # noqa: PLC0415

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("GITOPS_GENERATE_KEYS_DIR", raising=False)
    assert run(["secrets", "--repo", str(repository.root)]) == 0
    assert sorted(path.name for path in (tmp_path / "config/gitops-generate/acme-ml").iterdir()) == ["dev.agekey", "prod.agekey"]
