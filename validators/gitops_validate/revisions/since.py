"""Only what a change has brought: findings that the same check of the commit that it starts from does not have."""

from __future__ import annotations

from msgspec.structs import replace

from gitops_validate.check import Options, Walk, asked, check, fresh
from gitops_validate.discover import root_of, walk_root
from gitops_validate.errors import UsageError
from gitops_validate.keeping import cache as caches
from gitops_validate.keeping import memo
from gitops_validate.keeping.cache import Cache, digest
from gitops_validate.model.finding import Finding
from gitops_validate.model.report import Report
from gitops_validate.revisions.history import Commit, copied, start_of_change


def check_since(options: Options, ref: str) -> Report:
    """What a check finds that is not there where the work parted from `ref`; the rest is counted as known.

    The whole checkout is rendered: what a change to a base does to every overlay is new. Gaps stay, whoever brought them. Raises UsageError.
    """
    start = start_of_change(root_of(options.path), ref)
    report = check(options)
    before = {finding.fingerprint for finding in (_findings(options, start) if start.tree else ())}
    new = tuple(finding for finding in report.findings if finding.fingerprint not in before)
    summary = replace(report.summary, known=len(report.findings) - len(new), since=start.sha)
    return replace(report, findings=new, summary=summary)


def _findings(options: Options, start: Commit) -> tuple[Finding, ...]:
    """What the same check finds at `start`: nothing where it finds no environment or a broken configuration, so that all is new."""
    cache = Cache(caches.beside(root_of(options.path)) if options.cache else None)
    key = digest("tree", start.tree, *memo.judges(), *asked(options, start.sha)) if options.cache else ""
    known = memo.recall(cache, key) if key else None
    if known:
        return known.findings
    with copied(start) as folder:
        try:
            return fresh(options, Walk(walk_root(folder), start.sha, cache, start.root), key).findings
        except UsageError:
            return ()
