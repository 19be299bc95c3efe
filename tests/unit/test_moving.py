"""Which values move with a release, and that nothing passes for unmoved when nobody could be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from gitops_validate.building.link import entry
from gitops_validate.engine import Answer
from gitops_validate.errors import EngineError
from gitops_validate.existing import Existing
from gitops_validate.judging.moving import moving
from gitops_validate.model.environment import Environment
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Origin, Render, Rendered, RenderedObject

DEV = Environment("dev", "clusters/dev", "1.36")
MAKER = ReconcilerRef("Kustomization", "flux-system", "flux-system")


def job(labels: Any, name: str = "once", **spec: Any) -> dict[str, Any]:
    pod = {"containers": [{"name": "once"}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": {"metadata": {"labels": labels}, "spec": pod}, **spec},
    }


def asked(data: dict[str, Any]) -> list[Any]:
    """The labels of the objects that the engine is asked about, as they would be next."""
    thing = RenderedObject(
        ObjectRef(data["apiVersion"], data["kind"], "", data["metadata"]["name"]), orjson.dumps(data), Origin("a.yaml", 0), MAKER, "dev"
    )
    bodies: list[bytes] = []

    def ask(questions: Any) -> list[Any]:
        bodies.extend(questions[0].question.blobs[1::2])
        return [Answer({"verdicts": [{"causes": []}] * (len(questions[0].question.blobs) // 2)}, ())]

    assert moving(Existing(Repo(Path("/nowhere"), {}, {}), Rendered(DEV, (Render(entry(DEV), (thing,)),))), ask) == ([], [])
    return [orjson.loads(body)["spec"]["template"]["metadata"]["labels"] for body in bodies]


@pytest.mark.parametrize(
    ("labels", "moved"),
    [
        ({"app.kubernetes.io/version": "main"}, {"app.kubernetes.io/version": "mai4"}),
        ({"helm.sh/chart": "web-1.4.4"}, {"helm.sh/chart": "web-1.4.5"}),
        ({"release": "v1.4.0-rc.1", "app": "web"}, {"release": "v1.4.0-rc.4", "app": "web"}),
    ],
)
def test_a_label_with_a_version_moves(labels: Any, moved: Any) -> None:
    assert asked(job(labels)) == [moved]


@pytest.mark.parametrize(
    "labels", [{"version": "v1"}, {"app": "10"}, {"app.kubernetes.io/version": ""}, {"a": "1.2.3" * 99}, {"a": 7}, [], "1.2.3", None]
)
def test_what_is_no_version_does_not(labels: Any) -> None:
    assert asked(job(labels)) == []


def test_an_object_that_is_another_one_each_time_is_not_asked_about() -> None:
    assert asked(job({"app.kubernetes.io/version": "1.4.0"}, name="once-1-4-0")) == []
    assert asked(job({"app.kubernetes.io/version": "1.4.0"}, ttlSecondsAfterFinished=0)) == []


def test_an_engine_that_gives_up_is_a_gap() -> None:
    data = job({"app.kubernetes.io/version": "1.4.0"})
    thing = RenderedObject(ObjectRef("batch/v1", "Job", "", "once"), orjson.dumps(data), Origin("a.yaml", 0), MAKER, "dev")
    existing = Existing(Repo(Path("/nowhere"), {}, {}), Rendered(DEV, (Render(entry(DEV), (thing,)),)))
    found, gaps = moving(existing, lambda _: [EngineError("gone")])
    assert not found and [(gap.environment, "gone" in gap.reason) for gap in gaps] == [("dev", True)]
