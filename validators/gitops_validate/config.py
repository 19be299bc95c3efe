"""The configuration, `.gitops-validate.yaml` at the root of the checkout: read by the engine's parser, checked by its published schema."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from msgspec import Struct, field

from gitops_validate.engine.wire import Answer, Question
from gitops_validate.errors import EngineError, UsageError
from gitops_validate.model.finding import Profile, Severity
from gitops_validate.model.place import pointer
from gitops_validate.model.server import ApiServer

if TYPE_CHECKING:
    from gitops_validate.faults import Form

NAME = ".gitops-validate.yaml"
FLAGS = ("feature-gates", "runtime-config")
"""What is called as kube-apiserver's flags are."""
LARGEST = 1 << 20
"""Bytes that a configuration may have."""


class Engine(Protocol):
    """What reading a configuration needs of the engine."""

    def ask(self, question: Question) -> Answer:
        """Answer one question."""


class EnvironmentConfig(Struct, frozen=True):
    """What the configuration says of one environment; empty fields mean the default."""

    name: str
    path: str = ""
    kubernetes: str = ""
    live: bool = False
    domain: str = ""
    feature_gates: tuple[str, ...] | None = None
    runtime_config: tuple[str, ...] | None = None


class Differ(Struct, frozen=True):
    """What may differ between environments: fields, by pattern, of objects, by glob over "Kind/namespace/name"; without fields, whole objects.

    `environments` are those that may be unlike the others, which have to agree; without them, all may.
    """

    reason: str
    object: str = "*"
    fields: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()


class Mirror(Struct, frozen=True):
    """What everything comes from where nothing else is in reach: the starts of addresses of sources and of names of images; empty means from anywhere."""

    sources: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


class Accepted(Struct, frozen=True):
    """A gap that the configuration accepts: an Incomplete whose `what` is equal and whose subject matches the glob."""

    what: str
    subject: str
    reason: str
    expires: date | None = None


class Waiver(Struct, frozen=True):
    """Findings that the configuration waives: by rule, and by glob over "Kind/namespace/name", path and environment; "" matches all."""

    rule: str
    reason: str
    object: str = ""
    path: str = ""
    environment: str = ""
    expires: date | None = None
    line: int = 0


