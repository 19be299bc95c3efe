"""Policies on updates: they see the object as it was, which no check of one state does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gitops_validate.check import Options
from gitops_validate.model.change import Impact, Level
from gitops_validate.review.review import Asked, review

POLICY = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: kept}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [OPERATIONS], resources: [configmaps]}
  validations:
    - expression: object.data.level == oldObject.data.level || object.data.level != "debug"
      messageExpression: "'level was ' + oldObject.data.level"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: kept}
spec: {policyName: kept, validationActions: [ACTION]}
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {level: LEVEL}\n"


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=test", "-c", "user.email=test@example.org", *arguments], cwd=root, check=True, capture_output=True)


def told(root: Path, action: str, level: str) -> list[Impact]:
    """What is said of settings whose level is another one, under a policy on updates."""
    folder = root / "clusters/dev"
    folder.mkdir(parents=True)
    (folder / "policy.yaml").write_text(POLICY.replace("ACTION", action).replace("OPERATIONS", "UPDATE"))
    (folder / "settings.yaml").write_text(SETTINGS.replace("LEVEL", "info"))
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "before")
    (folder / "settings.yaml").write_text(SETTINGS.replace("LEVEL", level))
    found = review(Options(root, offline=True, cache=False, workers=1), Asked("main", ""))
    return [impact for environment in found.environments for impact in environment.impacts if impact.kind in ("denied", "warned", "not-judged")]


@pytest.mark.parametrize(("action", "word", "level"), [("Deny", "denied", Level.DANGEROUS), ("Warn", "warned of", Level.CAREFUL)])
def test_a_policy_on_updates_sees_the_object_as_it_was(tmp_path: Path, action: str, word: str, level: Level) -> None:
    (impact,) = told(tmp_path, action, "debug")
    assert impact.message == f"the update is {word} by ValidatingAdmissionPolicy kept, bound by kept: level was info"
    assert (impact.level, str(impact.object), impact.field) == (level, "ConfigMap/default/settings", "data.level")


@pytest.mark.parametrize(("action", "level"), [("Audit", "debug"), ("Deny", "warn")])
def test_what_it_lets_in_is_not_told(tmp_path: Path, action: str, level: str) -> None:
    assert told(tmp_path, action, level) == []
