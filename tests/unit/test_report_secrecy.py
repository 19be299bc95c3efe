"""Lines shown in reports never hold a value that may be a secret."""

from __future__ import annotations

import pytest

from gitops_validate.report import excerpt
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
        (f"env: [{{name: DB_PASSWORD, value: {WORD}}}]", "env: <hidden>"),
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
        "kind: HelmRelease\nspec:\n  chart:\n    version: here\n  valuesFrom:\n    - kind: Secret\n      name: web-values\n",
    ],
)
def test_what_is_no_secret_is_shown(text: str) -> None:
    assert "here" in shown(text, "here")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", ["password", "auth.", "token-", "a = ", "key: "])
def test_a_line_takes_no_longer_than_it_is_long(unit: str) -> None:
    assert Source("a: [" + unit * 100_000).excerpt(1, 1, 2)


def test_a_word_that_is_too_long_to_look_into_is_hidden() -> None:
    assert shown(f"a: {{{'x' * 300}: {WORD}}}") == "a: <hidden>"


def test_a_document_is_looked_into_once_however_much_is_found_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    monkeypatch.setattr(excerpt, "holds_secrets", lambda lines: bool(looked.append(len(lines))))
    source = Source("a: b\nc: d\n---\ne: f\n")
    for line in (1, 2, 4, 1):
        source.excerpt(line, 1, 2)
    assert looked == [3, 2]
