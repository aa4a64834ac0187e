"""Names of the world outside, and secrets that stand in a flow."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, cast

from flows import cel_ast
from flows.actions.task import Task
from flows.actions.template import SendTemplate
from flows.cel import Compiled as Expression
from flows.compiled import Compiled, CompiledFlow, CompiledStep
from flows.diagnostic import did_you_mean
from flows.place import escape
from flows.rule import Finding, Surroundings, bot_rule, rule
from flows.template import Template
from flows.texts import sources
from flows.wording import Wording, worded
from flows.world import World

_CREDENTIALS = re.compile(r"authorization|api[-_]?key|token|secret|password|cookie", re.IGNORECASE)
_KNOWN = re.compile(
    r"\b(?:sk_live_|sk-|rk_live_|ghp_|gho_|github_pat_|glpat-|xox[abps]-|AKIA|AIza|whsec_|SG\.|EAA)[\w.-]{12,}"
)
_LONG = re.compile(r"[A-Za-z0-9_+/=-]{24,}")
_IN_URL = re.compile(r"://[^/\s:@]+:[^/\s@{]+@")
_BITS = 3.6  # Shannon entropy a character from which a long word looks random


@rule("F160", "warning")
def plain_secret(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """Something that looks like a password, a token or a key, written out in the flow."""
    for step in flow.steps.values():
        for pointer, name, text in _strings(step):
            if _looks_secret(name, text):
                place = flow.source.place(f"/steps/{step.index}/with{pointer}")
                hint = worded('keep it as a secret, and write {{ secret("name") }}')
                yield worded("this looks like a secret in plain text"), place, hint


@rule("F161", "error")
def unknown_secret(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A secret that the workspace does not have."""
    for step in flow.steps.values() if around.secrets is not None else ():
        for expression in _expressions(step):
            for name, offset in _named(expression) if "secret" in expression.text else ():
                if name not in (around.secrets or ()):
                    hint = did_you_mean(name, around.secrets or ()) or worded("add it to the workspace")
                    yield worded("there is no secret {name!r}", name=name), expression.where(offset), hint


