"""`python -m gitops_validate` is `gitops-validate`."""

from __future__ import annotations

from gitops_validate.cli import main

if __name__ == "__main__":
    main()
