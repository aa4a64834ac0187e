"""Checking: everything that is wrong with a bot, or that its author may want to know.

What compiling finds, and what the rules in `flows/rules/` find. What a rule says of a flow is remembered
while neither the flow nor what it can see has changed.
"""

import json
from collections import OrderedDict
from dataclasses import replace

from flows import rule
from flows.beginning import faults_of
from flows.bot import Bot
from flows.compiled import Compiled, CompiledFlow
from flows.compiler import build
from flows.diagnostic import Diagnostic, error
from flows.rule import Surroundings
from flows.rules.fields import given_fields
from flows.world import World
from schemas.capabilities import Capabilities

_KEPT = 1024
_SEVERITIES = ("error", "warning")

_said: "OrderedDict[tuple[CompiledFlow, str], list[Diagnostic]]" = OrderedDict()


def check(bot: Bot, world: World) -> list[Diagnostic]:
    """What is to be said about a bot in a world, by file and line. Errors block publishing."""
    compiled, found = build(bot, world)
    if compiled is not None:
        world = replace(world, channels=_channels(compiled, world))
        found = [*found, *_of_flows(compiled, world), *_of_bot(compiled, world), *_of_tests(bot, compiled)]
    return sorted(dict.fromkeys(found), key=_order)


def _of_flows(bot: Compiled, world: World) -> list[Diagnostic]:
    shared = Surroundings(
        languages=bot.languages,
        sentences=bot.document.sentences,
        texts=bot.document.texts,
        snippets=bot.snippets,
        contact_fields=bot.contact_fields,
        channels=world.channels,
        teams=world.teams,
        people=world.people,
        templates=world.templates,
        secrets=world.secrets,
        given=frozenset(),
        expires=bot.expire_after is not None,
    )
    key = json.dumps(
        [bot.languages, bot.document.sentences, bot.document.texts, bot.contact_fields, shared.expires],
        default=str,
    )
    named = (world.teams, world.people, world.templates, world.secrets)
    key += repr((world.channels, *(names and sorted(names) for names in named)))
    found: list[Diagnostic] = []
    all_given = given_fields(bot)
    for flow in bot.flows.values():
        given = all_given.get(flow.id, frozenset())
        found.extend(_of_flow(flow, replace(shared, given=given), f"{key}{sorted(given)}"))
    return found


def _of_flow(flow: CompiledFlow, around: Surroundings, key: str) -> list[Diagnostic]:
    said = _said.pop((flow, key), None)
    if said is None:
        said = [
            one.said(finding)
            for one in rule.rules()
            if one.of_flow is not None
            for finding in one.of_flow(flow, around)
        ]
    _said[flow, key] = said
    if len(_said) > _KEPT:
        _said.popitem(last=False)
    return said


def _of_bot(bot: Compiled, world: World) -> list[Diagnostic]:
    return [
        one.said(finding)
        for one in rule.rules()
        if one.of_bot is not None
        for finding in one.of_bot(bot, world)
    ]


def _of_tests(bot: Bot, compiled: Compiled) -> list[Diagnostic]:
    """Where tests begin that begin at a step."""
    return [
        error(fault.code, fault.message, read.source.place(fault.pointer), fault.hint)
        for _, read in bot.tests
        if read.document.begin is not None
        for fault in faults_of(compiled, read.document.begin)
    ]


def _channels(bot: Compiled, world: World) -> tuple[Capabilities, ...]:
    """The channels that the bot names, of those that there are; all of them when it names none."""
    named = bot.document.channels
    return tuple(channel for channel in world.channels if not named or channel.channel in named)


def _order(one: Diagnostic) -> tuple[str, int, int, int, str]:
    return one.file, one.line, one.column, _SEVERITIES.index(one.severity), one.code
