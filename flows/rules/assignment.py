"""Definite assignment over the graph: which fields are surely set where an expression needs them.

The facts at a step are the paths (`data.size`, `contact.vip`) that every way to it has set: by a collect
step that was done, by `set`, by an answer that was saved, or by a case of a branch that tests them. Where
ways meet, only what all of them set holds. A path that is inserted in a text as it stands may be unset, and
prints as nothing; used with `>`, `+` or a function it would stop the run.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from flows import graph
from flows.actions.branch import Branch
from flows.actions.call import Call
from flows.actions.collect import Collect
from flows.actions.set import Set
from flows.actions.webhook import Webhook
from flows.assignment import assured, unguarded_uses
from flows.cel import Compiled as Expression
from flows.compiled import Compiled, CompiledFlow, CompiledStep
from flows.custom import FAILED, Custom
from flows.place import Place
from flows.rule import Finding, Surroundings, bot_rule, rule
from flows.scopes import CONTACT_FIELDS
from flows.template import Template
from flows.texts import sources
from flows.wording import worded
from flows.world import World

Facts = frozenset[str]
_DEEPEST = 6
_FRUITLESS = ("(broken)", FAILED)


@rule("F170", "error")
def may_be_unset(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A field that may still be unset where an expression needs its value."""
    if not any(step.of_result or _expressions_of(step) for step in flow.steps.values()):
        return
    entering = facts_at(flow, frozenset(f"data.{name}" for name in around.given))
    paths = {*_paths("data", flow.document.data.schema_, _DEEPEST), *_contact_paths(around.contact_fields)}
    for step in flow.steps.values():
        sure = entering.get(step.id, frozenset())
        optional = {*paths, *_own_paths(flow, step)}
        before = {*optional, *_paths("result", step.result, _DEEPEST)}
        for expression, more in _expressions_of(step):
            yield from _uses(expression, frozenset(before - sure - more))
        gives = step.result if step.gives is None else step.gives
        after = frozenset({*optional, *_paths("result", gives, _DEEPEST)} - sure)
        for expression in () if step.disabled else step.of_result.values():
            if not _is_plain(expression):
                yield from _uses(expression, after)


@bot_rule("F171", "error")
def contact_may_be_unset(bot: Compiled, world: World) -> Iterator[Finding]:
    """The same in a trigger's `when`, in `admit` and in a snippet, where nothing but the contact's id is sure."""
    optional = frozenset(_contact_paths(bot.contact_fields))
    for trigger in bot.triggers:
        for expression in trigger.expressions.values():
            yield from _uses(expression, optional)
    for template in bot.snippets.values():
        for expression in template.expressions:
            if not _is_plain(expression):
                yield from _uses(expression, optional)
    if bot.admit is not None:
        yield from _uses(bot.admit.when, optional)


def facts_at(flow: CompiledFlow, given: Facts) -> dict[str, Facts]:
    """What is surely set when each step is reached; steps that nothing reaches are left out."""
    ways = graph.edges(flow)
    facts: dict[str, Facts] = {flow.first: given} if flow.first in flow.steps else {}
    waiting = list(facts)
    while waiting:
        name = waiting.pop()
        step = flow.steps[name]
        for edge in ways[name]:
            if not edge.target or edge.target not in flow.steps:
                continue
            after = _after(step, edge.outcome, facts[name])
            known = facts.get(edge.target)
            merged = after if known is None else known & after
            if merged != known:
                facts[edge.target] = merged
                waiting.append(edge.target)
    return facts


def _after(step: CompiledStep, outcome: str, before: Facts) -> Facts:
    """What is set when a step was left by an outcome."""
    if step.disabled:
        return before
    if step.gives is not None and (outcome == "(broken)" or step.action.brings(outcome)):
        before = frozenset(path for path in before if not path.startswith("result."))
        before |= frozenset(_sure("result", step.gives)) if outcome not in _FRUITLESS else frozenset()
    match step.action:
        case Collect() as collect:
            fields = [step.fields[name] for name in collect.fields if name in step.fields]
            before -= {f"data.{one.name}" for one in fields if not one.required}
            asked = {f"data.{one.name}" for one in fields if one.required and one.asked}
            return before | asked if outcome == "done" else before
        case Set() as action:
            if outcome == "(broken)":
                return before
            for where, written in (("data", action.data), ("contact", action.contact)):
                values = {f"{where}.{name}": step.expressions.get(text) for name, text in written.items()}
                unset = {
                    path for path, value in values.items() if value is None or _may_be_null(value, before)
                }
                before = (before | values.keys()) - unset
            return before
        case Webhook() as webhook:
            return _saved(step, webhook.save, before) if outcome == "done" else before
        case Custom() as custom:
            answered = outcome in custom.declared.outcomes and outcome != FAILED
            return _saved(step, custom.save_, before) if answered else before
        case Call() as call:
            surely = outcome != "(broken)" and call.over is None  # an empty list brings no outputs
            return _saved(step, call.outputs, before) if surely else before
        case Branch() as branch:
            for case, text in branch.cases.items():
                expression = step.expressions.get(text)
                if expression is not None and case == outcome:
                    return before | assured(expression, True)
                if expression is not None and outcome != "(broken)":
                    before |= assured(expression, False)
            return before
        case _:
            return before


