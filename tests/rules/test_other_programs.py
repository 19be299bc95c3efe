"""Files that are no manifests are held to no more than their own programs hold them to."""

from __future__ import annotations

SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\n"
GENERATOR = "resources: [settings.yaml]\nconfigMapGenerator:\n  - name: agent\n    namespace: default\n    files: [%s]\n"
TWICE = "pipeline:\n  - name: modify\n    rename: a b\n    rename: c d\n"
TEMPLATE = 'releases:\n  - name: web\n    version: {{ env "VERSION" }}\n    set: {{- if .x }}\n'


def test_a_program_whose_file_a_generator_reads_may_take_a_key_twice(checked) -> None:
    files = {"clusters/dev/kustomization.yaml": GENERATOR % "agent.yaml", "clusters/dev/settings.yaml": SETTINGS}
    assert not checked({**files, "clusters/dev/agent.yaml": TWICE}).report.findings


def test_values_of_a_chart_may_not_have_a_key_twice(checked) -> None:
    files = {"clusters/dev/kustomization.yaml": GENERATOR % "values.yaml", "clusters/dev/settings.yaml": SETTINGS}
    assert checked({**files, "clusters/dev/values.yaml": TWICE}).rules == {"duplicate-key"}


def test_a_template_that_no_reconciler_reads_is_no_broken_yaml(checked) -> None:
    assert not checked({"clusters/dev/settings.yaml": SETTINGS, "bootstrap/helmfile.yaml": TEMPLATE}).report.findings


def test_a_template_among_manifests_is_broken_yaml(checked) -> None:
    assert checked({"clusters/dev/settings.yaml": SETTINGS, "clusters/dev/helmfile.yaml": TEMPLATE}).rules == {"yaml-syntax"}


def test_what_git_crypt_has_encrypted_is_told_as_that(checked) -> None:
    (found,) = checked({"clusters/dev/settings.yaml": SETTINGS, "clusters/dev/secret.yaml": "\0GITCRYPT\0\x01\x02"}).report.findings
    assert (found.rule, found.message) == ("yaml-syntax", "the file cannot be read: git-crypt has encrypted it, which Flux does not decrypt")
