"""Secrets: made once, kept, never in plain text on the disk, and readable by whom the policy names."""

import io
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest_generator import Place, contents

from gitops_generate.errors import Refused
from gitops_generate.secrets import catalogue, sealing
from gitops_validate.engine import Engine


def opened(place: Place, name: str) -> dict[str, str]:
    """The values of an encrypted file, as environment/name."""
    return opened_with((place.keys / f"{name.partition('/')[0]}.agekey").read_bytes(), place.file(name))


def opened_with(identity: bytes, file: Path) -> dict[str, str]:
    """The values of an encrypted file, with a private key."""
    with Engine([]) as engine:
        sealed = sealing.inspect(engine, {file.name: file.read_bytes()})
        return sealing.values(sealing.decrypt(engine, list(sealed.values()), identity, "a key")[file.name], file.name)


def wanted_secrets(place: Place) -> list[catalogue.Secret]:
    with Engine([]) as engine:
        return list(catalogue.load(place.repository, engine).secrets.values())


def plain_values(place: Place) -> set[str]:
    return {
        value
        for environment in ("dev", "prod")
        for wanted in wanted_secrets(place)
        for key, value in opened(place, f"{environment}/{wanted.name}").items()
        if wanted.recipes[key].kind != "fixed"
    }


def test_no_value_is_anywhere_in_plain_text(made: Place, capfd: pytest.CaptureFixture[str]) -> None:
    everything = b"".join(contents(made.repository).values())
    history = subprocess.run(["git", "log", "-p", "--all"], cwd=made.repository, capture_output=True, check=True).stdout
    values = plain_values(made)
    assert len(values) >= 20
    assert made.run("secrets", "status") == 0
    printed = "".join(capfd.readouterr()).encode()
    for value in values:
        assert value.encode() not in everything + history + printed


def test_private_keys_are_their_owners_alone_and_differ_by_environment(made: Place) -> None:
    found = sorted(made.keys.glob("*.agekey"))
    assert [path.name for path in found] == ["dev.agekey", "prod.agekey"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600}
    assert stat.S_IMODE(made.keys.stat().st_mode) == 0o700
    assert len({path.read_bytes() for path in found}) == 2


def test_environments_share_no_generated_value(made: Place) -> None:
    for wanted in wanted_secrets(made):
        dev, prod = opened(made, f"dev/{wanted.name}"), opened(made, f"prod/{wanted.name}")
        assert all(dev[key] != prod[key] for key, how in wanted.recipes.items() if how.kind != "fixed")


