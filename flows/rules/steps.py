"""Steps and edges: what nothing reaches, what leads nowhere, what goes round in circles."""

from collections.abc import Iterator
from dataclasses import replace

from flows import graph
from flows.actions.menu import Menu
from flows.actions.send import Send
from flows.actions.wait import Wait
from flows.compiled import END, Compiled, CompiledFlow, CompiledStep
from flows.diagnostic import did_you_mean
from flows.place import Place, escape
from flows.rule import Finding, Surroundings, bot_rule, rule
from flows.wording import Wording, worded
from flows.world import World
from flows.zones import zone_of


@rule("F101", "warning")
def unreachable(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A step that no other step leads to."""
    ways = graph.targets(flow)
    starts = [flow.first, *(target for target in flow.defaults.values() if target)]
    seen = graph.reached(ways, starts if flow.first in flow.steps else flow.steps)
    for step in flow.steps.values():
        if step.id not in seen:
            hint = worded("lead to it with next or then, or remove it")
            yield worded("nothing leads to the step {step!r}", step=step.id), _at(flow, step, "/id"), hint


@rule("F102", "error")
def unmapped(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """An outcome that an author has to send somewhere, as a menu's `other`, and did not."""
    for step in _on(flow):
        for outcome in step.action.must_map:
            if outcome not in step.document.then:
                hint = worded(
                    "add {outcome} to then, for example then: {{{outcome}: {step}}} to ask again",
                    outcome=outcome,
                    step=step.id,
                )
                yield (
                    worded("{step!r} does not say where {outcome!r} leads", step=step.id, outcome=outcome),
                    replace(
                        _at(flow, step, "/id"), pointer=_at(flow, step, "").down("then", outcome).pointer
                    ),
                    hint,
                )


@rule("F103", "warning")
def timeout_ends(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A timeout that neither the step nor the flow's `defaults` send anywhere: it ends the run in silence."""
    for step in _on(flow):
        if step.timeout is not None and step.edges.get("timeout", END) is None:
            hint = worded("add timeout to then, or to the flow's defaults")
            place = _at(flow, step, "/timeout" if step.document.timeout is not None else "/id")
            yield worded("when {step!r} times out, the run ends", step=step.id), place, hint


@rule("F104", "warning")
def timeout_never(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """An edge for `timeout` on a step that has no timeout."""
    for step in _on(flow):
        if "timeout" in step.document.then and step.timeout is None and step.action.waits:
            place = flow.source.key_place(f"/steps/{step.index}/then/timeout")
            yield (
                worded("{step!r} has no timeout, so this edge is never taken", step=step.id),
                place,
                worded("add timeout: 30m"),
            )


@rule("F105", "warning")
def dead_end(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A choice of a menu after which the flow ends without a word, since no step follows."""
    for step in _on(flow):
        if step.action.name != "menu" or step.document.next is not None or step.next != END:
            continue
        for outcome in step.action.outcomes():
            if outcome not in step.edges and outcome not in step.action.must_map:
                place = flow.source.key_place(f"/steps/{step.index}/with/choices/{escape(outcome)}")
                yield (
                    worded("the choice {outcome!r} leads nowhere", outcome=outcome),
                    place,
                    worded("add it to then, or write next: stop"),
                )


@bot_rule("F106", "error")
def endless(bot: Compiled, world: World) -> Iterator[Finding]:
    """Steps that lead to one another, wait for nothing, and have no way out: the run would be stopped."""
    for flow, group, leaves in _restless(bot):
        if not leaves:
            yield _circle(flow, group, worded("waits for nothing and never ends"))


@bot_rule("F107", "warning")
def restless(bot: Compiled, world: World) -> Iterator[Finding]:
    """Steps that lead to one another and wait for nothing, though there is a way out."""
    for flow, group, leaves in _restless(bot):
        if leaves:
            yield _circle(
                flow, group, worded("waits for nothing; more than 100 steps in a turn stop the run")
            )


@bot_rule("F108", "warning")
def only_time_leaves(bot: Compiled, world: World) -> Iterator[Finding]:
    """Steps that lead to one another, and that only a timeout (or nothing at all) leaves."""
    waiting = graph.waiting_flows(bot)
    for flow in bot.flows.values():
        for group in graph.circles_of(flow):
            inside = set(group)
            waits = [name for name in group if _waits(flow.steps[name], waiting)]
            out = [edge for name in group for edge in graph.edges(flow)[name] if edge.target not in inside]
            if waits and all(edge.outcome in (*graph.SILENT_EXITS, "(broken)") for edge in out):
                yield _circle(
                    flow, group, worded("can only be left by waiting") if out else worded("can never be left")
                )


@bot_rule("F109", "warning")
def called_in_circles(bot: Compiled, world: World) -> Iterator[Finding]:
    """Flows that call one another: each call is kept until it ends."""
    for group in graph.circles(graph.calls(bot)):
        flow = bot.flows[group[0]]
        names = ", ".join(group)
        yield (
            worded("these flows call one another: {names}", names=names),
            flow.source.place("/id"),
            worded("let one of them end first"),
        )


@rule("F110", "warning")
def waits_forever(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A step that may wait for ever: it has no timeout, and runs of this bot do not expire."""
    for step in _on(flow):
        if step.action.waits and step.timeout is None and not around.expires:
            yield (
                worded("{step!r} may wait for ever", step=step.id),
                _at(flow, step, "/id"),
                worded("add timeout: 24h"),
            )


@bot_rule("F114", "error")
def never_open(bot: Compiled, world: World) -> Iterator[Finding]:
    """A step that waits for the opening hours of a bot that has none."""
    for flow in bot.flows.values():
        for step in _on(flow):
            if isinstance(step.action, Wait) and step.action.open and bot.opening is None:
                place = _at(flow, step, "/with/open")
                yield worded("this bot has no opening hours"), place, worded("add opening_hours to bot.yaml")


@bot_rule("F115", "error")
def no_such_zone(bot: Compiled, world: World) -> Iterator[Finding]:
    """A time zone in `bot.yaml` that there is not."""
    if zone_of(bot.document.timezone) is None:
        message = worded("there is no time zone {timezone!r}", timezone=bot.document.timezone)
        yield message, bot.source.place("/timezone"), worded("write one like Europe/Rome")


@bot_rule("F116", "error")
def no_such_frame(bot: Compiled, world: World) -> Iterator[Finding]:
    """A frame that `bot.yaml` does not have."""
    for flow in bot.flows.values():
        for step in _on(flow):
            if isinstance(step.action, Menu | Send) and step.action.frame:
                name, frames = step.action.frame, bot.document.frames
                if name not in frames:
                    hint = did_you_mean(name, frames) or worded("add it under frames")
                    yield (
                        worded("this bot has no frame {name!r}", name=name),
                        _at(flow, step, "/with/frame"),
                        hint,
                    )


def _restless(bot: Compiled) -> Iterator[tuple[CompiledFlow, list[str], bool]]:
    """The circles of steps that wait for nothing, and whether a way leads out of each."""
    waiting = graph.waiting_flows(bot)
    for flow in bot.flows.values():
        ways = graph.targets(flow)
        circling = {name for group in graph.circles_of(flow) for name in group}
        quick = {name: ways[name] for name in circling if not _waits(flow.steps[name], waiting)}
        for group in graph.circles({name: quick[name] for name in flow.steps if name in quick}):
            inside = set(group)
            out = [
                edge
                for name in group
                for edge in graph.edges(flow)[name]
                if edge.target not in inside and edge.outcome not in ("(broken)", "undelivered")
            ]
            yield flow, group, bool(out)


def _circle(flow: CompiledFlow, group: list[str], what: Wording) -> Finding:
    place = _at(flow, flow.steps[group[0]], "/id")
    return (
        worded("a circle of steps ({steps}) {what}", steps=" → ".join([*group, group[0]]), what=what),
        place,
        worded("lead out of it, or wait in it"),
    )


def _waits(step: CompiledStep, waiting: set[str]) -> bool:
    if step.disabled:
        return False
    return step.action.waits or any(name in waiting for _, name in step.action.reaches())


def _on(flow: CompiledFlow) -> Iterator[CompiledStep]:
    return (step for step in flow.steps.values() if not step.disabled)


def _at(flow: CompiledFlow, step: CompiledStep, below: str) -> Place:
    return flow.source.place(f"/steps/{step.index}{below}")
