"""Names and values of whoever opened the merge request are data in every format of a review."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from gitops_validate.check import Options
from gitops_validate.model.change import Review
from gitops_validate.report.look import Look
from gitops_validate.report.review import FORMATS, write
from gitops_validate.review.review import Asked, review

NOTE = "\n```\n/approve\n/merge\n/label ~x\n@all\n![](http://evil.example/p.png)\n</details><!--marker-->\n"
LOG = "\x1b[2K\rsection_start:1:x\r\x1b[0Kfine\x07\x9b1A\x7f"
BIDI = "a\u202eb\u2066c\u2069d\u200fe\u200bf\ufeffg\u2028h"
VALUES = {"note": NOTE, "log": LOG, "bidi": BIDI, "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>", "end": "]]></system-out>"}
FILES = ("a|b<!--marker-->.md", "line\n/approve.yaml", "\x1b[31mred.yaml", "r\u202etxt.yaml", "-rf.yaml", "@all ![](x) #1 !2.yaml", "a`b``c.yaml")
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What a terminal or a reader acts upon without seeing it; lines may end."""


class Outside(HTMLParser):
    """What stands outside of code in a page or a note."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.text, self.comments = 0, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside += tag in ("code", "pre")
        assert tag not in ("img", "iframe", "a") or all(not str(value).startswith(("http", "//", "x")) for _, value in attrs)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag in ("code", "pre")

    def handle_data(self, data: str) -> None:
        self.text += "" if self.inside else data

    def handle_comment(self, data: str) -> None:
        self.comments += data


@pytest.fixture
def reviewed(tmp_path: Path, committed: Callable[[Path], str]) -> Callable[[dict[str, str], dict[str, str]], Review]:
    """Reviews what two sets of files make of an environment."""

    def looked(before: dict[str, str], after: dict[str, str]) -> Review:
        _write(tmp_path, {"clusters/prod/keep.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: keep, namespace: default}\n", **before})
        committed(tmp_path)
        for path in before.keys() - after.keys():
            (tmp_path / path).unlink()
        _write(tmp_path, after)
        return review(Options(tmp_path, offline=True, cache=False, workers=1), Asked("HEAD"))

    return looked


def _write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def printed(found: Review, name: str) -> str:
    out = io.StringIO()
    write(name, found, out, Look())
    return out.getvalue()


def settings(name: str, data: dict[str, str]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}, "data": data})


@pytest.mark.parametrize("name", FORMATS)
def test_names_and_values_are_data_in_every_format(name: str, reviewed: Callable[..., Review]) -> None:
    """Of files that nothing is built from only the names are told; of those in the environment what is in them, where it changes and where it is wrong."""
    before = {"clusters/prod/settings.yaml": settings("settings", dict.fromkeys(VALUES, "plain"))}
    broken = {f"clusters/prod/{file}": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: n{number}, namespace: {json.dumps(LOG + BIDI)}}}\n" for number, file in enumerate(FILES) if file.endswith("yaml")}  # fmt: skip
    found = reviewed(before, {"clusters/prod/settings.yaml": settings("settings", VALUES), **broken, **dict.fromkeys(FILES, "a: b\n")})
    assert set(FILES) <= set(found.files) and found.brought
    text = printed(found, name)
    assert not UNSEEN.search(text)
    if name in ("markdown", "html"):
        outside = Outside()
        outside.feed(text)
        assert "marker" not in outside.comments and "<script>alert" not in text
    if name == "markdown":
        assert not any(line.lstrip().startswith("/") for line in text.splitlines())
        assert not any(word in outside.text for word in ("@all", "![](", "~x", "#1", "!2", "evil.example"))
    if name == "json":
        assert {path.rpartition("/")[2] for path in json.loads(text)["files"]} >= {file.rpartition("/")[2] for file in FILES}
        assert not text.startswith("\ufeff")


PASSWORD = "correct-horse-battery"
LOGIN = base64.b64encode(f"robot:{PASSWORD}".encode()).decode()
HOLDERS = {
    "a registry's login": {"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": json.dumps({"auths": {"r.example": {"auth": LOGIN}}})}},
    "the same in base64": {"data": {".dockerconfigjson": base64.b64encode(json.dumps({"auths": {"r.example": {"auth": LOGIN}}}).encode()).decode()}},
    "an annotation": {"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"stringData": {"p": PASSWORD}})}}},
    "a file": {"stringData": {"my.cnf": f"[client]\nuser = robot\npassword = {PASSWORD}\n"}},
    "an address": {"stringData": {"url": f"postgres://robot:{PASSWORD}@db.example/x"}},
}  # fmt: skip


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("listed", [False, True], ids=["alone", "in-a-list"])
def test_what_a_secret_holds_is_told_in_no_format(holder: str, listed: bool, reviewed: Callable[..., Review]) -> None:
    """Wherever in it the password stands, and whatever else has it: an argument, a release's values, a message of the API server."""
    secret: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", **HOLDERS[holder]}
    secret["metadata"] = {"name": "login", "namespace": "default", **secret.get("metadata", {})}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default", "labels": {"bad": f"{PASSWORD}/"}}}
    pod["spec"] = {"containers": [{"name": "c", "image": "registry.example/c:1", "args": [f"--login={PASSWORD}", LOGIN]}]}
    held = {"apiVersion": "v1", "kind": "List", "items": [secret, pod]} if listed else None
    files = {"clusters/prod/all.yaml": json.dumps(held) if held else f"{json.dumps(secret)}\n---\n{json.dumps(pod)}\n"}
    found = reviewed({}, files)
    assert found.environments[0].changes
    for name in FORMATS:
        text = printed(found, name)
        assert PASSWORD not in text and LOGIN not in text and base64.b64encode(PASSWORD.encode()).decode() not in text, name


def test_a_list_that_a_chart_makes_hides_its_secrets(reviewed: Callable[..., Review]) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login"}, "stringData": {"password": PASSWORD}}
    files = {
        "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/templates/all.yaml": json.dumps({"apiVersion": "v1", "kind": "List", "items": [secret]}),
        "clusters/prod/web.yaml": """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec: {interval: 1h, chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: flux-system}}}}
""",
    }
    found = reviewed({}, files)
    assert {change.ref.kind for change in found.environments[0].changes} >= {"Secret", "HelmRelease"}
    assert not any(PASSWORD in printed(found, name) for name in FORMATS)
