"""Which values of a Secret must not stand in plain text."""

from __future__ import annotations

import base64

import pytest

from gitops_validate.secrets.plaintext import plain_values

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ==\n-----END CERTIFICATE-----\n"
KEY = CERTIFICATE.replace("CERTIFICATE", "PRIVATE KEY")


def is_plain(value: str, field: str = "stringData") -> bool:
    return any(plain_values({"apiVersion": "v1", "kind": "Secret", field: {"value": value}}))


@pytest.mark.parametrize(
    "value", ["op://Platform/connect server/token", "ref+vault://secret/db#/password", "<path:secret/data/db#key>", "op://Platform/server/token\n"]
)
def test_where_a_value_lies_is_no_value(value: str) -> None:
    assert not is_plain(value)
    assert is_plain(f"and {value}")


def test_a_certificate_is_public_and_a_key_beside_it_is_not() -> None:
    assert not is_plain(CERTIFICATE + CERTIFICATE)
    assert not is_plain(base64.b64encode(CERTIFICATE.encode()).decode(), "data")
    assert is_plain(CERTIFICATE + KEY)
    assert is_plain(base64.b64encode(KEY.encode()).decode(), "data")


@pytest.mark.parametrize(
    "value",
    [
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: web, by <web@example.org>\n\nmQINBGQ+\n=aB1c\n-----END PGP PUBLIC KEY BLOCK-----\n",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMTt who@where\nssh-rsa AAAAB3NzaC1yc2E=\n",
        "git.example,[10.0.0.1]:22 ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=\n",
    ],
)
def test_public_keys_of_other_kinds_are_public(value: str) -> None:
    assert not is_plain(value)
    assert not is_plain(base64.b64encode(value.encode()).decode(), "data")
    assert is_plain(f"{value}password=hunter2\n")
    assert is_plain(value.replace("PUBLIC", "PRIVATE").replace("AAAA", "hunter2"))


def test_a_switch_is_no_secret() -> None:
    assert not is_plain("true")
    assert not is_plain(base64.b64encode(b"False\n").decode(), "data")
    assert is_plain("truer")


def test_a_variable_may_be_the_default_of_another() -> None:
    assert not is_plain("${OWNER:=${APP}}")
    assert is_plain("${OWNER:=${APP}}-hunter2")


@pytest.mark.parametrize(
    "value", ["${REPOSITORY}/bazarr", "s3:https://${HOST}:9000/backups/shop", "postgres://${USER}:${PASSWORD}@db.shop.svc:5432/shop"]
)
def test_variables_may_make_an_address_with_short_words(value: str) -> None:
    assert not is_plain(value)


@pytest.mark.parametrize(
    "value",
    ["postgres://shop:hunter@${HOST}/shop", "https://${HOST}/hooks/k8J2mQ9xT1", "hunter-${STAGE}", "a/${HOST}\nb", "https://example.org/", "${A}correcthorsebattery/x"],
)  # fmt: skip
def test_what_may_be_a_secret_beside_a_variable_is_one(value: str) -> None:
    assert is_plain(value)
