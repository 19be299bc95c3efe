"""The table of commands. A command's module is imported when it is called, so that `version` stays quick."""

from __future__ import annotations

import click

from gitops_validate.cli.lazy import LazyGroup

COMMANDS = {
    "check": "Say what the cluster would say of a GitOps repository.",
    "diff": "Show what a change does in each environment.",
    "render": "Print what an environment's cluster would get.",
    "manifests": "Check plain manifests as the API server would.",
    "graph": "Show what reconciles what, and in which order.",
    "images": "List the container images of each environment.",
    "charts": "List the Helm charts of each environment.",
    "envs": "Show what each environment runs, and what differs.",
    "schemas": "List or add definitions of custom kinds.",
    "gitlab": "Write the review of a change as a note on its merge request.",
    "rules": "List the rules.",
    "explain": "Show a rule's page.",
    "cache": "Show or empty the cache.",
    "version": "Print the version.",
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    package="gitops_validate.cli",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.pass_context
def app(context: click.Context) -> int | None:
    """Say, without a cluster, what the cluster would say of a GitOps repository.

    Without a command: `check .`
    """
    if context.invoked_subcommand is not None:
        return None
    command = app.get_command(context, "check")
    assert command is not None
    code: int = context.invoke(command)
    return code
