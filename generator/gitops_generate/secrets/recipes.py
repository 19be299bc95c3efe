"""How a value is made: from nothing, from other values, or by a person."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from string import Formatter
from typing import Any, Literal
from urllib.parse import quote

from gitops_generate.secrets import certificates, generators

Kind = Literal["fixed", "generated", "derived", "given"]


class Wrong(Exception):
    """What is wrong with an entry, in words that follow its place."""


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A key of a secret."""

    secret: str
    key: str

    def __str__(self) -> str:
        return f"{self.secret}/{self.key}"

    @staticmethod
    def read(text: str, home: str) -> Ref:
        """From `key` or `secret/key`, as it stands in the secret `home`."""
        secret, slash, key = text.rpartition("/")
        return Ref(secret if slash else home, key)


@dataclass(frozen=True, slots=True)
class Recipe:
    """`make` takes the values of `inputs`, in their order; of a given value `where` says where a person gets it."""

    kind: Kind
    inputs: tuple[Ref, ...] = ()
    make: Callable[[Sequence[str]], str] | None = None
    where: str = ""
    settable: bool = False
    """Whether a person may give it instead; a certificate that somebody else signed, for instance."""


def recipe(home: str, entry: Mapping[str, Any], keys: Mapping[str, Mapping[str, Any]]) -> Recipe:
    """The recipe of an entry that the schema accepted, among the keys of the secret `home`. Raises Wrong."""
    match entry:
        case {"fixed": str(text)}:
            return Recipe("fixed", make=lambda _: text)
        case {"given": str(where)}:
            return Recipe("given", where=where, settable=True)
        case {"copy": str(other)}:
            return Recipe("derived", (Ref.read(other, home),), lambda values: values[0])
        case {"derive": str(template)}:
            return derived(home, template, _escape(entry))
        case {"generate": "htpasswd", "user": str(user), "from": str(other)}:
            return Recipe("derived", (Ref.read(other, home),), lambda values: generators.htpasswd(user, values[0]))
        case {"generate": str(kind), "part": "public" | "certificate" as part}:
            return Recipe("derived", (Ref(home, _private(kind, keys)),), _public(kind, part, entry), settable=True)
    return Recipe("generated", make=_generator(entry), settable=True)


def derived(home: str, template: str, escape: Callable[[str], str]) -> Recipe:
    """A text with `{key}` and `{secret/key}` in it. Raises Wrong."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as fault:
        raise Wrong(f"is no template ({fault}); write {{{{ and }}}} for braces") from None
    for _, field, spec, conversion in parts:
        if field is not None and (spec or conversion or not field):
            raise Wrong("may have names of keys between braces, and nothing else; write {{ and }} for braces")
    inputs = tuple(Ref.read(field, home) for _, field, _, _ in parts if field is not None)

    def make(values: Sequence[str]) -> str:
        rest = iter(values)
        return "".join(text + (escape(next(rest)) if field is not None else "") for text, field, _, _ in parts)

    return Recipe("derived", inputs, make)


def _escape(entry: Mapping[str, Any]) -> Callable[[str], str]:
    if entry.get("raw") and entry.get("json"):
        raise Wrong("can be raw or json, not both")
    if entry.get("raw"):
        return str
    if entry.get("json"):
        return lambda value: json.dumps(value)[1:-1]
    return partial(quote, safe="")


def _generator(entry: Mapping[str, Any]) -> Callable[[Sequence[str]], str]:
    options = {name: value for name, value in entry.items() if name not in ("generate", "part", "bytes")}
    if "bytes" in entry:
        options["size"] = entry["bytes"]
    if entry["generate"] == "password" and (bits := generators.strength(**options)) < generators.BITS:
        raise Wrong(f"makes passwords that are worth {bits:.0f} bits only: make length or alphabet larger, to at least {generators.BITS}")
    made: dict[str, Callable[..., str]] = {
        "password": generators.password,
        "hex": generators.hexadecimal,
        "base64": generators.base64_text,
        "fernet": generators.fernet,
        "uuid": generators.uuid_text,
        "rsa": certificates.rsa_private,
        "ssh": certificates.ssh_private,
        "tls": lambda **_: certificates.tls_private(),  # the certificate's options may stand with the key, too
    }
    make = partial(made[entry["generate"]], **options)
    return lambda _: make()


def _public(kind: str, part: str, entry: Mapping[str, Any]) -> Callable[[Sequence[str]], str]:
    if part == "certificate":
        options = {name: value for name, value in entry.items() if name not in ("generate", "part")}
        return lambda values: certificates.certificate(values[0], **options)
    make = certificates.ssh_public if kind == "ssh" else certificates.pem_public
    return lambda values: make(values[0])


def _private(kind: str, keys: Mapping[str, Mapping[str, Any]]) -> str:
    """The key with the private half of the same kind; there must be one."""
    found = [key for key, other in keys.items() if other.get("generate") == kind and other.get("part", "private") in ("private", "key")]
    if len(found) == 1:
        return found[0]
    part = "key" if kind == "tls" else "private"
    raise Wrong(f"needs exactly one other key of the secret with generate: {kind} and part: {part}; there are {len(found)}")
