"""What the commands do to a repository: only what they must, and it validates afterwards."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from conftest_generator import ENVIRONMENTS, Place, assert_clean, changed, commit, contents, git

from gitops_generate import packing
from gitops_generate.cli.entry import run

ROOT = Path(__file__).parents[2]


def test_new_is_committed_whole_and_finds_nothing(made: Place) -> None:
    assert git(made.repository, "status", "--porcelain") == ""
    assert_clean(made)


@pytest.mark.slow
def test_an_added_environment_is_like_its_model_and_touches_no_other(place: Place) -> None:
    version = place.repository / "platform/mlflow/controller/overlays/prod/version.yaml"
    version.write_text(version.read_text().replace("1.11.5", "1.11.4"))
    commit(place)
    assert place.run("add", "environment", "qa", "--like", "prod", "--addresses", "10.3.0.10-10.3.0.20") == 0
    paths = changed(place)
    assert {path for path in paths if "/qa/" not in path} == {".copier-answers.yml", ".gitops-validate.yaml", *(_documents(paths))}
    assert "1.11.4" in version.read_text() and "1.11.4" in (place.repository / "platform/mlflow/controller/overlays/qa/version.yaml").read_text()
    assert place.run("secrets") == 0
    assert_clean(place)
    commit(place)
    assert place.run("remove", "environment", "qa") == 0
    assert not [path for path in contents(place.repository) if "/qa/" in path]
    assert "/qa/" not in (place.repository / ".sops.yaml").read_text()
    assert_clean(place)


def _documents(paths: set[str]) -> Iterator[str]:
    """README, docs and Renovate's rules name the environments."""
    return (path for path in paths if path in {"README.md", "renovate.json"} or path.startswith("docs/"))


@pytest.mark.slow
def test_an_added_component_brings_what_it_needs_and_goes_again(place: Place) -> None:
    before = contents(place.repository)
    assert place.run("add", "component", "valkey") == 0
    assert place.run("secrets") == 0
    assert_clean(place)
    assert (place.repository / "platform/valkey/controller/overlays/dev/secrets/valkey-users.sops.yaml").is_file()
    commit(place)
    assert place.run("remove", "component", "valkey") == 0
    assert contents(place.repository) == before


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("remove", "component", "cloudnative-pg"), "mlflow cannot do without cloudnative-pg: remove that first"),
        (
            ("remove", "component", "seaweedfs"),
            "seaweedfs is an answer to the question object_storage: `gitops-generate change answer object_storage=…`",
        ),
        (("add", "component", "traefik"), "traefik is an answer to the question gateway: "),
        (("add", "component", "argo"), "there is no component argo to add; there are cloudnative-pg, "),
    ],
)
def test_a_component_that_cannot_come_or_go_is_told_why(
    arguments: tuple[str, ...], reason: str, made: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path / "platform", made.keys)
    git(made.repository, "clone", "--quiet", str(made.repository), str(place.repository))
    if arguments[2] == "cloudnative-pg":
        answers = place.repository / ".copier-answers.yml"
        answers.write_text(answers.read_text().replace("- mlflow", "- mlflow\n- cloudnative-pg"))
        commit(place)
    assert place.run(*arguments) == 2
    assert reason in capsys.readouterr().err


def test_promotion_copies_versions_and_nothing_else(place: Place) -> None:
    dev, prod = (place.repository / f"platform/mlflow/controller/overlays/{name}/version.yaml" for name in ("dev", "prod"))
    dev.write_text(dev.read_text().replace("1.11.5", "1.11.6"))
    commit(place)
    assert place.run("promote", "mlflow", "--from", "dev", "--to", "prod") == 0
    assert changed(place) == {str(prod.relative_to(place.repository))}
    assert prod.read_text() == dev.read_text()
    commit(place)
    assert place.run("promote", "--from", "dev", "--to", "prod") == 0
    assert changed(place) == set()


