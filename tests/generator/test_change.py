"""Another answer: what it brings, what it leaves alone, and what stays as it is."""

import io
import json

import pytest
from conftest_generator import Place, assert_clean, changed, commit, contents
from platform_repository import opened, redirected_stdin

from gitops_generate import conflicts

VALIDATOR = ".gitops-validate.yaml"
ANSWERS = ".copier-answers.yml"


@pytest.mark.slow
def test_an_environment_goes_live_on_another_kubernetes_and_nothing_else_changes(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("change", "environment", "prod", "--live", "--kubernetes", "1.36")
    assert place.run(*arguments) == 0
    assert {path for path in changed(place) if not path.startswith("docs/")} == {ANSWERS, VALIDATOR, "README.md"}
    assert 'prod: {kubernetes: "1.36", live: true, ' in (place.repository / VALIDATOR).read_text()
    assert_clean(place)
    commit(place)
    assert place.run(*arguments) == 0
    assert changed(place) == set() and "nothing to change" in capsys.readouterr().err
    assert place.run("change", "environment", "prod", "--size", "small") == 2
    assert "prod is live and ha, and volumes do not shrink" in capsys.readouterr().err
    assert place.run("change", "answer", "block_storage=none") == 2
    assert "block_storage stays longhorn: prod is live, and its volumes would not move along" in capsys.readouterr().err


@pytest.mark.slow
def test_an_environment_gets_another_size_domain_and_range_in_its_own_overlays_alone(place: Place) -> None:
    assert place.run("change", "environment", "dev", "--size", "ha", "--domain", "lab.example.org", "--addresses", "10.7.0.0/28") == 0
    paths = changed(place)
    assert not [path for path in paths if "overlays/prod" in path or "/base/" in path]
    assert {"platform/metallb/config/overlays/dev/address-pool.yaml", "platform/mlflow/config/overlays/dev/routes.yaml"} <= paths
    assert_clean(place)


@pytest.mark.slow
def test_an_answer_and_its_opposite_leave_nothing_behind(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(place.repository)
    assert place.run("change", "answer", "sso=oidc", "oidc_issuer=https://sso.example.org/realms/x") == 0
    assert place.run("secrets") == 0
    said = capsys.readouterr().err
    assert "pending in prod: mlflow-oidc" in said
    assert "the identity provider's client acme-ml-prod-mlflow, with the redirect address https://mlflow.example.org/oauth2/callback" in said
    assert "https://sso.example.org/realms/x" in (place.repository / ANSWERS).read_text()
    assert_clean(place)
    assert give(place, "mlflow-oidc", "some-client-secret") == 0
    given = place.file("prod/mlflow-oidc")
    commit(place)
    assert place.run("change", "answer", "sso=none") == 0
    assert f"D {given.relative_to(place.repository)}" in capsys.readouterr().err
    assert contents(place.repository) == before


def give(place: Place, target: str, value: str, environment: str = "prod") -> int:
    """Set a secret from standard input."""
    with redirected_stdin(io.TextIOWrapper(io.BytesIO(value.encode()), "utf-8")):
        return place.run("secrets", "set", target, "--env", environment)


@pytest.mark.slow
def test_a_secret_of_somebody_s_own_stays_whatever_is_answered(place: Place) -> None:
    """Whether the catalogue names it, or nothing but its folder's kustomization."""
    listed = place.repository / "secret-catalogue.yaml"
    listed.write_text(
        listed.read_text() + "  - {name: ours, namespace: mlflow, component: mlflow, stage: config, purpose: ours, keys: {it: {generate: hex}}}\n"
    )
    assert place.run("secrets") == 0
    stranger = place.file("prod/ours").with_name("stranger.sops.yaml")
    stranger.write_bytes(place.file("prod/ours").read_bytes().replace(b"name: ours", b"name: stranger"))
    commit(place)
    assert place.run("change", "answer", "sso=oidc") == 0
    assert give(place, "mlflow-oidc", "some-client-secret") == 0
    commit(place)
    assert place.run("change", "answer", "sso=none") == 0
    assert sorted(file.name for file in stranger.parent.iterdir()) == ["kustomization.yaml", "ours.sops.yaml", "stranger.sops.yaml"]
    assert (stranger.parent / "kustomization.yaml").read_text().endswith("resources:\n  - ours.sops.yaml\n  - stranger.sops.yaml\n")


REGISTRY = "chart_registry=oci://registry.example.org:5000/charts"
PASSWORD = 'it\'s "quoted" and {braced}'


@pytest.mark.slow
def test_a_registry_with_a_login_is_told_once_an_environment_and_every_chart_s_source_knows(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    version = place.repository / "platform/mlflow/controller/overlays/prod/version.yaml"
    version.write_text(version.read_text().replace("1.11.5", "1.11.4"))
    commit(place)
    before = contents(place.repository)
    assert place.run("change", "answer", REGISTRY, "chart_registry_login=true", "chart_registry_private_ca=true") == 0
    assert place.run("secrets") == 0
    said = capsys.readouterr().err
    assert "pending in prod: flux-operator-chart-registry (fetches its chart from the company's registry; " in said
    assert "username: a name with which registry.example.org:5000 lets charts be fetched" in said
    assert "mlflow-chart-registry, seaweedfs-chart-registry follow from flux-operator-chart-registry/username" in said
    assert "kind: OCIRepository" in version.read_text() and "    tag: 1.11.4 # renovate: " in version.read_text()
    assert_clean(place)
    assert give(place, "flux-operator-chart-registry", json.dumps({"username": "robot$prod", "password": PASSWORD})) == 0
    assert give(place, "flux-operator-chart-registry-ca", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n") == 0
    sources = sorted(place.repository.glob("platform/*/controller/base/source.yaml"))
    assert len(sources) >= 9
    for source in sources:
        component = source.parts[-4]
        text = source.read_text()
        assert f"  secretRef:\n    name: {component}-chart-registry\n  certSecretRef:\n    name: {component}-chart-registry-ca\n" in text
        assert login(place, component) == {"registry.example.org:5000": {"username": "robot$prod", "password": PASSWORD}}
        assert values(place, f"{component}-chart-registry-ca")["ca.crt"].startswith("-----BEGIN CERTIFICATE-----\n")
    assert_clean(place)
    commit(place)
    assert place.run("change", "answer", "chart_registry=") == 0
    assert contents(place.repository) == before


@pytest.mark.slow
def test_images_from_elsewhere_keep_their_versions_and_what_people_made_of_the_file(place: Place) -> None:
    dev, prod = (place.repository / f"platform/mlflow/data/overlays/{name}/version.yaml" for name in ("dev", "prod"))
    dev.write_text(dev.read_text().replace("18.6-", "18.5-"))
    prod.write_text(prod.read_text().replace("# renovate:", "# ours:"))
    commit(place)
    theirs = prod.read_text()
    assert place.run("change", "answer", "image_registry=registry.example.org/mirror") == 0
    assert "imageName: registry.example.org/mirror/ghcr.io/cloudnative-pg/postgresql:18.5-system-trixie # renovate: " in dev.read_text()
    assert prod.read_text() == theirs
    job = place.repository / "platform/seaweedfs/config/overlays/prod/version.yaml"
    assert "image: registry.example.org/mirror/docker.io/chrislusf/seaweedfs:4.44 # " in job.read_text()


def login(place: Place, component: str) -> object:
    """What the source of a component's chart shows in prod, to whom."""
    file = place.file(f"prod/{component}-chart-registry")
    assert "\ntype: kubernetes.io/dockerconfigjson\n" in file.read_text()
    return json.loads(values(place, f"{component}-chart-registry")[".dockerconfigjson"])["auths"]


def values(place: Place, secret: str) -> dict[str, str]:
    file = place.file(f"prod/{secret}")
    return opened(file.name, file.read_bytes(), (place.keys / "prod.agekey").read_bytes())


@pytest.mark.slow
def test_what_is_chosen_no_more_goes_with_all_that_was_there(place: Place) -> None:
    notes = place.repository / "platform/metallb/NOTES.md"
    notes.write_text("ours")
    commit(place)
    assert place.run("change", "answer", "load_balancer=none") == 0
    assert not notes.parent.exists()
    assert_clean(place)


@pytest.mark.slow
def test_a_dry_run_shows_what_would_change(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(place.repository)
    assert place.run("change", "answer", "company=Umbrella", "--dry-run") == 0
    assert "+company: Umbrella" in capsys.readouterr().out
    assert contents(place.repository) == before


@pytest.mark.slow
def test_an_answer_to_what_is_not_asked_is_not_swallowed(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.run("change", "answer", "s3_endpoint=https://s3.example.org") == 2
    assert "s3_endpoint is asked only where the other answers call for it" in capsys.readouterr().err
    assert changed(place) == set()


def test_addresses_of_documents_are_examples() -> None:
    names = {"a": "192.0.2.10-192.0.2.20", "b": "10.0.0.0/28", "c": "203.0.113.16/28"}
    answers = {"environments": [{"name": name, "addresses": addresses} for name, addresses in names.items()]}
    assert conflicts.examples({**answers, "load_balancer": "metallb"}) == ["a", "c"]
    assert conflicts.examples({**answers, "load_balancer": "none"}) == []


REFUSED = {
    "an answer that lasts": (("answer", "engine=argo"), "engine stays flux"),
    "a name that keys and clusters have": (("answer", "platform=other"), "platform stays acme-ml: the private keys are kept under it"),
    "what has commands of its own": (("answer", "components=[valkey]"), "gitops-generate add component"),
    "a question that is none": (("answer", "colour=red"), "there is no question colour"),
    "what is no answer": (("answer", "sso"), "write it as question=answer"),
    "an answer of another kind": (("answer", "git_private_ca=perhaps"), "git_private_ca must be true or false"),
    "an environment that is none": (("environment", "qa", "--live"), "there is no environment qa; there are dev, prod"),
    "no change": (("environment", "prod"), "say what changes: --domain"),
    "a Kubernetes that nothing supports": (("environment", "prod", "--kubernetes", "1.12"), "prod runs Kubernetes 1.12"),
    "addresses of another environment": (("environment", "prod", "--addresses", "10.1.0.15-10.1.0.40"), "the addresses of dev and prod overlap"),
    "the domain of another environment": (("environment", "prod", "--domain", "dev.example.org"), "domain dev.example.org stands in dev and in prod"),
}


@pytest.mark.parametrize(("arguments", "reason"), REFUSED.values(), ids=REFUSED)
def test_is_refused_for_its_reason(arguments: tuple[str, ...], reason: str, made: Place, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(made.repository)
    assert made.run("change", *arguments) == 2
    said = capsys.readouterr().err
    assert reason in said and said.count("\n") == 1, said
    assert contents(made.repository) == before


@pytest.mark.slow
def test_an_answer_that_is_not_offered_is_refused_with_what_is(made: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert made.run("change", "answer", "sso=saml") == 2
    assert capsys.readouterr().err.strip() == "gitops-generate: sso: there is no saml; there are oidc, none"
