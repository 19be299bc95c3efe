"""No value of a Secret comes out of a review, wherever it flows and in whatever format, nor anything that helps to guess it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gitops_validate.model.change import Impact, Review
from gitops_validate.model.environment import Environment
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import FluxKustomization, Origin, Render, Rendered, RenderedObject
from gitops_validate.report.look import Look
from gitops_validate.report.review import FORMATS, write
from gitops_validate.review.environment import appeared, reviewed, vanished
from gitops_validate.review.held import PLAIN
from gitops_validate.review.refused import Refusals
from gitops_validate.review.sides import Side, Sides, objects
from gitops_validate.review.veil import Veil

APP = ReconcilerRef("Kustomization", "flux-system", "app")
LETTERS = st.characters(codec="ascii", categories=("L", "N", "P"), exclude_characters="\\\"'`<>&|$")
FOREVER = "the-same-on-both-sides"


class Nobody(Refusals):
    """Asks nobody."""

    def of(self, changes: Sequence[Any], where: Any) -> Mapping[int, list[Impact]]:  # noqa: ARG002 - the signature of the real one
        return {}


NOBODY = Nobody(None)  # type: ignore[arg-type]


def thing(kind: str, name: str, **content: Any) -> RenderedObject:
    data = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "app", **content.pop("metadata", {})}, **content}
    return RenderedObject(ObjectRef("v1", kind, "app", name), orjson.dumps(data), Origin(), APP, "prod")


def side(*things: RenderedObject) -> Side:
    render = Render(FluxKustomization(APP, "prod", None, {"prune": True}), things)
    return Side(Repo(Path(), {}, {}), Rendered(Environment("prod", "clusters/prod", "1.36"), (render,)))


def printed(before: Side, after: Side) -> str:
    """Everything that any format says: of the change, and of the environment's coming and going."""
    veil = Veil(objects([before, after]))
    environments = (reviewed(Sides(before, after), veil, NOBODY), appeared(after, veil), vanished(before, veil))
    out = io.StringIO()
    for name in FORMATS:
        write(name, Review("base", "head", environments), out, Look())
    return out.getvalue()


def flows(secret: str) -> list[RenderedObject]:
    """A Secret, and where its value ends up: a chart, a substitution and a careless person put it there."""
    encoded = base64.b64encode(secret.encode()).decode()
    pod = {
        "containers": [{"name": "app", "args": [f"--key={secret}"], "env": [{"name": "TOKEN", "value": secret}, {"name": "PLAIN", "value": secret}]}]
    }
    return [
        thing("Secret", "plain", stringData={"password": secret}),
        thing("Secret", "encoded", data={"password": encoded}),
        thing("Secret", "file", stringData={"app.ini": f"[main]\nhost = db\npassword = {secret}\n"}),
        thing("Pod", "app", spec=pod),
        thing("ConfigMap", "app", data={"url": f"https://user:{secret}@db", "file": f"a: b\nkey: {secret}\n", "encoded": encoded}),
        thing("Service", "app", metadata={"annotations": {"kubectl.kubernetes.io/last-applied-configuration": f'{{"a": "{secret}"}}'}}),
    ]


@cache
def anyway() -> str:
    """What is said of such a change whatever the secret: our own words, which show nothing of one that is spelled like them."""
    return printed(side(*flows(FOREVER)), side(*flows("another-value-here")))


SECRET = st.text(LETTERS, min_size=12, max_size=40).filter(lambda secret: secret not in anyway())


@given(SECRET, SECRET)
def test_no_value_of_a_secret_comes_out(old: str, new: str) -> None:
    said = printed(side(*flows(old)), side(*flows(new)))
    for secret in (old, new):
        assert secret not in said
        assert base64.b64encode(secret.encode()).decode() not in said


@given(SECRET)
def test_a_value_of_one_side_is_hidden_on_the_other(secret: str) -> None:
    """That a Secret is taken away does not make its value one to be shown where it stands in the clear."""
    before, after = side(*flows(secret)), side(thing("ConfigMap", "app", data={"left": secret, "level": "info"}))
    assert secret not in printed(before, after)


@given(st.text(min_size=4))
def test_any_text_at_all_is_hidden(secret: str) -> None:
    encoded = base64.b64encode(secret.encode("utf-8", "surrogatepass")).decode() if secret.isascii() else ""
    assume(secret.lower() not in PLAIN)  # words that stand everywhere, and are no secret
    assume(secret.strip() == secret and secret not in anyway())
    before = side(thing("Secret", "s", stringData={"a": FOREVER}), thing("ConfigMap", "c", data={"v": "old"}))
    try:
        after = side(thing("Secret", "s", stringData={"a": secret}), thing("ConfigMap", "c", data={"v": f"={secret}="}))
    except TypeError:
        assume(False)  # a lone surrogate stands in no JSON
    said = printed(before, after)
    assert secret not in said
    assert not encoded or encoded not in said


