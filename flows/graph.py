"""The graph of a flow: which step an outcome leads to, what can be reached, and where one can go in circles."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from flows.compiled import Compiled, CompiledFlow, CompiledStep

_KEPT = 1024
SILENT_EXITS = ("timeout", "undelivered")  # outcomes that no contact brings about


@dataclass(frozen=True, slots=True)
class Edge:
    """One way out of a step. `target` is a step id, `""` for the end of the flow, None for a visible end of the run.

    The outcome `""` is that of an action with no outcomes of its own; `(broken)` is a text or an expression
    that fails while the bot runs, which leads to the flow's default for `failed`.
    """

    step: str
    outcome: str
    target: str | None


def edges_of(flow: CompiledFlow, step: CompiledStep) -> Iterator[Edge]:
    """Every way out of a step that can really be taken."""
    if step.disabled:
        yield Edge(step.id, "", step.next)
        return
    if not step.action.outcomes() and not step.action.ends:
        yield Edge(step.id, "", step.next)
    for outcome in step.outcomes:
        if outcome != "timeout" or step.timeout is not None:
            yield Edge(step.id, outcome, step.target(outcome))
    if "failed" in flow.defaults and (step.expressions or step.of_result or step.templates or step.trees):
        yield Edge(step.id, "(broken)", flow.defaults["failed"])


@lru_cache(_KEPT)
def edges(flow: CompiledFlow) -> Mapping[str, tuple[Edge, ...]]:
    """Every way out, by step."""
    return {name: tuple(edges_of(flow, step)) for name, step in flow.steps.items()}


def reached(ways: Mapping[str, Collection[str]], starts: Iterable[str]) -> set[str]:
    """What can be reached along `ways` from `starts`."""
    found: set[str] = set()
    waiting = [start for start in starts if start in ways]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(target for target in ways[name] if target in ways)
    return found


@lru_cache(_KEPT)
def targets(flow: CompiledFlow) -> Mapping[str, frozenset[str]]:
    """The steps that each step leads to."""
    return {name: frozenset(edge.target for edge in out if edge.target) for name, out in edges(flow).items()}


@lru_cache(_KEPT)
def circles_of(flow: CompiledFlow) -> list[list[str]]:
    """The circles of a flow's steps."""
    return circles(targets(flow))


def circles(ways: Mapping[str, Collection[str]]) -> list[list[str]]:
    """The groups of nodes that can all reach one another, and single ones that reach themselves (Tarjan, 1972)."""
    order = {name: place for place, name in enumerate(ways)}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    for root in ways:
        if root in index:
            continue
        walk: list[tuple[str, Iterator[str]]] = [(root, iter(ways[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while walk:
            node, following = walk[-1]
            target = next((one for one in following if one in ways), None)
            if target is None:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[node])
                if low[node] == index[node]:
                    group = [stack.pop()]
                    while group[-1] != node:
                        group.append(stack.pop())
                    on_stack.difference_update(group)
                    if len(group) > 1 or node in ways[node]:
                        found.append(sorted(group, key=order.__getitem__))
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                on_stack.add(target)
                walk.append((target, iter(ways[target])))
            elif target in on_stack:
                low[node] = min(low[node], index[target])
    return found


@lru_cache(_KEPT)
def _called(flow: CompiledFlow) -> frozenset[str]:
    steps = (step for step in flow.steps.values() if not step.disabled)
    return frozenset(name for step in steps for _, name in step.action.reaches())


def calls(bot: Compiled) -> dict[str, frozenset[str]]:
    """The flows that each flow enters by a step that is on."""
    return {name: _called(flow) & bot.flows.keys() for name, flow in bot.flows.items()}


def entries(bot: Compiled) -> set[str]:
    """The flows that begin by themselves: by a trigger, or named in `bot.yaml` as fallback and the like."""
    named = [bot.document.fallback, bot.document.on_expire, bot.admit.flow if bot.admit else None]
    return {trigger.flow for trigger in bot.triggers} | {name for name in named if name in bot.flows and name}


def waiting_flows(bot: Compiled) -> set[str]:
    """The flows in which something can wait, in themselves or in a flow that they call."""
    called = calls(bot)
    found = {
        name
        for name, flow in bot.flows.items()
        if any(step.action.waits and not step.disabled for step in flow.steps.values())
    }
    while True:
        more = {name for name, callees in called.items() if callees & found} - found
        if not more:
            return found
        found |= more
