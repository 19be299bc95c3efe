"""The details of an environment, as options of the commands that add one or change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from gitops_generate.environment import SIZES

addresses = click.option("--addresses", help="What its load balancer may announce, such as 10.0.0.80-10.0.0.99.")
size = click.option("--size", type=click.Choice(SIZES))
kubernetes = click.option("--kubernetes", metavar="VERSION", help="Such as 1.36.")


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those that stand on the command line."""
    return {name: value for name, value in options.items() if value is not None}
