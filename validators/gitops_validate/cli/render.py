"""`gitops-validate render`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
import orjson
from msgspec.structs import replace

from gitops_validate.check import Options
from gitops_validate.cli import keys
from gitops_validate.cli import options as opt
from gitops_validate.cli.output import emit, save
from gitops_validate.cli.progress import Progress
from gitops_validate.cli.running import asked
from gitops_validate.discover import root_of
from gitops_validate.engine import Question
from gitops_validate.errors import UsageError
from gitops_validate.judging.flowing import reaching, veil_over
from gitops_validate.judging.hide import as_shown
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.place import route
from gitops_validate.model.render import Render, Rendered, RenderedObject
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.routes import existing, get
from gitops_validate.report.escape import visible
from gitops_validate.review.veil import Veil
from gitops_validate.run import Run, opened, rendered_environments


@click.command("render")
@opt.PATH
@click.option("--env", "environment", metavar="NAME", required=True, help="The environment.")
@click.option("--reconciler", metavar="KIND/NAMESPACE/NAME", help="Only what this reconciler applies.")
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to a file instead of stdout.")
@click.option("--show-secrets", is_flag=True, help="Print what Secrets hold, decrypted: to a terminal, or to an --output that only you can read.")
@click.option(
    "--age-key-file",
    "key_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Private keys of age, for --show-secrets.",
)
@opt.with_run
def command(
    path: Path, environment: str, reconciler: str | None, output: Path | None, show_secrets: bool, key_file: Path | None, run: opt.RunOptions
) -> int:
    """Print, as YAML, what the cluster of an environment would get. Values of Secrets are hidden.

    With --show-secrets they are not: encrypted files are decrypted as Flux does, and what is made of their values is made of them. No connection is
    opened then, so that no value leaves with one, and the cache is not written to.

    Exit code: 0 whole, 1 if a reconciler cannot be built, 3 if one could not be evaluated here.
    """
    secret = _keys(show_secrets, key_file, output, path)
    with Progress(wanted=not run.quiet) as progress:
        options = asked(path, (environment,), run, progress)
        options = replace(options, offline=options.offline or show_secrets, decrypt_with=secret)
        with opened(options) as begun:
            whole, gaps = _rendered(begun, options)
            renders = _chosen(whole.renders, reconciler)
            veil = Veil(whole.objects) if show_secrets else veil_over([whole])
            text = _yaml([thing.raw for render in renders for thing in _applied(render)] if show_secrets else list(_hidden(renders, whole)), begun)
    if output:
        save(output, text, 0o600 if show_secrets else 0o666)
    else:
        emit(text)
    return _told(renders, () if reconciler else gaps, veil)


def _keys(show_secrets: bool, key_file: Path | None, output: Path | None, path: Path) -> bytes:
    """The keys to decrypt with, none without --show-secrets. Raises UsageError where nothing may be shown."""
    if not show_secrets:
        if key_file:
            raise UsageError("--age-key-file decrypts only what --show-secrets prints: add it, or leave the keys out")
        return b""
    if key_file is None:
        raise UsageError("--show-secrets needs the keys that open the encrypted files: add --age-key-file FILE")
    keys.refuse_open(output, root_of(path))
    return keys.opening(key_file)


def _rendered(begun: Run, options: Options) -> tuple[Rendered, list[Incomplete]]:
    (rendered,), gaps = rendered_environments(begun, options)
    lacking = {id(verdict.object): [route(cause.pointer) for cause in verdict.dropped] for verdict in rendered.verdicts if verdict.dropped}
    renders = (replace(render, objects=tuple(_sent(thing, lacking.get(id(thing), ())) for thing in render.objects)) for render in rendered.renders)
    return (replace(rendered, renders=tuple(renders)) if lacking else rendered), gaps


def _sent(thing: RenderedObject, dropped: Sequence[tuple[str | int, ...]]) -> RenderedObject:
    """An object as Flux sends it: without the fields that its kind does not have."""
    if not dropped:
        return thing
    data = orjson.loads(thing.raw)
    for steps in dropped:
        *above, last = existing(data, steps)
        get(data, tuple(above)).pop(last)
    return replace(thing, raw=orjson.dumps(data))


def _chosen(renders: Iterable[Render], name: str | None) -> list[Render]:
    """The renders asked for. Raises UsageError if no reconciler has that name."""
    every = {str(render.reconciler.ref): render for render in renders}
    if name is None:
        return list(every.values())
    if name not in every:
        raise UsageError(f"no reconciler is called {name!r}; {did_you_mean(name, every) or '`gitops-validate graph` lists them'}")
    return [every[name]]


def _applied(render: Render) -> Iterator[RenderedObject]:
    return (thing for thing in render.objects if not thing.left_alone)


def _hidden(renders: Iterable[Render], whole: Rendered) -> Iterator[bytes]:
    """The objects, without what Secrets hold, and without what has flowed from them into what their readers make; otherwise as they are."""
    secrets = reaching(whole)
    for render in renders:
        veil = Veil(secrets.get(render.reconciler.ref, ()))
        yield from (orjson.dumps(veil.flowed(as_shown(thing.data))) for thing in _applied(render))


def _yaml(bodies: list[bytes], begun: Run) -> str:
    return "".join(f"---\n{body.decode()}" for body in begun.engine.ask(Question("print", {}, bodies)).blobs)


def _told(renders: Sequence[Render], gaps: Iterable[Incomplete], veil: Veil) -> int:
    """Say on stderr what is missing, without a value of a Secret, and give the exit code."""
    faults = list(_faults(renders))
    missing = [gap.reason for render in renders for gap in render.incomplete] + [f"{gap.subject}: {gap.reason}" for gap in gaps]
    for line in map(veil.text, (*faults, *missing)):
        click.echo(visible(line), err=True)
    return 1 if faults else 3 if missing else 0


def _faults(renders: Iterable[Render]) -> Iterator[str]:
    for render in renders:
        if render.failure:
            yield f"{render.reconciler.ref}: {render.failure.message}"
