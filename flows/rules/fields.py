"""The fields that a flow collects: what is never asked, never written, or cannot be asked."""

from collections.abc import Iterator

from flows import graph
from flows.actions.call import Call
from flows.actions.collect import Collect
from flows.compiled import Compiled, CompiledFlow, CompiledStep
from flows.diagnostic import did_you_mean
from flows.place import Place, escape
from flows.rule import Finding, Surroundings, bot_rule, rule
from flows.wording import worded
from flows.world import World


@bot_rule("F140", "warning")
def never_collected(bot: Compiled, world: World) -> Iterator[Finding]:
    """A required field that no step collects or writes, and no call gives."""
    for flow, name in _unwritten(bot):
        if flow.fields[name].required:
            place = flow.source.key_place(f"/data/schema/properties/{escape(name)}")
            yield (
                worded("the required field {name!r} is never collected", name=name),
                place,
                worded("add it to a collect step"),
            )


@bot_rule("F141", "warning")
def never_written(bot: Compiled, world: World) -> Iterator[Finding]:
    """An optional field that is declared and never written (`readOnly` ones may be)."""
    for flow, name in _unwritten(bot):
        if not flow.fields[name].required and not flow.fields[name].schema.get("readOnly"):
            place = flow.source.key_place(f"/data/schema/properties/{escape(name)}")
            yield (
                worded("the field {name!r} is never written", name=name),
                place,
                worded("collect it, or remove it"),
            )


@bot_rule("F142", "error")
def unknown_input(bot: Compiled, world: World) -> Iterator[Finding]:
    """A call that gives the other flow a field which that flow does not declare."""
    for flow, step, action in _calls(bot):
        target = bot.flows.get(action.flow)
        for name in action.inputs if target else ():
            if target and name not in target.fields:
                place = flow.source.key_place(f"/steps/{step.index}/with/inputs/{escape(name)}")
                hint = did_you_mean(name, target.fields) or worded(
                    "declare it under data.schema in {target}", target=target.id
                )
                yield (
                    worded("the flow {target!r} has no field {name!r}", target=target.id, name=name),
                    place,
                    hint,
                )


@rule("F143", "error")
def cannot_be_asked(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A collected field whose type no answer can have: an object without properties, a list of lists."""
    for step, place, name in _collected(flow):
        field = flow.fields.get(name)
        if field is not None and field.asked and not field.kind:
            message = worded(
                "{step!r} cannot ask for {name!r}: no answer has its type", step=step.id, name=name
            )
            yield message, place, worded("declare its properties, or what its items are")


@rule("F144", "warning")
def is_not_asked(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A collected field that is hidden, read-only or constant, so it is passed over."""
    for step, place, name in _collected(flow):
        if name in flow.fields and not flow.fields[name].asked:
            yield (
                worded(
                    "{step!r} does not ask for {name!r}: it is hidden or read-only", step=step.id, name=name
                ),
                place,
                worded("remove it here"),
            )


def _unwritten(bot: Compiled) -> Iterator[tuple[CompiledFlow, str]]:
    given: dict[str, set[str]] = {name: set() for name in bot.flows}
    for _, _, action in _calls(bot):
        given.get(action.flow, set[str]()).update(action.inputs)
    for flow in bot.flows.values():
        written = {
            name for step in flow.steps.values() if not step.disabled for _, name in step.action.writes()
        }
        for name in flow.fields:
            if name not in written and name not in given[flow.id]:
                yield flow, name


def _calls(bot: Compiled) -> Iterator[tuple[CompiledFlow, CompiledStep, Call]]:
    for flow in bot.flows.values():
        for step in flow.steps.values():
            if isinstance(step.action, Call) and not step.disabled:
                yield flow, step, step.action


def _collected(flow: CompiledFlow) -> Iterator[tuple[CompiledStep, Place, str]]:
    for step in flow.steps.values():
        if isinstance(step.action, Collect) and not step.disabled:
            for index, name in enumerate(step.action.fields):
                yield step, flow.source.place(f"/steps/{step.index}/with/fields/{index}"), name


def given_fields(bot: Compiled) -> dict[str, frozenset[str]]:
    """For each flow the fields that every way into it sets: the inputs that all of its calls give."""
    given: dict[str, frozenset[str]] = {name: frozenset() for name in graph.entries(bot)}
    for _, _, action in _calls(bot):
        inputs = frozenset(action.inputs)
        given[action.flow] = given.get(action.flow, inputs) & inputs
    return given
