"""What every page has: one file, no network, nothing from the repository that a browser would run.

The policy in its head names the styles and the scripts by their hashes, so that a browser runs nothing else, whatever else stood in the page.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from pathlib import Path

from gitops_validate import __version__
from gitops_validate.report.escape import visible

_PAGE = Path(__file__).parent / "page"
LONGEST = 1000
"""Characters of a text that are shown."""
FEW = 5
"""As many gaps stand above what was found."""


def said(text: str) -> str:
    """Text from anywhere, as text of the page."""
    return escape(visible(text, LONGEST), quote=True)


def folded(title: str, number: int, body: str) -> str:
    """A section that is closed until somebody wants it, with how much is in it."""
    return f'<section class="folded"><details><summary><h2>{title}</h2> <small>{number:,}</small></summary>{body}</details></section>\n'


def unsure(title: str, number: int, body: str) -> str:
    """A section of what is not known: in sight, and open unless it would push everything else out of it."""
    opened = " open" if number <= FEW else ""
    return f'<section class="gaps"><details{opened}><summary><h2>{title}</h2> <small>{number:,}</small></summary>{body}</details></section>\n'


def head(title: str, styles: Sequence[str], scripts: Sequence[str]) -> str:
    """The page up to its body; the styles and scripts are names of files in page/."""
    style = "".join(map(asset, styles))
    allowed = " ".join(hashed(asset(name)) for name in scripts)
    policy = f"default-src 'none'; style-src {hashed(style)}; script-src {allowed}; img-src data:; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n'
        f"<title>{said(title)} · gitops-validate</title>\n<style>{style}</style>\n</head>\n"
    )


def foot(scripts: Sequence[str]) -> str:
    """What ends the page."""
    run = "".join(f"<script>{asset(name)}</script>\n" for name in scripts)
    return f"</main>\n<footer>gitops-validate {__version__}</footer>\n{run}</body>\n</html>\n"


def asset(name: str) -> str:
    """A file of page/."""
    return (_PAGE / name).read_text("utf-8")


def hashed(text: str) -> str:
    """The source expression by which a policy allows just this text."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
