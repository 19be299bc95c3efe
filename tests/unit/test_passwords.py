"""Which settings read like passwords, and which only sound so."""

from __future__ import annotations

import pytest

from gitops_validate.placing.routes import Route
from gitops_validate.secrets.passwords import is_password, lines


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("auth", "password"), "hunter2"),
        (("adminPassword",), "admin"),
        (("MYSQL_PASS",), "root7"),
        (("DB_PWD",), "s3cr"),
        (("grafana.ini", "smtp", "password"), "12345"),
        (("apiKey",), "8f14e45fceea167a5a36dedd4bea2543"),
        (("client_secret",), "Zx8Qw3Er7Ty1Ui9Op5As"),
        (("users", 0, "token"), "abcDEF123456789"),
    ],
)
def test_a_literal_under_a_secret_name_is_one(way: Route, value: str) -> None:
    assert is_password(way, value)


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("auth", "password"), ""),
        (("auth", "password"), True),
        (("auth", "password"), "${PASSWORD}"),
        (("auth", "password"), "{{ .Values.password }}"),
        (("auth", "password"), "$__env{PASSWORD}"),
        (("auth", "password"), "{MQTT_PASSWORD}"),
        (("auth", "password"), "<path:secret/data/web#password>"),
        (("auth", "password"), "ENC[AES256_GCM,data:AAAA]"),
        (("auth", "password"), "vault:secret/web#password"),
        (("auth", "password"), "/run/secrets/password"),
        (("auth", "password"), "changeme"),
        (("auth", "password"), "web-database-password"),
        (("auth", "password"), "DATABASE_PASSWORD"),
        (("adminPassword",), "password"),
        (("auth", "secretKeys", "password"), "Passw0rd"),
        (("existingSecret", "password"), "Passw0rd"),
        (("passwordSecretRef", "password"), "Passw0rd"),
        (("passwordKey",), "Passw0rd"),
        (("existingPassword",), "Passw0rd"),
        (("secretName",), "Passw0rd"),
        (("maxToken",), "abcDEF123456789"),
        (("token",), "github-token"),
        (("token",), "short1"),
        (("secret",), "abcDEF123456789"),
        (("image",), "hunter2"),
        ((), "hunter2"),
        (("CONTEXT7_API_KEY",), "{env:CONTEXT7_API_KEY}"),
        (("token",), "{file:~/.secrets/token-1}"),
    ],
)
def test_what_only_sounds_so_is_none(way: Route, value: object) -> None:
    assert not is_password(way, value)


def test_lines_of_settings_are_looked_into_and_comments_are_not() -> None:
    text = '[smtp]\npassword = hunter2\n; password = hunter2\n  api_key: \'8f14e45fceea167a\'\n"pass": "hunter2",\npassword = two words\n'
    assert list(lines(text)) == [(1, "password"), (3, "api_key"), (4, "pass")]


def test_what_a_program_computes_is_no_setting() -> None:
    text = "token = base64.b64decode(token_b64).decode()\napi_key = os.environ['KEY8f14e45']\ntoken = read(1) or b\n"
    assert not list(lines(text))
    assert list(lines('token = "b64decode(8f14e45fceea167a)"\n')) == [(0, "token")]


def test_a_long_line_is_passed_over_at_once() -> None:
    assert not list(lines("password" + "=" * 1_000_000))
    assert not is_password(("password",), "x" * 1_000_000)
