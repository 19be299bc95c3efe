"""`check --fix` repairs what is certain, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_validate.cli.entry import run
from gitops_validate.judging import baseline

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: default, labels: {version: 1.10, debug: true}}   # kept\n"
POD += "spec:\n    containers:\n    -   name: web   # odd layout\n        image: nginx:1.27.0\n        env:\n        - {name: PORT, value: 0x1F}\n"
ENCRYPTED = HEAD + "  annotations:\n    revision: 5\nsops:\n  mac: ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]\n"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", raising=False)


def fixed(root: Path, text: str, name: str = "a.yaml") -> str:
    """What becomes of a file."""
    file = root / "repo/clusters/dev" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    run(["check", str(root / "repo"), "--offline", "--jobs", "1", "--fix", "--quiet"])
    assert [path.name for path in file.parent.iterdir()] == [name], "no draft stays behind"
    return file.read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (POD, POD.replace("1.10", '"1.10"').replace("debug: true", 'debug: "true"').replace("0x1F", '"0x1F"')),
        (HEAD + "  labels:\n    a: 5\r\n    # five\r\n", HEAD + '  labels:\n    a: "5"\r\n    # five\r\n'),
        (HEAD + "  namespace: default\n", HEAD),
        (HEAD + "  annotations:\n    gitops-validate/allow.deprecated-api: spring\ndata: {}", HEAD + "data: {}"),
        (HEAD + "  annotations:\n    a: b\n    gitops-validate/allow.deprecated-api: spring\n", HEAD + "  annotations:\n    a: b\n"),
        (
            "kind: PriorityClass\napiVersion: 'scheduling.k8s.io/v1beta1' # old\nmetadata: {name: high}\nvalue: 5\n",
            "kind: PriorityClass\napiVersion: 'scheduling.k8s.io/v1' # old\nmetadata: {name: high}\nvalue: 5\n",
        ),
    ],
    ids=["quotes", "line-ends", "said-twice", "the-only-annotation", "an-annotation", "version"],
)
def test_what_is_certain_is_repaired_and_the_rest_of_the_file_stays(tmp_path: Path, before: str, after: str) -> None:
    assert fixed(tmp_path, before) == after
    assert fixed(tmp_path, after) == after


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "  namespace: other\n",
        HEAD + "  labels: {a: {b: c}}\n",
        HEAD + "  labels: [1]\n",
        HEAD + "data:\n  a: |\n    x: 1\n    x: 1\n",
        HEAD + "  annotations:\n    gitops-validate/allow.deprecated-api: >-\n      spring\n",
        HEAD + "  annotations: {gitops-validate/allow.deprecated-api: spring}\n",
        "kind: PodDisruptionBudget\napiVersion: policy/v1beta1\nmetadata: {name: x, namespace: default}\nspec: {minAvailable: 1}\n",
        ENCRYPTED,
        "a: [",
    ],
    ids=["two-values", "a-map", "a-list", "a-text", "a-long-reason", "flow", "another-meaning", "encrypted", "broken"],
)
def test_where_a_person_has_to_decide_nothing_is_written(tmp_path: Path, text: str) -> None:
    assert fixed(tmp_path, text) == text


def test_the_change_is_shown_but_no_value_of_a_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: pin, namespace: default}\nstringData:\n  pin: 48151623\n"
    fixed(tmp_path, secret)
    fixed(tmp_path, POD)
    said = capsys.readouterr()
    assert '+        - {name: PORT, value: "0x1F"}' in said.err
    assert "48151623" not in said.err + said.out


def test_a_link_is_not_followed_and_what_lies_outside_stays(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a.yaml").write_text(POD)
    (tmp_path / "repo/clusters/dev").mkdir(parents=True)
    (tmp_path / "repo/clusters/dev/linked").symlink_to("../../../outside")
    (tmp_path / "repo/clusters/dev/b.yaml").symlink_to("../../../outside/a.yaml")
    run(["check", str(tmp_path / "repo"), "--offline", "--jobs", "1", "--fix", "--quiet"])
    assert (tmp_path / "outside/a.yaml").read_text() == POD


def test_it_is_refused_in_a_merge_request_and_beside_a_new_baseline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(tmp_path), "--fix", "--write-baseline"]) == 2
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", "0" * 40)
    assert run(["check", str(tmp_path), "--fix"]) == 2
    assert "merge request" in capsys.readouterr().err


def test_entries_of_the_baseline_that_are_gone_are_taken_out(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    (root / "clusters/dev").mkdir(parents=True)
    for name in ("one", "two"):
        (root / f"clusters/dev/{name}.yaml").write_text(HEAD.replace("settings", f"Not_{name}"))
    command = ["check", str(root), "--offline", "--jobs", "1"]
    assert run([*command, "--write-baseline"]) == 0
    (root / "clusters/dev/one.yaml").unlink()
    assert run([*command, "--fix", "--fail-level", "info"]) == 0
    assert "two.yaml" in (root / baseline.NAME).read_text()
    assert "one.yaml" not in (root / baseline.NAME).read_text()
    (root / "clusters/dev/two.yaml").write_text(HEAD)
    assert run([*command, "--fix", "--fail-level", "info"]) == 0


def test_the_mode_of_a_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "repo/clusters/dev/a.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(POD)
    file.chmod(0o640)
    fixed(tmp_path, POD)
    assert file.stat().st_mode & 0o777 == 0o640
