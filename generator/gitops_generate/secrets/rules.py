"""`.sops.yaml`: one creation rule an environment. Lines are added and taken away; what people wrote stays as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml.nodes import ScalarNode, SequenceNode

from gitops_generate.errors import Refused
from gitops_generate.secrets import readers
from gitops_generate.secrets.documents import Engine, content, parse
from gitops_generate.secrets.readers import CLUSTER, FILE
from gitops_generate.secrets.sealing import ENCRYPTED_REGEX
from gitops_validate.engine import Engine as EngineOf

__all__ = ["CLUSTER", "FILE", "Rules", "forget", "load", "path_regex"]

EMPTY = "# Who can read which environment: one rule each, kept by `gitops-generate secrets`.\ncreation_rules: []\n"


@dataclass(frozen=True, slots=True)
class Rules:
    """The file as it stands, or will stand."""

    text: str

    def readers(self, environment: str) -> list[readers.Reader]:
        """Who can read an environment, in their order; nobody if it has no rule yet. Raises Refused."""
        return readers.readers(self.text, environment)

    def recipients(self, environment: str) -> list[str]:
        """The age recipients of an environment."""
        return [reader.recipient for reader in self.readers(environment)]

    def add(self, environment: str, recipient: str, name: str) -> Rules:
        """With one more reader, and a rule for the environment if there was none."""
        known = self.readers(environment)
        lines = self.text.splitlines()
        if known:
            last = known[-1].line
            indent = re.match(r"\s*", lines[last])
            lines.insert(last + 1, f"{indent[0] if indent else ''}- {recipient}{_comment(name)}")
        elif readers.rule(self.text, environment) is not None:
            raise Refused(f"{FILE}: the rule of {environment} names nobody; remove it, and it is made again")
        else:
            lines = self._with_rule(lines, environment, f"{recipient}{_comment(name)}")
        return self._checked(lines, environment, [*(reader.recipient for reader in known), recipient])

    def remove(self, environment: str, recipient: str) -> Rules:
        """With one reader less."""
        known = self.readers(environment)
        gone = {reader.line for reader in known if reader.recipient == recipient}
        lines = [line for number, line in enumerate(self.text.splitlines()) if number not in gone]
        return self._checked(lines, environment, [reader.recipient for reader in known if reader.recipient != recipient])

    def forget(self, environment: str) -> Rules:
        """Without the rule of an environment that is gone."""
        rule = readers.rule(self.text, environment)
        if rule is None:
            return self
        lines = self.text.splitlines()
        del lines[rule.start_mark.line : readers.last_line(rule) + 1]
        key, rest = readers.creation_rules("\n".join(lines) + "\n")
        if key and isinstance(rest, ScalarNode):
            lines[key.start_mark.line] = "creation_rules: []"
        return Rules("\n".join(lines) + "\n")

    def _checked(self, lines: Sequence[str], environment: str, expected: Sequence[str]) -> Rules:
        """Lines were edited without a YAML writer: nothing is trusted that does not read as it should."""
        changed = Rules("\n".join(lines) + "\n")
        if changed.recipients(environment) != list(expected):
            raise Refused(f"{FILE}: the rule of {environment} is written in a way that this command cannot edit; write one recipient a line")
        return changed

    def _with_rule(self, lines: list[str], environment: str, reader: str) -> list[str]:
        key, rules = readers.creation_rules(self.text)
        indent = " " * (rules.start_mark.column if isinstance(rules, SequenceNode) and rules.value and not rules.flow_style else 2)
        new = [
            f"{indent}- path_regex: {path_regex(environment)}",
            f"{indent}  encrypted_regex: {ENCRYPTED_REGEX}",
            f"{indent}  age:",
            f"{indent}    - {reader}",
        ]
        if key is None or rules is None:
            return [*lines, "creation_rules:", *new]
        if isinstance(rules, SequenceNode) and rules.value and not rules.flow_style:
            at = readers.last_line(rules) + 1
            return [*lines[:at], *new, *lines[at:]]
        if rules.value and not (isinstance(rules, ScalarNode) and rules.value in ("", "null", "~")):
            raise readers.refuse(key, "creation_rules must be a list with a rule below another")
        at = key.start_mark.line
        return [*lines[:at], "creation_rules:", *new, *lines[at + 1 :]]


def load(root: Path, engine: Engine) -> Rules:
    """Read the file, behind the engine's limits; without one, begin it. Raises Refused."""
    body = content(root, FILE)
    if body is None:
        return Rules(EMPTY)
    parse(FILE, body, engine)
    try:
        return Rules(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused(f"{FILE} must be UTF-8") from None


def forget(root: Path, environment: str) -> None:
    """Take the rule of an environment that is gone out of the file. Raises Refused."""
    with EngineOf([]) as engine:
        (root / FILE).write_text(load(root, engine).forget(environment).text, encoding="utf-8")


def path_regex(environment: str) -> str:
    """Which files the rule of an environment is for."""
    return rf"^(platform|workloads)/.*/overlays/{environment}/secrets/[^/]+\.sops\.yaml$"


def _comment(name: str) -> str:
    return f" # {name}" if name else ""
