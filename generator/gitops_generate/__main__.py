"""`python -m gitops_generate` is `gitops-generate`."""

from __future__ import annotations

import sys

from gitops_generate.cli.entry import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
