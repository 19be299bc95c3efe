"""Generated and derived values: they are of the form that the catalogue asks for, and survive encryption."""

import base64
import json
import string
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import bcrypt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key, load_ssh_private_key, load_ssh_public_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_generate.errors import Refused
from gitops_generate.secrets import generators, sealing
from gitops_generate.secrets.audience import Audience
from gitops_generate.secrets.recipes import Ref, Wrong, recipe
from gitops_validate.engine import Engine

PRINTABLE = "".join(chr(code) for code in range(33, 127))


def make(entry: dict[str, Any], *inputs: str, keys: dict[str, Any] | None = None) -> str:
    made = recipe("home", entry, keys or {"key": entry}).make
    assert made
    return made(inputs)


@given(length=st.integers(20, 300), alphabet=st.text(PRINTABLE, min_size=10, max_size=94).filter(lambda text: len(set(text)) >= 10))
def test_passwords_keep_to_length_and_alphabet(length: int, alphabet: str) -> None:
    found = make({"generate": "password", "length": length, "alphabet": alphabet})
    assert len(found) == length and set(found) <= set(alphabet)


def test_all_characters_of_an_alphabet_are_used() -> None:
    assert set(generators.password(4000)) == set(string.ascii_letters + string.digits)


@given(size=st.integers(8, 300))
def test_bytes_are_as_many_as_asked_for(size: int) -> None:
    assert len(bytes.fromhex(make({"generate": "hex", "bytes": size}))) == size
    assert len(base64.b64decode(make({"generate": "base64", "bytes": size}), validate=True)) == size


def test_other_kinds() -> None:
    assert len(base64.urlsafe_b64decode(make({"generate": "fernet"}))) == 32
    assert uuid.UUID(make({"generate": "uuid"})).version == 4
    assert make({"fixed": "admin"}) == "admin"
    assert make({"copy": "other/key"}, "x") == "x"


def test_pairs_belong_together() -> None:
    private = make({"generate": "rsa", "bits": 2048})
    key = load_pem_private_key(private.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey) and key.key_size == 2048
    keys = {"a": {"generate": "rsa"}, "b": {"generate": "rsa", "part": "public"}}
    assert load_pem_public_key(make(keys["b"], private, keys=keys).encode()) == key.public_key()
    private = make({"generate": "ssh"})
    key = load_ssh_private_key(private.encode(), None)
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    keys = {"a": {"generate": "ssh"}, "b": {"generate": "ssh", "part": "public"}}
    assert load_ssh_public_key(make(keys["b"], private, keys=keys).encode()) == key.public_key()


def test_a_line_of_htpasswd() -> None:
    user, _, digest = make({"generate": "htpasswd", "user": "admin", "from": "password"}, "hunter2").partition(":")
    assert user == "admin" and bcrypt.checkpw(b"hunter2", digest.encode())
    with pytest.raises(Refused, match="72 bytes"):
        make({"generate": "htpasswd", "user": "admin", "from": "password"}, "x" * 73)


@given(user=st.text(min_size=1), password=st.text(min_size=1))
def test_a_url_gives_its_parts_back(user: str, password: str) -> None:
    url = urlsplit(make({"derive": "postgresql://{user}:{password}@db:5432/x"}, user, password))
    assert (unquote(url.username or ""), unquote(url.password or ""), url.hostname, url.port) == (user, password, "db", 5432)


@given(value=st.text())
def test_json_gives_its_parts_back(value: str) -> None:
    assert json.loads(make({"derive": '{{"a": ["{x}"]}}', "json": True}, value)) == {"a": [value]}
    assert make({"derive": "<{x}>", "raw": True}, value) == f"<{value}>"


@pytest.mark.parametrize("template", ["{", "}", "{a", "{}", "{a:x}", "{a!r}", "{a:{b}}"])
def test_what_is_no_template(template: str) -> None:
    with pytest.raises(Wrong, match="brace"):
        recipe("home", {"derive": template}, {})


def test_what_a_template_follows_from() -> None:
    assert recipe("home", {"derive": "{a}{other/tls.crt}{{b}}{a}"}, {}).inputs == (Ref("home", "a"), Ref("other", "tls.crt"), Ref("home", "a"))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine([], workers=1) as running:
        yield running


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values=st.dictionaries(st.text(string.ascii_letters + "-_.", min_size=1, max_size=20), st.text(min_size=1), min_size=1, max_size=5))
def test_what_is_encrypted_is_what_comes_back(engine: Engine, values: dict[str, str]) -> None:
    recipient, identity = sealing.keygen(engine, hybrid=False)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": values}
    encrypted = sealing.encrypt(engine, {"a.sops.yaml": secret}, Audience.of_age([recipient]))
    sealed = sealing.inspect(engine, encrypted)
    assert sealed["a.sops.yaml"].keys == set(values)
    found = sealing.decrypt(engine, list(sealed.values()), identity, "a key")
    assert found == {"a.sops.yaml": secret}
    frame = sealing.encrypt(engine, {"a.sops.yaml": {**secret, "stringData": {"A": "B"}}}, Audience.of_age([recipient]))["a.sops.yaml"]
    for value in values.values():
        assert len(value) < 8 or value.encode() in frame or value.encode() not in encrypted["a.sops.yaml"]
