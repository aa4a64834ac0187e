"""The engine as the runtime calls it. An argument of what follows, so that tests may bring their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.serving import Advance, Compile


@dataclass(frozen=True, slots=True)
class Engine:
    """`compile` makes a version of a bot from its files, `advance` computes a turn with it."""

    compile: Compile
    advance: Advance


def flows_engine() -> Engine:
    """The engine of `flows`. Imported here, since a supervisor's children load it after their start."""
    from flows.bot import load
    from flows.compiler import compile
    from flows.machine import advance
    from flows.world import World

    def compile_version(files: Mapping[str, str], version: int) -> Any:
        return compile(load(files), World(), version=version)

    return Engine(compile_version, advance)
