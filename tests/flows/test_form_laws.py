"""Laws of forms: whatever is said, a turn is taken, the state stays what it was on its way through JSON, what is
kept fits the schema, and who only says what a form cannot read is let go."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import document
from flows.data_schema import validator_of
from flows.simulation import Simulation, said
from flows.state import decode, encode
from schemas.messages import Content, Location, Media, Text
from tests.flows.talks import CHANNELS, FOLDER, compiled_of, files_of
from tests.flows.universe import START

SOURCE = document.parse("collecting.yaml", (FOLDER / "collecting.yaml").read_bytes())
assert isinstance(SOURCE, document.Source)
GIVEN: dict[str, Any] = SOURCE.value["given"]
BOT = compiled_of(files_of(**GIVEN))
WORDS = [
    "yes",
    "no",
    "skip",
    "back",
    "cancel",
    "help",
    "remove",
    "Anna",
    "3",
    "1,2",
    "red",
    "all",
    "none",
    "it",
    "us",
    "ny",
    "mi",
    "example.com",
    "tomorrow",
    "5pm",
    "+390612345678",
    "Same",
    "That",
]
SAYINGS = [
    *WORDS,
    "domani alle 5",
    "change guests",
    "change country",
    "change city",
    "Same again",
    "a, b; c",
    "x" * 300,
]
contents: st.SearchStrategy[Content] = st.sampled_from(
    [
        *map(Text, SAYINGS),
        Media("image", mime="image/png"),
        Media("audio"),
        Media("document"),
        Location(1.0, 2.0),
    ]
)


def begun(flow: str) -> Simulation:
    simulation = Simulation.begin(BOT, CHANNELS["cloud_api"], START, {}, seed=flow)
    simulation.receive(Text(flow))
    return simulation


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(flow=st.sampled_from(sorted(GIVEN["flows"])), talk=st.lists(contents, max_size=25))
def test_a_form_takes_whatever_is_said(flow: str, talk: list[Content]) -> None:
    simulation = begun(flow)
    schema = GIVEN["flows"][flow]["data"]["schema"]
    for content in talk:
        simulation.receive(content)
        assert decode(encode(simulation.state)) == simulation.state
        run = simulation.state.run
        for name, value in (run.stack[0].data if run else {}).items():
            declared = schema["properties"].get(name)
            if declared and declared.get("type") not in ("array", "object"):  # those are filled in bit by bit
                assert validator_of(declared, schema).is_valid(value)


@pytest.mark.parametrize("flow", sorted(GIVEN["flows"]))
def test_a_form_lets_go_of_who_says_what_it_cannot_read(flow: str) -> None:
    simulation = begun(flow)
    for _ in range(60):
        if simulation.state.run is None:
            return
        assert said(simulation.receive(Text("?!"))) or simulation.state.run is None
    pytest.fail("it still asks")
