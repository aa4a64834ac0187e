"""Regular expressions of a data schema, run by RE2: in linear time, whatever a contact writes.

Python's own engine takes exponential time on `(a+)+$`; RE2, which CEL brings, has no look-around and no
back references instead.
"""

from functools import cache

from cel_expr_python import cel  # pyright: ignore[reportMissingTypeStubs]


def matches(pattern: str, text: str) -> bool:
    """Whether `pattern` is found anywhere in `text`; false for a pattern that RE2 does not take."""
    return _evaluated(pattern, text) is True


def is_pattern(pattern: str) -> bool:
    """Whether RE2 takes `pattern`."""
    return isinstance(_evaluated(pattern, ""), bool)


def _evaluated(pattern: str, text: str) -> object:
    env, program = _machine()
    return program.eval(env.Activation({"text": text, "pattern": pattern})).plain_value()


@cache
def _machine() -> tuple[cel.Env, cel.Expression]:
    env = cel.NewEnv(variables={"text": cel.Type.STRING, "pattern": cel.Type.STRING})
    return env, env.compile("text.matches(pattern)")
