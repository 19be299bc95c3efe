from __future__ import annotations

import posixpath

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import Place
from gitops_validate.rule import Problems, rule

HOPS = 40
"""Links that the system follows on the way to one file."""


@rule(Severity.ERROR)
def outside_link(repo: Repo) -> Problems:
    """A symbolic link that leaves the repository.

    Argo CD refuses to render anything of a repository that holds such a link, wherever it is; Flux drops it and fails where it is used. It
    points at different things on different machines, and is a known way to read files that a merge request should not see.

    A link cannot be shown on this page: examples are `docs/notes.txt → /etc/hosts` and `base/common → ../../other-repository/common`. Commit a
    copy instead, or link to a path in the repository.
    """
    for path in sorted(repo.links):
        if _leaves(path, repo):
            yield Problem(Place(path, precision="file"), f"{path} is a link that leaves the repository", "commit a copy of what it points to")


def _leaves(path: str, repo: Repo) -> bool:
    """Whether a link ends outside, over whatever other links it goes."""
    waiting, here = path.split("/"), ""
    for _ in range(HOPS * 100):
        if not waiting:
            return False
        step = waiting.pop(0)
        here = posixpath.normpath(posixpath.join(here, step))
        if here == ".." or here.startswith(("../", "/")):
            return True
        target = repo.links.get(here)
        if target is not None:
            if target.startswith("/"):
                return True
            waiting = [*target.split("/"), *waiting]
            here = posixpath.dirname(here)
    return False
