from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

from gitops_validate.building.reading import Reading
from gitops_validate.existing.loose import dig
from gitops_validate.model.encrypted import CIPHERTEXT, EncryptedFiles, is_ciphertext
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import route
from gitops_validate.placing.routes import Route, dotted, leaves
from gitops_validate.rule import Problems, rule
from gitops_validate.secrets.tokens import SECRETIVE

FIX = "give each environment a value of its own: `gitops-generate secrets rotate`, or sops edit"
PUBLIC = re.compile(r"pub|key_?-?id|\.crt$", re.IGNORECASE)


@rule(Severity.WARNING)
def shared_value(repo: Repo, reading: Reading, files: EncryptedFiles) -> Problems:
    """The same secret in the files of two environments.

    Two values that are encrypted apart never look alike. Where they do, a file was copied from one environment to the other: both have the same secret,
    under the same data key, so that whoever reads the one reads the other. That no key is needed to see it works for whoever else looks, too. With `check --age-key-file`, outside of merge requests,
    values that were encrypted apart and are equal all the same are found as well, where their names speak of a secret.

    **Avoid**

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:4qJJ0fyiXinDsZqXY00hSuV8,iv:AwYHn/61vAKuJGodnmmbi/cyKxKhXtlH0e3Ywl9Wffc=,tag:prEYHU9/69bd/RaH9jsJTQ==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBpaml2dEdLNDNRVjExNXp4
            VExSMjhJQlgwbTdYc1RUeStwT2RYK1c2NTJRCmNEMTJsQVRtQlhnZUFDMFJNVjNm
            UEduNnV2NXlWbXhtNmcrTzQzRjBQbGcKLS0tIDJUZ1laNzdyVnBDQXRoanpERmta
            Q3VFT20rdVRVV2JHTURVQXBvNWNlaWsK39GeRVwnRTLlpK2llgac9/F22fM0P8ZT
            /NUboCRrP8T4Cbniazqcg98cYfjZu3LvKbnoHm6yuBTKhX7BgWMfRA==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:sNu4dW8ADp4jRbhzQ0NrThhPez0Yr5oGVo0/7926XnpUWDQ0ZBCXUYyit1AJ4NzwTnFbbYaZc8TZWq+EVZd9HPauDuK49IQt3gJvO6nDjz3oQ5iJLxeBECc2p3sUTWNPJsfl6Iu6upSiyuNWd9hVcldA/6xvkC3lBgNokN+rFH8=,iv:LB2HkgE05W1dKwnuOBOEDnPN2ds1kGjS53HxhQOCVSA=,tag:GIj681nFHq0gxI8JFRTwZg==,type:str]
      version: 3.13.3
    ```

    ```yaml clusters/prod/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:4qJJ0fyiXinDsZqXY00hSuV8,iv:AwYHn/61vAKuJGodnmmbi/cyKxKhXtlH0e3Ywl9Wffc=,tag:prEYHU9/69bd/RaH9jsJTQ==,type:str]
    sops: # finding
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBpaml2dEdLNDNRVjExNXp4
            VExSMjhJQlgwbTdYc1RUeStwT2RYK1c2NTJRCmNEMTJsQVRtQlhnZUFDMFJNVjNm
            UEduNnV2NXlWbXhtNmcrTzQzRjBQbGcKLS0tIDJUZ1laNzdyVnBDQXRoanpERmta
            Q3VFT20rdVRVV2JHTURVQXBvNWNlaWsK39GeRVwnRTLlpK2llgac9/F22fM0P8ZT
            /NUboCRrP8T4Cbniazqcg98cYfjZu3LvKbnoHm6yuBTKhX7BgWMfRA==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:sNu4dW8ADp4jRbhzQ0NrThhPez0Yr5oGVo0/7926XnpUWDQ0ZBCXUYyit1AJ4NzwTnFbbYaZc8TZWq+EVZd9HPauDuK49IQt3gJvO6nDjz3oQ5iJLxeBECc2p3sUTWNPJsfl6Iu6upSiyuNWd9hVcldA/6xvkC3lBgNokN+rFH8=,iv:LB2HkgE05W1dKwnuOBOEDnPN2ds1kGjS53HxhQOCVSA=,tag:GIj681nFHq0gxI8JFRTwZg==,type:str]
      version: 3.13.3
    ```

    **Prefer**

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:4qJJ0fyiXinDsZqXY00hSuV8,iv:AwYHn/61vAKuJGodnmmbi/cyKxKhXtlH0e3Ywl9Wffc=,tag:prEYHU9/69bd/RaH9jsJTQ==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBpaml2dEdLNDNRVjExNXp4
            VExSMjhJQlgwbTdYc1RUeStwT2RYK1c2NTJRCmNEMTJsQVRtQlhnZUFDMFJNVjNm
            UEduNnV2NXlWbXhtNmcrTzQzRjBQbGcKLS0tIDJUZ1laNzdyVnBDQXRoanpERmta
            Q3VFT20rdVRVV2JHTURVQXBvNWNlaWsK39GeRVwnRTLlpK2llgac9/F22fM0P8ZT
            /NUboCRrP8T4Cbniazqcg98cYfjZu3LvKbnoHm6yuBTKhX7BgWMfRA==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:sNu4dW8ADp4jRbhzQ0NrThhPez0Yr5oGVo0/7926XnpUWDQ0ZBCXUYyit1AJ4NzwTnFbbYaZc8TZWq+EVZd9HPauDuK49IQt3gJvO6nDjz3oQ5iJLxeBECc2p3sUTWNPJsfl6Iu6upSiyuNWd9hVcldA/6xvkC3lBgNokN+rFH8=,iv:LB2HkgE05W1dKwnuOBOEDnPN2ds1kGjS53HxhQOCVSA=,tag:GIj681nFHq0gxI8JFRTwZg==,type:str]
      version: 3.13.3
    ```

    ```yaml clusters/prod/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:VWP2J+s+Lm71f6qtDD7f0jAH,iv:2/sbfp/f91zxGMNtIffBA/knkTjACCnVpU1wgpTK/Tk=,tag:SYl4WVD+XbhIejzM7YcXVg==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBzS1NnTndnSnlvSlZQRjRs
            cVJmVzdQeXRzY0RxOHpGNUJXYzVSQW83aEFVClk5US9NdzRkR3VZVXhualF3Wjhk
            eEJDUko4cERSNGtFcUliRU5mSUJkbE0KLS0tIEt1RVVnbjhDbVlJSG5TVDdVN25G
            eW5WdDkxUlFZQmtvZjZvM3lKbnBRRFkK4RjVws/hNNI85erin1XzxihqT9iQpvVa
            coULfcZccNIjW+iaR7N5brhJY85YPffE3T1uIIFLx8kaC0n3yxxopw==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:rQRC3y/NgCZx6DF2UmpwPdPmWkQxvBKviiCWRdgWVQVvQYm5tdIYFNaBzYvCvVBnxrsr5mmmalsOyxjnSF16PvNSDxeo5ol+gq1BhqpEaqUHz1GIJnvtXrAkB6uibwQtbKAWGALi8V8p544QmQaV3h08nuL41FzQisPYbM17AXM=,iv:mm/WLpVaQJ3450/fZnRDRe3V7RWv0MGPpBcRTwc1ns0=,tag:yNlfkZvilV71HOf653w3XQ==,type:str]
      version: 3.13.3
    ```
    """
    names = [each.name for each in reading.environments]
    seen: dict[str, list[tuple[str, Manifest, Route]]] = defaultdict(list)
    for sign, manifest, way in chain(_ciphertext(repo), _opened(repo, files)):
        if environment := _environment(manifest.path, names):
            seen[sign].append((environment, manifest, way))
    told: dict[tuple[str, int], list[str]] = defaultdict(list)
    pairs: dict[tuple[str, int], tuple[Manifest, str, str]] = {}
    for (environment, first, _), *others in seen.values():
        for _, manifest, way in [other for other in others if other[0] != environment][:1]:
            told[manifest.path, manifest.document].append(dotted(way))
            pairs[manifest.path, manifest.document] = (manifest, environment, first.path)
    for key, (manifest, environment, path) in pairs.items():
        ways = list(dict.fromkeys(told[key]))
        fields = ", ".join(ways[:3]) + (f" and {len(ways) - 3} more" if len(ways) > 3 else "")
        yield Problem(
            manifest.at("sops") if dig(manifest.data, "sops") else manifest.at(*way[:2]),
            f"{fields}: the same value as {environment} has in {path}",
            FIX,
        )


def _ciphertext(repo: Repo) -> Iterator[tuple[str, Manifest, Route]]:
    """What SOPS wrote: equal ciphertext was copied, and holds the same."""
    for manifest in repo.manifests:
        if CIPHERTEXT.encode() in manifest.raw:
            yield from ((leaf, manifest, way) for way, leaf in leaves(manifest.data) if is_ciphertext(leaf) and way[:1] != ("sops",))


def _opened(repo: Repo, files: EncryptedFiles) -> Iterator[tuple[str, Manifest, Route]]:
    """What a key has opened, of values whose names speak of a secret: names of users and databases may well be the same."""
    for file in files.every:
        for document, pointer, digest in file.fingerprints:
            way, manifest = route(pointer), repo.at(file.path, document)
            if manifest is not None and SECRETIVE.search(str(way[-1])) and not PUBLIC.search(str(way[-1])):
                yield digest, manifest, way


def _environment(path: str, names: list[str]) -> str:
    """The environment whose folder a file lies in, "" if that cannot be told."""
    found = [name for name in names if name in path.split("/")[:-1]]
    return found[0] if len(found) == 1 else ""