def test_done_again_nothing_changes(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(place.repository)
    assert place.run("secrets") == 0
    assert contents(place.repository) == before
    assert "nothing is missing" in capsys.readouterr().err


def test_only_what_is_missing_is_made(place: Place) -> None:
    before = contents(place.repository)
    path = place.file("dev/mlflow-session")
    path.unlink()
    assert place.run("secrets") == 0
    after = contents(place.repository)
    assert {name for name in before if before[name] != after[name]} == {str(path.relative_to(place.repository))}


def test_derived_values_hold_those_of_other_secrets(made: Place) -> None:
    config, owner = opened(made, "dev/seaweedfs-s3-config")["seaweedfs_s3_config"], opened(made, "dev/mlflow-s3")
    assert owner["AWS_SECRET_ACCESS_KEY"] in config


def test_rotation_gives_new_values_and_lets_pods_restart(place: Place) -> None:
    before, kept = opened(place, "prod/mlflow-s3"), opened(place, "dev/mlflow-s3")
    assert place.run("secrets", "rotate", "mlflow-s3", "--env", "prod") == 0
    after = opened(place, "prod/mlflow-s3")
    assert all(before[key] != after[key] for key in before)
    assert opened(place, "dev/mlflow-s3") == kept
    assert after["AWS_SECRET_ACCESS_KEY"] in opened(place, "prod/seaweedfs-s3-config")["seaweedfs_s3_config"]
    restarts = (place.repository / "platform/mlflow/controller/overlays/prod/secrets/kustomization.yaml").read_text()
    assert "gitops-generate/rotated" in restarts and "HelmRelease" in restarts


def test_a_fixed_name_survives_rotation(place: Place) -> None:
    before = opened(place, "dev/mlflow-db")
    assert place.run("secrets", "rotate", "mlflow-db", "--env", "dev") == 0
    after = opened(place, "dev/mlflow-db")
    assert after["username"] == before["username"] == "mlflow"
    assert after["password"] != before["password"]


def test_whoever_is_added_can_read_and_whoever_is_removed_cannot_read_what_comes(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with Engine([]) as engine:
        recipient, identity = sealing.keygen(engine, hybrid=False)
    assert place.run("secrets", "recipients", "add", recipient, "--name", "Ada", "--env", "dev") == 0
    assert opened_with(identity, place.file("dev/mlflow-db"))["username"] == "mlflow"
    assert "# Ada" in (place.repository / ".sops.yaml").read_text()
    old = place.file("dev/mlflow-db").read_text()
    assert place.run("secrets", "recipients", "remove", recipient, "--env", "dev") == 0
    assert "rotate mlflow-db --env dev" in capsys.readouterr().err
    with pytest.raises(Refused):
        opened_with(identity, place.file("dev/mlflow-db"))
    data = [line for line in old.splitlines() if "password: ENC[" in line]
    assert data and data[0] not in place.file("dev/mlflow-db").read_text(), "the data key changed with the recipients"


def test_the_last_reader_stays(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with Engine([]) as engine:
        (recipient,) = sealing.recipients_of(engine, (place.keys / "dev.agekey").read_bytes(), "the key")
    assert place.run("secrets", "recipients", "remove", recipient, "--env", "dev") == 1
    assert "only cluster" in capsys.readouterr().err


def test_a_value_from_standard_input(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"hunter2\n")))
    assert place.run("secrets", "set", "mlflow-session/MLFLOW_FLASK_SERVER_SECRET_KEY", "--env", "dev") == 0
    assert opened(place, "dev/mlflow-session")["MLFLOW_FLASK_SERVER_SECRET_KEY"] == "hunter2"


def test_keys_are_never_put_into_a_checkout(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.keys = place.repository / "keys"
    assert place.run("secrets") == 1
    assert "never lie in a checkout" in capsys.readouterr().err
    assert not place.keys.exists()


def test_a_key_that_others_can_read_is_refused(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.keys / "dev.agekey").chmod(0o644)
    assert place.run("secrets") == 1
    assert "can be read by others" in capsys.readouterr().err


def test_without_the_key_what_has_to_be_opened_is_said(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.keys / "dev.agekey").unlink()
    place.file("dev/seaweedfs-s3-config").unlink()
    assert place.run("secrets") == 1
    assert "the private key of dev is not here" in capsys.readouterr().err


def test_a_full_disk_changes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(place.repository)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert place.run("secrets", "rotate", "--env", "dev") == 1
    assert "No space left" in capsys.readouterr().err
    assert contents(place.repository) == before


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("secrets: 7\n", "secret-catalogue.yaml:1: secrets must be a list of secrets"),
        (
            "secrets:\n  - {name: ../../etc, namespace: a, component: a, stage: a, purpose: x, keys: {k: {fixed: x}}}\n",
            ":2: secrets[0].name must be a name",
        ),
        ("secrets: [\n", "is not YAML"),
    ],
)
def test_a_broken_catalogue_is_one_sentence(place: Place, wrong: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    (place.repository / "secret-catalogue.yaml").write_text(wrong)
    assert place.run("secrets") == 1
    said = capsys.readouterr().err
    assert reason in said and said.count("\n") == 1


def test_secrets_that_link_elsewhere_are_refused(place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = place.file("dev/mlflow-db")
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    assert place.run("secrets") == 1
    assert "link" in capsys.readouterr().err
    assert not (tmp_path / "elsewhere").exists()


def test_what_a_person_gives_is_pending_until_then(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from gitops_generate.cli.entry import run  # noqa: PLC0415

    arguments: list[Any] = ["--defaults", "--no-check", "--keys-dir", str(tmp_path / "keys"), "-d", "sso=oidc", "-d", "components=[mlflow]"]
    assert run(["new", str(tmp_path / "platform"), *arguments]) == 0
    place = Place(tmp_path / "platform", tmp_path / "keys")
    assert not list(place.repository.glob("platform/*/*/overlays/dev/secrets/mlflow-oidc*"))
    assert place.run("secrets", "status") == 0
    assert "pending  mlflow-oidc" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"from the provider")))
    assert place.run("secrets", "set", "mlflow-oidc", "--env", "dev") == 0
    assert opened(place, "dev/mlflow-oidc") == {"client-secret": "from the provider"}
