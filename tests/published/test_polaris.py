"""Polaris's test/checks (FairwindsOps/polaris, c0e23a23): files that its checks refuse, and such that they pass, where a rule here is about the same.

Not the same, and left out: its checks of the exec and attach verbs, of CPU limits, of one hardening measure out of four, of budgets for single pods and under
autoscalers, and those of names, values and pull policies.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops_validate.check import Options, check
from gitops_validate.model.finding import Finding, Profile

REPOSITORY = "polaris"
pytestmark = pytest.mark.slow
SHARED = {
    "automountServiceAccountToken": ("unneeded-token", ""),
    "clusterrolebindingClusterAdmin": ("cluster-admin", ""),
    "cpuRequestsMissing": ("missing-requests", "requests.cpu"),
    "dangerousCapabilities": ("unguarded-privilege", ""),
    "hostIPCSet": ("unguarded-privilege", ""),
    "hostNetworkSet": ("unguarded-privilege", ""),
    "hostPIDSet": ("unguarded-privilege", ""),
    "hostPathSet": ("unguarded-privilege", ""),
    "hostPortSet": ("unguarded-privilege", ""),
    "hostProcess": ("unguarded-privilege", "as a process"),
    "insecureCapabilities": ("weak-security-context", "capabilities"),
    "livenessProbeMissing": ("missing-probe", "livenessProbe"),
    "memoryLimitsMissing": ("missing-requests", "limits.memory"),
    "memoryRequestsMissing": ("missing-requests", "requests.memory"),
    "missingNetworkPolicy": ("uncovered-namespace", ""),
    "notReadOnlyRootFilesystem": ("writable-root-file-system", ""),
    "pdbDisruptionsIsZero": ("blocking-disruption-budget", ""),
    "privilegeEscalationAllowed": ("weak-security-context", "allowPrivilegeEscalation"),
    "readinessProbeMissing": ("missing-probe", "readinessProbe"),
    "rolebindingClusterAdminClusterRole": ("cluster-admin", ""),
    "rolebindingClusterAdminRole": ("cluster-admin", ""),
    "runAsPrivileged": ("unguarded-privilege", "privileged"),
    "runAsRootAllowed": ("weak-security-context", "runAsNonRoot"),
    "tagNotSpecified": ("floating-image", ""),
}
"""By check: the rule that is about the same, and a word of its message where it is about several things."""
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: default\n"
OTHERWISE = {
    "missingNetworkPolicy/failure.netpol_missing_egress_in_policytypes.yaml",
    "missingNetworkPolicy/failure.netpol_missing_egress_rules.yaml",
    "missingNetworkPolicy/failure.netpol_missing_ingress_rules.yaml",
}
"""Here the question is who may reach pods, and a policy that lets nobody in, or out, is the best one."""


def test_the_files_of_its_checks_come_out_as_their_authors_say(published: Path, tmp_path: Path) -> None:
    outcomes = dict(_outcomes(published, tmp_path))
    otherwise = {name for name, agrees in outcomes.items() if not agrees}
    assert otherwise == OTHERWISE, Counter(outcomes.values())
    assert len(outcomes) == 118


def _outcomes(published: Path, folder: Path) -> Iterator[tuple[str, bool]]:
    """Each file, and whether the rule says what its name says."""
    for number, (name, (rule, word)) in enumerate(SHARED.items()):
        for path in sorted((published / "test/checks" / name).glob("*.yaml")):
            if path.name.startswith(("failure", "success")):
                root = folder / f"{number}-{path.stem}"
                (root / "clusters/dev").mkdir(parents=True)
                (root / "clusters/dev/namespace.yaml").write_text(NAMESPACE)
                shutil.copy(path, root / "clusters/dev/case.yaml")
                findings = check(Options(root, offline=True, cache=False, workers=1, profile=Profile.STRICT)).findings
                yield f"{name}/{path.name}", _fails(findings, rule, word, path.name.startswith("failure")) == path.name.startswith("failure")


def _fails(findings: tuple[Finding, ...], rule: str, word: str, is_meant_to: bool) -> bool:
    """Whether the rule speaks. What the API server refuses altogether fails as well, for those that are meant to."""
    spoken = any(each.rule == rule and word in each.message for each in findings)
    return spoken or (is_meant_to and any(each.rule in ("api-verdict", "removed-api") and "no matches for kind" in each.message for each in findings))
