"""Small parts on their own: durations, fitting, registries, folders, references."""

import datetime as dt
import json
from typing import Any

import pytest

from flows import action, bot, checking, direct, faults, fit, flow_compiler, graph, rule, trigger
from flows.actions.handoff import Handoff
from flows.actions.menu import Menu
from flows.actions.stop import Stop
from flows.data_schema import fault_of, resolved
from flows.duration import parse_duration
from flows.form import fields_of
from flows.snippets import Snippets
from flows.state import State, decode, encode
from flows.texts import languages_of, pick
from flows.triggers.message import Message
from flows.turn import seen_of
from flows.types import Scalar
from flows.world import World
from schemas.capabilities import Capabilities
from schemas.events import Posted
from schemas.ids import event_id
from schemas.messages import Identity, ListMenu, Text
from tests.flows.talks import compiled_of, files_of
from tests.flows.test_checking import FILES
from tests.flows.universe import START

HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("written", "span"),
    [
        (HOUR, HOUR),
        ("1h30m", 1.5 * HOUR),
        ("PT1H", HOUR),
        ("pt1h", HOUR),
        (" 60m ", HOUR),
        ("1500ms", HOUR / 2400),
    ],
    ids=str,
)
def test_durations(written: object, span: dt.timedelta) -> None:
    assert parse_duration(written) == span


@pytest.mark.parametrize(
    "written", ["", "soon", "5", "0s", "-5m", "P", "PX", "P999999999999D", "4000d", "1h 30m", None]
)
def test_what_is_no_duration_says_so(written: object) -> None:
    with pytest.raises(ValueError, match=r"duration|range"):
        parse_duration(written)


def test_an_action_says_what_it_lacks_and_registers_once() -> None:
    class Bare(action.Action):
        """Nothing."""

    ctx: Any = None
    with pytest.raises(TypeError, match=r"Bare.*enter"):
        Bare()  # pyright: ignore[reportAbstractUsage]
    assert Stop().resume(ctx, None) is None  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="'menu'"):
        action.action(Menu)
    assert Handoff(team="x").again(ctx) == action.Move(waits=True)


def test_a_trigger_says_what_it_lacks_and_registers_once() -> None:
    with pytest.raises(TypeError, match="fires"):
        trigger.Trigger()  # pyright: ignore[reportAbstractUsage]
    with pytest.raises(RuntimeError, match="'message'"):
        trigger.trigger(Message)


def test_a_rule_has_a_code_of_its_own() -> None:
    rule.rules()
    with pytest.raises(RuntimeError, match="F130"):
        rule.rule("F130", "error")(lambda flow, around: iter(()))


def test_what_was_checked_and_compiled_long_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_KEPT", 1)
    monkeypatch.setattr(flow_compiler, "_KEPT", 1)
    for team in ("a", "b"):
        files = {**FILES, "flows/address.yaml": FILES["flows/address.yaml"] + f"    note: {team}\n"}
        assert checking.check(bot.load(files), World()) == []


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Shop", "Shop"),
        ("{en: Shop, it: Negozio}", "Shop"),
        ("[A, B]", "A"),
        ("{it: Negozio}", ""),
        ("''", ""),
    ],
)
def test_a_bots_title(title: str, expected: str) -> None:
    main = f"{{chatloom: bot/v1, id: x, languages: [en, it], flows: [a], title: {title}}}"
    assert bot.title({"bot.yaml": main, "flows/a.yaml": "nonsense"}) == expected


def test_a_bot_that_cannot_be_read_has_no_title() -> None:
    assert bot.title({"bot.yaml": "- 1"}) == ""
    assert bot.title({}) == ""


def folder(**more: Any) -> dict[str, Any]:
    return {**FILES, **more}


def codes(files: dict[str, Any]) -> set[str]:
    return {one.code for one in bot.load(files).diagnostics}


