"""`.sops.yaml`: one creation rule an environment. Lines are added and taken away; what people wrote stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from gitops_generate.errors import Refused
from gitops_generate.secrets import public_keys, readers
from gitops_generate.secrets.audience import Recipient
from gitops_generate.secrets.documents import content, parse
from gitops_generate.secrets.readers import CLUSTER, FILE
from gitops_generate.secrets.sealing import ENCRYPTED_REGEX
from gitops_validate.config import Engine
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

    def recipients(self, environment: str) -> list[Recipient]:
        """The keys that an environment is encrypted to."""
        return [reader.key for reader in self.readers(environment)]

    def add(self, environment: str, recipient: Recipient, name: str) -> Rules:
        """With one more reader, and a rule for the environment if there was none."""
        known, lines = self.readers(environment), self.text.splitlines()
        entry = f"- {recipient.id}{_comment(name)}"
        alike = [reader for reader in known if reader.kind == recipient.kind]
        rule = readers.rule(self.text, environment)
        if alike:
            lines.insert(alike[-1].line + 1, f"{_indent(lines[alike[-1].line])}{entry}")
        elif known and rule is not None:
            field = f"{' ' * rule.start_mark.column}{_field(recipient.kind)}:"
            at = readers.last_line(rule) + 1
            lines[at:at] = [field, f"{_indent(lines[known[-1].line])}{entry}"]
        elif rule is not None:
            raise Refused(f"{FILE}: the rule of {environment} names nobody; remove it, and it is made again")
        else:
            lines = self._with_rule(lines, environment, f"{recipient.id}{_comment(name)}")
        return self._checked(lines, environment, [*(reader.key for reader in known), recipient])

    def remove(self, environment: str, recipient: Recipient) -> Rules:
        """With one reader less; without the list that it stood in, if it was alone there."""
        known, rule = self.readers(environment), readers.rule(self.text, environment)
        gone = {reader.line for reader in known if reader.key == recipient}
        rest = [reader.key for reader in known if reader.key != recipient]
        if rule is not None and all(kind != recipient.kind for kind, _ in rest):
            gone.add(readers.fields(rule)[_field(recipient.kind)][0].start_mark.line)
        lines = [line for number, line in enumerate(self.text.splitlines()) if number not in gone]
        return self._checked(lines, environment, rest)

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

    def _checked(self, lines: Sequence[str], environment: str, expected: Sequence[Recipient]) -> Rules:
        """Lines were edited without a YAML writer: nothing is trusted that does not read as it should."""
        changed = Rules("\n".join(lines) + "\n")
        if sorted(changed.recipients(environment)) != sorted(expected):
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
            at = _place(lines, rules)
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
    """Take the rule of an environment that is gone out of the file, and public keys that nobody else needs. Raises Refused."""
    with EngineOf([]) as engine:
        text = load(root, engine).forget(environment).text
    (root / FILE).write_text(text, encoding="utf-8")
    for path in public_keys.unused(root, text):
        (root / path).unlink()


def path_regex(environment: str) -> str:
    """Which files the rule of an environment is for."""
    return rf"^(platform|workloads)/.*/overlays/{environment}/secrets/[^/]+\.sops\.yaml$"


def _place(lines: Sequence[str], rules: SequenceNode) -> int:
    """The line for a new rule: behind the others, but before one for all paths, behind which SOPS looks at none."""
    for rule in rules.value:
        if isinstance(rule, MappingNode) and "path_regex" not in readers.fields(rule):
            at = int(rule.start_mark.line)
            while at > 0 and lines[at - 1].lstrip().startswith("#"):
                at -= 1
            return at
    return readers.last_line(rules) + 1


def _comment(name: str) -> str:
    return f" # {name}" if name else ""


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _field(kind: str) -> str:
    """What SOPS' rules call a kind of keys."""
    return next(field for field, known in readers.FIELDS.items() if known == kind)
