"""Random values: each function makes one, from the operating system's generator."""

from __future__ import annotations

import base64
import math
import secrets
import string
import uuid

import bcrypt

from gitops_generate.errors import Refused

LETTERS_AND_DIGITS = string.ascii_letters + string.digits
BITS = 64
"""What a password must be worth: `length` and `alphabet` that give less are refused."""


def password(length: int = 32, alphabet: str = LETTERS_AND_DIGITS) -> str:
    """Characters of the alphabet, each as likely as any other."""
    characters = sorted(set(alphabet))
    return "".join(secrets.choice(characters) for _ in range(length))


def strength(length: int = 32, alphabet: str = LETTERS_AND_DIGITS) -> float:
    """The bits that a password of this form is worth."""
    return length * math.log2(len(set(alphabet)))


def hexadecimal(size: int = 32) -> str:
    """So many bytes, two digits each."""
    return secrets.token_hex(size)


def base64_text(size: int = 32) -> str:
    """So many bytes in base64."""
    return base64.b64encode(secrets.token_bytes(size)).decode()


def fernet() -> str:
    """A key of the Fernet recipe: 32 bytes in base64 for URLs."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def uuid_text() -> str:
    """A random UUID."""
    return str(uuid.uuid4())


def htpasswd(user: str, plain: str) -> str:
    """A line for basic authentication, with bcrypt. Raises Refused for a password that bcrypt would cut short."""
    if len(plain.encode()) > 72:
        raise Refused(f"the password of {user} is longer than the 72 bytes that bcrypt reads: shorten it")
    return f"{user}:{bcrypt.hashpw(plain.encode(), bcrypt.gensalt(rounds=10)).decode()}"
