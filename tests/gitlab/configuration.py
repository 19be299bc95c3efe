"""GitLab's reading of a pipeline, as far as ours go: inputs filled in, local files included, `extends`, `parallel: matrix` and `rules` resolved."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Values = dict[str, Any]
ROOT = Path(__file__).parents[2]
TYPES = {"string": str, "number": (int, float), "boolean": bool, "array": list}
KEYWORDS = frozenset({"include", "stages", "variables", "workflow", "default"})


def interpolated(text: str, inputs: Mapping[str, Any]) -> Values:
    """A file with a header: its values with the inputs filled in as text, before it is YAML: arrays as JSON."""
    head, _, body = text.partition("\n---\n")
    asked = load(head)["spec"]["inputs"]
    assert not inputs.keys() - asked.keys(), "unknown input"
    given = {name: _given(name, about, inputs) for name, about in asked.items()}
    filled = re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: _text(given[found[1]]), body)
    assert "$[[" not in filled
    return load(filled)


def _given(name: str, about: Values, inputs: Mapping[str, Any]) -> Any:
    value = inputs[name] if name in inputs else about["default"]
    assert isinstance(value, TYPES[about.get("type", "string")]), f"{name} is of another type"
    assert value in about.get("options", [value]), f"{name} is none of its options"
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def load(text: str) -> Values:
    found: Values = YAML(typ="safe", pure=True).load(text)
    return found


def component(name: str, inputs: Mapping[str, Any]) -> Values:
    """What a project gets that includes a component: local files are those of the component's own project."""
    found = interpolated((ROOT / f"templates/{name}.yml").read_text(), inputs)
    merged: Values = {}
    for each in found.pop("include", ()):
        merged = deep(merged, interpolated((ROOT / each["local"].lstrip("/")).read_text(), each["inputs"]))
    return deep(merged, found)


def deep(base: Values, over: Values) -> Values:
    """Mappings are merged, whatever else there is replaced."""
    return {
        **base,
        **{key: deep(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value for key, value in over.items()},
    }


def jobs(configuration: Values, variables: Mapping[str, str]) -> dict[str, Values]:
    """The jobs of the pipeline with these variables, by name: each with its own variables, those of its place in a matrix and of its rule."""
    found = {}
    for name in configuration:
        if name in KEYWORDS or name.startswith("."):
            continue
        job = _extended(configuration, name)
        rule = _matching(job.get("rules", [{}]), variables)
        if rule is None:
            continue
        for number, (suffix, chosen) in enumerate(_matrix(job), 1):
            place = {"CI_NODE_INDEX": str(number)} if suffix else {}
            own = {**job.get("variables", {}), **rule.get("variables", {}), **chosen, **place}
            found[name + suffix] = {**job, "variables": own, "of": name}
    return found


def _extended(configuration: Values, name: str) -> Values:
    job = dict(configuration[name])
    parents = job.pop("extends", [])
    base: Values = {}
    for parent in [parents] if isinstance(parents, str) else parents:
        base = deep(base, _extended(configuration, parent))
    return deep(base, job)


def _matrix(job: Values) -> list[tuple[str, dict[str, str]]]:
    rows = job.get("parallel", {}).get("matrix")
    if rows is None:
        return [("", {})]
    assert rows and all(all(values) and values for row in rows for values in row.values()), "GitLab refuses a matrix with nothing in it"
    chosen = [dict(zip(row, values, strict=True)) for row in rows for values in product(*row.values())]
    return [(f": [{', '.join(each.values())}]", each) for each in chosen]


def _matching(rules: list[Values], variables: Mapping[str, str]) -> Values | None:
    return next((rule for rule in rules if "if" not in rule or all(_holds(part, variables) for part in rule["if"].split(" && "))), None)


def _holds(expression: str, variables: Mapping[str, str]) -> bool:
    """`$A`, `$A == "b"` or `$A == $B`."""
    left, _, right = expression.strip().partition(" == ")
    value = variables.get(left.removeprefix("$"), "")
    return value == (variables.get(right[1:], "") if right.startswith("$") else right.strip('"')) if right else bool(value)