def test_folders_that_are_odd() -> None:
    assert codes(folder()) == set()
    assert codes({"flows/a.yaml": FILES["flows/address.yaml"]}) == {"F001"}
    assert codes(folder(**{"flows/again.yaml": FILES["flows/address.yaml"]})) == {"F005"}
    assert codes(folder(**{"flows/x.yaml": b"a: \xff"})) == {"F007"}
    assert (
        codes(
            folder(
                **{"picture.png": b"\xff\xd8", "layout.json": "{}", "README.md": "x", "other/x.yaml": "x: 1"}
            )
        )
        == set()
    )
    assert codes(folder(**{"tests/t.yaml": "test: t\ntalk: []", "tests/u.yaml": "talk: 1"})) != set()
    assert "F006" in codes({f"flows/f{n}.yaml": "" for n in range(bot.MAX_FILES + 1)})
    assert "F006" in codes({"bot.yaml": "x" * (bot.MAX_BYTES + 1)})
    assert "F002" in codes(folder(**{"flows/broken.yaml": "chatloom: flow/v1\nid: b\nstepps: []\nsteps: []"}))
    tests = {path for path, _ in bot.load(folder(**{"tests/t.yaml": "test: t\ntalk: []"})).tests}
    assert tests - {path for path, _ in bot.load(folder()).tests} == {"tests/t.yaml"}
    assert bot.content_hash({"a": "b"}) != bot.content_hash({"ab": ""})
    assert bot.content_hash({"a": "b", "layout.json": "{}"}) == bot.content_hash({"a": "b"})


def test_texts_are_cut_where_people_pause() -> None:
    ten = Capabilities("ten", text=10)

    def cut(text: str) -> list[str]:
        return [piece.text for piece in fit.fit_text(text, ten)]

    assert cut("") == [""]
    assert cut("           ") == [""]
    assert cut("one two three") == ["one two", "three"]
    assert cut("abcdefghijklmnop") == ["abcdefghij", "klmnop"]
    assert cut("a bcdefghijklmnop") == ["a bcdefghi", "jklmnop"]
    assert cut("\U0001f600" * 6) == ["\U0001f600" * 5, "\U0001f600"]
    assert cut("0123456789          ") == ["0123456789"]


def test_a_list_that_has_no_next_page_is_text() -> None:
    channel = Capabilities(
        "c", list_rows=2, list_title=20, list_text=100, list_open_label=20, list_sections=1
    )
    options = [fit.Option(key, key, key) for key in "abc"]
    assert isinstance(fit.fit_menu("?", options, channel, how="list", open_label="Open").messages[0], Text)
    fitted = fit.fit_menu("?", options[:2], channel, how="list", open_label="Open")
    assert isinstance(fitted.messages[0], ListMenu)


