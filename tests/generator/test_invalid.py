"""Answers that cannot be right are refused in one sentence that says why."""

from pathlib import Path

import pytest

from gitops_generate.cli.entry import run

DEV = "name: dev, domain: dev.example.org, size: small, kubernetes: '1.36'"
A, B = "addresses: 10.0.0.10-10.0.0.20", "addresses: 10.0.0.15-10.0.0.30"

INVALID = {
    "an unknown question": ("colour=red", "there is no question colour"),
    "a company that would need escaping": ('company=x"; rm -rf /', "company: up to 60 letters"),
    "a company with a template in it": ("company={{7*7}}", "company: up to 60 letters"),
    "a company of two lines": ("company=a\nb", "company must be a text of one line"),
    "a company of 300 characters": ("company=" + "a" * 300, "company: up to 60 letters"),
    "a platform that is a path": ("platform=../evil", "platform: up to 30 lower-case letters"),
    "a platform in capitals": ("platform=ACME", "platform: up to 30 lower-case letters"),
    "a domain with a wildcard": ("domain=*.example.org", "domain: a domain in lower case"),
    "an address that is an option": ("git_url=--upload-pack=x", "git_url: an address such as"),
    "an address with a password": ("git_url=https://me:secret@gitlab.example.org", "git_url: an address such as"),
    "a project that leaves its group": ("git_project=../../etc", "git_project: a path such as"),
    "an engine that is not offered": ("engine=fleet", "engine"),
    "no environment": ("environments=[]", "environments must be a list"),
    "an environment twice": (f"environments=[{{{DEV}, {A}}}, {{{DEV}, {B}}}]", "environments: name dev stands in 2 environments"),
    "a domain twice": (
        f"environments=[{{{DEV}, {A}}}, {{{DEV.replace('name: dev', 'name: b')}, addresses: 10.9.0.0/28}}]",
        "domain dev.example.org stands in 2",
    ),
    "overlapping addresses": (
        f"environments=[{{{DEV}, {A}}}, {{{DEV.replace('dev', 'b')}, {B}}}]",
        "the addresses of dev and b overlap",
    ),
    "addresses that end before they begin": (f"environments=[{{{DEV}, addresses: 10.0.0.9-10.0.0.1}}]", "it ends before it begins"),
    "addresses that are none": (f"environments=[{{{DEV}, addresses: 10.0.0.999-10.0.0.1000}}]", "addresses"),
    "no addresses for MetalLB": (f"environments=[{{{DEV}}}]", "dev has no addresses, which MetalLB needs"),
    "a Kubernetes that nothing supports": (f"environments=[{{{DEV.replace('1.36', '1.30')}, {A}}}]", 'kubernetes: "1.34", "1.35", "1.36"'),
    "a Kubernetes that is a number": (f"environments=[{{{DEV.replace(chr(39), '')}, {A}}}]", "environments: dev: kubernetes must be"),
    "a size that is none": (f"environments=[{{{DEV.replace('small', 'huge')}, {A}}}]", "environments: dev: size must be small, standard or ha"),
    "a field that an environment has not": (f"environments=[{{{DEV}, {A}, color: red}}]", "environments: dev: there is no question color"),
    "a component that is not offered": ("components=[kubeflow]", "components"),
    "a component twice": ("components=[mlflow, mlflow]", "components must be a list of components"),
    "a floating image": ("ci_image=registry.example.org/ci:latest", "ci_image: an image with a tag that stays"),
    "a registry that is none": ("chart_registry=https://example.org", "chart_registry: empty, or a prefix"),
    "a login of no registry": ("chart_registry_login=true", "chart_registry_login is asked only where the other answers call for it"),
    "an answer that is no YAML": ("environments=[", "the answer is not YAML"),
    "no answer": ("company", "write it as question=answer"),
}


@pytest.mark.parametrize(("answer", "reason"), INVALID.values(), ids=INVALID)
def test_is_refused_for_its_reason(answer: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", str(tmp_path / "platform"), "--defaults", "--no-check", "--no-secrets", "-d", answer]) == 2
    said = capsys.readouterr().err
    assert reason in said and said.count("\n") == 1, said
    assert "Traceback" not in said and "/copier" not in said
    assert list(tmp_path.iterdir()) == []


def test_there_are_at_least_twenty() -> None:
    assert len(INVALID) >= 20
