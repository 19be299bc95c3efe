"""`gitops-validate rules`."""

from __future__ import annotations

import click

from gitops_validate import __version__
from gitops_validate.cli import options as opt
from gitops_validate.cli.inventories import as_json, table
from gitops_validate.cli.output import emit
from gitops_validate.rule import Rule, rules


@click.command("rules")
@opt.one_format("text", "json")
def command(form: str) -> int:
    """List the rules; `explain RULE` shows a rule's page."""
    listed = [
        {
            "id": rule.id,
            "category": rule.category,
            "severity": rule.severity.label,
            "profile": rule.profile.label,
            "title": rule.title,
            "from": rule.origin or f"gitops-validate {__version__}",
        }
        for rule in rules().values()
    ]
    rows = [(rule.id, rule.severity.label, rule.profile.label, _title(rule)) for rule in rules().values()]
    emit(as_json(listed) if form == "json" else table(rows))
    return 0


def _title(rule: Rule) -> str:
    return f"{rule.title} (from {rule.origin})" if rule.origin else rule.title