def test_references_in_a_schema_end() -> None:
    root: dict[str, Any] = {"$defs": {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(200)}}
    assert "$ref" not in resolved({"title": "T"}, root)
    resolved({"$ref": "#/$defs/d0"}, root)  # comes back
    assert fault_of({"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, **root}) is not None
    diamond = {"a": {"$ref": "#/$defs/c"}, "b": {"$ref": "#/$defs/c"}, "c": {"type": "string"}}
    schema = {
        "type": "object",
        "$defs": {**diamond, "top": {"type": "object", "properties": {"x": {"$ref": "#/$defs/a"}, "y": {"$ref": "#/$defs/b"}}}},
        "properties": {"p": {"$ref": "#/$defs/top"}},
    }  # fmt: skip
    assert fault_of(schema) is None


def test_texts_by_language() -> None:
    assert languages_of({"en": "a", "it": "b"}) == ["en", "it"]
    assert languages_of("a") is None
    assert pick({"pt-BR": "x"}, "pt-PT", ["en"], "") == "x"
    assert pick({"fr": "x"}, "de", ["en"], "") == "x"
    assert pick({}, "de", ["en"], "") == ""


def test_a_state_may_hold_any_integer() -> None:
    state = State(posted=(Posted(event_id(0, b"\0" * 32), START, "e", {"n": 2**80}),))
    assert decode(encode(state)) == state


@pytest.mark.parametrize(
    "change",
    [
        ("  - id: photo\n", "  - id: photo\n    disabled: true\n"),
        ("  - id: where\n", "  - id: where\n    disabled: true\n"),
        ("data.size > 5", "data.size == null"),
        ("data.size > 5", "data.size != null && data.size > 5"),
        ("street: {type: string, readOnly: true}", "street: {type: object, readOnly: true}"),
        (
            "street: {type: string, readOnly: true}",
            "street: {type: object, readOnly: true, required: [y], properties: {x: true, y: {type: string}},"
            " anyOf: [true]}",
        ),
        (
            "    action: call\n    with: {flow: address, inputs: {city: \"'Rome'\"}, outputs: {street: result.street}}",
            '    action: set\n    with: {data: {note: "null"}}',
        ),
        (
            "other: pick}\n",
            "other: off}\n  - {id: off, disabled: true, action: send, with: {text: {en: x, it: x}}, next: pick}\n",
        ),
        ("json: {name:", "json: {ref: 123e4567-e89b-12d3-a456-426614174000, path: a/b/c/d/e0f1a2b3c4d5e6f7a8b9, name:"),
    ],
    ids=lambda change: change[1].strip(),
)  # fmt: skip
@pytest.mark.parametrize(
    "world", [World(), World(secrets=frozenset(("crm",)), teams=frozenset(("sales",)))], ids=["any", "known"]
)
def test_what_is_no_fault(change: tuple[str, str], world: World) -> None:
    old, new = change
    assert FILES["flows/intake.yaml"].count(old) == 1
    files = {**FILES, "flows/intake.yaml": FILES["flows/intake.yaml"].replace(old, new)}
    assert [str(one) for one in checking.check(bot.load(files), world) if one.severity == "error"] == []


@pytest.mark.parametrize(
    ("schema", "hints", "expected"),
    [
        ({"enum": ["a", "b", "c"]}, {"ui:enumDisabled": ["b"]}, [("a", "a"), ("c", "c")]),
        ({"enum": ["a", "b"]}, {"ui:enumNames": {"a": "A"}}, [("a", "A"), ("b", "b")]),
        ({"enum": [1, 2]}, {"ui:enumNames": ["One"]}, [(1, "One"), (2, "2")]),
        ({"enum": [1, 2]}, {"ui:enumNames": [{"en": "One"}, 2]}, [(1, {"en": "One"}), (2, "2")]),
        ({"enum": ["a", "b"]}, {"ui:enumOrder": ["b", "*"]}, [("b", "b"), ("a", "a")]),
        ({"enum": ["a"]}, {"ui:enumNames": 5}, [("a", "a")]),
    ],
    ids=str,
)
def test_choices_of_a_field(schema: dict[str, Any], hints: dict[str, Any], expected: list[Any]) -> None:
    fields = fields_of({"type": "object", "properties": {"f": schema}}, {"f": hints})
    assert list(fields["f"].choices) == expected
    assert fields["f"].kind == "choice"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (["null", "integer"], "integer"),
        (["null"], "text"),
        ("boolean", "boolean"),
        (["string", "null"], "text"),
    ],
    ids=str,
)
def test_a_field_that_may_be_null(kind: Any, expected: str) -> None:
    assert fields_of({"type": "object", "properties": {"f": {"type": kind}}}, {})["f"].kind == expected


def test_a_flow_waits_in_those_that_it_calls() -> None:
    def calls(other: str) -> dict[str, Any]:
        return {"steps": [{"id": "c", "action": "call", "with": {"flow": other}}]}

    waits = {"steps": [{"id": "w", "action": "wait", "with": {"for": "1h"}}]}
    compiled = compiled_of(files_of({"a": calls("b"), "b": calls("c"), "c": waits, "d": calls("e"), "e": {"steps": [{"id": "s", "action": "stop"}]}}))  # fmt: skip
    assert graph.waiting_flows(compiled) == {"a", "b", "c"}


