from __future__ import annotations

from gitops_validate.model.encrypted import EncryptedFile
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.routes import dotted
from gitops_validate.rule import Problems, rule

ABSENT = ("no matching creation rules found", "the configuration has no creation rules")


@rule(Severity.WARNING)
def no_creation_rule(file: EncryptedFile) -> Problems:
    """An encrypted file that no rule of `.sops.yaml` covers.

    `sops updatekeys` and `sops edit` refuse it, and whoever encrypts the next file beside it has to know the recipients by heart. Often the folder was
    moved, and the expression still names the old one.

    **Avoid**

    ```yaml .sops.yaml
    creation_rules:
      - path_regex: ^secrets/dev/
        encrypted_regex: ^(data|stringData)$
        age:
          - age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
    ```

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:vpqb6F4any7iZxS8d4X1Fsr/,iv:+wLaW4diLV4FDd5V/iHnIzQLQtKfGqtYOYnIognv2PY=,tag:tYStOcgW2+0fOt0g7Y73Xw==,type:str]
    sops: # finding
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSAvQkI5VzFaS2ZySTVSOTIy
            WkwxaDlhUDYyeEVsOGY1K0tnckhCSHJIR2p3CmRWL09kN3ZZT1VUeTVZMzFxcmNa
            Q1Zlb2tDQ1hGd1haQ1BUZ1M1Y3pmUUUKLS0tIEdiM05PMmJXamZrWEZWNzJTejQ4
            cTRsdE5IMUFsdW9mNFFVN3gxQnZURHMKWafVayB8MPJwx7NhCB8M1Oh+H9to7+N2
            OSzEBLtMuE0y2IR6mLBrg4+4YhdAaml87pk+E/4Fd0OQC4C6A8W7ag==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T11:02:10Z"
      mac: ENC[AES256_GCM,data:XUR8tasZu11KRO7gcYfRTGWMXMl/QsmPXbGuWU2mpsq52ZqsElsxisErFtsp81/Hq4QL9gO3ytrKwTfaDKyEuS28fmrFld64oDT7fM+q4zg4U+6C1WoRzqVkIM0Cmr8hBlDC4BpoPY4CJnW9mdB5+eJOHtnalb3jdl7wMEti3hk=,iv:oVfTAAfejJBC58jJS4kqCO5dJYW7RE6I1KVxlNvfkvI=,tag:7c88z6v7pX1R+kMVCgGcOw==,type:str]
      version: 3.13.3
    ```

    **Prefer**

    ```yaml .sops.yaml
    creation_rules:
      - path_regex: ^clusters/dev/
        encrypted_regex: ^(data|stringData)$
        age:
          - age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
    ```

    ```yaml clusters/dev/database.sops.yaml
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
    if file.rule is not None and file.written and any(words in file.rule.failure for words in ABSENT):
        inside = f", which holds an encrypted file in {dotted(file.within.route)}" if file.within else ""
        yield Problem(
            file.metadata(),
            f"no creation rule in {file.rule.config} fits {file.path}{inside}",
            f"add a rule with a path_regex that fits, relative to the folder of {file.rule.config}",
        )
