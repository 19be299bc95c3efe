"""`gitops-validate rules`."""

from __future__ import annotations

import click

from gitops_validate import __version__
from gitops_validate.cli import options as opt
from gitops_validate.cli.inventories import as_json, table
from gitops_validate.cli.output import emit
from gitops_validate.rule import rules


@click.command("rules")
@opt.one_format("text", "json")
def command(form: str) -> int:
    """List the rules; `explain RULE` shows a rule's page."""
    listed = [
        {
            "id": rule.id,
            "category": rule.category,
            "severity": rule.severity.label,
            "title": rule.title,
            "from": rule.origin or f"gitops-validate {__version__}",
        }
        for rule in rules().values()
    ]
    origins = [f" (from {rule.origin})" if rule.origin else "" for rule in rules().values()]
    emit(
        as_json(listed)
        if form == "json"
        else table([(rule["id"], rule["severity"], rule["title"] + own) for rule, own in zip(listed, origins, strict=True)])
    )
    return 0
