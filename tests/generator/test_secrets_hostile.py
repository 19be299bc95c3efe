"""Repositories that somebody else wrote, or broke: one sentence with the place, and nothing written."""

from collections.abc import Callable
from pathlib import Path

import pytest
from platform_repository import CATALOGUE, DB, Repository
from ruamel.yaml import YAML

from gitops_generate.secrets import rules

SECRET = "  - {name: %s, namespace: a, component: store, stage: config, purpose: x, keys: {%s}}\n"


def catalogue(keys: str, *more: str, name: str = "one") -> str:
    return "secrets:\n" + SECRET % (name, keys) + "".join(more)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "secret-catalogue.yaml: the catalogue must be a map with a list of secrets"),
        ("secrets: {}\n", "secret-catalogue.yaml:1: secrets must be a list of secrets"),
        ("secrets: []\nsecret: []\n", ":2: unknown key 'secret'; did you mean 'secrets'?"),
        ("secrets:\n  - name: a\n", ":2: secrets[0] lacks 'namespace'"),
        (catalogue("k: {fixed: a}", name="../../evil"), ":2: secrets[0].name must be a name as Kubernetes has them"),
        (catalogue("k: {fixed: a}", name='"a\\n"'), ":2: secrets[0].name must be a name as Kubernetes has them"),
        (catalogue("k: {}"), ":2: secrets[0].keys.k must have exactly one of fixed, generate, derive, given, copy"),
        (catalogue("k: {fixed: a, given: b}"), ":2: secrets[0].keys.k must have exactly one of fixed, generate, derive, given, copy"),
        (catalogue("k: {generate: pasword}"), ":2: secrets[0].keys.k.generate must be password, hex, base64, fernet, uuid, rsa, ssh, tls or htpasswd"),
        (catalogue("k: {generate: hex, length: 12}"), ":2: secrets[0].keys.k may have no key 'length'; there may be generate and bytes"),
        (catalogue("k: {generate: password, length: 4}"), ":2: secrets[0].keys.k.length must be a number from 12 to 4096"),
        (catalogue("k: {generate: password, length: 12, alphabet: '0123456789'}"), ":2: one/k makes passwords that are worth 40 bits only"),
        (catalogue("k: {generate: tls, part: certificate, dns: [a.b]}"), ":2: one/k needs exactly one other key of the secret with generate: tls and part: key"),
        (catalogue("k: {generate: tls, part: certificate}, l: {generate: tls, part: key}"), ":2: secrets[0].keys.k lacks 'common_name', 'dns' or both"),
        (catalogue("k: {derive: '{'}"), ":2: one/k is no template"),
        (catalogue("k: {derive: '{l}'}"), ":2: one/k reads one/l, but one has no key l; it has k"),
        (catalogue("k: {derive: '{two/l}'}"), ":2: one/k reads the secret two, which the catalogue does not have"),
        (catalogue("k: {copy: two/l}", SECRET % ("two", "l: {copy: one/k}")), "these values follow from each other: "),
        (catalogue("k: {derive: a, raw: true, json: true}"), ":2: one/k can be raw or json, not both"),
        (catalogue("password: {fixed: hunter2}"), ":2: one/password is fixed, so everybody could read it"),
        (catalogue("k: {fixed: a}", SECRET % ("one", "k: {fixed: a}")), ":3: there are two secrets one"),
        (CATALOGUE + SECRET % ("two", "k: {copy: store-tls/tls.key}"), "reads store-tls/tls.key, which is there in prod only"),
        ("secrets: [&a [*a]]\n", "secret-catalogue.yaml:1: "),
        ("[" * 500, "secret-catalogue.yaml:1: "),
        ("secrets: []\n---\nsecrets: []\n", ":3: this file is one document"),
    ],
)  # fmt: skip
def test_a_broken_catalogue(repository: Repository, text: str, words: str) -> None:
    repository.write("secret-catalogue.yaml", text)
    refused(repository, words)


