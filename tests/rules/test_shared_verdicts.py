"""Environments that have the same definitions ask about them once, whatever else stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from gitops_validate.check import Options
from gitops_validate.keeping.ask import Asker, Keyed
from gitops_validate.run import opened, rendered_environments

DEFINED = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec: {group: example.org, scope: Namespaced, names: {kind: Widget, plural: widgets}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings, namespace: default}}\ndata: {{name: {name}}}\n"
REFUSED = DEFINED.replace("scope: Namespaced", "scope: Elsewhere").replace("widgets", "gadgets").replace("Widget", "Gadget")


def test_definitions_are_asked_about_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[tuple[str, int]] = set()
    ask = Asker.ask

    def noted(self: Asker, questions: Sequence[Keyed]) -> list[object]:
        asked.update((each.key, len(each.question.blobs)) for each in questions if each.question.op == "validate")
        return ask(self, questions)

    monkeypatch.setattr(Asker, "ask", noted)
    for name in ("dev", "prod"):
        (tmp_path / "clusters" / name).mkdir(parents=True)
        (tmp_path / "clusters" / name / "all.yaml").write_text("---\n".join([SETTINGS.format(name=name), DEFINED, REFUSED]))
    options = Options(tmp_path, offline=True, cache=False, workers=1)
    with opened(options) as run:
        rendered, _ = rendered_environments(run, options)
    assert sorted(size for _, size in asked) == [1, 1, 2]
    for each in rendered:
        found = {verdict.object.ref.name: verdict.verdict for verdict in each.verdicts}
        assert found == {"settings": "accepted", "widgets.example.org": "accepted", "gadgets.example.org": "rejected"}
