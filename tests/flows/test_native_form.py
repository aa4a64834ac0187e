"""A collect step as WhatsApp Flow JSON: what it holds, its limits, its answer, and the chat behind it."""

import datetime as dt
from typing import Any

import pytest

from flows import native_form
from flows.answers import Here
from flows.form import fields_of
from flows.simulation import Simulation, said
from schemas.messages import Content, FormReply, OpenForm, Text, plain_text
from sessions.registry import driver
from tests.flows.talks import CHANNELS, compiled_of, files_of

AT = dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name", "size", "email", "vegan", "day", "address", "photo"],
    "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 40, "title": {"en": "Name", "it": "Nome"}},
        "size": {"enum": ["s", "l"], "title": "Size"},
        "city": {"enum": [f"c{n}" for n in range(12)], "title": "City"},
        "email": {"type": "string", "format": "email", "title": "E-mail", "description": "We keep it."},
        "vegan": {"type": "boolean", "title": "Vegan"},
        "day": {"type": "string", "format": "date", "title": "Day"},
        "when": {"type": "string", "format": "date-time", "title": "When"},
        "seats": {"type": "integer", "maximum": 9, "title": "Seats"},
        "extras": {"type": "array", "maxItems": 2, "items": {"enum": ["a", "b", "c"]}, "title": "Extras"},
        "tags": {"type": "array", "items": {"type": "string"}, "title": "Tags"},
        "note": {"type": "string", "maxLength": 500, "title": "Note"},
        "address": {"type": "object", "title": "Address", "required": ["street"], "properties": {"street": {"type": "string", "title": "Street"}}},
        "home": {"type": "object", "title": "Home", "required": ["street"], "properties": {"street": {"type": "string", "title": "Street"}}},
        "photo": {"type": "object", "format": "photo", "title": "Photo"},
        "guests": {"type": "array", "title": "Guests", "items": {"type": "object", "properties": {"n": {"type": "string"}}}},
        "code": {"type": "string", "readOnly": True},
    },
    "dependentRequired": {"city": ["note"]},
}  # fmt: skip
FIELDS = list(fields_of(SCHEMA, {"note": {"ui:help": "Anything"}, "city": {"ui:help": "Near"}}).values())
REPLY = {
    "flow_token": "f.s.(form)",
    "name": "Anna",
    "size": "l",
    "city": "",
    "email": "anna@",
    "vegan": "no",
    "day": "2026-12-01",
    "when": "domani alle 5",
    "seats": "4",
    "extras": ["a", "c"],
    "tags": "x, y",
    "address__street": "Via Roma 1",
}


def made(language: str = "en") -> native_form.NativeForm:
    return native_form.native_form(FIELDS, "Order", language, ["en", "it"])


def parts() -> dict[str, Any]:
    (screen,) = made("it").document["screens"]
    (form,) = screen["layout"]["children"]
    return {part.get("name", part["type"]): part for part in form["children"]}


def test_the_document_has_a_component_for_each_field_that_it_can_ask() -> None:
    shown = parts()
    kinds = {name: part["type"] for name, part in shown.items()}
    assert kinds == {
        "name": "TextInput",
        "size": "RadioButtonsGroup",
        "city": "Dropdown",
        "email": "TextInput",
        "vegan": "RadioButtonsGroup",
        "day": "DatePicker",
        "when": "TextInput",
        "seats": "TextInput",
        "extras": "CheckboxGroup",
        "tags": "TextArea",
        "TextSubheading": "TextSubheading",
        "address__street": "TextInput",
        "Footer": "Footer",
    }
    assert shown["name"] == {"type": "TextInput", "name": "name", "label": "Nome", "required": True, "input-type": "text", "min-chars": 2, "max-chars": 40}  # fmt: skip
    assert shown["email"]["input-type"] == "email"
    assert shown["email"]["helper-text"] == "We keep it."
    assert shown["vegan"]["data-source"] == [{"id": "yes", "title": "Sì"}, {"id": "no", "title": "No"}]
    assert (shown["extras"]["min-selected-items"], shown["extras"]["max-selected-items"]) == (0, 2)
    action = shown["Footer"]["on-click-action"]
    assert action["name"] == "complete"
    assert action["payload"]["address__street"] == "${form.address__street}"


def test_what_it_cannot_ask_is_named() -> None:
    assert dict(made().left_out) == {
        "note": "it depends on other answers",
        "home": "it is a group that need not be given",
        "photo": "it is answered with a file or a place",
        "guests": "its items are asked for one after the other",
    }


def test_a_form_of_many_fields_has_several_screens() -> None:
    many = fields_of({"properties": {f"f{n}": {"type": "string"} for n in range(45)}}, {})
    screens = native_form.native_form(list(many.values()), "", "en", ["en"]).document["screens"]
    assert [screen["id"] for screen in screens] == ["FORM", "FORM_B", "FORM_C"]
    assert [screen.get("terminal", False) for screen in screens] == [False, False, True]
    payload = screens[-1]["layout"]["children"][0]["children"][-1]["on-click-action"]["payload"]
    assert (payload["f0"], payload["f44"]) == ("${screen.FORM.form.f0}", "${form.f44}")


