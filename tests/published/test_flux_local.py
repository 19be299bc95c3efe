"""flux-local's own fixtures and what its authors have recorded of them, where GITOPS_PUBLISHED holds a clone of allenporter/flux-local.

Nothing of it is in this repository. Charts are out of reach, so that releases count as they are written. What differs by intention: flux-local leaves
Secrets out and fills placeholders in for what they hold; its `--sources` maps a source to a folder, ours to the checkout.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gitops_validate.cli.entry import run

REPOSITORY = "flux-local"
DATA = "tests/testdata"
Key = tuple[str, str, str, str]
ENTRIES = {
    "cluster": "clusters/prod",
    "cluster6": "cluster",
    "cluster7": "clusters/home",
    "cluster8": "cluster",
    "cluster9": "clusters/dev",
    "cluster10": "clusters/dev",
}
BUILDS = {
    "build-ks": ("cluster", ["apps", "infra-configs", "infra-controllers", "flux-system"]),
    "build-ks-single": ("cluster", ["apps"]),
    "build-ks-single-cluster6": ("cluster6", ["apps"]),
    "build-ks-single-cluster8": ("cluster8", ["apps"]),
    "build-ks-single-cluster9": ("cluster9", ["apps-stack"]),
    "build-ks-cluster10-invalid-paths": ("cluster10", ["apps", "flux-system"]),
}


@pytest.fixture
def checkout(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A checkout that holds one of their clusters, as one environment."""
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / "cache"))

    def made(cluster: str) -> Path:
        root = tmp_path / cluster
        shutil.copytree(published / DATA / cluster, root / DATA / cluster)
        path = f"{DATA}/{cluster}/{ENTRIES[cluster]}"
        (root / ".gitops-validate.yaml").write_text(f"version: 1\nenvironments:\n  theirs: {{path: {path}}}\n")
        subprocess.run(["git", "init", "--quiet", str(root)], check=True)
        return root

    return made


def recorded(published: Path, name: str) -> dict[str, str]:
    """What a snapshot of theirs holds, by the name of its case."""
    text = (published / f"tests/tool/__snapshots__/{name}.ambr").read_text()
    found = re.findall(rf"^# name: {name}\[(\S+)\]\n  '''\n(.*?)\n  '''\n", text, re.MULTILINE | re.DOTALL)
    return {case: "\n".join(line[2:] for line in body.split("\n")) for case, body in found}


def objects(text: str) -> dict[Key, Any]:
    """Objects without what kustomize and the controller write onto them, and without the values of Secrets."""
    loaded = YAML(typ="safe", pure=True).load_all(text)
    return dict(_cleaned(each) for each in loaded if isinstance(each, dict))


def _cleaned(found: dict[str, Any]) -> tuple[Key, Any]:
    metadata = dict(found["metadata"])
    for name, ours in (("annotations", r"(internal\.)?config\.k|meta\.helm\."), ("labels", r"(kustomize|helm)\.toolkit\.")):
        kept = {key: value for key, value in (metadata.pop(name, None) or {}).items() if not re.match(ours, key)}
        metadata |= {name: kept} if kept else {}
    values = () if found["kind"] != "Secret" else ("data", "stringData")
    rest = {key: value for key, value in found.items() if key not in values}
    return (found["apiVersion"], found["kind"], metadata.get("namespace", ""), metadata["name"]), {**rest, "metadata": metadata}


def rendered(root: Path, names: list[str], capsys: pytest.CaptureFixture[str]) -> dict[Key, Any]:
    for name in names:
        assert run(["render", str(root), "--env", "theirs", "--offline", "--reconciler", f"Kustomization/flux-system/{name}"]) == 0
    return objects(capsys.readouterr().out)


@pytest.mark.parametrize("case", BUILDS)
def test_a_kustomization_gives_the_objects_that_they_recorded(case: str, published: Path, checkout: Any, capsys: pytest.CaptureFixture[str]) -> None:
    cluster, names = BUILDS[case]
    theirs, ours = objects(recorded(published, "test_build_ks")[case]), rendered(checkout(cluster), names, capsys)
    substituted = {key for key in theirs if "PLACEHOLDER_" in key[3]}
    assert {key: ours.get(key) for key in theirs if key not in substituted} == {key: theirs[key] for key in theirs if key not in substituted}
    more = {key for key in ours if key not in theirs and key[1] != "Secret"}
    assert {key[:3] for key in more} == {key[:3] for key in substituted}


@pytest.mark.parametrize("cluster", ["cluster", "cluster6", "cluster7", "cluster9"])
def test_the_kustomizations_are_those_that_they_list(cluster: str, published: Path, checkout: Any, capsys: pytest.CaptureFixture[str]) -> None:
    listed = {line.split()[0] for line in recorded(published, "test_get_ks")[cluster].splitlines()[1:] if line.strip()}
    run(["graph", str(checkout(cluster)), "--offline", "--format", "json"])
    found = {tuple(each["ref"].split("/")) for each in json.loads(capsys.readouterr().out)}
    assert {name for kind, _, name in found if kind == "Kustomization"} == listed


def test_a_chart_of_the_checkout_gives_the_objects_that_they_recorded(published: Path, checkout: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Theirs are as the chart writes them, ours as Helm applies them: in the release's namespace."""
    recorded_all = objects(recorded(published, "test_build_all")["build-helm-cluster9"])
    theirs = {(kind, name): each for (_, kind, _, name), each in recorded_all.items() if name == "nginx" and kind != "HelmRelease"}
    assert run(["render", str(checkout("cluster9")), "--env", "theirs", "--offline", "--reconciler", "HelmRelease/default/nginx"]) == 0
    ours = {(kind, name): each for (_, kind, _, name), each in objects(capsys.readouterr().out).items()}
    assert {each["metadata"].pop("namespace") for each in ours.values()} == {"default"}
    assert ours == theirs
