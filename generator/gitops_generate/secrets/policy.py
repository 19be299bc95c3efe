""".sops.yaml: one creation rule an environment, with the recipients who can read it. Comments say who they are, and what people write there stays."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from gitops_generate.errors import Refused
from gitops_generate.secrets.sealed import SELECTOR

FILE = ".sops.yaml"
CLUSTER = "the cluster"
_AGE = re.compile(r"age1[02-9ac-hj-np-z]{58}|age1pq1[02-9ac-hj-np-z]{100,4000}")


class Policy:
    """Who can read which environment."""

    def __init__(self, repository: Path) -> None:
        self._yaml = YAML(typ="rt", pure=True)
        self._yaml.width = 4096
        self._yaml.indent(mapping=2, sequence=4, offset=2)
        self._before = _read(repository / FILE)
        try:
            self._data = self._yaml.load(self._before) or CommentedMap()
        except (MarkedYAMLError, ValueError) as fault:
            mark = getattr(fault, "problem_mark", None)
            raise Refused(
                f"{FILE}{f':{mark.line + 1}' if mark else ''} is not YAML: {getattr(fault, 'problem', None) or 'it cannot be read'}"
            ) from None
        rules = self._data.get("creation_rules") if isinstance(self._data, dict) else None
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            raise Refused(f"{FILE} must be a map with a list of creation_rules")
        if not rules:  # written as [], which would stay on one line
            self._data["creation_rules"] = CommentedSeq()

    def recipients(self, environment: str) -> dict[str, str]:
        """The recipients of an environment with who each is, "" where nobody wrote it."""
        rule = self._rule(environment)
        found = rule.get("age", []) if rule else []
        if isinstance(found, str):  # SOPS takes a list with commas too
            return dict.fromkeys((one.strip() for one in found.split(",")), "")
        return {str(one): _comment(found, index) for index, one in enumerate(found)}

    def add(self, environment: str, recipient: str, who: str) -> None:
        """Let somebody read an environment. Raises Refused for what cannot be encrypted to here."""
        if not _AGE.fullmatch(recipient):
            raise Refused(f"{recipient[:80]} is no age recipient: give one that begins with age1; OpenPGP and Vault are not offered yet")
        rule = self._rule(environment)
        if rule is None:
            rule = CommentedMap(path_regex=_pattern(environment), encrypted_regex=SELECTOR, age=CommentedSeq())
            self._data["creation_rules"].append(rule)
        if isinstance(rule.get("age"), str):
            rule["age"] = CommentedSeq(one.strip() for one in rule["age"].split(","))
        rule["age"].append(recipient)
        if who:
            rule["age"].yaml_add_eol_comment(who, len(rule["age"]) - 1)

    def remove(self, environment: str, recipient: str) -> None:
        """Let somebody no longer read an environment. Raises Refused."""
        known = self.recipients(environment)
        if recipient not in known:
            raise Refused(f"{recipient[:80]} is no recipient of {environment}; there are {', '.join(known) or 'none'}")
        if len(known) == 1:
            raise Refused(f"{recipient[:80]} is the only recipient of {environment}: add another one first, or nobody can read its secrets")
        rule = self._rule(environment)
        assert rule is not None
        kept = [(one, who) for one, who in known.items() if one != recipient]
        rule["age"] = CommentedSeq(one for one, _ in kept)
        for index, (_, who) in enumerate(kept):
            if who:
                rule["age"].yaml_add_eol_comment(who, index)

    def forget(self, environment: str) -> None:
        """Drop the rule of an environment that is gone."""
        rules = self._data["creation_rules"]
        for index, rule in enumerate(rules):
            if rule.get("path_regex") == _pattern(environment):
                del rules[index]
                return

    def text(self) -> bytes:
        """The file as it now is."""
        out = io.StringIO()
        self._yaml.dump(self._data, out)
        return out.getvalue().encode()

    @property
    def changed(self) -> bool:
        """Whether it says anything else than the file."""
        now, before = (YAML(typ="safe", pure=True).load(text) for text in (self.text(), self._before))
        return bool(now != before)

    def _rule(self, environment: str) -> Any:
        """SOPS takes the first rule that matches, and so does this."""
        sample = f"platform/component/stage/overlays/{environment}/secrets/name.sops.yaml"
        for rule in self._data["creation_rules"]:
            try:
                if re.search(str(rule.get("path_regex") or ""), sample):
                    return rule
            except re.error:
                raise Refused(f"{FILE}: path_regex {str(rule['path_regex'])[:100]} is no regular expression") from None
        return None


def _pattern(environment: str) -> str:
    return rf"^(platform|workloads)/.*/overlays/{environment}/secrets/[^/]+\.sops\.yaml$"


def _comment(found: Any, index: int) -> str:
    marks = found.ca.items.get(index) if hasattr(found, "ca") else None
    return str(marks[0].value).splitlines()[0].lstrip("# ").strip() if marks and marks[0] else ""


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return "creation_rules: []\n"
    except UnicodeDecodeError:
        raise Refused(f"{FILE} is not UTF-8") from None