def _saved(step: CompiledStep, written: Mapping[str, str], before: Facts) -> Facts:
    """What is set when a step has kept parts of its result: not what its schema says may be missing."""
    optional = frozenset(_paths("result", step.gives or {}, _DEEPEST)) - before
    unset = {f"data.{name}" for name, text in written.items() if text.strip() in optional}
    return (before | {f"data.{name}" for name in written}) - unset


def _may_be_null(value: Expression, sure: Facts) -> bool:
    if value.text.strip() == "null":
        return True
    path = value.text.strip()
    return path.startswith(("data.", "contact.")) and path in value.references and path not in sure


def _expressions_of(step: CompiledStep) -> list[tuple[Expression, Facts]]:
    """The expressions of a step that can fail, each with what is set beside the facts at the step."""
    if step.disabled:
        return []
    found = [(one, Facts()) for one in step.expressions.values()]
    for tree in step.trees.values():
        found.extend((one, Facts()) for one in _in_tree(tree))
    prompts = _prompts(step)
    for text, template in step.templates.items():
        found.extend((one, prompts.get(text, Facts())) for one in template.expressions)
    return [(one, more) for one, more in found if not _is_plain(one)]


def _is_plain(expression: Expression) -> bool:
    """A bare path never fails: most of what texts insert, so it is not looked at further."""
    return all(part.isidentifier() for part in expression.text.split("."))


def _prompts(step: CompiledStep) -> dict[str, Facts]:
    """For each prompt of a collect step, the required fields that were asked before it."""
    if not isinstance(step.action, Collect):
        return {}
    before: Facts = frozenset()
    found: dict[str, Facts] = {}
    for name in step.action.fields:
        field = step.fields.get(name)
        if field is None:
            continue
        for _, _, text in sources(field.prompt):
            found[text] = before
        if field.required and field.asked:
            before |= {f"data.{name}"}
    return found


def _in_tree(part: Any) -> Iterator[Expression]:
    if isinstance(part, Template):
        yield from part.expressions
    elif isinstance(part, dict | list):
        items = cast("dict[str, Any]", part).values() if isinstance(part, dict) else cast("list[Any]", part)
        for inner in items:
            yield from _in_tree(inner)


def _uses(expression: Expression, optional: Facts) -> Iterator[Finding]:
    for use in unguarded_uses(expression, optional):
        place = Place(expression.place.file, use.line, use.column, expression.place.pointer)
        name, _, last = use.path.rpartition(".")
        hint = worded(
            "test it with has({path}), or write {name}.?{last}.orValue(…)",
            path=use.path,
            name=name,
            last=last,
        )
        yield (
            worded("{path} may be unset here, and {why!r} needs a value", path=use.path, why=use.why),
            place,
            hint,
        )


def _paths(path: str, schema: Mapping[str, Any], depth: int) -> Iterator[str]:
    """Every path below an object that may be unset: at the top all, deeper those that are not required."""
    properties: Any = schema.get("properties")
    if not isinstance(properties, dict):
        return
    required: Any = schema.get("required") or [] if path not in ("data", "result") else []
    for name, inner in cast("dict[str, Any]", properties).items():
        if name not in required:
            yield f"{path}.{name}"
        if isinstance(inner, dict) and depth:
            yield from _paths(f"{path}.{name}", cast("dict[str, Any]", inner), depth - 1)


def _sure(path: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """Every path below an object that it has to have."""
    properties: Any = schema.get("properties")
    for name in cast("list[str]", schema.get("required") or []) if isinstance(properties, dict) else ():
        yield f"{path}.{name}"
        inner: Any = cast("dict[str, Any]", properties).get(name)
        if isinstance(inner, dict):
            yield from _sure(f"{path}.{name}", cast("dict[str, Any]", inner))


def _own_paths(flow: CompiledFlow, step: CompiledStep) -> Iterator[str]:
    """Those below the names that only this step's expressions see."""
    for name, schema in step.action.names(flow.document.data.schema_).items():
        yield from _paths(name, schema, _DEEPEST)


def _contact_paths(fields: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name in {**fields, **CONTACT_FIELDS}:
        if name != "id":
            yield f"contact.{name}"
