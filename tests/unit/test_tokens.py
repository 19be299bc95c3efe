"""What is taken for a token, and that none is shown."""

import pytest

from gitops_validate.report.secrecy import masked
from gitops_validate.secrets.tokens import found

REAL = {
    "glpat-" + "x7Kq9mZr2TbWc4Lp8YdN": "a token of GitLab",
    "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8": "a token of GitHub",
    "AKIA" + "Q3EGRZ7M4K2XWPLT": "an access key of AWS",
    "xoxb-" + "123456789012-abcdefghij": "a token of Slack",
    "hvs." + "CAESIJlq1gT8bY3mXz0vKcNwPqRs": "a token of Vault",
    "postgres://mlflow:k7Gq2-mWz9@db.mlflow.svc/mlflow": "a password in an address",
}


@pytest.mark.parametrize("token", REAL)
def test_a_token_is_known_by_its_form(token: str) -> None:
    assert found(f"use {token} here") == REAL[token]


@pytest.mark.parametrize(
    "text",
    [
        "glpat-xxxxxxxxxxxxxxxxxxxx",
        "AKIAIOSFODNN7EXAMPLE",
        "https://user:password@host/",
        "https://oauth2:${TOKEN}@host/",
        "https://host/@user",
        "git@host:x.git",
        "https://a:{{ .p }}@h",
    ],
)
def test_an_example_is_none(text: str) -> None:
    assert found(text) == ""


@pytest.mark.parametrize("token", REAL)
def test_no_line_that_holds_one_is_shown(token: str) -> None:
    assert token not in masked([f"curl --header {token}"], 0)
