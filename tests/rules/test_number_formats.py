"""Kubernetes holds numbers of custom kinds to the range of their format from 1.36 on, which its code does not emulate."""

from __future__ import annotations

import pytest

CONFIG = 'version: 1\nkubernetes: "%s"\n'
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: peers.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Peer, plural: peers, singular: peer, listKind: PeerList}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                routers:
                  type: array
                  items: {type: object, properties: {asn: {type: integer, format: int32, minimum: 0, maximum: 4294967295}}}
---
apiVersion: example.org/v1
kind: Peer
metadata: {name: rack, namespace: default}
spec: {routers: [{asn: %s}]}
"""


@pytest.mark.parametrize(
    ("version", "number", "rules"), [("1.35", 4200000000, set()), ("1.35", -1, {"api-verdict"}), ("1.36", 64512, {"api-verdict"})]
)
def test_a_format_bounds_numbers_from_the_version_on_that_says_so(checked, version: str, number: int, rules: set[str]) -> None:
    outcome = checked({".gitops-validate.yaml": CONFIG % version, "clusters/dev/peer.yaml": DEFINITION % number})
    assert outcome.rules == rules
