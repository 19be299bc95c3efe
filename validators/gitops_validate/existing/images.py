"""How an image is named."""

from __future__ import annotations


def is_floating(image: str) -> bool:
    """Whether a name of an image means another one after each push: no digest, and no tag or `latest`."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return not digest and tag in ("", "latest")
