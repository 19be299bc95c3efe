"""The matrix of environments and components: what is alike shares a line, and what differs is seen at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitops_validate.cli.entry import run
from gitops_validate.model.requests import Requests
from gitops_validate.model.server import ApiServer
from gitops_validate.parity.matrix import Cell, Component, Matrix
from gitops_validate.report.look import Look
from gitops_validate.report.matrix import markdown, text

ACME = Path(__file__).parents[2] / "examples/acme"
WEB = ("registry.example/web:1.4.2", "registry.example/proxy:3")
ONE, TWO = (Cell("web", "2.1.0", WEB, replicas, 0, Requests(0.25, 2**29, 0) * replicas) for replicas in (1, 2))
OTHER = Cell("web", "2.1.0", ("registry.example/web:1.5.0", WEB[1]), 1, 0, ONE.requests)
AGENT = Cell("", "", ("registry.example/agent:7@sha256:00",), 0, 1)
UNKNOWN = Cell("mlflow", "1.11.5", rendered=False)
NAMES = {"dev": ApiServer("1.36", ("HPAScaleToZero=true",)), "stage": ApiServer("1.36"), "prod": ApiServer("1.35")}


def made(**components: dict[str, Cell]) -> Matrix:
    listed = tuple(Component(name, "HelmRelease", "default", cells) for name, cells in components.items())
    return Matrix(NAMES, listed, dict.fromkeys(NAMES, Cell(images=WEB, replicas=3)))


def rows(found: Matrix, width: int = 160) -> list[list[str]]:
    """The lines of components, split into words."""
    return [line.split() for line in text(found, Look(), width).partition("─")[0].splitlines()[1:]]


def test_environments_that_are_alike_share_a_line() -> None:
    assert rows(made(agent=dict.fromkeys(NAMES, AGENT))) == [["=", "agent", "all", "-", "agent:7", "1/node", "-", "-", "-"]]


def test_a_line_shows_only_what_differs_from_the_one_above() -> None:
    found = rows(made(web={"dev": ONE, "stage": TWO, "prod": TWO}))
    assert found == [
        ["≠", "web", "dev", "2.1.0", "2", "images", "1", "250m", "512Mi", "-"],
        ["stage,", "prod", "·", "·", "2", "500m", "1Gi", "·"],
    ]


def test_flags_of_an_api_server_are_told_below() -> None:
    found = made(web={"dev": ONE})
    assert "  dev: Kubernetes 1.36 with feature gates HPAScaleToZero=true\n" in text(found, Look(), 160)
    assert markdown(found).endswith("\n<code>dev: Kubernetes 1.36 with feature gates HPAScaleToZero=true</code>\n")


def test_an_image_that_only_some_have_is_named() -> None:
    found = rows(made(web={"dev": OTHER, "stage": ONE, "prod": ONE}))
    assert found[0][4:8] == ["web:1.5.0", "+", "1", "1"] and found[1][:5] == ["stage,", "prod", "·", "web:1.4.2", "+"]


def test_what_is_missing_and_what_is_not_known_is_said() -> None:
    found = rows(made(web={"stage": ONE, "prod": TWO}, mlflow=dict.fromkeys(NAMES, UNKNOWN)))
    assert found[0] == ["≠", "web", "dev", "not", "here"]
    assert found[2][:4] == ["prod", "·", "·", "2"]
    assert found[3] == ["?", "mlflow", "all", "1.11.5", "?", "?", "?", "?", "?"]
    assert "? not rendered" in text(made(mlflow=dict.fromkeys(NAMES, UNKNOWN)), Look(), 160)


@pytest.mark.parametrize("width", [120, 100, 80, 70])
def test_it_fits_into_the_terminal(width: int) -> None:
    cells = {"dev": OTHER, "stage": ONE, "prod": TWO}
    found = text(made(**{"a-component-with-a-long-name": cells, "web": cells}), Look(), width)
    assert max(map(len, found.splitlines())) <= width
    assert "a-component-with-a-long-name" in found and "512Mi" in found


def test_components_of_one_name_are_told_apart() -> None:
    found = Matrix({"dev": ApiServer("1.36")}, tuple(Component("web", "HelmRelease", each, {"dev": ONE}) for each in ("a", "b")), {"dev": ONE})
    assert [row[1] for row in rows(found)] == ["HelmRelease/a/web", "HelmRelease/b/web"]


def test_names_are_data_in_every_form() -> None:
    hostile = Cell("x", "1|2<b>", ("a/b:`c`\x1b[31m",), 1)
    found = made(x={"dev": hostile, "stage": ONE, "prod": ONE})
    assert "\x1b" not in text(found, Look(), 160)
    assert "<b>" not in markdown(found) and "1&#124;2" in markdown(found)


def test_the_example_platform(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert run(["envs", str(ACME), "--offline", "--quiet"]) == 0
    assert capsys.readouterr().out == Path(__file__).with_name("matrix.txt").read_text(encoding="utf-8")


def test_the_example_platform_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["envs", str(ACME), "--offline", "--quiet", "--format", "json", "--env", "dev"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["component"] for each in found["components"]] == ["model-registry", "prediction-api"]
    assert found["components"][0] | {"images": []} == {
        "component": "model-registry", "kind": "HelmRelease", "namespace": "model-registry", "environment": "dev", "chart": "model-registry",
        "version": "0.4.0", "images": [], "replicas": 1, "perNode": 0, "requests": {"cpu": 0.1, "memory": 2**28, "storage": 10 * 2**30}, "rendered": True,
    }  # fmt: skip
    assert found["environments"][0]["requests"] == {"cpu": 0.6, "memory": 5 * 2**28, "storage": 10 * 2**30}


def test_many_environments_share_a_line_in_few_words() -> None:
    names = {f"cluster-{number}": ApiServer("1.36") for number in range(20)}
    cells = {name: TWO if number == 7 else ONE for number, name in enumerate(names)}
    few = {name: (ONE, TWO)[number % 2] for number, name in enumerate(names)}
    found = Matrix(names, (Component("few", "HelmRelease", "a", few), Component("web", "HelmRelease", "a", cells)), dict.fromkeys(names, ONE))
    lines = text(found, Look(), 160).splitlines()
    assert "cluster-0, cluster-2, cluster-4 + 7" in lines[1]
    assert "all but cluster-7" in lines[3] and lines[4].split()[0] == "cluster-7"
