"""`gitops-validate schemas`."""

from __future__ import annotations

import os
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import click

from gitops_validate import schemas
from gitops_validate.cli import options as opt
from gitops_validate.cli.inventories import as_json, table
from gitops_validate.cli.output import emit, save
from gitops_validate.engine import Engine, Question
from gitops_validate.errors import UsageError
from gitops_validate.load import entries

LARGEST = 20 << 20
"""Bytes that a download may have."""
SECONDS = 60


@click.group("schemas", invoke_without_command=True)
@opt.one_format("text", "json")
@click.pass_context
def command(context: click.Context, form: str) -> int | None:
    """List the definitions of custom kinds that are at hand: your own, and those of the bundle."""
    if context.invoked_subcommand is not None:
        return None
    listed = schemas.listed()
    rows = [(entry["kind"], ", ".join(entry["versions"]), entry["product"], entry["version"]) for entry in listed]
    emit(as_json(listed) if form == "json" else table(rows))
    return 0


@command.command("add")
@click.argument("source", metavar="FILE|URL")
@opt.OFFLINE
def add(source: str, offline: bool) -> int:
    """Keep the CustomResourceDefinitions of a file, or of an address (https), for this user."""
    target = schemas.user_folder()
    if target is None:
        raise UsageError("there is no home folder to keep definitions in: set HOME or XDG_DATA_HOME")
    body = _download(source, offline) if "://" in source else _read(Path(source))
    kept = []
    with Engine([], workers=1) as engine:
        for group, kind, raw in _definitions(body, source, engine):
            path = target / group / f"{kind.lower()}.json"
            _make_folder(path.parent)
            save(path, raw.decode() + "\n", 0o644)
            kept.append(f"{group}/{kind}")
    if not kept:
        raise UsageError(f"{source} holds no CustomResourceDefinition")
    emit("".join(f"{name}\n" for name in kept))
    return 0


def _definitions(body: bytes, source: str, engine: Engine) -> list[tuple[str, str, bytes]]:
    """The definitions in a text, each checked. Raises UsageError for the first that cannot be used."""
    name = "input.json" if source.endswith(".json") else "input.yaml"
    (file,) = dict(entries(engine.ask(Question("parse", {"root": "", "names": [name]}, [body])))).values()
    for problem in file.problems:
        raise UsageError(f"{source}, line {problem.line}: {problem.message}")
    found = []
    for manifest in file.manifests:
        if manifest.ref and manifest.ref.kind == "CustomResourceDefinition":
            said = engine.ask(Question("validate", {"apply": "create", "definitions": [], "namespace": "default"}, [manifest.raw])).result[
                "verdicts"
            ][0]
            if said["verdict"] != "accepted":
                raise UsageError(f"{source}: {manifest.ref} would be refused by the API server: {said['causes'][0]['message']}")
            spec = manifest.data["spec"]
            found.append((_safe(spec["group"]), _safe(spec["names"]["kind"]), manifest.raw))
    return found


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise UsageError(f"cannot make {folder}: {fault.strerror or fault}") from fault


def _safe(name: str) -> str:
    """A name that stays in its folder; the API server's rules for groups and kinds allow no other."""
    if os.sep in name or name.startswith("."):
        raise UsageError(f"{name!r} is no name of a group or a kind")
    return name


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path} is larger than 20 MiB")
        return path.read_bytes()
    except OSError as fault:
        raise UsageError(f"cannot read {path}: {fault.strerror or fault}") from fault


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nothing: the address that was named is the one that is asked."""


def _download(url: str, offline: bool) -> bytes:
    if offline:
        raise UsageError("--offline opens no connection: download the file and name it instead")
    if urlsplit(url).scheme != "https":
        raise UsageError("only https:// addresses are downloaded from")
    try:
        with build_opener(_NoRedirect).open(url, timeout=SECONDS) as answer:
            body: bytes = answer.read(LARGEST + 1)
    except (URLError, HTTPException, OSError, ValueError) as fault:
        raise UsageError(f"cannot download {url}: {fault}") from fault
    if len(body) > LARGEST:
        raise UsageError(f"{url} is larger than 20 MiB")
    return body
