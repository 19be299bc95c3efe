"""`gitops-validate explain`."""

from __future__ import annotations

import click

from gitops_validate.cli.output import emit
from gitops_validate.errors import UsageError
from gitops_validate.pages import markdown
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import rules


@click.command("explain")
@click.argument("rule")
def command(rule: str) -> int:
    """Show the page of RULE: what it finds, why it hurts, what to avoid and what to prefer."""
    known = rules()
    if rule not in known:
        raise UsageError(f"no rule is called {rule!r}; {did_you_mean(rule, known) or '`gitops-validate rules` lists them'}")
    emit(markdown(known[rule]))
    return 0
