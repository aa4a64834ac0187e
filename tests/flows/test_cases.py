"""Every action and every trigger does what the cases beside it say, and its docstring's example runs."""

import datetime as dt
import inspect
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

import flows
from flows import bot, compiler, kinds
from flows.document import Source, parse
from flows.simulation import Simulation
from flows.world import World
from sessions.registry import driver
from tests.flows import cases

FOLDER = Path(flows.__file__).parent
KNOWN = {
    **{f"actions/{name}": kind for name, kind in kinds.actions().items()},
    **{f"triggers/{name}": kind for name, kind in kinds.triggers().items()},
}
NUMBERS = ("price", "seats", "hour", "total")
WORDS = ("name", "email", "street", "lead_id")


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
    written = textwrap.dedent((inspect.getdoc(KNOWN[kind]) or "").partition("Example:\n")[2])
    source = parse(f"{kind}.yaml", written)
    assert isinstance(source, Source), source
    example = source.value
    is_action = kind.startswith("actions/")
    step: dict[str, Any] = {"id": "it", **example} if is_action else {"id": "it", "action": "stop"}
    properties = {
        **{name: {"type": "integer"} for name in NUMBERS},
        **{name: {"type": "string"} for name in WORDS},
    }
    known = dict.fromkeys(NUMBERS, "7") | {name: "'Ana'" for name in WORDS if name not in ("name", "email")}
    flow = {
        "chatloom": "flow/v1",
        "id": "example",
        "triggers": [] if is_action else [example],
        "data": {"schema": {"type": "object", "properties": {**properties, "name": {"type": "string"}}}},
        "steps": [
            {"id": "before", "action": "set", "with": {"data": {**known, "name": "'Ana'"}}},
            step,
            *({"id": target, "action": "stop"} for target in set(step.get("then", {}).values())),
        ],
    }
    address = {
        **flow,
        "id": "address",
        "triggers": [],
        "steps": [{"id": "end", "action": "set", "with": {"data": {"street": "'Via Roma'"}}}],
    }
    files = {
        "bot.yaml": "{chatloom: bot/v1, id: b, languages: [en, it], flows: [example, address], fallback: example}",
        "flows/example.yaml": yaml.safe_dump(flow),
        "flows/address.yaml": yaml.safe_dump(address),
    }
    events = {"lead.invited": {"type": "object", "properties": {"score": {"type": "integer"}}}}
    compiled, found = compiler.build(bot.load(files), World(events=events))
    assert [str(one) for one in found] == []
    assert compiled is not None
    talk = Simulation.begin(
        compiled, driver("cloud_api").capabilities, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), {"name": "Ana"}
    )
    turn = talk.receive(cases.Text("hello"))
    assert ("example", "it") in [(one.flow, one.step) for one in turn.trace]
    assert talk.ended is None or talk.ended.how == "done"