def refused(repository: Repository, words: str, *arguments: str, code: int = 1) -> None:
    before = {path: path.read_bytes() for path in repository.root.rglob("*") if path.is_file()}
    done = repository.run(*arguments)
    assert words in done.err and done.err.count("\n") == 1 and done.out == ""
    assert done.code == code
    assert {path: path.read_bytes() for path in repository.root.rglob("*") if path.is_file()} == before
    assert not repository.keys.exists() or sorted(path.suffix for path in repository.keys.iterdir()) == [".agekey", ".agekey"]


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        ("platform: ../../etc\nenvironments: [{name: dev}]\n", ".copier-answers.yml:1: platform must be a name", 1),
        ("platform: a\nenvironments: [{name: ../x}]\n", ".copier-answers.yml:2: environments.0.name must be a name", 1),
        ("platform: a\nenvironments: [{name: a}, {name: a}]\n", "environments must have different names", 1),
        ("platform: a\n", "environments must be a list of maps with a name each", 1),
        ("- a\n", ".copier-answers.yml must be a map", 1),
        ("a: [\n", ".copier-answers.yml:1: this is not YAML", 1),
    ],
)
def test_broken_answers(repository: Repository, text: str, words: str, code: int) -> None:
    repository.write(".copier-answers.yml", text)
    refused(repository, words, code=code)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("creation_rules: [\n", ".sops.yaml:1: this is not YAML"),
        ("creation_rules: {a: b}\n", ".sops.yaml:1: creation_rules must be a list"),
        ("creation_rules:\n  - path_regex: x/overlays/dev/y\n    kms: arn:aws:x\n", ".sops.yaml:3: kms is nothing that this command can keep"),
        ("creation_rules:\n  - path_regex: x/overlays/dev/y\n    pgp: ABCD\n", ".sops.yaml:3: pgp must be a list with a recipient on each line"),
        ("creation_rules:\n  - path_regex: x/overlays/dev/y\n    pgp:\n      - ABCD\n", ".sops.yaml:4: this is no fingerprint of an OpenPGP key"),
        ("creation_rules:\n  - path_regex: x/overlays/dev/y\n", ".sops.yaml:2: this rule names nobody"),
        (
            "creation_rules:\n  - path_regex: x/overlays/dev/y\n    age: age1a,age1b\n",
            ".sops.yaml:3: age must be a list with a recipient on each line",
        ),
        ("creation_rules:\n  - path_regex: x/overlays/dev/y\n    age: [age1a]\n", ".sops.yaml:3: age must be a list with a recipient on each line"),
        ("creation_rules:\n  - path_regex: x/overlays/dev/y\n    encrypted_regex: x\n    age:\n      - a\n", ".sops.yaml:3: encrypted_regex must be"),
        ("creation_rules:\n  - path_regex: x/overlays/dev/y\n    age:\n      - nonsense\n", "only native age recipients"),
    ],
)
def test_rules_that_cannot_be_kept(repository: Repository, text: str, words: str) -> None:
    repository.write(".sops.yaml", text)
    refused(repository, words)


def test_what_people_wrote_in_the_rules_stays(repository: Repository) -> None:
    text = """\
# ours
stores: {yaml: {indent: 2}} # as everywhere

creation_rules: # first match wins
- path_regex: ^infrastructure/.*
  age: age1x,age1y # by hand
# the end

destination_rules: []
"""
    repository.write(".sops.yaml", text)
    assert repository.run().code == 0
    after = (repository.root / ".sops.yaml").read_text()
    rest = [line for line in after.splitlines() if line not in text.splitlines()]
    assert [line for line in after.splitlines() if line not in rest] == text.splitlines()
    assert len(rest) == 8 and all("age1" not in line or line.endswith("# the cluster") for line in rest)
    assert repository.run("status").code == 0


def test_a_rule_for_everything_stays_the_last(repository: Repository) -> None:
    last = "  # whatever else\n  - age: age1x\n"
    repository.write(".sops.yaml", f"creation_rules:\n  - path_regex: ^infrastructure/\n    pgp: A\n{last}")
    assert repository.run().code == 0
    after = (repository.root / ".sops.yaml").read_text()
    assert after.endswith(last) and after.index("overlays/dev/") < after.index("overlays/prod/") < after.index("whatever")


def test_rules_in_another_encoding(repository: Repository) -> None:
    (repository.root / ".sops.yaml").write_bytes("creation_rules: []\n".encode("utf-16"))
    refused(repository, ".sops.yaml")


def test_a_rule_goes_with_its_environment(secured: Repository) -> None:
    before = (secured.root / ".sops.yaml").read_text()
    rules.forget(secured.root, "dev")
    after = (secured.root / ".sops.yaml").read_text()
    assert "overlays/dev/" not in after and "overlays/prod/" in after and after.startswith("# Who can read what.\ncreation_rules:\n  - path_regex")
    rules.forget(secured.root, "prod")
    assert (secured.root / ".sops.yaml").read_text() == "# Who can read what.\ncreation_rules: []\n"
    secured.write(".sops.yaml", before)
    rules.forget(secured.root, "stage")
    assert (secured.root / ".sops.yaml").read_text() == before


@pytest.mark.parametrize(
    "patches",
    [
        "patches: [{path: a.yaml}]",
        "patches: [{patch: 'gitops-generate/rotated: [', target: {name: a}}]",
        "patches: [{patch: 'gitops-generate/rotated', target: {name: a}}]",
        "patches: [{patch: '- {op: add, path: /spec/postRenderers/-, value: gitops-generate/rotated}', target: {name: a}}]",
        "patches: [{patch: '" + "[" * 5000 + "gitops-generate/rotated', target: {name: a}}]",
    ],
)
def test_patches_of_others_stay(secured: Repository, patches: str) -> None:
    path = "platform/store/controller/overlays/dev/secrets/kustomization.yaml"
    secured.write(path, f"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: []\n{patches}\n")
    theirs = YAML(typ="safe", pure=True).load(patches)["patches"]
    assert secured.run("rotate", "store-admin", "--env", "dev").code == 0
    data = YAML(typ="safe", pure=True).load((secured.root / path).read_text())
    assert data["patches"][:-1] == theirs and "gitops-generate/rotated" in data["patches"][-1]["patch"]
    assert data["resources"] == ["store-admin.sops.yaml"]


