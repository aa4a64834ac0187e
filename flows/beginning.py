"""A talk that begins in the middle: whether a bot has that step, and the flow such data.

A flow that another one calls begins alone, with what its inputs would have given as data: nothing goes on when it ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flows import schema_faults
from flows.compiled import Compiled, CompiledFlow
from flows.diagnostic import did_you_mean
from flows.place import escape
from flows.wording import NO_WORDS, Wording, worded
from schemas.flow import BeginDocument


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a talk cannot begin so. `pointer` leads to it from what holds `begin`; `code` is the checker's."""

    code: str
    pointer: str
    message: Wording
    hint: Wording = NO_WORDS

    @property
    def whole(self) -> Wording:
        """Message and hint."""
        return (
            worded("{message}; {hint}", message=self.message, hint=self.hint) if self.hint else self.message
        )


def faults_of(bot: Compiled, begin: BeginDocument) -> Iterator[Fault]:
    """Everything that is wrong with a beginning."""
    flow = bot.flows.get(begin.flow)
    if flow is None:
        hint = did_you_mean(begin.flow, bot.flows)
        yield Fault("F012", "/begin/flow", worded("no flow {name!r}", name=begin.flow), hint)
        return
    if begin.step and begin.step not in flow.steps:
        hint = did_you_mean(begin.step, flow.steps)
        yield Fault("F021", "/begin/step", worded("no step {name!r}", name=begin.step), hint)
    yield from _of_data(flow, begin)


def _of_data(flow: CompiledFlow, begin: BeginDocument) -> Iterator[Fault]:
    for name, value in begin.data.items():
        at = f"/begin/data/{escape(name)}"
        declared = flow.fields.get(name)
        if declared is None:
            message = worded("this flow's data has no field {value!r}", value=name)
            yield Fault("F017", at, message, did_you_mean(name, flow.fields))
        elif value is not None:
            field = declared.within(begin.data) or declared
            for fault in field.validator.iter_errors(value):  # pyright: ignore[reportUnknownMemberType]
                below = "".join(f"/{escape(str(part))}" for part in fault.absolute_path)
                why = worded("{name}: {schema_problem}", name=name, schema_problem=schema_faults.said(fault))
                yield Fault("F031", at + below, why)
