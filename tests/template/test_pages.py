"""The README and the runbooks: what they name is there, and what is there they name."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from gitops_generate.cli.app import app as generate
from gitops_validate.cli.app import app as validate

LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
COMMAND = re.compile(r"(?:^    +|`)(gitops-(?:generate|validate)(?: [^`#|>]*)?)", re.MULTILINE)


def load(file: Path) -> list[Any]:
    return list(YAML(typ="safe", pure=True).load_all(file.read_text()))


def pages(platform: Path) -> dict[str, str]:
    return {str(path.relative_to(platform)): path.read_text() for path in sorted([platform / "README.md", *(platform / "docs").glob("*.md")])}


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(text: str) -> Iterator[list[str]]:
    for found in COMMAND.findall(text):
        yield found.split("  ")[0].split()


def test_each_address_stands_in_the_readme_and_no_other(platform: Path) -> None:
    routes = [route for file in platform.glob("platform/*/config/overlays/*/routes.yaml") for route in load(file) if route["kind"] == "HTTPRoute"]
    served = {f"https://{name}" for route in routes for name in route["spec"]["hostnames"]}
    domains = tuple(f".{environment['domain']}" for environment in load(platform / ".copier-answers.yml")[0]["environments"])
    named = set(re.findall(r"<(https://[^/>]+)>", pages(platform)["README.md"]))
    assert {address for address in named if address.endswith(domains)} == served


def test_links_lead_somewhere(platform: Path) -> None:
    all_pages = pages(platform)
    for name, text in all_pages.items():
        for path, anchor in LINK.findall(text):
            if path.startswith("https://"):
                continue
            target = (platform / name).parent / path if path else platform / name
            assert target.is_file(), (name, path)
            assert not anchor or anchor in anchors(target.read_text()), (name, path, anchor)


def test_every_page_is_reached_from_the_readme(platform: Path) -> None:
    linked = {path for path, _ in LINK.findall(pages(platform)["README.md"])}
    assert set(pages(platform)) - {"README.md"} <= linked


def known(words: list[str]) -> list[str]:
    """The words of a command line that no command or option answers to."""
    here: click.Command = generate if words[0] == "gitops-generate" else validate
    context = click.Context(here)
    wrong = []
    for word in words[1:]:
        if word.startswith("-"):
            options = {option for parameter in here.params for option in parameter.opts}
            wrong += [] if word in options else [word]
        elif isinstance(here, click.Group):
            found = here.get_command(context, word) if not wrong and word.islower() else here
            wrong += [] if found else [word]
            here = found or here
    return wrong


def test_commands_and_options_are_there(platform: Path) -> None:
    seen = set()
    for name, text in pages(platform).items():
        for words in commands(text):
            assert known(words) == [], (name, words)
            seen.add(words[1] if len(words) > 1 else "")
    assert {"check", "explain", "render", "secrets", "status", "add", "remove", "update"} <= seen


@pytest.mark.parametrize(
    "words", [["gitops-generate", "secrets", "burn"], ["gitops-generate", "add", "user", "NAME"], ["gitops-validate", "check", "--loud"]]
)
def test_a_command_that_is_not_there_is_noticed(words: list[str]) -> None:
    assert known(words) == [words[2]]


def test_the_order_of_a_bootstrap_is_that_of_the_reconcilers(platform: Path) -> None:
    lines = re.findall(r"^[0-9]+\. ((?:[a-z0-9-]+(?:, )?)+)$", pages(platform)["docs/bootstrap.md"], re.MULTILINE)
    rank = {name: number for number, line in enumerate(lines) for name in line.split(", ")}
    entry = next(path for path in sorted((platform / "clusters").iterdir()))
    reconcilers = [one for file in entry.glob("*.yaml") for one in load(file) if one["apiVersion"] == "kustomize.toolkit.fluxcd.io/v1"]
    assert set(rank) == {one["metadata"]["name"] for one in reconcilers}
    for one in reconcilers:
        before = [rank[other["name"]] for other in one["spec"].get("dependsOn", ())]
        assert rank[one["metadata"]["name"]] == max(before, default=-1) + 1, one["metadata"]["name"]


def test_each_secret_and_each_component_has_its_line(platform: Path) -> None:
    all_pages = pages(platform)
    for secret in load(platform / "secret-catalogue.yaml")[0]["secrets"]:
        given = any("given" in how for how in secret["keys"].values())
        assert f"| {secret['name']} | {secret['namespace']} | {secret['purpose']} |" in all_pages["docs/components.md"]
        line = next(line for line in all_pages["docs/rotate.md"].splitlines() if line.startswith(f"| {secret['name']} |"))
        assert line.endswith("| `set` |") == given, line
    for component in {path.name for path in (platform / "platform").iterdir()} - {"namespaces"}:
        assert f"`platform/{component}/" in all_pages["docs/components.md"], component


def test_no_table_is_torn(platform: Path) -> None:
    """A table's rows follow each other, with as many cells as its head."""
    for name, text in pages(platform).items():
        for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
            rows = table.splitlines()
            assert re.fullmatch(r"\|(---\|)+", rows[1]), (name, rows[0])
            assert {row.count("|") for row in rows} == {rows[0].count("|")}, (name, rows[0])