class Config(Struct, frozen=True):
    """The whole configuration, defaults included."""

    path: str = ""
    """Where it was read, relative to the root; "" when there is none."""
    kubernetes: str = "1.36"
    feature_gates: tuple[str, ...] = ()
    """Entries of kube-apiserver's flag, such as "HPAScaleToZero=true", of environments that have none of their own; so are those of the next."""
    runtime_config: tuple[str, ...] = ()
    environments: tuple[EnvironmentConfig, ...] = ()
    """In the order of promotion, as they are written."""
    fail_level: Severity = Severity.ERROR
    self_sources: tuple[str, ...] = ()
    """Sources that are this checkout itself, as Kind/namespace/name; empty means the source of each environment's entry."""
    mirrors: Mapping[str, str] = field(default_factory=dict)
    """URL prefix of charts → another URL prefix, or a folder of .tgz (relative to the root, or absolute)."""
    schema_locations: tuple[str, ...] = ()
    """Folders of JSON Schemas in the checkout, as kubeconform's templates of a path."""
    mirror: Mirror = Mirror()
    hosts: tuple[str, ...] = ()
    """Hosts, with or without a port, that may be asked for charts, and for files that kustomizations name by a full commit; of `gitops-generate secrets`, for
    the Vault of a recipient."""
    accept: tuple[Accepted, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    workers: int = 0
    """Engine processes; 0 means one a core."""
    profile: Profile = Profile.STANDARD
    differ: tuple[Differ, ...] | None = None
    """What may differ between environments; None where nothing is said about it, so that they are not held against each other."""

    def server(self, environment: EnvironmentConfig) -> ApiServer:
        """The API server of an environment."""
        gates = self.feature_gates if environment.feature_gates is None else environment.feature_gates
        served = self.runtime_config if environment.runtime_config is None else environment.runtime_config
        return ApiServer(environment.kubernetes or self.kubernetes, gates, served)


def load(root: Path, engine: Engine, text: bytes | None = None) -> Config:
    """The configuration of a checkout, or the one in `text`; without either, the defaults. Raises UsageError that names the line."""
    body = plain_file(root / NAME) if text is None else text
    return parse(body, engine, NAME) if body else Config()


def parse(text: bytes, engine: Engine, path: str) -> Config:
    """Read a configuration that stands in `path`. Raises UsageError."""
    if len(text) > LARGEST:
        raise UsageError(f"{path} is larger than 1 MiB: no configuration needs to be")
    from gitops_validate.faults import CONFIG  # noqa: PLC0415 - jsonschema takes 0.1 s to import

    data = document(text, engine, path)
    if data is None:
        return Config(path=path)
    check(data, text, engine, path, CONFIG)
    waivers = [f"/waivers/{index}" for index in range(len(data.get("waivers") or ()))]
    named = [pointer(("environments", name)) for name in data.get("environments") or ()]
    places = locate(text, engine, [*waivers, *named]) if waivers or named else []
    written = sorted(zip(places[len(waivers) :], data.get("environments") or (), strict=True), key=lambda each: _line_and_column(each[0]))
    config = _config(data, path, [_line_and_column(place)[0] for place in places[: len(waivers)]], [name for _, name in written])
    _check_servers(config, text, engine)
    return config


def plain_file(path: Path, largest: int = LARGEST) -> bytes:
    """The file's content, up to a byte more than the largest; empty if there is none. Links, pipes and devices are not followed or waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return b""
    except OSError as fault:
        raise UsageError(f"{path.name} cannot be read: it must be a plain file ({fault.strerror})") from fault
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageError(f"{path.name} cannot be read: it must be a plain file")
        return file.read(largest + 1)


def document(text: bytes, engine: Engine, path: str) -> Any:
    """The one document of a file of ours, None if there is none. Raises UsageError that names the line."""
    try:
        answer = engine.ask(Question("parse", {"root": "", "names": [path]}, (text,)))
    except EngineError as fault:
        raise UsageError(f"{path} cannot be read: {fault}") from fault
    file = answer.result["files"][0]
    for problem in file.get("problems") or ():
        raise UsageError(f"{_place(path, problem)}: {problem['message']}")
    documents = file.get("documents") or []
    if len(documents) > 1:
        raise UsageError(f"{_place(path, documents[1])}: a configuration or a baseline is one document; remove what follows the second `---`")
    return orjson.loads(answer.blobs[documents[0]["blob"]]) if documents else None


def check(data: Any, text: bytes, engine: Engine, path: str, form: Form) -> None:
    """Hold a file of ours against its published schema. Raises UsageError that names the line."""
    from gitops_validate.faults import faults  # noqa: PLC0415 - jsonschema takes 0.1 s to import

    for fault in faults(data, form)[:1]:
        place = locate(text, engine, [fault.pointer])[0]
        raise UsageError(f"{_place(path, place)}: {fault.message}")


def locate(text: bytes, engine: Engine, pointers: Sequence[str]) -> list[Mapping[str, Any]]:
    """Where JSON Pointers lead in the first document of a text: line and column, as far as they are known."""
    places = [{"document": 0, "pointer": pointer} for pointer in pointers]
    try:
        answer = engine.ask(Question("locate", {"root": "", "files": [{"path": "-", "blob": 0, "places": places}]}, (text,)))
    except EngineError:  # the sentence is worth more than its line
        return [{} for _ in pointers]
    found: list[Mapping[str, Any]] = answer.result["files"][0]["places"]
    return found


def _check_servers(config: Config, text: bytes, engine: Engine) -> None:
    """Hold what API servers are started with against Kubernetes' own code. Raises UsageError that names the line."""
    from gitops_validate.starting import refusal  # noqa: PLC0415 - few configurations need it

    for environment in config.environments or (EnvironmentConfig(""),):
        try:
            refused = refusal(config.server(environment), engine)
        except EngineError as fault:
            raise UsageError(f"{config.path} cannot be checked: {fault}") from fault
        if refused:
            own = getattr(environment, refused.flag.replace("-", "_")) is not None
            route = [*(["environments", environment.name] if own else []), refused.flag, *([refused.key] if refused.key else [])]
            place = locate(text, engine, [pointer(route)])[0]
            raise UsageError(f"{_place(config.path, place)}: {'.'.join(route[:-1])}[{route[-1]}]: {refused.message}")


def _line_and_column(place: Mapping[str, Any]) -> tuple[int, int]:
    return place.get("line") or 0, place.get("column") or 0


def _place(path: str, place: Mapping[str, Any]) -> str:
    numbers = [str(place[key]) for key in ("line", "column") if place.get(key)]
    return ":".join([path, *numbers])


def _config(data: Mapping[str, Any], path: str, lines: Iterable[int], names: Iterable[str]) -> Config:
    """From values that the schema accepted; `lines` are those of the waivers, `names` the environments in their written order."""
    return Config(
        path=path,
        kubernetes=data.get("kubernetes", "1.36"),
        feature_gates=_entries(data.get("feature-gates", {})),
        runtime_config=_entries(data.get("runtime-config", {})),
        environments=tuple(_environment(name, data["environments"][name]) for name in names),
        fail_level=Severity[data.get("fail-level", "error").upper()],
        self_sources=tuple(data.get("sources", {}).get("self", ())),
        mirrors=data.get("charts", {}).get("mirrors", {}),
        schema_locations=tuple(data.get("schemas", {}).get("locations", ())),
        mirror=Mirror(**{half: tuple(listed) for half, listed in data.get("mirror", {}).items()}),
        hosts=tuple(data.get("hosts", ())),
        accept=tuple(Accepted(**_dated(gap)) for gap in data.get("accept", ())),
        waivers=tuple(Waiver(**_dated(waiver), line=line) for waiver, line in zip(data.get("waivers", ()), lines, strict=True)),
        workers=data.get("workers", 0),
        profile=Profile[data.get("profile", "standard").upper()],
        differ=tuple(_differ(entry) for entry in data["differ"]) if "differ" in data else None,
    )


def _environment(name: str, entry: Mapping[str, Any]) -> EnvironmentConfig:
    flags: dict[str, Any] = {flag.replace("-", "_"): _entries(entry[flag]) for flag in FLAGS if flag in entry}
    return EnvironmentConfig(name=name, **{key: value for key, value in entry.items() if key not in FLAGS}, **flags)


def _entries(values: Mapping[str, bool]) -> tuple[str, ...]:
    """Entries of a flag of kube-apiserver, sorted: their order means nothing."""
    return tuple(f"{key}={str(value).lower()}" for key, value in sorted(values.items()))


def _differ(entry: Mapping[str, Any]) -> Differ:
    lists = {name: tuple(entry[name]) for name in ("fields", "environments") if name in entry}
    return Differ(**{**entry, **lists})


def _dated(entry: Mapping[str, str]) -> dict[str, Any]:
    expires = entry.get("expires")
    return {**entry, "expires": date.fromisoformat(expires) if expires else None}
