"""Images and versions that are named elsewhere than in pods: in the values of a release, in the spec of a custom resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_validate.review.items import labels

_PREFIX = "oci://"


def images(value: Any) -> dict[str, str]:
    """The images in a value, by the path to what names them. One whose name only the chart knows is called by its path."""
    found: dict[str, str] = {}
    for path, node in _nodes(value):
        if isinstance(node, dict):
            found |= {f"{path}.{key}".lstrip("."): image for key, image in _written(node)}
            if image := _composed(node, path):
                found[path] = image
        elif isinstance(node, str) and node.startswith(_PREFIX):
            found[path] = node.removeprefix(_PREFIX)
    return found


def versions(value: Any) -> dict[str, str]:
    """What stands in fields of that name, by the path to them."""
    return {path: node for path, node in _nodes(value) if isinstance(node, str) and path.rpartition(".")[2] == "version"}


def _written(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Images in one field; a tag may stand beside it."""
    for key in ("image", "imageName"):
        if isinstance(image := node.get(key), str) and image and not image.startswith(_PREFIX):
            yield key, f"{image}{_suffix(node)}"


def _composed(node: Mapping[str, Any], path: str) -> str:
    """The image that several fields name together, as charts have it and kustomize's `images`; "" if they name none."""
    registry, repository, name = (node.get(key) for key in ("registry", "repository", "name"))
    if "newTag" in node or "newName" in node:
        return f"{node.get('newName', name)}{_suffix({**node, 'tag': node.get('newTag')})}"
    suffix = _suffix(node)
    if not isinstance(repository, str) or not repository or "://" in repository:
        return f"{path}{suffix}" if suffix and "image" not in node and path.lower().endswith("image") else ""
    return f"{registry}/{repository}{suffix}" if isinstance(registry, str) and registry else f"{repository}{suffix}"


def _suffix(node: Mapping[str, Any]) -> str:
    """The tag and the digest of an image, as they stand behind its name."""
    tag, digest = node.get("tag"), node.get("digest") or node.get("sha")
    tagged = f":{tag}" if isinstance(tag, str | int | float) and str(tag) and not isinstance(tag, bool) else ""
    pinned = isinstance(digest, str) and digest and "@" not in tagged
    return f"{tagged}@{digest if ':' in digest else f'sha256:{digest}'}" if pinned and isinstance(digest, str) else tagged


def _nodes(value: Any) -> Iterator[tuple[str, Any]]:
    """A value and everything in it, each with its path; items of lists are called by what tells them apart."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, node = waiting.pop()
        yield path, node
        if isinstance(node, dict):
            waiting += [(f"{path}.{key}" if path else str(key), below) for key, below in node.items()]
        elif isinstance(node, list):
            names = labels(node) or [f"[{index}]" for index in range(len(node))]
            waiting += [(path + name, below) for name, below in zip(names, node, strict=True)]
