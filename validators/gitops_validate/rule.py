"""What a rule is: one generator function in one file, whose docstring is its page.

    @rule(Severity.ERROR)
    def pattern_that_hurts(release: HelmRelease, rendered: Rendered) -> Problems:
        '''A title that names the pattern. … **Avoid** … **Prefer** …'''
        yield Problem(release.at("chart"), "what is wrong, in one sentence", "what to type")

The function's name in kebab-case is the rule's id and its file's name, the package its category. The first parameter's type says what
the rule reads, the others are asked for by their type. There is no list to edit: rules are found by walking the package `rules`, and
the packages that installed distributions name in the entry-point group `gitops_validate.rules`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from importlib import import_module
from inspect import getdoc
from typing import Any, TypeAlias, get_type_hints

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate import rules as package
from gitops_validate.errors import UsageError
from gitops_validate.mend.edit import Mend
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.plugins import Plugin, installed_only, plugins

Problems: TypeAlias = Iterator[Problem]
Function: TypeAlias = Callable[..., Problems]


class Rule(Struct, frozen=True, dict=True):
    """A rule: its function, and what can be read off it."""

    severity: Severity
    function: Function
    profile: Profile = Profile.MINIMAL
    """The least profile in which it speaks."""
    mend: Mend | None = None
    """The certain repair of what it finds, for `check --fix`."""
    origin: str = ""
    """The distribution that brings it, as name and version; "" for this one."""

    @property
    def id(self) -> str:
        """Its name in reports, waivers and on the command line, such as `dangling-source-ref`."""
        return self.function.__name__.replace("_", "-")

    @property
    def category(self) -> str:
        """The package that it lies in: files, cluster, flux, secrets or waivers."""
        return self.function.__module__.split(".")[-2]

    @cached_property
    def page(self) -> str:
        """The docstring: title, why it hurts, Avoid and Prefer."""
        return getdoc(self.function) or ""

    @property
    def title(self) -> str:
        """The first line of the page, which names the pattern."""
        return self.page.partition("\n")[0]

    @cached_property
    def reads(self) -> tuple[type, ...]:
        """The types of its parameters: the first is what it is asked about, the others are context."""
        hints = get_type_hints(self.function)
        return tuple(kind for name, kind in hints.items() if name != "return")

    @cached_property
    def around(self) -> tuple[type, ...]:
        """The types of its context; kept, as it is asked for each of thousands of subjects."""
        return self.reads[1:]

    def problems(self, subject: object, context: Mapping[type, Any]) -> Problems:
        """What it finds in one subject. Whatever the function raises comes through."""
        return self.function(subject, *map(context.__getitem__, self.around))


def rule(severity: Severity, profile: Profile = Profile.MINIMAL, *, mend: Mend | None = None) -> Callable[[Function], Rule]:
    """Make a generator function a rule. An error is what stops a deployment or gives a secret away; `mend` repairs what it finds."""
    return lambda function: Rule(severity, function, profile, mend)


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its id, sorted by category and id. Raises UsageError where an installed distribution's cannot be had."""
    known = {each.id: each for each in _within(package.__name__)}
    for plugin in plugins():
        for each in _brought(plugin):
            if other := known.get(each.id):
                raise UsageError(
                    f"two rules are called {each.id}: one of {other.origin or 'gitops-validate'} and one of {each.origin}; rename the latter"
                )
            known[each.id] = each
    return {each.id: each for each in sorted(known.values(), key=lambda each: (each.category, each.id))}


def _brought(plugin: Plugin) -> list[Rule]:
    """The rules of an installed distribution. Raises UsageError, whatever its code raises."""
    try:
        with installed_only():
            found = [replace(each, origin=plugin.distribution) for each in _within(plugin.package)]
        for each in found:
            each.reads  # noqa: B018 - its annotations have to be understood
    except Exception as fault:
        raise UsageError(f"the rules of {plugin.distribution} cannot be loaded: {type(fault).__name__}: {fault}") from fault
    if not found:
        raise UsageError(f"{plugin.distribution} names {plugin.package} as a package of rules, and no module in it has a rule of its own name")
    return found


def _raise(_name: str) -> None:
    """A package that cannot be imported is no package without rules."""
    raise  # noqa: PLE0704 - called while the fault is handled


def _within(name: str) -> list[Rule]:
    """The rules of a package: each in a module of its name."""
    names = [module.name for module in pkgutil.walk_packages(import_module(name).__path__, f"{name}.", _raise) if not module.ispkg]
    found = (getattr(import_module(name), name.rpartition(".")[2], None) for name in names)
    return [candidate for candidate in found if isinstance(candidate, Rule)]
