"""The template as a repository with a tag, as users copy it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gitops_generate import catalogue, copying, packing

ROOT = Path(__file__).parents[2]
Generate = Callable[..., Path]

DIFFERENT: dict[str, dict[str, Any]] = {
    "default": {},
    "outside": {  # what can be is somewhere else
        "company": "Smith (& Sons), Ltd. - 24", "components": ["metrics-server", "mlflow"], "load_balancer": "none", "block_storage": "none", "gateway": "traefik",
        "object_storage": "none", "sso": "oidc", "git_private_ca": False, "chart_registry": "oci://registry.example.org:5000/charts",
        "chart_registry_login": True, "chart_registry_private_ca": True,
        "image_registry": "registry.example.org:5000/mirror",
        "ci_image": f"registry.example.org/tools/gitops-validate@sha256:{'0123456789abcdef' * 4}",
        "environments": [
            {"name": "lab", "domain": "lab.example.org", "size": "standard", "kubernetes": "1.35", "live": True},
            {"name": "plant-1", "domain": "plant.example.org", "size": "ha", "kubernetes": "1.34", "live": False},
        ],
    },
    "least": {
        "components": [], "object_storage": "none", "ci_image": "registry.example.org/platform/acme-ml/check:stable",
        "environments": [{"name": "only", "domain": "ml.example.org", "size": "small", "kubernetes": "1.36", "addresses": "10.0.0.64/27"}],
    },
}  # fmt: skip
"""Sets of answers that have little in common."""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of the template as it stands, tagged v1.0.0."""
    repository = tmp_path_factory.mktemp("template") / "template"
    packing.pack(ROOT, "1.0.0", repository)
    return repository


@pytest.fixture
def generate(template: Path, tmp_path: Path) -> Generate:
    """Generates a repository from answers, with the defaults for the rest."""

    def generate(name: str = "platform", **answers: Any) -> Path:
        copying.copy(tmp_path / name, answers, ask=False, address=str(template), version="v1.0.0")
        return tmp_path / name

    return generate


@pytest.fixture(scope="session", params=DIFFERENT)
def platform(request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated repository, one for each of the different sets of answers, that nobody changes."""
    repository = tmp_path_factory.mktemp("platforms") / str(request.param)
    copying.copy(repository, DIFFERENT[request.param], ask=False, address=str(template), version="v1.0.0")
    return repository


@pytest.fixture(scope="session")
def charted() -> Callable[[Path], Path]:
    """Lets the charts of a generated repository come from the folder that GITOPS_CHARTS names.

    An entry whose pinned version could not be had takes the one that was read.
    """

    def charted(made: Path) -> Path:
        charts = {name: entry["chart"] for name, entry in catalogue.entries().items() if "chart" in entry}
        hosts = {chart["repository"].split("/", 3)[2] for chart in charts.values()} | {"registry.example.org"}
        file, yaml = made / ".gitops-validate.yaml", YAML()
        yaml.indent(mapping=2, sequence=4, offset=2)  # as the template writes it
        config = yaml.load(file)
        config["charts"] = {"mirrors": {f"{scheme}://{host}": os.environ["GITOPS_CHARTS"] for host in sorted(hosts) for scheme in ("oci", "https")}}
        yaml.dump(config, file)
        for name, chart in charts.items():
            for version in made.glob(f"platform/{name}/controller/overlays/*/version.yaml"):
                version.write_text(version.read_text().replace(f": {chart['version']}", f": {chart.get('read', chart['version'])}"))
        return made

    return charted