@pytest.mark.parametrize(
    ("schema", "what"),
    [
        ({"type": "string", "title": "A title that is too long"}, "the title"),
        ({"type": "string", "title": "F", "description": "d" * 81}, "the help"),
        ({"enum": ["a" * 31], "title": "F"}, "the choice"),
    ],
)
def test_texts_over_a_limit_are_named(schema: dict[str, Any], what: str) -> None:
    field = fields_of({"properties": {"f": schema}}, {})["f"]
    ((path, why),) = native_form.native_form([field], "T", "en", ["en"]).over
    assert path == "f"
    assert why.startswith(what)


def test_too_many_choices_are_left_to_the_chat() -> None:
    fields = fields_of({"properties": {"a": {"enum": list(range(201))}, "b": {"type": "array", "items": {"enum": list(range(21))}}, "c": {"type": "array"}}}, {})  # fmt: skip
    left = dict(native_form.native_form(list(fields.values()), "T", "en", ["en"]).left_out)
    assert left == {"a": "it has more than 200 choices", "b": "it has more than 20 choices", "c": "no answer has its type"}  # fmt: skip


def test_what_a_form_brings_back_is_worth_what_the_schema_says() -> None:
    values = dict(native_form.filled(FIELDS, REPLY, Here(AT, "it")))
    assert values == {
        "name": "Anna",
        "size": "l",
        "city": None,
        "vegan": False,
        "day": "2026-12-01",
        "when": "2026-11-26T05:00:00+00:00",
        "seats": 4,
        "extras": ["a", "c"],
        "tags": ["x", "y"],
        "address.street": "Via Roma 1",
    }
    odd = {"size": "xxl", "extras": "a", "vegan": "perhaps", "seats": 12}
    assert dict(native_form.filled(FIELDS, odd, Here(AT))) == {"extras": ["a"]}


def talk(channel: str = "cloud_api") -> Simulation:
    step = {"id": "s", "action": "collect", "with": {"fields": ["name", "size", "email", "photo"], "form": {"id": "77", "label": "Go"}}, "then": {"timeout": "stop", "cancelled": "stop", "failed": "stop"}}  # fmt: skip
    flow = {"data": {"schema": SCHEMA}, "steps": [step], "triggers": [{"message": {"words": ["go"]}}]}
    capabilities = driver(channel).capabilities if channel == "cloud_api" else CHANNELS[channel]
    return Simulation.begin(compiled_of(files_of({"f": flow})), capabilities, AT, {}, seed="t")


def heard(simulation: Simulation, content: Content) -> list[str]:
    return [plain_text(say.body) for say in said(simulation.receive(content))]


def test_the_channel_shows_the_form_and_the_chat_asks_for_the_rest() -> None:
    simulation = talk()
    (say,) = said(simulation.receive(Text("go")))
    assert say.body == OpenForm(
        "Please fill in this form. If you would rather answer here, write anything.", "Go", "77", "FORM", "f.s.(form)"
    )  # fmt: skip
    assert heard(simulation, FormReply({"flow_token": "another", "name": "Bo"})) == []
    assert heard(simulation, FormReply(REPLY)) == ["E-mail?\nWe keep it."]
    assert heard(simulation, Text("anna@example.com")) == ["Photo?"]


def test_who_writes_instead_is_asked_in_the_chat() -> None:
    simulation = talk()
    simulation.receive(Text("go"))
    assert heard(simulation, Text("no thanks")) == ["Name?"]
    assert heard(simulation, Text("Anna")) == ["Size?"]
    assert heard(simulation, FormReply({**REPLY, "email": "a@example.com"})) == ["Photo?"]


def test_who_cancels_the_form_leaves_the_step() -> None:
    simulation = talk()
    simulation.receive(Text("go"))
    simulation.receive(Text("cancel"))
    assert simulation.state.run is None


def test_a_channel_without_forms_asks_in_the_chat() -> None:
    assert heard(talk("plain"), Text("go")) == ["Name?"]


def test_a_form_of_which_all_is_known_is_not_shown() -> None:
    known = {"id": "known", "action": "set", "with": {"data": {"name": "'Ana'"}}}
    ask = {"id": "s", "action": "collect", "with": {"fields": ["name"], "form": {"id": "77"}}, "then": {"timeout": "stop", "cancelled": "stop", "failed": "stop"}}  # fmt: skip
    bye = {"id": "bye", "action": "send", "with": {"text": "Bye"}}
    flow = {
        "data": {"schema": SCHEMA},
        "steps": [known, ask, bye],
        "triggers": [{"message": {"words": ["go"]}}],
    }
    capabilities = driver("cloud_api").capabilities
    simulation = Simulation.begin(compiled_of(files_of({"f": flow})), capabilities, AT, {}, seed="t")
    assert heard(simulation, Text("go")) == ["Bye"]


def test_a_long_text_is_bounded() -> None:
    fields = fields_of(
        {"properties": {"a": {"type": "string", "maxLength": 500}}}, {"a": {"ui:widget": "textarea"}}
    )
    (screen,) = native_form.native_form(list(fields.values()), "T", "en", ["en"]).document["screens"]
    (form,) = screen["layout"]["children"]
    area = next(part for part in form["children"] if part["type"] == "TextArea")
    assert area["max-length"] == 500
