"""Lines shown in reports never hold a value that may be a secret."""

from __future__ import annotations

import pytest

from gitops_validate.report.excerpt import Source

WORD = "hunter2"


def shown(text: str, needle: str = WORD) -> str:
    line = next(number for number, line in enumerate(text.split("\n"), 1) if needle in line)
    excerpt = Source(text).excerpt(line, 1, 2)
    assert excerpt
    return excerpt.text


SECRET = (
    f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: web\nstringData:\n  name: {WORD}\n  user: {WORD}\n  multi: |\n    {WORD}\n"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SECRET, "  name: <hidden>"),
        (SECRET.replace(f"  name: {WORD}\n", ""), "  user: <hidden>"),
        (SECRET.replace(f"  name: {WORD}\n  user: {WORD}\n", ""), "<hidden>"),
        (f"a: b\n---\nkind: 'Secret'\ndata: {{x: {WORD}}}\n", "data: <hidden>"),
        (f'{{"kind": "Secret", "stringData": {{"x": "{WORD}"}}}}', "<hidden>"),
        (f"kind: Secret\nstringData:\n  x: [{WORD}\n", "  x: <hidden>"),
        (f"adminPassword: {WORD}", "adminPassword: <hidden>"),
        (f"redis:\n  auth: {{token: {WORD}}}", "  auth: <hidden>"),
        (f"env:\n  - name: DB_PASSWORD\n    value: {WORD}", "    value: <hidden>"),
        (f"args:\n  - --password={WORD}", "<hidden>"),
        (f"secretGenerator:\n  - name: x\n    literals:\n      - user={WORD}", "<hidden>"),
        (f"url: https://me:{WORD}@example.com/", "<hidden>"),
        (f"key: AGE-SECRET-KEY-1{WORD}", "<hidden>"),
        (f"secrets:\n  - name: db\n    keys:\n      name: {WORD}\n", "      name: <hidden>"),
        (f"secrets:\n  - {{name: db, keys: {{k: {WORD}}}}}\n", "<hidden>"),
        ("x: |\n  aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=", "<hidden>"),
    ],
)
def test_values_are_hidden(text: str, expected: str) -> None:
    assert shown(text, WORD if WORD in text else "aGVs") == expected


@pytest.mark.parametrize(
    "text",
    [
        "secretName: here",
        "existingSecret: here",
        "kind: SecretStore # here",
        "automountServiceAccountToken: false # here",
        "image: registry/auth:1.2@sha256:00 # here",
        "kind: Secret\nmetadata:\n  name: here\ndata: {}",
        "kind: Secret\n---\nuser: here",
        "secrets:\n  - name: here\n    keys: {}\n",
        "kind: ServiceAccount\nannotations:\n  note: here\nsecrets: []\n",
        "author: here",
        "secretRef: # here",
    ],
)
def test_what_is_no_secret_is_shown(text: str) -> None:
    assert "here" in shown(text, "here")
