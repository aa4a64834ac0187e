"""Every action and every trigger does what the cases beside it say, and its docstring's example runs."""

from pathlib import Path

import pytest

import flows
from cli import example
from flows import bot, compiler, kinds
from flows.world import World
from tests.flows import cases

FOLDER = Path(flows.__file__).parent
KNOWN = {
    **{f"actions/{name}": kind for name, kind in kinds.actions().items()},
    **{f"triggers/{name}": kind for name, kind in kinds.triggers().items()},
}


def path_of(kind: str) -> Path:
    return FOLDER / f"{kind}.cases.yaml"


@pytest.mark.parametrize("kind", KNOWN)
def test_what_the_cases_say_is_so(kind: str, request: pytest.FixtureRequest) -> None:
    given = cases.read(path_of(kind)).value
    outcomes = [cases.outcome(case) for case in given]
    if request.config.getoption("--update"):
        cases.update(path_of(kind), {n: outcomes[n] for n, case in enumerate(given) if "gives" in case})
        return
    for case, found in zip(given, outcomes, strict=True):
        if "refuses" in case:
            assert case["refuses"] in found, case["it"]
        elif isinstance(case["gives"], dict):
            assert {key: found.get(key) for key in case["gives"]} == case["gives"], case["it"]
        else:
            assert found == case["gives"], case["it"]


@pytest.mark.parametrize("kind", KNOWN)
def test_cases_name_no_key_in_vain(kind: str) -> None:
    known = [
        "it",
        "step",
        "trigger",
        "data",
        "schema",
        "ui_schema",
        "contact",
        "bot",
        "memory",
        "result",
        "posted",
        "channel",
        "event",
        "when",
        "gives",
        "refuses",
    ]
    for case in cases.read(path_of(kind)).value:
        assert set(case) <= set(known)
        assert ("gives" in case) is not ("refuses" in case), case["it"]


@pytest.mark.parametrize("kind", KNOWN)
def test_the_example_runs(kind: str) -> None:
    _, found = compiler.build(bot.load(example.files(KNOWN[kind])), World(events=example.EVENTS))
    assert [str(one) for one in found] == []
    talk = example.begin(KNOWN[kind])
    turn = talk.receive(cases.Text("hello"))
    assert ("example", "it") in [(one.flow, one.step) for one in turn.trace]
    assert talk.ended is None or talk.ended.how == "done"