def test_status_shows_what_runs_where(place: Place, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    dev = place.repository / "platform/mlflow/controller/overlays/dev/version.yaml"
    dev.write_text(dev.read_text().replace("1.11.5", "1.11.6"))
    assert place.run("status", "--format", "json") == 0
    rows = {row["component"]: row for row in orjson.loads(capsysbinary.readouterr().out) if row["stage"] == "controller"}
    assert rows["mlflow"] == {"component": "mlflow", "stage": "controller", "template": "1.11.5", "versions": {"dev": "1.11.6", "prod": "1.11.5"}}


def test_a_dry_run_shows_the_difference_and_writes_nothing(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    dev = place.repository / "platform/mlflow/controller/overlays/dev/version.yaml"
    dev.write_text(dev.read_text().replace("1.11.5", "1.11.6"))
    commit(place)
    before = contents(place.repository)
    assert place.run("promote", "--from", "dev", "--to", "prod", "--dry-run") == 0
    assert "+      version: 1.11.6" in capsys.readouterr().out
    assert contents(place.repository) == before


def test_what_is_not_committed_is_not_risked(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.repository / "README.txt").write_text("mine")
    assert place.run("promote", "--from", "dev", "--to", "prod") == 1
    assert "README.txt is not committed" in capsys.readouterr().err


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases of the template: the second has another default, one more value of a secret, a newer chart, and one from elsewhere."""
    repository = tmp_path_factory.mktemp("releases") / "template"
    packing.pack(ROOT, "1.0.0", repository)
    for path, old, new in (
        ("template/platform/mlflow/controller/base/values.yaml.jinja", "cpu: 250m", "cpu: 300m"),
        ("catalogue/mlflow.yaml", "MLFLOW_FLASK_SERVER_SECRET_KEY: {", "SECOND_KEY: {generate: hex}\n        MLFLOW_FLASK_SERVER_SECRET_KEY: {"),
        ("catalogue/mlflow.yaml", "version: 1.11.5", "version: 1.11.6"),
        ("catalogue/metallb.yaml", '0.16.1, repository: "https://metallb.github.io/metallb"', '0.16.2, repository: "oci://quay.io/metallb/chart"'),
    ):
        file = repository / path
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new, 1))
    git(repository, "commit", "--quiet", "-am", "v1.1.0")
    git(repository, "tag", "v1.1.0")
    return repository


@pytest.fixture
def old(releases: Path, tmp_path: Path) -> Place:
    """A repository of the first release."""
    git(releases, "tag", "-d", "v1.1.0")
    arguments: list[Any] = [
        "--defaults",
        "--no-check",
        "--keys-dir",
        str(tmp_path / "keys"),
        "-d",
        f"environments={ENVIRONMENTS}",
        "-d",
        "components=[mlflow]",
    ]
    try:
        assert run(["new", str(tmp_path / "platform"), "--template", str(releases), *arguments]) == 0
    finally:
        git(releases, "tag", "v1.1.0", "main")
    return Place(tmp_path / "platform", tmp_path / "keys")


@pytest.mark.slow
def test_an_update_leaves_people_s_files_alone(old: Place) -> None:
    repository = old.repository
    custom = repository / "platform/mlflow/controller/overlays/prod/custom/values.yaml"
    custom.write_text("replicaCount: 5\n")
    version = repository / "platform/mlflow/controller/overlays/prod/version.yaml"
    version.write_text(version.read_text().replace("1.11.5", "1.11.3"))
    commit(old)
    secret = old.file("dev/mlflow-session").read_bytes()
    assert old.run("update") == 0
    files = {".copier-answers.yml", ".gitops-validate.yaml", "platform/mlflow/controller/base/values.yaml", "secret-catalogue.yaml"}
    moved = {
        f"platform/metallb/controller/{file}"
        for file in ("base/source.yaml", "base/release.yaml", *(f"overlays/{e}/version.yaml" for e in ("dev", "prod")))
    }
    assert changed(old) == {*files, *moved, *_documents(changed(old))}
    assert "    tag: 0.16.1 # " in (repository / "platform/metallb/controller/overlays/prod/version.yaml").read_text()
    assert custom.read_text() == "replicaCount: 5\n" and "1.11.3" in version.read_text()
    assert old.file("dev/mlflow-session").read_bytes() == secret
    assert old.run("secrets") == 0
    assert "SECOND_KEY" in old.file("dev/mlflow-session").read_text()
    assert_clean(old)


@pytest.fixture
def asking_less(releases: Path, tmp_path: Path) -> Path:
    """A release of the template that asks for a secret no more, and for another one in another overlay."""
    repository = tmp_path / "asking-less"
    git(tmp_path, "clone", "--quiet", str(releases), str(repository))
    catalogue, values = repository / "catalogue/mlflow.yaml", repository / "template/platform/mlflow/controller/base/values.yaml.jinja"
    before, session, after = re.split(r"(    - name: mlflow-session\n(?:      .*\n)+)", catalogue.read_text())
    assert session.count("\n") > 5
    moved = before.replace(
        "name: mlflow-s3\n      namespace: mlflow\n      stage: data", "name: mlflow-s3\n      namespace: mlflow\n      stage: controller"
    )
    assert moved != before
    catalogue.write_text(moved + after)
    values.write_text("".join(line for line in values.read_text().splitlines(keepends=True) if "mlflow-session" not in line))
    git(repository, "commit", "--quiet", "-am", "v1.2.0")
    git(repository, "tag", "v1.2.0")
    return repository


@pytest.mark.slow
def test_a_secret_that_a_release_asks_for_no_more_goes_with_the_update(
    old: Place, asking_less: Path, releases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, kept = old.file("dev/mlflow-session").with_name("own.sops.yaml"), old.file("dev/mlflow-s3").read_bytes()
    own.write_bytes(old.file("dev/mlflow-session").read_bytes().replace(b"name: mlflow-session", b"name: own"))
    commit(old)
    capsys.readouterr()
    git(releases, "fetch", "--quiet", str(asking_less), "v1.2.0:refs/tags/v1.2.0")
    try:
        assert old.run("update") == 0
    finally:
        git(releases, "tag", "-d", "v1.2.0")
    said = capsys.readouterr().err
    assert "these secrets go, since nothing asks for them any more" in said
    assert "  dev: mlflow-session\n  prod: mlflow-session\n" in said
    assert sorted(file.name for file in own.parent.iterdir()) == ["kustomization.yaml", "mlflow-s3.sops.yaml", "own.sops.yaml"]
    assert (own.parent / "kustomization.yaml").read_text().endswith("resources:\n  - mlflow-s3.sops.yaml\n  - own.sops.yaml\n")
    assert old.file("dev/mlflow-s3").read_bytes() == kept and "platform/mlflow/controller/" in str(old.file("dev/mlflow-s3"))
    own.unlink()
    assert old.run("secrets") == 0
    assert old.file("dev/mlflow-s3").read_bytes() == kept
    assert_clean(old)


@pytest.mark.slow
def test_a_conflict_is_named_and_fails(old: Place, capsys: pytest.CaptureFixture[str]) -> None:
    base = old.repository / "platform/mlflow/controller/base/values.yaml"
    base.write_text(base.read_text().replace("cpu: 250m", "cpu: 999m"))
    commit(old)
    assert old.run("update") == 1
    assert "conflict: platform/mlflow/controller/base/values.yaml" in capsys.readouterr().err


def test_an_existing_folder_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there/file").write_text("mine")
    assert run(["new", str(tmp_path / "there"), "--defaults", "--no-check", "--no-secrets"]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*")] == ["there", "file"]


def test_nothing_is_left_behind_where_something_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gitops_generate.secrets.make.everything", interrupted)
    assert run(["new", str(tmp_path / "platform"), "--defaults", "--no-check", "-d", "components=minimal"]) == 130
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err.strip() == "gitops-generate: interrupted"
