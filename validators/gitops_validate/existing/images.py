"""How an image is named."""

from __future__ import annotations


def is_floating(image: str) -> bool:
    """Whether a name of an image means another one after each push: no digest, and no tag or `latest`."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return not digest and tag in ("", "latest")


def full_name(image: str) -> str:
    """A name with its registry, as a container runtime completes it: `nginx` is docker.io/library/nginx."""
    first, slash, _ = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return image
    return f"docker.io/{'' if slash else 'library/'}{image}"
