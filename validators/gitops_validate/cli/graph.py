"""`gitops-validate graph`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from gitops_validate.cli import options as opt
from gitops_validate.cli.inventories import as_json, show
from gitops_validate.model.graph import Node
from gitops_validate.model.render import Rendered
from gitops_validate.report.escape import visible
from gitops_validate.report.totals import plural
from gitops_validate.workloads.inventory import graph


@click.command("graph")
@opt.PATH
@opt.ENVIRONMENTS
@opt.one_format("text", "mermaid", "json")
@opt.with_run
def command(path: Path, environments: tuple[str, ...], form: str, run: opt.RunOptions) -> int:
    """Show what reconciles what, and in which order: what comes first stands first."""
    drawn = {"text": _text, "mermaid": _mermaid, "json": _json}[form]
    return show(path, environments, run, drawn)


def _json(rendered: Sequence[Rendered]) -> str:
    return as_json([{**{name: getattr(node, name) for name in Node.__struct_fields__}, "ref": str(node.ref)} for node in graph(rendered)])


def _text(rendered: Sequence[Rendered]) -> str:
    lines = []
    for each in rendered:
        lines.append(visible(f"{each.environment.name} ({each.environment.server}, {each.environment.path})"))
        nodes = graph([each])
        for node in (node for node in nodes if not _parent(node, nodes)):
            lines += _branch(node, nodes, 1)
    return "".join(f"{line}\n" for line in lines)


def _branch(node: Node, nodes: Sequence[Node], depth: int) -> list[str]:
    state = "" if node.state == "ok" else f" · {node.state}"
    after = f" · after {', '.join(node.depends_on)}" if node.depends_on else ""
    line = visible(f"{'  ' * depth}{node.ref} · {plural(node.objects, 'object')}{after}{state}")
    below = [line for child in nodes if _parent(child, nodes) is node and depth < len(nodes) for line in _branch(child, nodes, depth + 1)]
    return [line, *below]


def _parent(node: Node, nodes: Sequence[Node]) -> Node | None:
    return next((other for other in nodes if str(other.ref) == node.declared_by and other is not node), None)


def _mermaid(rendered: Sequence[Rendered]) -> str:
    lines = ["flowchart LR"]
    for each in rendered:
        nodes = graph([each])
        names = {str(node.ref): f"{_quoted(each.environment.name, '')}_{number}" for number, node in enumerate(nodes)}
        lines.append(f"  subgraph {_quoted(each.environment.name, '')} [{_quoted(each.environment.name)}]")
        lines += [
            f"    {names[str(node.ref)]}[{_quoted(str(node.ref))}]{':::bad' if node.state in ('failed', 'incomplete') else ''}" for node in nodes
        ]
        lines.append("  end")
        for node in nodes:
            lines += [f"  {names[node.declared_by]} --> {names[str(node.ref)]}" for _ in (1,) if node.declared_by in names]
            lines += [f"  {names[other]} -. before .-> {names[str(node.ref)]}" for other in node.depends_on if other in names]
    return "\n".join([*lines, "  classDef bad stroke:#c00,stroke-width:3px"]) + "\n"


def _quoted(text: str, quote: str = '"') -> str:
    """A label: whatever means something to Mermaid or HTML becomes a numbered entity; without quotes, an identifier."""
    if not quote:
        return "env" + "".join(f"{ord(character):x}" if not (character.isascii() and character.isalnum()) else character for character in text)
    return quote + "".join(character if character.isalnum() or character in " /.-_" else f"#{ord(character)};" for character in text) + quote
