"""What source-controller needs to clone over SSH, and where it may come from."""

from __future__ import annotations

import pytest

SOURCE = """apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: models, namespace: default}
spec:
  interval: 10m
  url: ssh://git@git.acme.example/ml/models.git
  ref: {commit: 0123456789abcdef0123456789abcdef01234567}
"""
KEY = "  secretRef: {name: deploy-key}\n"
SECRET = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: deploy-key, namespace: default}\nstringData: {%s}\n"
FETCHED = """---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: deploy-key, namespace: default}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: vault}
  data: [{secretKey: identity, remoteRef: {key: models}}]
"""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (SOURCE, ["is cloned over SSH, without a key"]),
        (SOURCE + KEY, []),
        (SOURCE + KEY + SECRET % "ssh-privatekey: example, known_hosts: example", ["which has no identity"]),
        (SOURCE + KEY + SECRET % "username: example, password: example", ["which has no identity and no known_hosts"]),
        (SOURCE + KEY + SECRET % "identity: example, known_hosts: example", []),
        (SOURCE + KEY + FETCHED, ["which has no known_hosts"]),
        (SOURCE + "  suspend: true\n", []),
        (SOURCE.replace("ssh://git@", "https://"), []),
    ],
    ids=["none", "made elsewhere", "of another name", "of another sort", "whole", "fetched in part", "suspended", "not over SSH"],
)
def test_a_source_over_ssh_needs_a_key_and_the_hosts(checked, written: str, said: list[str]) -> None:
    found = [each for each in checked({"clusters/dev/a.yaml": written}).said if "SSH" in each]
    assert len(found) == len(said) and all(each.endswith(word) for each, word in zip(found, said, strict=True))
