"""What the rule of an environment says in `.sops.yaml`, and on which lines."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops_generate.errors import Refused
from gitops_generate.secrets import public_keys
from gitops_generate.secrets.audience import AGE, PGP, VAULT, Recipient
from gitops_generate.secrets.sealing import ENCRYPTED_REGEX

FILE = ".sops.yaml"
CLUSTER = "the cluster"
FIELDS = {"age": AGE, "pgp": PGP, "hc_vault_transit_uri": VAULT}
"""What SOPS' rules call the kinds of keys."""
KEPT = frozenset({"path_regex", "encrypted_regex", *FIELDS})


@dataclass(frozen=True, slots=True)
class Reader:
    """A recipient, whose it is (the comment behind it, "" where nobody wrote one), its line (from 0), and its kind."""

    recipient: str
    name: str
    line: int
    kind: str = AGE

    @property
    def cluster(self) -> bool:
        """Whether it is the key of the environment's cluster, rather than a person's."""
        return self.name == CLUSTER and self.kind == AGE

    @property
    def key(self) -> Recipient:
        """Kind and id, as the files of the environment have them."""
        return Recipient(self.kind, self.recipient)


def readers(text: str, environment: str) -> list[Reader]:
    """Who can read an environment, in their order; nobody if it has no rule yet. Raises Refused for a rule that cannot be kept."""
    found = rule(text, environment)
    if found is None:
        return []
    known = fields(found)
    for name, (key, _) in known.items():
        if name not in KEPT:
            raise refuse(key, f"{name} is nothing that this command can keep: it encrypts to age, PGP and Vault's keys; use sops for {environment}")
    if (selector := known.get("encrypted_regex")) and selector[1].value != ENCRYPTED_REGEX:
        raise refuse(selector[0], f"encrypted_regex must be {ENCRYPTED_REGEX}: metadata stay readable, values do not")
    named = [name for name in known if name in FIELDS]
    if not named:
        raise refuse(found, "this rule names nobody: it must have age, a list with a recipient on each line")
    lines = text.splitlines()
    return [_reader(item, lines, name) for name in named for item in _items(known[name][1], name)]


def _items(listed: Node, name: str) -> Sequence[Node]:
    if not isinstance(listed, SequenceNode) or listed.flow_style:
        raise refuse(listed, f"{name} must be a list with a recipient on each line, and a comment behind it that says whose it is")
    items: Sequence[Node] = listed.value
    return items


def rule(text: str, environment: str) -> MappingNode | None:
    """The rule of an environment: the first that speaks of its overlays."""
    rules = creation_rules(text)[1]
    for each in rules.value if isinstance(rules, SequenceNode) else ():
        if isinstance(each, MappingNode):
            regex = fields(each).get("path_regex", (None, None))[1]
            if isinstance(regex, ScalarNode) and f"overlays/{environment}/" in regex.value:
                return each
    return None


@lru_cache(8)
def creation_rules(text: str) -> tuple[Node | None, Node | None]:
    """The key and the list of all rules, as nodes that know their lines."""
    try:
        root = YAML(pure=True).compose(io.StringIO(text))
    except YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        raise Refused(f"{FILE}:{mark.line + 1 if mark else 1}: this cannot be kept: {getattr(fault, 'problem', None) or 'no YAML'}") from None
    return fields(root).get("creation_rules", (None, None)) if isinstance(root, MappingNode) else (None, None)


def fields(node: MappingNode) -> dict[str, tuple[Any, Any]]:
    """The key and the value of each field."""
    return {key.value: (key, value) for key, value in node.value if isinstance(key, ScalarNode)}


def last_line(node: Node) -> int:
    """The line on which the last scalar ends; a block's own end is where the next token begins."""
    while isinstance(node, SequenceNode | MappingNode) and node.value and not node.flow_style:
        node = node.value[-1] if isinstance(node, SequenceNode) else node.value[-1][1]
    return int(node.end_mark.line)


def refuse(node: Node, message: str) -> Refused:
    """What to raise for a fault at a node."""
    return Refused(f"{FILE}:{node.start_mark.line + 1}: {message}")


def _reader(item: Node, lines: Sequence[str], name: str) -> Reader:
    if not isinstance(item, ScalarNode):
        raise refuse(item, f"{name} must be a list of recipients")
    line = item.end_mark.line
    comment = lines[line][item.end_mark.column :].strip() if line < len(lines) else ""
    whose = comment.removeprefix("#").strip() if comment.startswith("#") else ""
    return Reader(_as_in_files(item, FIELDS[name]), whose, line, FIELDS[name])


def _as_in_files(item: ScalarNode, kind: str) -> str:
    """The recipient as SOPS notes it in files."""
    text = str(item.value)
    if kind == PGP:
        text = public_keys.normal(text)
        if not public_keys.FINGERPRINT.fullmatch(text):
            raise refuse(item, "this is no fingerprint of an OpenPGP key: it has 40 hexadecimal digits")
    return text.rstrip("/") if kind == VAULT else text
