"""Real runs saved as tests: personal data replaced, the same way gone, and the test passes."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from flows import bot as folder
from flows import compiler
from flows.compiled import Compiled
from flows.disguise import Disguise
from flows.kept_talk import KeptTalk
from flows.saving import Saved, saved
from flows.simulation import Simulation
from flows.talk import Talk
from flows.testing import run_test
from schemas import events as ev
from schemas.flow import StubDocument, Stubs
from schemas.ids import event_id
from schemas.messages import Choice, FromOwner, Location, Media, Text
from tests.flows.talks import CHANNELS, compiled_of, files_of
from tests.flows.test_custom import STEP as CUSTOM
from tests.flows.test_custom import WORLD
from tests.flows.test_custom import folder as folder_of_custom
from tests.flows.test_replay import AT, Recorder

DATA = {
    "schema": {
        "type": "object",
        "required": ["name", "email", "size"],
        "properties": {
            "name": {"type": "string", "minLength": 2, "title": "Your name"},
            "email": {"type": "string", "format": "email", "title": "E-mail"},
            "size": {"type": "string", "enum": ["small", "large"], "title": "Size"},
            "lead": {"type": "string"},
        },
    }
}
CRM = {
    "url": "https://crm.example/leads",
    "json": {"name": "{{ data.name }}", "email": "{{ data.email }}"},
    "returns": {"type": "object", "properties": {"id": {"type": "string"}, "owner_name": {"type": "string"}}},
    "save": {"lead": "result.json.id"},
}
STEPS: list[dict[str, Any]] = [
    {"id": "hi", "action": "send", "with": {"text": "Hi {{ contact.name }}!"}},
    {"id": "form", "action": "collect", "with": {"fields": ["name", "email", "size"]}, "timeout": "1h", "then": {"timeout": "late", "cancelled": "stop"}},
    {"id": "crm", "action": "webhook", "with": CRM, "then": {"failed": "late"}},
    {"id": "thanks", "action": "send", "with": {"text": "Thank you {{ data.name }}, {{ data.lead }}: {{ result.json.?owner_name.orValue('nobody') }} writes to {{ data.email }}."}, "next": "stop"},
    {"id": "late", "action": "send", "with": {"text": "Too late, {{ contact.name }}."}},
]  # fmt: skip
BOT = compiled_of(
    files_of({"f": {"triggers": [{"message": {"words": ["go"]}}], "data": DATA, "steps": STEPS}})
)


def talk(compiled: Compiled = BOT) -> Recorder:
    who = {"name": "Maria Bianchi", "phone": "393331234567", "city": "Rome"}
    return Recorder(compiled, **who)


def of(recorder: Recorder, compiled: Compiled = BOT) -> Saved:
    found = saved(compiled, recorder.recorded(), recorder.talk.view, "t", "plain", CHANNELS["plain"])
    read = folder.load({"tests/t.yaml": found.text})
    assert read.diagnostics[1:] == (), found.text
    result = run_test(compiled, "tests/t.yaml", read.tests[0][1].document, CHANNELS)
    assert result.passed, f"{result.failure}\n{found.text}"
    return found


PERSONAL = ("Maria", "Bianchi", "bianchi", "3331234567", "Rome", "Luca")


def test_a_whole_talk_is_told_in_other_words() -> None:
    recorder = (
        talk().say("go please, I am Maria").say("Maria Bianchi").say("maria.bianchi@pec.it").say("huge")
    )
    recorder.say("small").wait(seconds=40).answer(id="L-7", owner_name="Luca Verdi")
    found = of(recorder)
    assert found.same_way, found.text
    assert [one for one in PERSONAL if one in found.text] == []
    assert "person1@example.com" in found.text
    assert "json: {name: Alex Robin, email: person1@example.com}" in found.text
    assert "Thank you Alex Robin, L-7: " in found.text
    assert found.own_words == ("small",)
    assert "small" in found.text


def test_what_timed_out_times_out_in_the_test() -> None:
    found = of(talk().say("go").say("Maria").wait(hours=2))
    assert found.same_way
    assert "  - after: 1h\n" in found.text
    assert "Too late, Alex Robin." in found.text
    assert "expect: {ended: f, how: done}" in found.text


def test_people_and_systems_are_told_too() -> None:
    owner = FromOwner("o", AT, (), Text("Maria, I call you"))
    recorder = talk().say("go").happen(ev.TakenOver, "luca@shop.example").say("Maria here")
    recorder.happen(ev.Replied, "luca@shop.example", Text("Hello Maria")).happen(ev.OwnerWrote, owner, 60)
    recorder.happen(ev.Returned, "luca@shop.example").happen(ev.ContactChanged, {"name": "Maria B."}, "x")
    recorder.happen(ev.Posted, "paid", {"email": "maria@x.example", "sum": 12}).happen(ev.OptedOut, "luca")
    found = of(recorder)
    assert [one for one in (*PERSONAL, "luca", "maria") if one in found.text] == []
    assert "opted_out: true" in found.text
    assert of(talk().say("go").happen(ev.Restarted, "luca", "f", "form").happen(ev.Ended, "luca")).text


def test_what_is_not_text_is_told_without_what_it_holds() -> None:
    recorder = talk().say("go")
    recorder.send(Media("image", "image/png", "Maria at home", ref="abc", provider_ref="x", sha256="y"))
    recorder.send(Location(41.9, 12.5, "Casa Bianchi")).send(Choice("f.form.x", "Maria"))
    found = of(recorder)
    assert [one for one in ("home", "41.9", "Bianchi", "abc") if one in found.text] == []
    assert "latitude: 45.0" in found.text


@pytest.mark.parametrize(
    ("ok", "result", "error", "line"),
    [
        (False, {}, "no answer", "fails: no answer"),
        (False, {"status": 503, "json": None, "text": "down"}, "HTTP 503", "returns: {status: 503, json: null, text: "),
        (False, {"status": 200}, "too large", "fails: too large"),
    ],
)  # fmt: skip
def test_a_call_that_failed_fails_in_the_test(ok: bool, result: Any, error: str, line: str) -> None:
    recorder = talk().say("go").say("Maria").say("m@x.example").say("small")
    [call] = recorder.talk.calls.values()
    recorder.give(
        ev.ActionDone(recorder.talk.next_id(), recorder.talk.now, call.id, call.visit, ok, result, error)
    )
    assert line in of(recorder).text


def test_a_share_of_the_contacts_is_found_again() -> None:
    shares = {"id": "split", "action": "split", "with": {"shares": {"a": 10, "b": 90}}, "then": {"b": "b"}}
    ends = [
        {"id": one, "action": "send", "with": {"text": one.upper()}, "next": "stop"} for one in ("a1", "b")
    ]
    flow = {"triggers": [{"message": {"words": ["go"]}}], "steps": [shares, *ends]}
    compiled = compiled_of(files_of({"f": flow}))
    assert of(talk(compiled).say("go"), compiled).same_way


def test_the_clock_moves_as_it_did_where_the_way_depends_on_it() -> None:
    later = f"now > timestamp('{(AT + dt.timedelta(minutes=5)).isoformat()}')"
    steps = [
        {"id": "ask", "action": "wait", "with": {"message": True}},
        {"id": "when", "action": "branch", "with": {"cases": {"late": later}}, "then": {"late": "late"}},
        {"id": "soon", "action": "send", "with": {"text": "Soon"}, "next": "stop"},
        {"id": "late", "action": "send", "with": {"text": "Late"}},
    ]
    compiled = compiled_of(files_of({"f": {"triggers": [{"message": {"words": ["go"]}}], "steps": steps}}))
    found = of(talk(compiled).say("go").wait(minutes=7, seconds=3).say("well"), compiled)
    assert found.same_way
    assert "after: 423s" in found.text


def test_a_disguise_is_always_the_same() -> None:
    one = Disguise()
    one.learn("Maria")
    assert (
        one.words("Maria and MARIA: maria@x.it, +39 333 123 4567, order 12")
        == ("Alex lorem Alex: person1@example.com, +39 333 100 0001, order 12")
        or one.words("Maria") == one.words("MARIA") == "Alex"
    )
    assert one.scrubbed("Maria, see https://x.example/y?z=1") == "Alex, see https://example.com/"
    assert one.tree({"name": "Ugo", "state": "open", "n": 1, "list": ["maria@x.it"]})["state"] == "open"
    many = [one.words(f"Word{chr(97 + n)}word") for n in range(26)]
    assert len(set(many)) == 26


def small(*steps: dict[str, Any], schema: dict[str, Any] | None = None, **more: Any) -> Compiled:
    flow = {
        "triggers": [{"message": {"words": ["go"]}}],
        "data": {"schema": {"type": "object", "properties": schema or {}}},
        "steps": list(steps),
    }
    return compiled_of(files_of({"f": flow}, more))


WAIT = {"id": "ask", "action": "wait", "with": {"message": True}}
KNOWN = {"id": "know", "action": "branch", "then": {"is": "yes"}}
YES = {"id": "yes", "action": "send", "with": {"text": "Yes"}}
NO = {"id": "no", "action": "send", "with": {"text": "No"}, "next": "stop"}


def test_a_field_that_decides_the_way_stays_and_a_name_does_not() -> None:
    fields = {"contact": {"fields": {"city": {"type": "string"}}}}
    by_city = small({**KNOWN, "with": {"cases": {"is": "contact.city == 'Rome'"}}}, NO, YES, **fields)
    found = of(talk(by_city).say("go"), by_city)
    assert (found.same_way, "city: Rome" in found.text) == (True, True)
    by_name = small({**KNOWN, "with": {"cases": {"is": "contact.name == 'Maria Bianchi'"}}}, NO, YES)
    found = of(talk(by_name).say("go"), by_name)
    assert (found.same_way, 'bot: "No"' in found.text) == (False, True)
    half = {"id": "half", "action": "split", "with": {"shares": {"a": 50, "b": 50}}}
    both = small(half, {**KNOWN, "with": {"cases": {"is": "contact.name == 'Maria Bianchi'"}}}, NO, YES)
    assert not of(talk(both).say("go"), both).same_way


def test_what_has_no_place_in_a_test_is_told_as_another_way() -> None:
    compiled = small(WAIT)
    assert not of(
        talk(compiled).say("go").happen(ev.Undelivered, event_id(1, bytes(10)), "x"), compiled
    ).same_way
    recorder = talk(compiled).say("go").happen(ev.TimerFired, "gone.0", 7)
    recorder.give(replace(recorder.events[0], id=recorder.talk.next_id(), throttled="more"))  # type: ignore[call-arg]
    assert of(recorder, compiled).text.count("user:") == 1


def test_an_answer_of_its_kind_is_another_of_that_kind() -> None:
    born = {"born": {"type": "string", "format": "date", "title": "Born"}}
    compiled = small({"id": "form", "action": "collect", "with": {"fields": ["born"]}}, YES, schema=born)
    found = of(talk(compiled).say("go").say("3 March 1985"), compiled)
    assert (found.same_way, "1985" in found.text, 'user: "1990-01-01"' in found.text) == (True, False, True)


def test_calls_without_a_body_or_with_secrets_are_told_without_it() -> None:
    for more in ({"method": "GET"}, {"json": {"k": "{{ secret('k') }}"}}):
        call = {"id": "crm", "action": "webhook", "with": {"url": "https://a.example", **more}}
        compiled = small(call, YES)
        found = of(talk(compiled).say("go").answer(id="x"), compiled)
        assert "webhook: {step: f.crm, returns: {status: 200, json: {id: x}}}" in found.text


def test_custom_actions_are_told() -> None:
    compiled = compiler.compile(folder_of_custom(CUSTOM), WORLD)
    for result, ok, line in (
        ({"outcome": "found", "data": {"id": "L-7", "email": "a@b.example"}}, True, "outcome: found, data: {id: L-7, email: person2@example.com}"),
        ({}, False, "fails: no answer"),
    ):  # fmt: skip
        recorder = Recorder(compiled, name="Maria").say("maria@x.example")
        [call] = recorder.talk.calls.values()
        recorder.happen(ev.ActionDone, call.id, call.visit, ok, result)
        assert line in of(recorder, compiled).text


def test_a_burst_is_told_in_its_time() -> None:
    compiled = small(WAIT, YES, burst="1500ms")
    found = of(talk(compiled).say("go").wait(seconds=9), compiled)
    assert (found.same_way, "after: 1500ms" in found.text) == (True, True)


def test_what_nothing_waits_for_and_what_no_test_can_say_is_told_as_it_was() -> None:
    recorder = talk().say("go").happen(ev.ActionDone, event_id(1, bytes(10)), 1, True, {})
    message = recorder.talk.state.run.said[0][0]  # pyright: ignore[reportOptionalMemberAccess]
    found = of(recorder.happen(ev.Undelivered, message, "131026"))
    assert '  - undelivered: "131026"\n' in found.text
    picky = small(WAIT, {**KNOWN, "with": {"cases": {"is": "message.text == 'Maria'"}}}, NO, YES)
    image = Media("image", "image/png", "Maria")
    found = of(talk(picky).say("go").send(image), picky)
    assert (found.same_way, found.own_words) == (True, ("go", "Maria"))


def test_a_talk_that_did_not_begin_is_kept_too() -> None:
    simulation = Simulation.begin(small(WAIT), CHANNELS["plain"], AT, {}, seed="kept")
    assert KeptTalk(Talk(simulation), {"test": "kept"}).text().endswith("\ntalk:\n")


def test_a_talk_is_kept_with_choices_files_and_silence() -> None:
    menu = {
        "id": "ask",
        "action": "menu",
        "with": {"text": "Well?", "choices": {"a": "A", "b": "B"}},
        "then": {"other": "ask"},
        "timeout": "1h",
    }
    image = {
        "id": "pic",
        "action": "send",
        "with": {"file": {"kind": "image", "link": "https://a.example/x.png"}},
    }
    word = {"id": "word", "action": "send", "with": {"text": "nothing"}}
    call = {"id": "crm", "action": "webhook", "with": {"url": "https://a.example", "json": {}}}
    compiled = small(image, word, call, menu)
    simulation = Simulation.begin(compiled, CHANNELS["cloud_api"], AT, {}, seed="kept")
    stubs: Stubs = {"crm": StubDocument(returns={})}
    kept = KeptTalk(Talk(simulation, stubs=stubs), {"test": "kept", "at": "2026-11-21T10:00:00Z"})
    kept.play({"user": "go"})
    kept.answer_by_stubs()
    assert [line["bot"] for line in kept.lines if "bot" in line] == [
        {"kind": "image"}, {"text": "nothing"}, {"text": "Well?", "choices": ["A", "B"]},
    ]  # fmt: skip
    assert kept.text().endswith("expect: {at: f.ask}\n")
    assert run_test(compiled, "t", kept.test(), CHANNELS, stubs).passed