def test_texts_deep_in_a_schema_are_looked_for_so_far() -> None:
    deep: dict[str, Any] = {"type": "string", "title": {"en": "Deep"}}
    for _ in range(12):
        deep = {"type": "object", "readOnly": True, "properties": {"x": deep}}
    flow = FILES["flows/address.yaml"].replace(
        "city: {type: string}", f"city: {{type: string}}\n      deep: {json.dumps(deep)}"
    )
    found = checking.check(bot.load({**FILES, "flows/address.yaml": flow}), World())
    assert not [one for one in found if one.code == "F120"]


def test_what_stands_where_in_a_document_that_is_none() -> None:
    assert faults._at("x", "/a/b") == "x"  # pyright: ignore[reportPrivateUsage]
    assert faults.keys_at(Menu, ("text", "en")) == []
    assert faults.keys_at(Menu, ("nothing", 1)) != []
    assert faults.keys_at(Menu, ("choices", "a")) == ["title", "description", "section"]
    assert direct._field("x", [], {"x": Scalar("string")}) is None  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(direct.Elsewhere):
        direct._equal(True)(lambda _: 1, lambda _: "1")({})  # pyright: ignore[reportPrivateUsage]
    assert list(action._walk(int | str, (), 1.5, "")) == []  # pyright: ignore[reportPrivateUsage]


def test_snippets_are_a_mapping_in_the_contacts_language() -> None:
    texts = {"hours": {"en": "9 to 18", "it": "dalle 9 alle 18"}, "sign": "{{ bot.id }}"}
    files = files_of(
        {"a": {"steps": [{"id": "s", "action": "stop"}]}}, {"languages": ["en", "it"], "texts": texts}
    )
    snippets = Snippets(compiled_of(files), {"contact": {"language": "it"}, "bot": {"id": "test"}})
    assert dict(snippets) == {"hours": "dalle 9 alle 18", "sign": "test"}
    assert len(snippets) == 2


def test_a_schema_that_is_all_of_itself_ends() -> None:
    schema = {
        "$defs": {"a": {"properties": {"x": {"type": "string"}}, "allOf": [{"$ref": "#/$defs/a"}]}},
        "allOf": [{"$ref": "#/$defs/a"}],
        "dependentSchemas": {"x": True},
    }
    assert list(fields_of(schema, {})) == ["x"]


def test_a_schedule_that_never_comes_is_refused() -> None:
    never, none = "0 9 */6 2 mon#5", "0 9 * * funday"  # a fifth Monday in February is the 29th
    for cron, why in (
        (never, "this day never comes"),
        (none, "this is no cron line: the weekday cannot be so"),
    ):
        flow = {"triggers": [{"schedule": {"cron": cron}}], "steps": [{"id": "a", "action": "stop"}]}
        assert why in "\n".join(map(str, checking.check(bot.load(files_of({"f": flow})), World())))


def test_a_contact_is_seen_as_the_profile_says_and_the_channel_where_it_does_not() -> None:
    phone = Identity("phone", "+391")
    assert seen_of("c", {"name": "Ana", "vip": True}, "ana93", "it", [Identity("lid", "7"), phone]) == {
        "id": "c", "name": "Ana", "vip": True, "language": "it", "phone": "+391",
    }  # fmt: skip
    assert seen_of("c", {}, "ana93", "", []) == {"id": "c", "name": "ana93", "language": ""}


def test_a_wait_of_an_action_that_says_nothing_else_goes_on_only_where_it_is_equal() -> None:
    assert Stop(result="a").takes_over(Stop(result="a"))
    assert not Stop(result="a").takes_over(Stop(result="b"))
