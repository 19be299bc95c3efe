"""What a change of the validator's own configuration is told as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from gitops_validate.discover import CONFIG
from gitops_validate.model.change import Level
from gitops_validate.model.manifest import Manifest, Repo, YamlFile
from gitops_validate.review.repository import loosened

MIRROR = {"sources": ["a.example"], "images": ["a.example", "b.example"]}


def repo(data: Any) -> Repo:
    raw = orjson.dumps(data)
    return Repo(Path("/nowhere"), {CONFIG: str(hash(raw))}, {CONFIG: YamlFile(CONFIG, (Manifest(CONFIG, 0, 1, raw),))})


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({}, [": images may come from anywhere", ": sources may come from anywhere"]),
        ({"mirror": {"sources": ["a.example"]}}, [": images may come from anywhere"]),
        ({"mirror": {**MIRROR, "sources": ["a.example", "c.example"]}}, [": sources may come from c.example, too"]),
        ({"mirror": {**MIRROR, "images": ["a.example"]}}, []),
        ({"mirror": 7}, [": images may come from anywhere", ": sources may come from anywhere"]),
    ],
)
def test_a_wider_mirror_is_dangerous_and_a_narrower_one_is_not(after: Any, told: list[str]) -> None:
    impacts = loosened(repo({"mirror": MIRROR}), repo(after))
    assert [impact.message.removeprefix(CONFIG) for impact in impacts if impact.level is Level.DANGEROUS] == told
    assert not [
        impact for impact in loosened(repo(after), repo({"mirror": MIRROR})) if impact.level is Level.DANGEROUS and after in ({}, {"mirror": 7})
    ]


def test_other_schemas_and_other_charts_ask_for_care() -> None:
    after = {"schemas": {"locations": ["schemas"]}, "charts": {"mirrors": {"https://a.example": "charts"}}}
    careful = [impact.message for impact in loosened(repo({}), repo(after)) if impact.level is Level.CAREFUL]
    assert len(careful) == 2
    assert any("held against other schemas" in message for message in careful)
    assert any("other mirrors" in message for message in careful)


ON = {"feature-gates": {"HPAScaleToZero": True}, "environments": {"prod": {"runtime-config": {"apps/v1": False}}}}


@pytest.mark.parametrize(
    ("before", "after", "level", "told"),
    [
        ({}, ON, Level.DANGEROUS, [": feature-gates has HPAScaleToZero=true", ": runtime-config of prod has apps/v1=false"]),
        (
            ON,
            {},
            Level.CAREFUL,
            [": feature-gates says nothing of HPAScaleToZero any more", ": runtime-config of prod says nothing of apps/v1 any more"],
        ),
        (ON, {**ON, "feature-gates": {"HPAScaleToZero": False}}, Level.DANGEROUS, [": feature-gates has HPAScaleToZero=false"]),
        (ON, {**ON, "hosts": []}, Level.DANGEROUS, []),
        ({}, {"feature-gates": ["HPAScaleToZero"], "environments": {"prod": 7}}, Level.DANGEROUS, []),
    ],
)
def test_what_an_api_server_is_started_with_is_told(before: Any, after: Any, level: Level, told: list[str]) -> None:
    found = [
        each.message.removeprefix(CONFIG)
        for each in loosened(repo(before), repo(after))
        if each.level is level and "environment " not in each.message
    ]
    assert [message.partition(": what")[0] for message in found] == told


def sops(**configurations: list[dict[str, Any]]) -> Repo:
    """A checkout with configurations of SOPS, by their folder, `root` for that of the root."""
    found = {"" if folder == "root" else f"{folder}/": rules for folder, rules in configurations.items()}
    paths = {f"{folder}.sops.yaml": orjson.dumps({"creation_rules": rules}) for folder, rules in found.items()}
    files = {path: YamlFile(path, (Manifest(path, 0, 1, raw),)) for path, raw in paths.items()}
    return Repo(Path("/nowhere"), {path: str(hash(raw)) for path, raw in paths.items()}, files)


ROOT = [{"path_regex": "^dev/", "age": "age1dev"}]
DEV = [{"path_regex": "secret", "age": ["age1dev"], "encrypted_regex": "^data$"}]


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (DEV, []),
        ([{**DEV[0], "age": "age1dev, age1eve"}], ["dev/.sops.yaml: age1eve can read what is encrypted for secret from now on"]),
        ([{**DEV[0], "age": ["age1dev,age1eve"]}], ["dev/.sops.yaml: age1eve can read what is encrypted for secret from now on"]),
        (
            [{"path_regex": "secret", "encrypted_regex": "^data$", "key_groups": [{"age": ["age1dev"], "merge": [{"pgp": ["EVE"]}]}]}],
            ["dev/.sops.yaml: EVE can read what is encrypted for secret from now on"],
        ),
        (
            [{**DEV[0], "gcp_kms": [{"resource_id": "projects/eve"}]}],
            ["dev/.sops.yaml: projects/eve can read what is encrypted for secret from now on"],
        ),
        ([{**DEV[0], "encrypted_regex": "^stringData$"}], ["dev/.sops.yaml: other fields are encrypted than before"]),
        ([{**DEV[0], "mac_only_encrypted": True}], ["dev/.sops.yaml: other fields are encrypted than before"]),
        ([{**DEV[0], "shamir_threshold": 1}], ["dev/.sops.yaml: another number of key groups is needed to decrypt"]),
        (None, ["dev/.sops.yaml is gone: what is below it is encrypted as .sops.yaml says"]),
    ],
)
def test_who_reads_is_told_of_every_configuration_of_sops(after: list[dict[str, Any]] | None, told: list[str]) -> None:
    later = sops(root=ROOT, dev=after) if after is not None else sops(root=ROOT)
    impacts = loosened(sops(root=ROOT, dev=DEV), later)
    assert [impact.message for impact in impacts if impact.level is Level.DANGEROUS] == told


def test_a_new_configuration_in_a_folder_is_told_by_its_readers() -> None:
    (impact,) = loosened(sops(root=ROOT), sops(root=ROOT, dev=[{"age": "age1eve"}]))
    assert impact.message == "dev/.sops.yaml: age1eve can read what is encrypted for everything from now on"
    assert impact.level is Level.DANGEROUS


def test_rules_for_other_files_give_nobody_more() -> None:
    (impact,) = loosened(sops(root=ROOT), sops(root=[{**ROOT[0], "path_regex": "^dev/.*yaml$"}]))
    assert impact.message == ".sops.yaml: its rules are for other files than before, with the same readers"
    assert impact.level is Level.CAREFUL


def test_a_rule_for_other_files_may_give_somebody_more() -> None:
    rules = [*ROOT, {"path_regex": "^prod/", "age": "age1prod"}]
    levels = [impact.level for impact in loosened(sops(root=rules), sops(root=[*rules, {"path_regex": "^stage/", "age": "age1dev"}]))]
    assert Level.DANGEROUS in levels


def test_rules_in_another_order_encrypt_for_others() -> None:
    rules = [{"path_regex": "prod", "age": "age1prod"}, {"path_regex": "", "age": "age1dev"}]
    (impact,) = loosened(sops(root=rules), sops(root=rules[::-1]))
    assert impact.level is Level.DANGEROUS
    assert "in another order" in impact.message
