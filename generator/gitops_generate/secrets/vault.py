"""Asks Vault's transit engine to encrypt data keys: the only connection that the secrets of a repository may take.

Only hosts that `.gitops-validate.yaml` names are asked, so that an address in `.sops.yaml` alone sends nothing anywhere; over TLS but for loopback;
no redirect is followed, and no proxy used. Files are still opened with the environment's age key: a Vault that is gone locks nobody out.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from gitops_generate.errors import Refused, WrongAnswer

ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>(?P<name>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:(?P<port>[0-9]{1,5}))?)/v1/(?P<engine>(\w[\w.-]*/)*\w[\w.-]*)/keys/(?P<key>\w[\w.-]*)",
    re.ASCII,
)
LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|\[::1\]")
CIPHERTEXT = re.compile(r"vault:v\d+:[A-Za-z0-9+/]+=*", re.ASCII)
LAST_PORT = 0xFFFF
SECONDS = 10
LARGEST = 1 << 16
SAID = {
    400: "it does not encrypt with this key",
    403: "the token may not encrypt with this key",
    404: "there is no such key or transit engine",
    503: "it is sealed",
}


@dataclass(frozen=True, slots=True)
class Vault:
    """`hosts` tells those that may be asked, with a port or without."""

    hosts: Callable[[], Collection[str]]

    def encrypt(self, address: str, data_key: bytes) -> str:
        """The data key as the key at an address encrypts it, `vault:v1:…`. Raises Refused, and WrongAnswer for what is no such address."""
        place = parsed(address)
        host = place["host"]
        if not {host, place["name"]} & set(self.hosts()):
            raise Refused(f"{host} is not among the hosts in .gitops-validate.yaml, and no other is asked: add it there")
        if place["scheme"] == "http" and not LOOPBACK.fullmatch(place["name"]):
            raise Refused(f"{address} is without encryption: anybody between here and there could read the data keys; use https")
        body = json.dumps({"plaintext": base64.b64encode(data_key).decode()}).encode()
        try:
            status, answer = _ask(place["scheme"], host, f"/v1/{place['engine']}/encrypt/{place['key']}", body)
        except ssl.SSLCertVerificationError as fault:
            hint = "; VAULT_CACERT may name the company's authority" if not os.environ.get("VAULT_CACERT") else ""
            raise _out_of_reach(host, f"its certificate is not trusted ({fault.verify_message}){hint}") from None
        except TimeoutError:
            raise _out_of_reach(host, f"no answer in {SECONDS} seconds") from None
        except (OSError, http.client.HTTPException, UnicodeError) as fault:
            raise _out_of_reach(host, getattr(fault, "strerror", None) or type(fault).__name__) from None
        if status != 200:
            raise _out_of_reach(host, SAID.get(status) or ("it sends on to another place" if status // 100 == 3 else f"it answers {status}"))
        return _ciphertext(host, answer)


def parsed(address: str) -> re.Match[str]:
    """The parts of an address. Raises WrongAnswer."""
    found = ADDRESS.fullmatch(address)
    if not found or int(found["port"] or 0) > LAST_PORT:
        raise WrongAnswer(f"{address[:200]} is no key of Vault's transit engine: write https://HOST[:PORT]/v1/transit/keys/NAME")
    return found


def _out_of_reach(host: str, why: str) -> Refused:
    return Refused(f"Vault at {host} did not encrypt the data key: {why}; nothing was changed")


def _ask(scheme: str, host: str, path: str, body: bytes) -> tuple[int, bytes]:
    """The status and the body of the answer."""
    headers = {"X-Vault-Token": _token(), "X-Vault-Request": "true", "Content-Type": "application/json"}
    if namespace := os.environ.get("VAULT_NAMESPACE"):
        headers["X-Vault-Namespace"] = _plain(namespace, "VAULT_NAMESPACE")
    connection = http.client.HTTPConnection(host, timeout=SECONDS) if scheme == "http" else _over_tls(host)
    try:
        connection.request("PUT", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(LARGEST)
    finally:
        connection.close()


def _over_tls(host: str) -> http.client.HTTPSConnection:
    """With the company's own authority, where VAULT_CACERT names its file as for Vault's own command."""
    authority = os.environ.get("VAULT_CACERT") or None
    try:
        context = ssl.create_default_context(cafile=authority)
    except OSError as fault:
        raise Refused(f"{authority}, which VAULT_CACERT names, cannot be read as certificates: {fault.strerror or 'it holds none'}") from None
    return http.client.HTTPSConnection(host, timeout=SECONDS, context=context)


def _token() -> str:
    """From VAULT_TOKEN or ~/.vault-token, where `vault login` leaves it. Raises Refused."""
    token = os.environ.get("VAULT_TOKEN", "")
    try:
        token = token or (Path.home() / ".vault-token").read_text(encoding="ascii")
    except (OSError, ValueError, RuntimeError):
        raise Refused("there is no token for Vault: say VAULT_TOKEN, or let `vault login` write ~/.vault-token") from None
    return _plain(token.strip(), "VAULT_TOKEN or ~/.vault-token")


def _plain(text: str, name: str) -> str:
    """What may stand in a header; its value is not repeated. Raises Refused."""
    if not text or not re.fullmatch(r"[!-~]{1,8192}", text):
        raise Refused(f"what {name} holds is none: it is empty, or has characters that cannot stand in one")
    return text


def _ciphertext(host: str, answer: bytes) -> str:
    try:
        found = json.loads(answer)["data"]["ciphertext"]
    except (ValueError, LookupError, TypeError, RecursionError):
        found = None
    if not isinstance(found, str) or not CIPHERTEXT.fullmatch(found):
        raise _out_of_reach(host, "its answer is not that of a transit engine")
    return found