@rule("F162", "error")
def misspelt_team(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A team that the workspace does not have, though it has one of nearly that name."""
    for name, place in _teams_missed(flow, around):
        if known := did_you_mean(name, around.teams or ()):
            yield _no_team(name), place, known


@bot_rule("F163", "error")
def misspelt_bot_team(bot: Compiled, world: World) -> Iterator[Finding]:
    """A team named in `bot.yaml` that the workspace does not have, though it has one of nearly that name."""
    if _misses(bot, world) and (known := did_you_mean(bot.document.team, world.teams or ())):
        yield _no_team(bot.document.team), bot.source.place("/team"), known


@rule("F167", "warning")
def unknown_team(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A team that the workspace does not have: what is handed to it waits for whoever looks."""
    for name, place in _teams_missed(flow, around):
        if not did_you_mean(name, around.teams or ()):
            yield _no_team(name), place, _add_it(around.teams or ())


@bot_rule("F168", "warning")
def unknown_bot_team(bot: Compiled, world: World) -> Iterator[Finding]:
    """A team named in `bot.yaml` that the workspace does not have: what is handed to it waits for whoever looks."""
    if _misses(bot, world) and not did_you_mean(bot.document.team, world.teams or ()):
        yield _no_team(bot.document.team), bot.source.place("/team"), _add_it(world.teams or ())


@rule("F164", "warning")
def open_road(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A request with a secret over plain `http://`, where everybody on the way can read it."""
    for step in flow.steps.values():
        url = getattr(step.action, "url", "")
        secret = any("secret" in expression.text for expression in _expressions(step))
        if str(url).startswith("http://") and secret:
            place = flow.source.place(f"/steps/{step.index}/with/url")
            yield worded("a secret is sent without encryption"), place, worded("use https://")


@rule("F165", "error")
def unknown_template(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A template that the channel's vendor has not approved for the workspace."""
    for step in flow.steps.values():
        if around.templates is not None and isinstance(step.action, SendTemplate):
            name = step.action.name_
            if name not in around.templates:
                place = flow.source.place(f"/steps/{step.index}/with/name")
                yield (
                    worded("there is no template {name!r}", name=name),
                    place,
                    did_you_mean(name, around.templates),
                )


@rule("F166", "warning")
def unknown_person(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A task for somebody whom the workspace does not have: whoever comes to it would do it."""
    for step in flow.steps.values():
        if around.people is not None and isinstance(step.action, Task):
            name = step.action.person.strip().lower()
            if name and "{{" not in name and name not in around.people:
                place = flow.source.place(f"/steps/{step.index}/with/person")
                yield (
                    worded("nobody here signs in as {name!r}", name=name),
                    place,
                    did_you_mean(name, around.people),
                )


def _teams_missed(flow: CompiledFlow, around: Surroundings) -> Iterator[tuple[str, Any]]:
    """Teams that steps name and the workspace does not have, and where. A workspace without teams is not asked."""
    for step in flow.steps.values() if around.teams is not None else ():
        for key, info in type(step.action).model_fields.items():
            if info.json_schema_extra == {"ui_schema": {"ui:widget": "team"}}:
                name = str(getattr(step.action, key))
                named = bool(name) or info.is_required()
                if named and name not in (around.teams or ()):
                    yield name, flow.source.place(f"/steps/{step.index}/with/{key}")


def _misses(bot: Compiled, world: World) -> bool:
    return world.teams is not None and bool(bot.document.team) and bot.document.team not in world.teams


def _no_team(name: str) -> Wording:
    return worded("there is no team {name!r}", name=name)


def _add_it(teams: Collection[str]) -> Wording:
    return worded("add it in the settings, or name one of: {teams}", teams=", ".join(sorted(teams)))


def _strings(step: CompiledStep) -> Iterator[tuple[str, str, str]]:
    """Every string that an action holds: pointer, the key that it stands under, text without its expressions."""
    for below, mark, value in step.marked:
        name = below.rpartition("/")[2]
        if mark.reading in ("template", "text"):
            for further, _, text in sources(value):
                yield below + further, name, _without_expressions(text, step.templates.get(text))
        elif mark.reading == "tree":
            yield from _tree_strings(step.trees.get(below), below)
        elif mark.reading == "expression":
            yield below, name, value


def _tree_strings(part: Any, pointer: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(part, Template):
        yield pointer, pointer.rpartition("/")[2], _without_expressions(part.text, part)
    elif isinstance(part, dict):
        for key, inner in cast("dict[str, Any]", part).items():
            yield from _tree_strings(inner, f"{pointer}/{escape(key)}")
    elif isinstance(part, list):
        for index, inner in enumerate(cast("list[Any]", part)):
            yield from _tree_strings(inner, f"{pointer}/{index}")


def _without_expressions(text: str, template: Template | None) -> str:
    if template is None:
        return text
    return " ".join(chunk for chunk in template.chunks if isinstance(chunk, str))


def _looks_secret(name: str, text: str) -> bool:
    if _KNOWN.search(text) or _IN_URL.search(text):
        return True
    if _CREDENTIALS.search(name):
        words = text.replace("Bearer", "").replace("Basic", "").split()
        if any(len(word) >= 8 and any(char.isdigit() for char in word) for word in words):
            return True
    return any(_is_random(word) for word in _LONG.findall(text))


def _is_random(word: str) -> bool:
    kinds = [any(map(test, word)) for test in (str.isdigit, str.islower, str.isupper)]
    if not kinds[0] or sum(kinds) < 2 or word.count("-") == 4 or word.count("/") > 2:
        return False
    counts = Counter(word)
    bits = -sum(count / len(word) * math.log2(count / len(word)) for count in counts.values())
    return bits >= _BITS


def _expressions(step: CompiledStep) -> Iterator[Expression]:
    yield from step.expressions.values()
    yield from step.of_result.values()
    for template in step.templates.values():
        yield from template.expressions
    for tree in step.trees.values():
        yield from _tree_expressions(tree)


def _tree_expressions(part: Any) -> Iterator[Expression]:
    if isinstance(part, Template):
        yield from part.expressions
    elif isinstance(part, dict | list):
        items = cast("dict[str, Any]", part).values() if isinstance(part, dict) else cast("list[Any]", part)
        for inner in items:
            yield from _tree_expressions(inner)


def _named(expression: Expression) -> Iterator[tuple[str, int]]:
    """The secrets that an expression names, each with its offset."""
    tree = expression.tree
    for node in cel_ast.nodes(tree):
        if node.WhichOneof("kind") == "call" and node.call.function == "secret":
            argument = node.call.args[0]
            yield argument.const.string, tree.offsets.get(argument.id, 0)
