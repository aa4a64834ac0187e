"""What a rule is: a function that looks at a compiled bot, or at one of its flows, and says what is not right.

Rules live in `flows/rules/`, found by folder. A rule's docstring is its line in `docs/authoring/checks.md`.
A rule of a flow sees that flow and its `Surroundings`, nothing else, so that its findings can be remembered
while neither changes.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import flows.rules
from flows.compiled import Compiled, CompiledFlow
from flows.diagnostic import Diagnostic, Severity
from flows.place import Place
from flows.template import Template
from flows.wording import Wording
from flows.world import World
from schemas.capabilities import Capabilities
from schemas.flow import TextDocument

Finding = tuple[Wording, Place, Wording]
"""A sentence, where it holds, and a hint (or nothing)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a rule of one flow may know beside the flow. `given` are data fields that are set when it begins."""

    languages: tuple[str, ...]
    sentences: Mapping[str, TextDocument]
    texts: Mapping[str, TextDocument]
    snippets: Mapping[str, Template]
    contact_fields: Mapping[str, Mapping[str, Any]]
    channels: tuple[Capabilities, ...]
    teams: frozenset[str] | None
    people: frozenset[str] | None
    templates: frozenset[str] | None
    secrets: frozenset[str] | None
    given: frozenset[str]
    expires: bool


FlowRule = Callable[[CompiledFlow, Surroundings], Iterator[Finding]]
BotRule = Callable[[Compiled, World], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule under its code."""

    code: str
    severity: Severity
    sentence: str
    of_flow: FlowRule | None = None
    of_bot: BotRule | None = None

    def said(self, finding: Finding) -> Diagnostic:
        """A finding as a diagnostic."""
        message, place, hint = finding
        return Diagnostic(
            self.severity, self.code, message, place.file, place.line, place.column, place.pointer, hint
        )


_found: dict[str, Rule] = {}


def rule(code: str, severity: Severity) -> Callable[[FlowRule], FlowRule]:
    """Register a rule that is asked for each flow. A double code fails loudly."""

    def register(function: FlowRule) -> FlowRule:
        _keep(Rule(code, severity, _sentence(function), of_flow=function))
        return function

    return register


def bot_rule(code: str, severity: Severity) -> Callable[[BotRule], BotRule]:
    """Register a rule that is asked once for the whole bot."""

    def register(function: BotRule) -> BotRule:
        _keep(Rule(code, severity, _sentence(function), of_bot=function))
        return function

    return register


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, by code."""
    for module in sorted(info.name for info in pkgutil.iter_modules(flows.rules.__path__)):
        importlib.import_module(f"flows.rules.{module}")
    return tuple(_found[code] for code in sorted(_found))


def _keep(one: Rule) -> None:
    if one.code in _found:
        raise RuntimeError(f"two rules have the code {one.code}")
    _found[one.code] = one


def _sentence(function: Callable[..., Any]) -> str:
    return " ".join((function.__doc__ or "").split())
