from __future__ import annotations

from shlex import quote

from gitops_validate.model.encrypted import is_ciphertext
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.former import Rewritten
from gitops_validate.model.place import At
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def kept_data_key(file: Rewritten) -> Problems:
    """Somebody who was taken off an encrypted file, and can still read it.

    The values of a file are encrypted with its data key, and each recipient has a copy of that. `sops updatekeys` takes a copy away, and changes neither the
    data key nor the values: whoever has kept an older clone still holds the key to this file and to whatever is written into it later. `sops rotate` makes a
    new data key. What was readable is known all the same: the values themselves have to be changed where they are used. Seen where the commit is known that
    a change starts from: in merge requests, and in `gitops-validate diff`. In the examples its files lie under `before/`.

    **Avoid**

    ```yaml before/clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:qkYcDt8OdulWaEfPetXRrQVd,iv:alj1YbF+PQvI+Fjlj2fNvVdkzQQKD9skPnMKJ8QZAeY=,tag:Z5CxLC+LXd9ogIT69eWDHA==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBhVENIdGw0Wi9CWE5Rd1lM
            dWxJODJvUy9HTzgraFpETzVLUGI2cUNlZ0FjCnUyWXZTZHNQMGZabzFIajgzZDJF
            UHhLS29RQUkyMzVmQW5kdk5jQ2lUYWMKLS0tIERraWRSc0FST3pJV2NpbmN2dFBH
            RlVQeTZJNVVUbE1wdFhqUUFDb1FmWU0KKh6d17b4HYotZ45XE7z8ehcNYa4K2YFf
            afbrclkA6zjmSRvGfKGj6A2P+k2E4y30U/7FrItXV9HS3rgwvVvw+w==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSArcWV4R3kyNFFSV05UQVBF
            TmNPMFBGRWlURkM4a0R6Q1BxQUpUK1hUWGdJCmxiRkZ5Vit6UG9lSUV4VWhqYWRL
            bFNyMjJZdy9Jc2VWbjNXdDRsS2FvSHMKLS0tIHBscHNPTEs5bnN4dVpMdGhnS1lS
            clFwRE1PQit3T3U5UXkwbnJGbUxMZ0EKx4TCzo+M1UMeeyumB+ujIFJN4TBE+g4y
            2UU5kBx08IAgKc8rhk7ecYKO9CIUIS632V4Ba2POQ3J4L6LN914ing==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1833kyyeh8j47372yp40hdjzjx2dhm7u0ncgwklkp9rurr5j6wceq9sncfr
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T14:28:34Z"
      mac: ENC[AES256_GCM,data:M5rvbnKgJwkG6KAPpvZ1VSJAz3a+pQl1M6aUfhlyq007kY0jsdLQhpUpWuMKJFNOp1mff3xclymo7S9OYL9CFIEWrev8aEThN4kbZWdq/olFD//SiBluNHa4rX7n13SFSsUefPC3EJaPlXYUfGQtLctl9SzqGYE4o6Zvh9YBAXI=,iv:pU01nk/pMoDDC4vuEUhUuQSapAkJtBOYj48fT1JiM2M=,tag:Op5jWk8gQLoSYKcSQxgM+A==,type:str]
      version: 3.13.3
    ```

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:qkYcDt8OdulWaEfPetXRrQVd,iv:alj1YbF+PQvI+Fjlj2fNvVdkzQQKD9skPnMKJ8QZAeY=,tag:Z5CxLC+LXd9ogIT69eWDHA==,type:str]
    sops:
      age: # finding
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBhVENIdGw0Wi9CWE5Rd1lM
            dWxJODJvUy9HTzgraFpETzVLUGI2cUNlZ0FjCnUyWXZTZHNQMGZabzFIajgzZDJF
            UHhLS29RQUkyMzVmQW5kdk5jQ2lUYWMKLS0tIERraWRSc0FST3pJV2NpbmN2dFBH
            RlVQeTZJNVVUbE1wdFhqUUFDb1FmWU0KKh6d17b4HYotZ45XE7z8ehcNYa4K2YFf
            afbrclkA6zjmSRvGfKGj6A2P+k2E4y30U/7FrItXV9HS3rgwvVvw+w==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T14:28:34Z"
      mac: ENC[AES256_GCM,data:M5rvbnKgJwkG6KAPpvZ1VSJAz3a+pQl1M6aUfhlyq007kY0jsdLQhpUpWuMKJFNOp1mff3xclymo7S9OYL9CFIEWrev8aEThN4kbZWdq/olFD//SiBluNHa4rX7n13SFSsUefPC3EJaPlXYUfGQtLctl9SzqGYE4o6Zvh9YBAXI=,iv:pU01nk/pMoDDC4vuEUhUuQSapAkJtBOYj48fT1JiM2M=,tag:Op5jWk8gQLoSYKcSQxgM+A==,type:str]
      version: 3.13.3
    ```

    ```yaml clusters/dev/flux-system.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 10m
      path: ./clusters/dev
      prune: true
      decryption:
        provider: sops
        secretRef:
          name: sops-age
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 5m
      url: https://git.acme.example/platform.git
      ref:
        branch: main
    ```

    **Prefer**

    ```yaml before/clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:qkYcDt8OdulWaEfPetXRrQVd,iv:alj1YbF+PQvI+Fjlj2fNvVdkzQQKD9skPnMKJ8QZAeY=,tag:Z5CxLC+LXd9ogIT69eWDHA==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBhVENIdGw0Wi9CWE5Rd1lM
            dWxJODJvUy9HTzgraFpETzVLUGI2cUNlZ0FjCnUyWXZTZHNQMGZabzFIajgzZDJF
            UHhLS29RQUkyMzVmQW5kdk5jQ2lUYWMKLS0tIERraWRSc0FST3pJV2NpbmN2dFBH
            RlVQeTZJNVVUbE1wdFhqUUFDb1FmWU0KKh6d17b4HYotZ45XE7z8ehcNYa4K2YFf
            afbrclkA6zjmSRvGfKGj6A2P+k2E4y30U/7FrItXV9HS3rgwvVvw+w==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSArcWV4R3kyNFFSV05UQVBF
            TmNPMFBGRWlURkM4a0R6Q1BxQUpUK1hUWGdJCmxiRkZ5Vit6UG9lSUV4VWhqYWRL
            bFNyMjJZdy9Jc2VWbjNXdDRsS2FvSHMKLS0tIHBscHNPTEs5bnN4dVpMdGhnS1lS
            clFwRE1PQit3T3U5UXkwbnJGbUxMZ0EKx4TCzo+M1UMeeyumB+ujIFJN4TBE+g4y
            2UU5kBx08IAgKc8rhk7ecYKO9CIUIS632V4Ba2POQ3J4L6LN914ing==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1833kyyeh8j47372yp40hdjzjx2dhm7u0ncgwklkp9rurr5j6wceq9sncfr
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T14:28:34Z"
      mac: ENC[AES256_GCM,data:M5rvbnKgJwkG6KAPpvZ1VSJAz3a+pQl1M6aUfhlyq007kY0jsdLQhpUpWuMKJFNOp1mff3xclymo7S9OYL9CFIEWrev8aEThN4kbZWdq/olFD//SiBluNHa4rX7n13SFSsUefPC3EJaPlXYUfGQtLctl9SzqGYE4o6Zvh9YBAXI=,iv:pU01nk/pMoDDC4vuEUhUuQSapAkJtBOYj48fT1JiM2M=,tag:Op5jWk8gQLoSYKcSQxgM+A==,type:str]
      version: 3.13.3
    ```

    ```yaml clusters/dev/database.sops.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: default
    stringData:
      password: ENC[AES256_GCM,data:LhntpmQVWmgDcnYm8D8q2BQG,iv:QxOqU036G0MqtMbQHiB/oJKHQSYJ9F/J3Pakcv0n+L0=,tag:ogmTs1rYVuZ6ERDLp5V3Fg==,type:str]
    sops:
      age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBuZDJiby9ETFdtbVRGdytv
            OHNWOFNoMkNPQllYQW1pWTU2Z0RwajI3bEg4CjN1TG5wOGQ5MUZkTzB5UmFVYVFu
            Z25vQWFmYmJsY2gxOUJPK3RZNHp5N1UKLS0tIGdRWEo2eHhjbzJGdkdWVVlyNFFI
            cDhuREcwVWcxUnZIb3hkcGIwbThpUjgK9OncwY2LaXWMlsWOc+UPzrvr0D9hMXwB
            Fx3Rrsvo3zR/C30+7vMHux8RMNzU/IUXiyd7FFHCkVRbQ2VOFWOlZA==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z
      encrypted_regex: ^(data|stringData)$
      lastmodified: "2026-11-24T14:28:34Z"
      mac: ENC[AES256_GCM,data:pTYSNBgnm7rtFWIbEhPljShCyI8YxC1n1YAIoRFSQUcDYqbOkXAvmuxZpZR0S3C4Wq8VfRaMsh4GRRF9azQHCnvrG5DBoboTEEDewKBUGYWBtMBzVVlMQD+ETlD3fzdgSEWePunaYT/BCjnUM2h7jvkrEMcOj3uxSZTCjNgcQC8=,iv:iOn74xi2wK96+U/T1AHoa1Vt3ipxxqd9baiqZ9Ig1kg=,tag:fUYVoV5sI/Rq5gSdQd2eRQ==,type:str]
      version: 3.13.3
    ```

    ```yaml clusters/dev/flux-system.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 10m
      path: ./clusters/dev
      prune: true
      decryption:
        provider: sops
        secretRef:
          name: sops-age
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 5m
      url: https://git.acme.example/platform.git
      ref:
        branch: main
    ```
    """
    gone = file.before.readers - file.after.readers
    same = [value for place, value in file.values[1].items() if is_ciphertext(value) and file.values[0].get(place) == value]
    for kind, name in sorted(gone) if same else ():
        fix = f"sops rotate --in-place {quote(file.path)}; then change the values where they are used"
        yield Problem(
            At(file.path, 0, ("sops", kind)), f"{name} cannot read it any more, but holds the data key that it is still encrypted with", fix
        )
