"""`gitops-validate manifests`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gitops_validate.cli import options as opt
from gitops_validate.cli.colour import When, styler
from gitops_validate.cli.output import columns
from gitops_validate.cli.reporting import check_formats, publish
from gitops_validate.model.finding import Severity
from gitops_validate.model.server import VERSIONS, ApiServer
from gitops_validate.plain import manifests
from gitops_validate.report import FORMATS
from gitops_validate.report.look import Look
from gitops_validate.report.sources import below


@click.command("manifests")
@click.argument("inputs", nargs=-1, required=True, metavar="FILE|DIR|-...")
@click.option(
    "--apply",
    "mode",
    type=click.Choice(["create", "server-side"]),
    default="create",
    help="How the objects would be sent: created (default) or applied server-side.",
)
@click.option("--kube-version", type=click.Choice(VERSIONS), default="1.36", show_default=True, help="The Kubernetes version that judges.")
@click.option(
    "--feature-gates",
    "gates",
    metavar="GATE=true|false,...",
    multiple=True,
    help="Feature gates that kube-apiserver is started with, spelled as there (repeatable).",
)
@click.option(
    "--runtime-config",
    "served",
    metavar="API=true|false,...",
    multiple=True,
    help="APIs that kube-apiserver is told to serve or not, such as admissionregistration.k8s.io/v1beta1=true (repeatable).",
)
@click.option("--namespace", default="default", show_default=True, help="Where an object goes that names no namespace.")
@click.option(
    "--schema-location",
    "locations",
    metavar="TEMPLATE",
    multiple=True,
    help="A folder of JSON Schemas for custom kinds that nothing defines, or kubeconform's template of a path (repeatable).",
)
@click.option("--policies", is_flag=True, help="Ask the admission policies that are bound among them about all objects, too.")
@opt.formats(*FORMATS)
@opt.FAIL_LEVEL
@opt.EXIT_ZERO
@opt.JOBS
@opt.QUIET
@opt.COLOUR
def command(
    inputs: tuple[str, ...],
    mode: str,
    kube_version: str,
    gates: tuple[str, ...],
    served: tuple[str, ...],
    namespace: str,
    locations: tuple[str, ...],
    policies: bool,
    formats: tuple[opt.Format, ...],
    fail_level: Severity | None,
    exit_zero: bool,
    jobs: int | None,
    quiet: bool,
    colour: When,
) -> int:
    """Say what the API server would say of plain manifests, each on its own.

    CustomResourceDefinitions among them define their kinds; others come from the bundle and from `schemas add`. ValidatingAdmissionPolicies
    among them are objects like the others, unless `--policies` puts them in force.
    """
    check_formats(formats)
    server = ApiServer(kube_version, gates, served)
    report = manifests.check(manifests.Options(inputs, mode, server, namespace, jobs or 0, locations, sys.stdin.buffer.read, policies))
    report = report.failing_at(fail_level or Severity.ERROR)
    publish(report, formats, Look(styler(colour), below(Path.cwd()), quiet, columns()))
    return report.exit_code(report.summary.fail_level, exit_zero=exit_zero)
