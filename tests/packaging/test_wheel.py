"""What users install: complete, for one platform, and independent of Go and of the machine that built it."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import golang

pytestmark = pytest.mark.slow

ENGINE = "gitops_validate/_engine/gitops-engine"
PACKAGES = {"gitops_validate", "gitops_generate", "gitops_schemas"}


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/nonexistent", "PYTHONPATH": str(installed), "HOME": str(installed)}
    return subprocess.run(
        [sys.executable, "-m", "gitops_validate", *arguments], env=environment, cwd=installed, capture_output=True, text=True, check=False
    )


def test_holds_the_three_packages_and_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


def test_holds_all_sources_of_its_packages(wheel: Path, root: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "*.py"], cwd=root, capture_output=True, text=True, check=True).stdout.split()
    expected = {line.split("/", 1)[1] for line in tracked if line.split("/")[1] in PACKAGES}
    assert expected - names(wheel) == set()


def test_carries_the_engine_executable(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.getinfo(ENGINE).external_attr >> 16 & 0o111
    assert {"gitops_validate/_engine/LICENSES.txt", "gitops_validate/_engine/VERSION"} <= names(wheel)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other tags")
def test_is_for_any_linux_of_one_processor(wheel: Path) -> None:
    assert re.fullmatch(r"gitops_validate-[\d.]+-py3-none-manylinux2014_(\w+)\.musllinux_1_1_\1\.whl", wheel.name)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has static binaries")
def test_engine_needs_no_shared_library(installed: Path) -> None:
    assert b"/ld-" not in (installed / ENGINE).read_bytes()[:4096]


def test_runs_without_go_and_from_the_wheel(installed: Path) -> None:
    done = run(installed, "version")
    assert done.returncode == 0, done.stderr
    built = (installed / "gitops_validate/_engine/VERSION").read_text().strip()
    answer = subprocess.run([installed / ENGINE, "version"], capture_output=True, text=True, check=True).stdout
    assert answer.splitlines()[0] == f"gitops-engine {built}"
    assert built in done.stdout


def test_engine_names_no_place_of_the_machine_that_built_it(installed: Path, root: Path) -> None:
    binary = (installed / ENGINE).read_bytes()
    assert str(root).encode() not in binary
    assert str(golang.goroot()).encode() not in binary
    assert f"{Path.home()}/go/pkg/mod".encode() not in binary


def test_licences_name_every_module_that_is_linked(installed: Path) -> None:
    line, environment = golang.command("version", "-m", str(installed / ENGINE))
    listed = subprocess.run(line, env=environment, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^\tdep\t(\S+)\t(\S+).*(?:\n\t=>\t(\S+)\t(\S+))?", listed, re.MULTILINE)
    linked = {(new, replaced) if new else (module, version) for module, version, new, replaced in found}
    table = (installed / "gitops_validate/_engine/LICENSES.txt").read_text().split("=" * 20)[0]
    stated = {tuple(row.split()[:2]) for row in table.splitlines() if "  [" in row}
    assert linked
    assert linked - stated == set()


def test_prints_them(installed: Path) -> None:
    done = run(installed, "version", "--licences")
    assert done.returncode == 0, done.stderr
    assert "Apache License" in done.stdout
