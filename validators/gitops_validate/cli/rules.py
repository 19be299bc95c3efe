"""`gitops-validate rules`."""

from __future__ import annotations

import click

from gitops_validate.cli import options as opt
from gitops_validate.cli.inventories import as_json, table
from gitops_validate.cli.output import emit
from gitops_validate.rule import rules


@click.command("rules")
@opt.one_format("text", "json")
def command(form: str) -> int:
    """List the rules; `explain RULE` shows a rule's page."""
    listed = [
        {"id": rule.id, "category": rule.category, "severity": rule.severity.label, "profile": rule.profile.label, "title": rule.title}
        for rule in rules().values()
    ]
    emit(as_json(listed) if form == "json" else table([(rule["id"], rule["severity"], rule["profile"], rule["title"]) for rule in listed]))
    return 0
