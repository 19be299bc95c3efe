"""Which modules may be linked, and how their licences are handed on."""

from pathlib import Path

import pytest

import licences
from golang import BuildFault
from licences import Package

MIT = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\n"
BSD = "Redistribution and use in source and binary forms, with or without modification\nNeither the name of X\n"


@pytest.fixture
def goroot(tmp_path: Path) -> Path:
    crypto = tmp_path / "go/src/vendor/golang.org/x/crypto"
    crypto.mkdir(parents=True)
    (crypto / "LICENSE").write_text(BSD)
    (tmp_path / "go/VERSION").write_text("go1.2.3\ntime 2026\n")
    return tmp_path / "go"


def package(folder: Path, name: str, inner: str = "", **files: str) -> Package:
    root = folder / name
    (root / inner).mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (root / file.replace("__", "/")).write_text(text)
    return Package(f"example.org/{name}/{inner}", root / inner, f"example.org/{name}", "v1.0.0", root)


def test_a_text_that_several_share_stands_once(goroot: Path, tmp_path: Path) -> None:
    text = licences.collect([package(tmp_path, "a", LICENSE=MIT), package(tmp_path, "b", COPYING=MIT)], goroot)
    assert "example.org/a v1.0.0  MIT  [1]" in text
    assert "example.org/b v1.0.0  MIT  [1]" in text
    assert text.count("Permission is hereby granted") == 1


def test_go_itself_is_listed(goroot: Path) -> None:
    assert "go (standard library) go1.2.3  BSD-3-Clause  [1]" in licences.collect([], goroot)


def test_a_folder_with_a_licence_of_its_own_adds_it(goroot: Path, tmp_path: Path) -> None:
    inside = package(tmp_path, "a", "third", LICENSE=MIT, third__LICENSE=BSD)
    assert "example.org/a v1.0.0  BSD-3-Clause and MIT" in licences.collect([inside], goroot)


def test_our_own_package_needs_no_row(goroot: Path, tmp_path: Path) -> None:
    ours = package(tmp_path, "engine")._replace(version="")
    assert "example.org/engine" not in licences.collect([ours], goroot)


def test_a_module_without_a_licence_stops_the_build(goroot: Path, tmp_path: Path) -> None:
    with pytest.raises(BuildFault, match=r"example.org/a v1.0.0 .* no licence that we know"):
        licences.collect([package(tmp_path, "a", README="hello")], goroot)


@pytest.mark.parametrize(
    "text",
    [
        "GNU AFFERO GENERAL PUBLIC LICENSE\n  Version 3",
        "GNU GENERAL PUBLIC LICENSE\n  Version 2",
        "GNU LESSER GENERAL PUBLIC LICENSE\n  Version 3",
        "Business Source License 1.1",
        MIT + '"Commons Clause" License Condition',
    ],
)
def test_a_licence_that_forbids_our_use_stops_the_build(goroot: Path, tmp_path: Path, text: str) -> None:
    with pytest.raises(BuildFault, match="which the engine must not link"):
        licences.collect([package(tmp_path, "a", LICENSE=text)], goroot)
