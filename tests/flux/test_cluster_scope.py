"""An object that is of the whole cluster has no namespace, whatever a Kustomization or the object says: the API server takes it away.

Recorded of kustomize-controller 1.9.5 and Kubernetes 1.37.2: the Kustomization becomes ready, and what it applied has none.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from gitops_validate.cli.entry import run

from .written import APPS

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crates.example.org}
spec:
  group: example.org
  names: {kind: Crate, plural: crates, singular: crate, listKind: CrateList}
  scope: Cluster
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
"""
OBJECTS = """\
apiVersion: example.org/v1
kind: Crate
metadata: {name: big}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: binding}
spec: {policyName: policy, validationActions: [Deny]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
"""


def test_what_is_of_the_whole_cluster_is_rendered_without_a_namespace(tmp_path: Path) -> None:
    files = {"clusters/dev/apps.yaml": f"{APPS}  targetNamespace: web\n", "apps/crate.yaml": DEFINITION, "apps/objects.yaml": OBJECTS}
    for name, text in files.items():
        (tmp_path / "repo" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repo" / name).write_text(text)
    out = tmp_path / "out.yaml"
    run(["render", str(tmp_path / "repo"), "--env", "dev", "--no-cache", "--offline", "--output", str(out)])
    found = {thing["kind"]: thing["metadata"].get("namespace", "") for thing in yaml.safe_load_all(out.read_text()) if thing}
    del found["Kustomization"]
    assert found == {"CustomResourceDefinition": "", "Crate": "", "ValidatingAdmissionPolicyBinding": "", "ConfigMap": "web"}
