"""Inspecting a bot: what it needs, what it writes, how it runs; and its drawings."""

from xml.etree import ElementTree

import pytest

from flows import bot, compiler
from flows.compiled import Compiled
from flows.custom import CustomAction
from flows.drawing import mermaid, svg
from flows.inspection import inspect
from flows.world import World
from schemas.inspection import Call, Edge, Needs, Written
from tests.flows.talks import files_of
from tests.flows.test_laws import SAMPLES, sample

FLOWS = {
    "main": {
        "triggers": [{"message": {"words": ["go"]}}, {"event": {"name": "lead"}}],
        "data": {
            "schema": {
                "type": "object",
                "required": ["mail"],
                "properties": {
                    "mail": {"type": "string", "format": "email", "pii": True},
                    "id": {"type": ["integer", "null"]},
                    "kind": {"enum": ["a", "b"]},
                },
            }
        },
        "steps": [
            {"id": "form", "action": "collect", "with": {"fields": ["mail"]}},
            {
                "id": "crm",
                "action": "webhook",
                "with": {
                    "url": "https://x.example.com/{{ data.mail }}",
                    "headers": {"Authorization": "Bearer {{ secret('crm') }}"},
                    "json": {"key": '{{ secret("other") }}'},
                    "save": {"id": "result.status"},
                },
            },
            {"id": "own", "action": "score", "with": {}},
            {"id": "wait", "action": "wait", "with": {"event": "paid"}},
            {
                "id": "pic",
                "action": "send",
                "with": {"file": {"kind": "image", "link": "https://x.example.com/a.png"}},
            },
            {"id": "tpl", "action": "template", "with": {"name": "reminder", "text": "x"}},
            {"id": "set", "action": "set", "with": {"contact": {"name": "'x'"}}},
            {"id": "do", "action": "task", "with": {"title": "x", "team": "crew", "person": "a@b.example"}},
            {"id": "his", "action": "task", "with": {"title": "x", "person": "{{ contact.name }}"}},
            {"id": "call", "action": "call", "with": {"flow": "sub"}},
            {"id": "give", "action": "handoff", "with": {"team": "sales"}},
        ],
    },
    "sub": {"steps": [{"id": "bye", "action": "stop", "with": {"result": "early"}}]},
}


def seen_bot() -> Compiled:
    world = World(actions=(CustomAction("score", {"type": "object"}, ("good",)),))
    return compiler.compile(bot.load(files_of(FLOWS, {"team": "desk", "fallback": "main"})), world)


def test_what_a_bot_is_made_of() -> None:
    seen = inspect(seen_bot())
    assert seen.needs == Needs(
        webhooks=(Call("main.crm", "POST", "https://x.example.com/{{ data.mail }}"),),
        custom_actions=("score",),
        secrets=("crm", "other"),
        teams=("crew", "desk", "sales"),
        people=("a@b.example",),
        templates=("reminder",),
        media=("https://x.example.com/a.png",),
        events=("lead", "paid"),
    )
    main, sub = seen.flows
    assert main.writes == (
        Written("mail", "string (email)", True, True, ("form",)),
        Written("id", "integer or null", False, False, ("crm",)),
        Written("kind", "enum", False, False, ()),
    )
    assert (main.triggers, main.calls, main.contact_fields) == (("message", "event"), ("sub",), ("name",))
    assert sub.outcomes == ("done", "early")
    assert Edge("crm", "failed", None) in main.edges
    assert Edge("call", "early", "give") in main.edges
    assert seen.hints == ()


def test_what_is_hard_to_follow_is_said() -> None:
    sends = [{"id": f"s{n}", "action": "send", "with": {"text": "x"}} for n in range(45)]
    cases = {f"c{n}": "true" for n in range(60)}
    chain = {
        f"f{n}": {"steps": [{"id": "a", "action": "call", "with": {"flow": f"f{n + 1}"}}]} for n in range(4)
    }
    flows = {
        "long": {"steps": [{"id": "b", "action": "branch", "with": {"cases": cases}}, *sends]},
        **chain,
        "f4": {"steps": [{"id": "a", "action": "send", "with": {"text": "x"}}]},
    }
    made = compiler.compile(bot.load(files_of(flows, {"fallback": "f0"})))
    hints = inspect(made).hints
    assert hints[0].startswith("long has 46 steps")
    assert "hard to test whole" in hints[1]
    assert hints[-1] == "f0 calls flows 4 deep"


@pytest.mark.parametrize("name", ["(own)", *SAMPLES])
def test_every_bot_can_be_drawn(name: str) -> None:
    seen = inspect(seen_bot() if name == "(own)" else sample(name))
    root = ElementTree.fromstring(svg(seen))
    boxes = root.findall("{http://www.w3.org/2000/svg}rect")
    assert len(boxes) == sum(len(flow.steps) for flow in seen.flows)
    lines = mermaid(seen).splitlines()
    assert lines[0] == "flowchart TD"
    assert len([one for one in lines if "-->" in one]) == sum(len(flow.edges) for flow in seen.flows)
