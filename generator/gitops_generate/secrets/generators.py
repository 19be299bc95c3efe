"""Random values. All randomness is the operating system's."""

from __future__ import annotations

import base64
import secrets
import string
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

LETTERS = string.ascii_letters + string.digits
"""What a password is made of unless the catalogue says otherwise: nothing that a URL, a shell or a configuration file would have to escape."""

How = Mapping[str, Any]
Pair = tuple[str, str]
_PEM, _PLAIN = serialization.Encoding.PEM, serialization.NoEncryption()


def single(how: How) -> str:
    """One value, by the catalogue's `generate`."""
    return _SINGLES[how["generate"]](how)


def pair(hows: list[How]) -> Pair:
    """The public and the private half of a pair, by what its halves say together."""
    merged: dict[str, Any] = {}
    for how in hows:
        merged.update(how)
    return _PAIRS[merged["generate"]](merged)


def is_pair(how: How) -> bool:
    """Whether a value is one half of a pair."""
    return how.get("generate") in _PAIRS and "part" in how


def _password(how: How) -> str:
    alphabet = "".join(sorted(set(how.get("alphabet", LETTERS))))
    return "".join(secrets.choice(alphabet) for _ in range(how.get("length", 32)))


def _rsa(how: How) -> Pair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=how.get("bits", 3072))
    return _pem_pair(key)


def _pem_pair(key: rsa.RSAPrivateKey) -> Pair:
    public = key.public_key().public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return public, key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, _PLAIN).decode()


def _ssh(_how: How) -> Pair:
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    return public + "\n", key.private_bytes(_PEM, serialization.PrivateFormat.OpenSSH, _PLAIN).decode()


def _tls(how: How) -> Pair:
    """A self-signed certificate, and its key (ECDSA P-256)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, how.get("common_name", "platform"))])
    now = datetime.now(UTC).replace(microsecond=0)
    authority = bool(how.get("ca"))
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))  # clocks differ
        .not_valid_after(now + timedelta(days=how.get("days", 365)))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(authority), critical=True)
    )
    if how.get("dns"):
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in how["dns"]]), critical=False)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(_PEM).decode()
    return certificate, key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, _PLAIN).decode()


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


_SINGLES: dict[str, Callable[[How], str]] = {
    "password": _password,
    "hex": lambda how: secrets.token_hex(how.get("bytes", 32)),
    "base64": lambda how: base64.b64encode(secrets.token_bytes(how.get("bytes", 32))).decode(),
    "fernet": lambda _how: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "uuid": lambda _how: str(uuid.UUID(bytes=secrets.token_bytes(16), version=4)),
    "rsa": lambda how: _rsa(how)[1],
    "ssh": lambda how: _ssh(how)[1],
    "tls": lambda how: "".join(_tls(how)),
}
_PAIRS: dict[str, Callable[[How], Pair]] = {"rsa": _rsa, "ssh": _ssh, "tls": _tls}
