"""Another answer: what it brings, what it leaves alone, and what stays as it is."""

import pytest
from conftest_generator import Place, assert_clean, changed, commit, contents

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
    commit(place)
    assert place.run("change", "answer", "sso=none") == 0
    assert contents(place.repository) == before


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
