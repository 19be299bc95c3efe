"""Reports to write in the tests of formats: one that has everything, and one made of whatever text is given."""

from __future__ import annotations

import io

from msgspec.structs import replace

from gitops_validate.model.finding import Finding, Incomplete, Pending, Severity
from gitops_validate.model.graph import Node
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.place import Place
from gitops_validate.model.report import Report, Summary
from gitops_validate.report import write
from gitops_validate.report.look import Look

SOURCE = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: -1\n"
ENTRY = ReconcilerRef("Kustomization", "flux-system", "flux-system")
APPS = ReconcilerRef("Kustomization", "flux-system", "apps")
FINDING = Finding(
    "api-verdict",
    Severity.ERROR,
    "spec.replicas: must not be negative",
    Place("apps/web.yaml", 6, 3, 15),
    "f00d",
    fix="say how many",
    environment="prod",
    reconciler=str(APPS),
    object=ObjectRef("apps/v1", "Deployment", "web", "web"),
    field="spec.replicas",
)
GRAPH = (
    Node("prod", ENTRY, "", (), "GitRepository/flux-system/flux-system", 3, "ok"),
    Node("prod", APPS, str(ENTRY), ("Kustomization/flux-system/gone",), "", 7, "failed"),
    Node("stage", ENTRY, "", (), "", 3, "ok"),
)
FULL = Report(
    Summary(("prod", "stage"), 3, 13, 12, 9),
    (
        FINDING,
        replace(FINDING, environment="stage", fingerprint="f01d"),
        replace(
            FINDING,
            severity=Severity.WARNING,
            message="a key that stands twice",
            environment="",
            reconciler="",
            rule="duplicate-key",
            fingerprint="f02d",
        ),
        replace(FINDING, severity=Severity.INFO, message="a hint", place=Place("b.yaml"), fix="", object=None, fingerprint="f03d"),
    ),
    (replace(FINDING, waived="known until spring", fingerprint="f04d"),),
    (Incomplete("no-schema", "example.org/Widget", "nothing defines it", "c.yaml"), Incomplete("chart", "redis", "offline", accepted="not ours")),
    (Pending("db", "prod", "db.sops.yaml", "from the other team"),),
    GRAPH,
)
HOSTILE = (
    "\n```\n/approve\n/merge\n/label ~x\n@all\n![](http://evil.example/p.png)\n</details>",
    "a|b`<!--marker-->.md",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'\"><svg onload=alert(1)>",
    "]]></failure><x/>",
    "&lt;b&gt; &amp;amp; &#64;all",
    "\x1b[2J\x1b]0;x\x07 \x0bsection_start:1:x\r\x1b[0K",
    "\u202e\u2066\ufeff\u2028\x00\x85\ufffe",
    "\ud800 lone",
    "javascript:alert(1) https://evil.example www.evil.example a@evil.example",
    "@all #1 !1 ~label %1 $1 &1 :tada: [x](y) **b** ${jndi:x} {{7*7}} {%raw%}",
    "../../etc/passwd",
    "//evil.example/x?y#z",
    "-rf %00 %2e",
    "x" * 5000,
)
"""What somebody may call a file or write into a field, so that a report does what it should not."""


def hostile(text: str) -> Report:
    """A report in which everything that may come from a repository is that text."""
    ref, node = ObjectRef(text, text, text, text), ReconcilerRef(text, text, text)
    finding = Finding("api-verdict", Severity.ERROR, text, Place(text, 1, 1), "f00d", text, text, str(node), ref, text)
    gap = Incomplete(text, text, text, text, text)
    return Report(
        Summary((text,), 2, 10, 9),
        (finding, replace(finding, environment="", fingerprint="f01d", rule=text)),
        (replace(finding, waived=text),),
        (gap, replace(gap, accepted=text)),
        (Pending(text, text, text, text),),
        (Node(text, node, text, (text,), text, 1, "failed"), Node(text, ENTRY, "", (str(node),), "", 1, "ok")),
    )


def written(name: str, report: Report, source: str | None = SOURCE) -> str:
    """The report in the format of that name; every file holds `source`."""
    out = io.StringIO()
    write(name, report, out, Look(source=lambda _path: source))
    return out.getvalue()
