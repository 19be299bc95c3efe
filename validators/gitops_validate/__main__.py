"""`python -m gitops_validate` is `gitops-validate`."""

from __future__ import annotations

import sys

from gitops_validate.cli.entry import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
