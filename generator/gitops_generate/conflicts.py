"""Answers that contradict each other. Each is one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from gitops_generate.catalogue import entries, selected
from gitops_generate.errors import WrongAnswer

_DOCUMENTED = [IPv4Network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
"""RFC 5737."""

Range = tuple[IPv4Address, IPv4Address]


def refuse(answers: Mapping[str, Any]) -> None:
    """Raises WrongAnswer for the first contradiction among complete answers."""
    for sentence in _conflicts(answers):
        raise WrongAnswer(sentence)


def _conflicts(answers: Mapping[str, Any]) -> Iterator[str]:
    environments: Sequence[Mapping[str, Any]] = answers.get("environments", ())
    yield from _twice(environments)
    if answers.get("load_balancer") == "metallb":
        yield from _addresses(environments)
    yield from _versions(environments, answers)


def _twice(environments: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for field in ("name", "domain"):
        seen: dict[str, str] = {}
        for environment in environments:
            value = str(environment.get(field))
            if value in seen:
                yield f"environments: {field} {value} stands in {seen[value]} and in {environment['name']}: give each its own"
            seen[value] = str(environment["name"])


def _addresses(environments: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    ranges: dict[str, Range] = {}
    for environment in environments:
        name, text = str(environment["name"]), environment.get("addresses")
        if text is None:
            yield f"environments: {name} has no addresses, which MetalLB needs: give it a range of its network, such as 10.0.0.80-10.0.0.99"
            return
        try:
            ranges[name] = address_range(str(text))
        except ValueError as fault:
            yield f"environments: {name}: addresses {text}: {fault}"
            return
    names = list(ranges)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            if ranges[one][0] <= ranges[other][1] and ranges[other][0] <= ranges[one][1]:
                yield f"environments: the addresses of {one} and {other} overlap: two clusters would announce the same address; give each its own range"


def examples(answers: Mapping[str, Any]) -> list[str]:
    """The environments whose services would get addresses that exist in documents only, such as those that the questions begin with."""
    if answers.get("load_balancer") != "metallb":
        return []
    ranges = {str(environment["name"]): address_range(str(environment["addresses"])) for environment in answers["environments"]}
    return [name for name, (first, _) in ranges.items() if any(first in network for network in _DOCUMENTED)]


def address_range(text: str) -> Range:
    """First and last address of a range (10.0.0.80-10.0.0.99) or a network (10.0.0.64/27). Raises ValueError with what is wrong."""
    if "/" in text:
        try:
            network = IPv4Network(text)
        except ValueError:
            raise ValueError("it is not an IPv4 network; write it as 10.0.0.64/27") from None
        return network[0], network[-1]
    first, _, last = text.partition("-")
    try:
        low, high = IPv4Address(first), IPv4Address(last)
    except ValueError:
        raise ValueError("it is not a range of IPv4 addresses; write it as 10.0.0.80-10.0.0.99") from None
    if high < low:
        raise ValueError("it ends before it begins; write the lower address first")
    return low, high


def _versions(environments: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(selected(answers)):
        supported = entries()[name]["kubernetes"]
        for environment in environments:
            if environment["kubernetes"] not in supported:
                yield (
                    f"environments: {environment['name']} runs Kubernetes {environment['kubernetes']}, and {_called(name)} "
                    f"supports {', '.join(supported)}: choose one of these, or leave {name} out"
                )


def _called(name: str) -> str:
    """A component with its chart's version, if it has a chart."""
    return f"{name} {chart['version']}" if (chart := entries()[name].get("chart")) else name
