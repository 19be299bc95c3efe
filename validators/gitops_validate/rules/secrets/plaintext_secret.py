from __future__ import annotations

from shlex import quote

from gitops_validate.model.encrypted import EncryptedFiles
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest
from gitops_validate.placing.routes import dotted
from gitops_validate.rule import Problems, rule
from gitops_validate.secrets.plaintext import is_left_out, name_of, plain_values


@rule(Severity.ERROR)
def plaintext_secret(manifest: Manifest, files: EncryptedFiles) -> Problems:
    """A Secret whose values stand in the repository in plain text.

    Everybody who can read the repository, any of its clones, forks and backups can read the secret, for ever: removing it later leaves it in
    the history. Base64 is no protection. Each value under data and stringData must be encrypted with SOPS, whatever the file's metadata claim;
    empty values and values that consist of variables only are left alone, also where these make a path or an address together with short words, as are
    certificates and public keys, and references that say where a value lies (`op://`, `ref+vault://`, `<path:…>`).

    **Avoid**

    ```yaml clusters/dev/database.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: correct-horse # finding
    ```

    **Prefer**

    ```yaml clusters/dev/database.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: database
      namespace: default
    data:
      user: web
    ```
    """
    if b'"Secret' not in manifest.raw:
        return
    for route, secret in plain_values(manifest.data):
        if not is_left_out(manifest, route, files):
            message = f"{name_of(secret)} holds {dotted(route[-2:])} in plain text"
            fix = f"replace the value, then encrypt it: sops encrypt --in-place {quote(manifest.path)}"
            yield Problem(manifest.at(*route), message, fix)
