"""Which secrets there have to be: secret-catalogue.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import orjson
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from gitops_generate import answers
from gitops_generate.errors import Refused

FILE = "secret-catalogue.yaml"
MAXIMUM = 4 << 20  # bytes


@dataclass(frozen=True)
class Wanted:
    """One secret that each environment has to have."""

    name: str
    namespace: str
    component: str
    stage: str
    keys: Mapping[str, Mapping[str, Any]] = field(repr=False)
    type: str = "Opaque"
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""
    restarts: tuple[Mapping[str, str], ...] = ()
    environments: tuple[str, ...] | None = None

    def overlay(self, environment: str) -> Path:
        """The folder of its overlay, relative to the repository's root."""
        return Path("platform", self.component, self.stage, "overlays", environment)

    def file(self, environment: str) -> Path:
        """Where it stands, relative to the repository's root."""
        return self.overlay(environment) / "secrets" / f"{self.name}.sops.yaml"

    @property
    def given(self) -> dict[str, str]:
        """The keys that a person has to give, with where to get each."""
        return {key: str(how["given"]) for key, how in self.keys.items() if "given" in how}


def catalogue(repository: Path) -> dict[str, Wanted]:
    """All wanted secrets by name. Raises Refused with file and line where the catalogue is no good."""
    data = _load(repository / FILE)
    for fault in sorted(jsonschema.Draft202012Validator(_schema()).iter_errors(data), key=lambda fault: [str(step) for step in fault.absolute_path]):
        schema: Any = fault.schema
        raise Refused(f"{FILE}:{_line(data, list(fault.absolute_path))}: {_where(fault)} must be {schema.get('title') or fault.message[:200]}")
    found: dict[str, Wanted] = {}
    for index, entry in enumerate(data["secrets"]):
        plain = _plain(entry)
        if plain["name"] in found:
            raise Refused(
                f"{FILE}:{_line(data, ['secrets', index])}: there are two secrets {plain['name']}: names are unique, so that one can refer to another"
            )
        tuples = {name: tuple(plain[name]) for name in ("restarts", "environments") if name in plain}
        found[plain["name"]] = Wanted(**{**plain, **tuples})
    return found


def environments(repository: Path) -> dict[str, Mapping[str, Any]]:
    """The environments by name, in the order of promotion, and under the key "" the platform's name as {"platform": …}. Raises Refused."""
    data = answers.read(repository / answers.FILE)
    try:
        return {"": {"platform": str(data["platform"])}, **{str(one["name"]): one for one in data["environments"]}}
    except (KeyError, TypeError):
        raise Refused(f"{answers.FILE} names no platform or no environments: it was not generated") from None


def _load(file: Path) -> Any:
    try:
        if file.is_symlink() or file.stat().st_size > MAXIMUM:
            raise Refused(f"{FILE} is a link, or larger than {MAXIMUM >> 20} MiB: it is generated, and neither")
        return YAML(typ="rt", pure=True).load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused(f"there is no {FILE}: run this at the root of a generated repository, or say --repo") from None
    except (MarkedYAMLError, UnicodeDecodeError, ValueError) as fault:
        mark = getattr(fault, "problem_mark", None)
        raise Refused(f"{FILE}{f':{mark.line + 1}' if mark else ''} is not YAML: {getattr(fault, 'problem', None) or 'it cannot be read'}") from None


def _where(fault: jsonschema.ValidationError) -> str:
    return ".".join(str(step) for step in fault.absolute_path) or "it"


def _line(data: Any, route: list[Any]) -> int:
    """The line, from 1, of the deepest part of a route that has one."""
    line = 1
    for step in route:
        try:
            position = (data.lc.key if hasattr(data, "items") else data.lc.item)(step)
            line, data = position[0] + 1, data[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line


def _plain(value: Any) -> Any:
    """Round-trip types as plain ones."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = orjson.loads(files("gitops_schemas").joinpath("secret-catalogue.schema.json").read_bytes())
    return schema
