"""The engine as the runtime calls it. An argument of what follows, so that tests may bring their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from runtime.serving import Advance, Compile, Migrate
from store.custom_actions import Declared
from store.numbers import Pushed


@dataclass(frozen=True, slots=True)
class Engine:
    """`compile` makes a version of a bot from its files, `advance` computes a turn with it, `migrate` one between two."""

    compile: Compile
    advance: Advance
    migrate: Migrate


def flows_engine() -> Engine:
    """The engine of `flows`. Imported here, since a supervisor's children load it after their start."""
    from flows.bot import load
    from flows.compiler import compile
    from flows.custom import CustomAction
    from flows.machine import advance
    from flows.world import World

    def compile_version(pushed: Pushed, version: int, declared: Sequence[Declared]) -> Any:
        actions = tuple(CustomAction.of(*one) for one in declared)
        return compile(load(pushed.files), World(actions=actions, events=pushed.events), version=version)

    def migrate_run(*given: Any) -> Any:
        from flows.migration import migrate  # publishes are rare: a process without one does without it

        return migrate(*given)

    return Engine(compile_version, advance, migrate_run)