@pytest.mark.parametrize("text", ["7\n", "patches: 7\n", "patches: [7, null, gitops-generate/rotated]\n", "a: b\n---\nc: d\n", "a: [\n"])
def test_what_is_no_kustomization(secured: Repository, text: str) -> None:
    path = "platform/store/controller/overlays/dev/secrets/kustomization.yaml"
    secured.write(path, text)
    refused(secured, f"{path}:", "rotate", "store-admin", "--env", "dev")


def outside(tmp_path: Path) -> Path:
    place = tmp_path / "outside"
    place.mkdir()
    return place


def link_secrets(repository: Repository, place: Path) -> None:
    folder = (repository.root / DB.format("dev")).parent
    (folder / "kustomization.yaml").unlink()
    folder.rmdir()
    folder.symlink_to(place)


def link_overlay(repository: Repository, place: Path) -> None:
    folder = repository.root / "platform/mlflow/data/overlays"
    folder.rename(repository.root / "elsewhere")
    folder.symlink_to(repository.root / "elsewhere")
    assert place


def link_rules(repository: Repository, place: Path) -> None:
    (place / "x").write_text("creation_rules: []\n")
    (repository.root / ".sops.yaml").unlink()
    (repository.root / ".sops.yaml").symlink_to(place / "x")


def link_file(repository: Repository, place: Path) -> None:
    (repository.root / DB.format("dev")).symlink_to(place / "x")


@pytest.mark.parametrize("link", [link_secrets, link_overlay, link_rules, link_file])
def test_links_are_not_followed(repository: Repository, tmp_path: Path, link: Callable[[Repository, Path], None]) -> None:
    place = outside(tmp_path)
    link(repository, place)
    before = {path: path.read_bytes() for path in place.iterdir()}
    refused(repository, "is a link, and links are not followed here")
    assert {path: path.read_bytes() for path in place.iterdir()} == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("apiVersion: v1\nkind: Secret\nstringData: {password: hunter2}\n", "mlflow-db.sops.yaml is not encrypted"),
        ("", "mlflow-db.sops.yaml:1: "),
        ("sops: 7\n", "mlflow-db.sops.yaml:"),
    ],
)
def test_a_file_that_is_not_encrypted(secured: Repository, text: str, words: str) -> None:
    secured.write(DB.format("dev"), text)
    refused(secured, words)
    refused(secured, words, "status")


def test_a_file_that_somebody_altered_is_not_written_again(secured: Repository) -> None:
    path = secured.root / DB.format("dev")
    path.write_text(path.read_text().replace("namespace: mlflow", "namespace: other"))
    refused(secured, "mlflow-db.sops.yaml:", "rotate", "mlflow-db", "--env", "dev")


def test_a_file_that_others_read_with_other_means_is_left_to_them(secured: Repository) -> None:
    path = secured.root / DB.format("dev")
    entry = '    kms:\n        - arn: arn:aws:kms:x\n          created_at: "2026-01-01T00:00:00Z"\n          enc: x\n          aws_profile: ""\n'
    path.write_text(path.read_text().replace("  encrypted_regex:", entry.replace("    ", "  ") + "  encrypted_regex:"))
    refused(secured, "is encrypted to kms arn:aws:kms:x, too", "rotate", "mlflow-db", "--env", "dev")


def test_the_key_of_another_platform_does_not_fit(secured: Repository) -> None:
    secured.key().write_bytes(secured.key("prod").read_bytes())
    refused(secured, f"the key in {secured.key()} does not open it", "rotate", "--env", "dev")


def test_a_key_that_is_none(repository: Repository) -> None:
    repository.keys.mkdir()
    for environment in ("dev", "prod"):
        repository.key(environment).write_text("hunter2\n")
        repository.key(environment).chmod(0o600)
    refused(repository, f"{repository.key()}: ")


@pytest.mark.parametrize(
    ("arguments", "words"), [(["make", "--env", "deb"], "there is no environment deb; did you mean dev?"), (["rotate"], "--env"), (["maek"], "maek")]
)
def test_wrong_use(repository: Repository, arguments: list[str], words: str) -> None:
    refused(repository, words, *arguments, code=2)


def test_a_folder_that_was_not_generated(tmp_path: Path) -> None:
    refused(Repository(tmp_path, tmp_path.parent / "no-keys"), "there is no .copier-answers.yml", code=2)
    refused(Repository(tmp_path / "nowhere", tmp_path.parent / "no-keys"), "is not a folder", code=2)


def test_a_stage_that_the_platform_does_not_have(repository: Repository) -> None:
    repository.write("secret-catalogue.yaml", CATALOGUE.replace("stage: data", "stage: date"))
    refused(repository, "platform/mlflow/date/overlays/dev is not there, but a secret of the catalogue names it")
