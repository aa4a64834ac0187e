"""A simulated talk that rests after every line goes on as if it never had."""

import datetime as dt
from typing import Any

from flows.rest import go_on, rest
from flows.simulation import Simulation
from flows.talk import Talk
from tests.flows.talks import CHANNELS, compiled_of, files_of

AT = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
BOT = compiled_of(
    files_of(
        {
            "f": {
                "triggers": [{"message": {"words": ["hello"]}}],
                "steps": [
                    {
                        "id": "ask",
                        "action": "menu",
                        "with": {"text": "Well?", "choices": {"yes": "Yes", "no": "No"}},
                        "then": {"other": "stop", "timeout": "stop"},
                        "timeout": "1h",
                    },
                    {
                        "id": "call",
                        "action": "webhook",
                        "with": {"url": "https://a.example/{{ secret('k') }}", "json": {"a": 1}},
                        "then": {"failed": "stop"},
                    },
                    {"id": "team", "action": "handoff", "with": {"team": "sales"}, "timeout": "2d"},
                ],
            }
        }
    )
)
LINES: list[dict[str, Any]] = [
    {"user": "hello"},
    {"after": "10m"},
    {"user": {"choose": "Yes"}},
    {"user": "still there?"},
    {"webhook": {"step": "call", "returns": {"json": {"a": [1, "é"]}}}},
    {"user": "anybody?"},
    {"returned": {"by": "Luca"}},
    {"user": "and again"},
]


def test_resting_changes_nothing() -> None:
    whole = Talk(Simulation.begin(BOT, CHANNELS["cloud_api"], AT, {"name": "Ana"}))
    parts = Talk(Simulation.begin(BOT, CHANNELS["cloud_api"], AT, {"name": "Ana"}))
    for line in LINES:
        whole.line(line)
        parts = go_on(BOT, rest(parts))
        parts.line(line)
        assert [turn.effects for turn in parts.turns] == [turn.effects for turn in whole.turns], line
        assert parts.simulation.state == whole.simulation.state
        assert parts.simulation.ended == whole.simulation.ended