ODD = ('kZ7vQ2pX"x&y/é 19<w+Q', 'mT4rB8sN"x&y/é 58<w+R')
CODED = {
    "within a login in base64": lambda secret: base64.b64encode(f"robot:{secret}".encode()).decode(),
    "amid more in base64 of URLs": lambda secret: base64.urlsafe_b64encode(f"{{user: ä, key: {secret}}}".encode()).decode().rstrip("="),
    "in a URL": lambda secret: f"https://example.org/?key={quote(secret, safe='')}&x=y",
    "in a form": lambda secret: f"key={quote_plus(secret)}",
    "in JSON": lambda secret: json.dumps({"key": secret}),
    "in JSON as Go writes it": lambda secret: json.dumps({"key": secret}, ensure_ascii=False).replace("&", "\\u0026").replace("<", "\\u003c"),
    "in hexadecimal digits": lambda secret: f"0x{secret.encode().hex()}",
}


@pytest.mark.parametrize("code", CODED.values(), ids=CODED)
def test_a_value_is_hidden_however_it_is_written(code: Callable[[str], str]) -> None:
    sides = [(code(value), side(thing("Secret", "s", stringData={"a": value}), thing("ConfigMap", "c", data={"v": code(value)}))) for value in ODD]
    said = printed(sides[0][1], sides[1][1])
    assert not [part for (coded, _), value in zip(sides, ODD, strict=True) for part in (coded, coded[-24:-4], value[:8]) if part in said]


@pytest.mark.parametrize("code", ["{}", "sha256-{}", "checksum: sha256:{}"])
@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_the_digest_of_a_value_is_hidden(algorithm: str, code: str) -> None:
    """Whoever guesses a password, however short it is, sees by its digest that it is the one."""
    digests = [hashlib.new(algorithm, value.encode()).hexdigest() for value in ("q7", "z9x", "longer-than-both")]
    encoded = base64.b64encode(hashlib.new(algorithm, b"z9x").digest()).decode()
    before, after = (
        side(
            thing("Secret", "s", stringData={"a": "q7", "b": "z9x", "c": "longer-than-both"}),
            thing("ConfigMap", "c", data={"v": number, "sums": "\n".join(map(code.format, digests)), "encoded": encoded}),
        )
        for number in "12"
    )
    said = printed(before, after)
    assert not [digest for digest in (*digests, encoded) if digest in said]


def test_a_checksum_of_settings_is_hidden_though_it_is_the_digest_of_more_than_a_value() -> None:
    """All else in what a public chart takes the checksum of is known."""
    before, after = (side(thing("Pod", "p", metadata={"annotations": {"checksum/config": digest}})) for digest in ("0123abcd", "4567cdef"))
    said = printed(before, after)
    assert "0123abcd" not in said
    assert "4567cdef" not in said
    assert "checksum/config" in said


@pytest.mark.parametrize("line", ["login: {user: robot, key: KEY}", 'login: {"user": "robot", "key": "KEY" }', "keys: ['other-value', KEY]"])
def test_a_value_within_a_line_of_a_values_file_is_hidden(line: str) -> None:
    """A chart takes it from there, and puts it anywhere."""
    before, after = (
        side(
            thing("Secret", "values", stringData={"values.yaml": f"level: info\n{line.replace('KEY', key)}\n"}),
            thing("ConfigMap", "made", data={"v": f"as {key}", "encoded": base64.b64encode(key.encode()).decode()}),
        )
        for key in ("first-key-of-all", "second-key-of-all")
    )
    said = printed(before, after)
    for key in ("first-key-of-all", "second-key-of-all"):
        assert key not in said
        assert base64.b64encode(key.encode()).decode() not in said


def test_what_follows_an_option_that_takes_a_secret_is_hidden() -> None:
    def pod(token: str, *first: str) -> RenderedObject:
        other = {"name": "b", "image": "b:1"}
        app = {"name": "a", "command": ["run", *first, "--token", token, "--level", "info", "--token-file", "/run/token"], "image": "a:1"}
        return thing("Pod", "p", spec={"containers": [other, app] if first else [app, other]})

    for first in ((), ("--verbose",)):
        said = printed(side(pod("first-one")), side(pod("second-one", *first)))
        assert "first-one" not in said
        assert "second-one" not in said
        assert "/run/token" in said


def test_that_a_key_has_changed_is_said() -> None:
    before, after = (side(thing("Secret", "db", stringData={"user": "app-user", "password": value})) for value in ("first-value", "second-value"))
    assert "password" in (said := printed(before, after))
    assert "key password: another value" in said
    assert "key user" not in said


def test_the_hash_of_a_generated_secret_is_not_shown() -> None:
    def made(value: str, name: str) -> RenderedObject:
        return RenderedObject(
            ObjectRef("v1", "Secret", "app", name),
            orjson.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "app"}, "data": {"k": value}}),
            Origin(generator="overlays/prod/kustomization.yaml"),
            APP,
            "prod",
        )

    said = printed(side(made("b2xkLXZhbHVl", "db-f4h5k6m7t8")), side(made("bmV3LXZhbHVl", "db-2456789bcd")))
    assert "db-*" in said
    assert "f4h5k6m7t8" not in said
    assert "2456789bcd" not in said


@pytest.mark.parametrize("text", ["info", "true", "8080", "registry.acme.example/api:1.4.0"])
def test_what_is_no_secret_is_shown(text: str) -> None:
    """Hiding everything would be safe, and of no use."""
    before = side(thing("Secret", "s", stringData={"a": "true", "b": "yes"}), thing("ConfigMap", "c", data={"level": "debug"}))
    after = side(thing("Secret", "s", stringData={"a": "true", "b": "yes"}), thing("ConfigMap", "c", data={"level": text}))
    assert text in printed(before, after)
