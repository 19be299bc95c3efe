"""How an image is named."""

from __future__ import annotations


def is_floating(image: str) -> bool:
    """Whether a name of an image means another one after each push: no digest, and no tag or `latest`."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return not digest and tag in ("", "latest")


def is_within(image: str, allowed: str) -> bool:
    """Whether an image comes from a registry, or from a part of one."""
    return f"{_whole(image)}/".startswith(f"{_whole(allowed) if '/' in allowed else allowed}/")


def _whole(name: str) -> str:
    """An image's name with its registry, without tag and digest; a name that begins with no registry is one of docker.io."""
    name = name.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    name = folder + slash + last.partition(":")[0]
    first = name.partition("/")[0]
    if not slash:
        return f"docker.io/library/{name}"
    return name if "." in first or ":" in first or first == "localhost" else f"docker.io/{name}"
