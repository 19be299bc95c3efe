"""`.sops.yaml`: one creation rule an environment. Lines are added and taken away; what people wrote stays as it is."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops_generate.errors import Refused
from gitops_generate.secrets.documents import Engine, content, parse
from gitops_generate.secrets.sealing import ENCRYPTED_REGEX
from gitops_validate.engine import Engine as EngineOf

FILE = ".sops.yaml"
CLUSTER = "the cluster"
KEPT = frozenset({"path_regex", "encrypted_regex", "age"})
EMPTY = "# Who can read which environment: one rule each, kept by `gitops-generate secrets`.\ncreation_rules: []\n"


@dataclass(frozen=True, slots=True)
class Reader:
    """An age recipient, whose it is (the comment behind it, "" where nobody wrote one), and its line (from 0)."""

    recipient: str
    name: str
    line: int

    @property
    def cluster(self) -> bool:
        """Whether it is the key of the environment's cluster, rather than a person's."""
        return self.name == CLUSTER


@dataclass(frozen=True, slots=True)
class Rules:
    """The file as it stands, or will stand."""

    text: str

    def readers(self, environment: str) -> list[Reader]:
        """Who can read an environment, in their order; nobody if it has no rule yet. Raises Refused."""
        rule = self._rule(environment)
        if rule is None:
            return []
        fields = _fields(rule)
        for name, (key, _) in fields.items():
            if name not in KEPT:
                raise _refuse(key, f"{name} is nothing that this command can keep: it encrypts to age recipients alone; use sops for {environment}")
        listed = fields.get("age", (rule, None))[1]
        if not isinstance(listed, SequenceNode) or listed.flow_style:
            raise _refuse(listed or rule, "age must be a list with a recipient on each line, and a comment behind it that says whose it is")
        if (selector := fields.get("encrypted_regex")) and selector[1].value != ENCRYPTED_REGEX:
            raise _refuse(selector[0], f"encrypted_regex must be {ENCRYPTED_REGEX}: metadata stay readable, values do not")
        return [self._reader(item) for item in listed.value]

    def recipients(self, environment: str) -> list[str]:
        """The age recipients of an environment."""
        return [reader.recipient for reader in self.readers(environment)]

    def add(self, environment: str, recipient: str, name: str) -> Rules:
        """With one more reader, and a rule for the environment if there was none."""
        readers = self.readers(environment)
        lines = self.text.splitlines()
        if readers:
            last = readers[-1].line
            indent = re.match(r"\s*", lines[last])
            lines.insert(last + 1, f"{indent[0] if indent else ''}- {recipient}{_comment(name)}")
        elif self._rule(environment) is not None:
            raise Refused(f"{FILE}: the rule of {environment} names nobody; remove it, and it is made again")
        else:
            lines = self._with_rule(lines, environment, f"{recipient}{_comment(name)}")
        return self._checked(lines, environment, [*(reader.recipient for reader in readers), recipient])

    def remove(self, environment: str, recipient: str) -> Rules:
        """With one reader less."""
        readers = self.readers(environment)
        gone = {reader.line for reader in readers if reader.recipient == recipient}
        lines = [line for number, line in enumerate(self.text.splitlines()) if number not in gone]
        return self._checked(lines, environment, [reader.recipient for reader in readers if reader.recipient != recipient])

    def forget(self, environment: str) -> Rules:
        """Without the rule of an environment that is gone."""
        rule = self._rule(environment)
        if rule is None:
            return self
        lines = self.text.splitlines()
        del lines[rule.start_mark.line : _end(rule) + 1]
        root = _root("\n".join(lines) + "\n")
        if isinstance(root, MappingNode) and isinstance(_fields(root).get("creation_rules", (None, None))[1], ScalarNode):
            at = _fields(root)["creation_rules"][0].start_mark.line
            lines[at] = "creation_rules: []"
        return Rules("\n".join(lines) + "\n")

    def _checked(self, lines: Sequence[str], environment: str, expected: Sequence[str]) -> Rules:
        """Lines were edited without a YAML writer: nothing is trusted that does not read as it should."""
        changed = Rules("\n".join(lines) + "\n")
        if changed.recipients(environment) != list(expected):
            raise Refused(f"{FILE}: the rule of {environment} is written in a way that this command cannot edit; write one recipient a line")
        return changed

    def _with_rule(self, lines: list[str], environment: str, reader: str) -> list[str]:
        root = _root(self.text)
        key, rules = _fields(root).get("creation_rules", (None, None)) if isinstance(root, MappingNode) else (None, None)
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
            at = _end(rules) + 1
            return [*lines[:at], *new, *lines[at:]]
        if rules.value and not (isinstance(rules, ScalarNode) and rules.value in ("", "null", "~")):
            raise _refuse(key, "creation_rules must be a list with a rule below another")
        at = key.start_mark.line
        return [*lines[:at], "creation_rules:", *new, *lines[at + 1 :]]

    def _rule(self, environment: str) -> MappingNode | None:
        root = _root(self.text)
        rules = _fields(root).get("creation_rules", (None, None))[1] if isinstance(root, MappingNode) else None
        for rule in rules.value if isinstance(rules, SequenceNode) else ():
            if isinstance(rule, MappingNode):
                regex = _fields(rule).get("path_regex", (None, None))[1]
                if isinstance(regex, ScalarNode) and f"overlays/{environment}/" in regex.value:
                    return rule
        return None

    def _reader(self, item: Node) -> Reader:
        if not isinstance(item, ScalarNode):
            raise _refuse(item, "age must be a list of recipients")
        line = self.text.splitlines()[item.end_mark.line]
        comment = line[item.end_mark.column :].strip()
        return Reader(item.value, comment.removeprefix("#").strip() if comment.startswith("#") else "", item.end_mark.line)


def load(root: Path, engine: Engine) -> Rules:
    """Read the file, behind the engine's limits; without one, begin it. Raises Refused."""
    body = content(root, FILE)
    if body is None:
        return Rules(EMPTY)
    parse(FILE, body, engine)
    return Rules(body.decode("utf-8-sig"))


def forget(root: Path, environment: str) -> None:
    """Take the rule of an environment that is gone out of the file. Raises Refused."""
    with EngineOf([]) as engine:
        (root / FILE).write_text(load(root, engine).forget(environment).text, encoding="utf-8")


def path_regex(environment: str) -> str:
    """Which files the rule of an environment is for."""
    return rf"^(platform|workloads)/.*/overlays/{environment}/secrets/[^/]+\.sops\.yaml$"


@lru_cache(8)
def _root(text: str) -> Node | None:
    node: Node | None = YAML(pure=True).compose(io.StringIO(text))
    return node


def _fields(node: MappingNode) -> dict[str, tuple[Any, Any]]:
    return {key.value: (key, value) for key, value in node.value if isinstance(key, ScalarNode)}


def _end(node: Node) -> int:
    """The line on which the last scalar ends; a block's own end is where the next token begins."""
    while isinstance(node, SequenceNode | MappingNode) and node.value and not node.flow_style:
        node = node.value[-1] if isinstance(node, SequenceNode) else node.value[-1][1]
    return int(node.end_mark.line)


def _comment(name: str) -> str:
    return f" # {name}" if name else ""


def _refuse(node: Node, message: str) -> Refused:
    return Refused(f"{FILE}:{node.start_mark.line + 1}: {message}")
