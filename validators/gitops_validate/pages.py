"""Rules' docstrings as pages: `explain`, docs/rules, and the small repositories that their tests run on.

`python -m gitops_validate.pages DIR` writes the pages anew.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from gitops_validate.model.finding import Profile
from gitops_validate.rule import Rule, rules

FENCE = re.compile(r"^```(\w+) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A code block named after its path: the language, the path, and the file."""
MARK = "# finding"
PROFILES = """\
`profile` in `.gitops-validate.yaml`, or `check --profile`, says how much is asked: `minimal` what the cluster needs and what gives no secret away, `standard`,
the default, what most people want besides, and `strict` all of good practice. A rule speaks from its profile on.\
"""
WORDS = {"error": "stops a deployment or gives a secret away", "warning": "does not stop a deployment", "info": "is good to know"}


def examples(rule: Rule, section: str) -> Mapping[str, str]:
    """The small repository of the section "Avoid" or "Prefer": files by path, empty if the page has none."""
    _, found, rest = rule.page.partition(f"**{section}**")
    own = rest.partition("**Prefer**")[0] if found else ""
    return {path: text for _, path, text in FENCE.findall(own)}


def markdown(rule: Rule) -> str:
    """The page of a rule."""
    facts = f"`{rule.category}` · {rule.severity.label}: it {WORDS[rule.severity.label]}"
    facts += f" · from {rule.origin}" if rule.origin else ""
    facts += "" if rule.profile is Profile.MINIMAL else f" · from profile `{rule.profile.label}` on"
    facts += " · `check --fix` repairs what is certain" if rule.mend else ""
    body = FENCE.sub(lambda found: f"`{found[2]}`\n\n```{found[1]}\n{found[3]}```", rule.page.partition("\n")[2].strip())
    return f"# {rule.id}\n\n{rule.title}\n\n{facts}\n\n{body}\n\n{_waiving(rule)}"


def link(rule: Rule) -> str:
    """Where the page of a rule stands in this project's documentation; "" for one of another distribution."""
    return "" if rule.origin else f"docs/rules/{rule.category}/{rule.id}.md"


def why(rule: Rule) -> str:
    """Why the pattern hurts: the page between its title and the examples."""
    return rule.page.partition("\n")[2].partition("**Avoid**")[0].strip()


def index() -> str:
    """The list of all rules, by category."""
    parts = [f"# Rules\n\nWritten from the rules themselves by `python -m gitops_validate.pages docs/rules`.\n\n{PROFILES}"]
    for category, listed in groupby(_own(), key=lambda rule: rule.category):
        rows = "\n".join(f"| [{rule.id}]({category}/{rule.id}.md) | {rule.severity.label} | {rule.profile.label} | {rule.title} |" for rule in listed)
        parts.append(f"## {category}\n\n| rule | severity | from profile | finds |\n|---|---|---|---|\n{rows}")
    return "\n\n".join(parts) + "\n"


def pages() -> Iterator[tuple[str, str]]:
    """Every page with its path below docs/rules."""
    yield "README.md", index()
    for rule in _own():
        yield f"{rule.category}/{rule.id}.md", markdown(rule)


def _own() -> list[Rule]:
    """The rules of this distribution."""
    return [rule for rule in rules().values() if not rule.origin]


def write(folder: Path) -> None:
    """Write all pages, and remove those of rules that are gone."""
    current = dict(pages())
    for path, text in current.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    for old in folder.rglob("*.md"):
        if old.relative_to(folder).as_posix() not in current:
            old.unlink()


def _waiving(rule: Rule) -> str:
    if rule.category == "waivers":
        return ""
    return (
        f"**Waive** one finding with the annotation `gitops-validate/allow.{rule.id}: <why>` on the object, or with an entry under `waivers` in\n"
        "`.gitops-validate.yaml`.\n"
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]))
