"""Broken and hostile repositories: one finding with a place, or a gap, quickly; no traceback, nothing of the machine, nothing that moves a cursor."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gitops_validate.cli.entry import run

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ok, namespace: default}\ndata: {a: b}\n"
TOKEN = "hunter2"


def bomb() -> str:
    text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
    return text + "".join(f"a{level + 1}: &a{level + 1} [{','.join([f'*a{level}'] * 9)}]\n" for level in range(9))


FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: z, namespace: y}
spec: {path: [1], sourceRef: 3, dependsOn: {a: b}, postBuild: [x], patches: 7}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: z, namespace: y}
spec: {chart: [1], valuesFrom: {a: b}, values: 3}
"""

REFUSED = {
    "an alias bomb": ("x.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n" + bomb(), "yaml-syntax"),
    "an anchor in itself": ("x.yaml", "a: &a [*a]\n", "yaml-syntax"),
    "100,000 levels": ("x.yaml", "[" * 100_000 + "]" * 100_000, "yaml-syntax"),
    "a word that goes on": ("x.yaml", "a: [" + "password" * 100_000, "yaml-syntax"),
    "latin-1": ("x.yaml", b"a: \xe4\n", "yaml-syntax"),
    "NUL": ("x.yaml", b"a: \x00\n", "yaml-syntax"),
    "a lone surrogate": ("x.yaml", CONFIG_MAP.replace("a: b", 'a: "\\ud800"'), "yaml-syntax"),
    "a tag": ("x.yaml", CONFIG_MAP.replace("a: b", "a: !vault x"), "yaml-syntax"),
    "a key twice": ("x.yaml", CONFIG_MAP + "metadata: {name: ok, namespace: default}\n", "duplicate-key"),
    "a terminal's escapes": ("x.yaml", CONFIG_MAP.replace("name: ok", 'name: "\\e[2J\\u202e"'), "api-verdict"),
    "the environment": ("kustomization.yaml", "configMapGenerator: [{name: c, files: [/proc/self/environ]}]\n", "outside-path"),
    "the environment, from afar": (
        "kustomization.yaml",
        f"configMapGenerator: [{{name: c, files: [s={'../' * 20}proc/self/environ]}}]\n",
        "outside-path",
    ),
    "a program for Helm": ("kustomization.yaml", "helmCharts: [{name: poc, releaseName: --post-renderer=./x.sh}]\n", "kustomize-build"),
    "itself": ("kustomization.yaml", "resources: [.]\n", "kustomize-build"),
    "a list": ("x.yaml", "- a\n- b\n", "kustomize-build"),
    "metadata that is a list": ("x.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: [a]\n", "kustomize-build"),
    "Flux's own kinds with odd fields": ("x.yaml", FLUX, "api-verdict"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("CI_JOB_TOKEN", TOKEN)
    target = tmp_path / "repo/clusters/dev"
    target.mkdir(parents=True)
    return target


def write(path: Path, content: str | bytes) -> None:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and all that a person sees."""
    code = run(["check", str(folder.parent.parent), "--offline", "--no-cache"])
    told = capsys.readouterr()
    text = told.out + told.err
    assert TOKEN not in text
    assert "Traceback" not in text
    assert all(character.isprintable() or character == "\n" for character in text)
    return code, text


def test_a_remote_base_is_not_fetched_and_counts_as_unchecked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Flux would build it, so that it is no error; what it brings nobody knows here, so that it is not clean either."""
    write(folder / "kustomization.yaml", "resources: ['https://example.test/x.yaml']\n")
    code, text = checked(folder, capsys)
    assert code == 3
    assert "warning: " in text
    assert "[remote-reference]" in text
    assert "clusters/dev/kustomization.yaml" in text


@pytest.mark.timeout(30)
@pytest.mark.parametrize("case", sorted(REFUSED))
def test_it_is_said_what_is_wrong(folder: Path, case: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, content, rule = REFUSED[case]
    write(folder / name, content)
    code, text = checked(folder, capsys)
    assert code == 1
    assert f"[{rule}]" in text
    assert f"clusters/dev/{name}" in text


@pytest.mark.parametrize(
    "content",
    [
        "",
        "---\n",
        "# only a comment\n",
        CONFIG_MAP.encode("utf-16"),
        "\ufeff" + CONFIG_MAP,
        CONFIG_MAP.replace("\n", "\r\n"),
        CONFIG_MAP.replace("a: b", "a: 2001-13-45"),
    ],
)
def test_what_is_only_odd_is_clean(folder: Path, content: str | bytes, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / "x.yaml", content)
    assert checked(folder, capsys)[0] == 0


@pytest.mark.timeout(30)
def test_pipes_links_and_odd_names_neither_block_nor_break(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / "x.yaml", CONFIG_MAP)
    write(folder / "-rf.yaml", CONFIG_MAP.replace("ok", "rf"))
    write(folder / "a\x1b[31m\nb.yaml", "a: [\n")
    os.mkfifo(folder / "pipe.yaml")
    (folder / "loop").symlink_to("loop")
    (folder / "dangling.yaml").symlink_to("nowhere.yaml")
    (folder / "out.yaml").symlink_to("/etc/passwd")
    code, text = checked(folder, capsys)
    assert code == 1
    assert "root:" not in text


def test_a_report_for_machines_is_json_whatever_stands_in_the_repository(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / "x.yaml", CONFIG_MAP.replace("name: ok", 'name: "\\e[2J\\u202e\\u2028"'))
    assert run(["check", str(folder.parent.parent), "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"]
