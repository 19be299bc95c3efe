"""What of the template goes into a wheel: its releases as one git bundle, and the catalogue, which gitops-generate reads itself."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import engine

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "generator"))

from gitops_generate.packing import bundle, pack


def files() -> dict[str, str]:
    """Paths on this machine, with the paths that they have in a wheel. Raises Refused where the template cannot be read."""
    folder = Path(tempfile.mkdtemp(prefix="gitops-template."))
    pack(ROOT, engine.package_version(), folder / "template")
    bundle(folder / "template", folder / "template.bundle")
    return {str(folder / "template.bundle"): "gitops_generate/template.bundle", str(ROOT / "catalogue"): "gitops_generate/catalogue"}
