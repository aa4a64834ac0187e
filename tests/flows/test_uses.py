"""Where a bot names things: every place is found, and renaming at all of them gives a bot that is as right as it was."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from cli import folder
from flows.bot import load
from flows.checking import check
from flows.compiler import build
from flows.document import Source, parse
from flows.place import segments
from flows.testing import run_tests
from flows.uses import Kind, Named, Reference, references, unread
from flows.world import World
from tests.flows.test_bots import CHANNELS
from tests.installation import ROOT

BOT = """chatloom: bot/v1
id: b
languages: [en, it]
flows: [main, address]
fallback: main
on_expire: main
contact: {fields: {tier: {type: string}}}
admit: {when: 'contact.tier != "none"', else: address}
texts: {hello: "Hi {{ contact.tier }}"}
"""
MAIN = """chatloom: flow/v1
id: main
triggers: [{message: {words: [go]}}]
data:
  schema:
    type: object
    required: [mail]
    properties:
      mail: {type: string, title: Mail, minLength: 1}
      size: {type: string, enum: [mail, s]}
      street: {type: string}
    if: {properties: {size: {const: s}}, required: [size]}
    then: {required: [street]}
    dependentRequired: {street: [mail]}
    allOf: [{properties: {mail: {maxLength: 99}}}]
  ui_schema:
    ui:order: [mail, size]
    mail: {ui:prompt: "Mail, {{ data.?size.orValue('data.mail') }}?"}
defaults: {failed: end}
steps:
  - {id: form, action: collect, with: {fields: [mail, size]}, then: {failed: end}}
  - id: ask
    action: menu
    with:
      text: {en: "Well, {{ data.mail }}?", it: "Beh, {{data.mail}} {{ data.mail }}?"}
      choices: {good: Good, bad: {title: Bad}}
    then: {bad: end, other: ask}
  - id: chosen
    action: branch
    with: {cases: {yes: 'message.choice == "good" && data.mail != "good"'}}
    then: {yes: where}
  - id: where
    action: call
    with: {flow: address, inputs: {mail: data.mail}, outputs: {street: result.street}}
  - id: again
    action: set
    with: {data: {street: "result.street + data.mail"}, contact: {tier: data.mail}}
  - id: crm
    action: webhook
    with: {url: https://x.example.com, json: {mail: "{{ data.mail }}", list: ["{{ data.mail }}"]}, save: {mail: result.text}}
    next: end
  - {id: end, action: send, with: {text: Bye}}
"""
ADDRESS = """chatloom: flow/v1
id: address
data:
  schema:
    type: object
    properties: {street: {type: string, title: Street}, mail: {type: string}}
steps:
  - {id: form, action: collect, with: {fields: [street]}}
"""
TEST = """test: all
stubs: {main.crm: {returns: {status: 200}}}
talk:
  - user: go
  - user: {tap: main.ask.good}
  - webhook: {step: crm}
  - restarted: {flow: main, step: form}
expect: {ended: main, data: {mail: a@example.com}, at: main.end}
"""
TEXTS = """chatloom: texts/v1
texts:
  flows/main/data/schema/properties/mail/title: Posta
  flows/main/data/ui_schema/mail/ui:prompt: "{{ data.size }}?"
  flows/main/steps/ask/with/choices/good: Bene
  flows/main/steps/end/with/text: {from: Bye, to: "Addio {{ data.mail }}"}
"""
FILES = {
    "bot.yaml": BOT,
    "flows/main.yaml": MAIN,
    "flows/address.yaml": ADDRESS,
    "tests/all.yaml": TEST,
    "texts/it.yaml": TEXTS,
    "layout.json": json.dumps({"main": {"ask": [1, 2]}, "gone": {}}),
    "README.md": "data.mail",
}
WORLD = World(actions=())
FOLDERS = {path.parent.name: path.parent for path in (ROOT / "bots").rglob("bot.yaml")}


def found(kind: Kind, of: str, name: str, files: dict[str, str] = FILES) -> list[Reference]:
    folder = load(files)
    compiled = build(folder, WORLD)[0]
    assert compiled is not None
    return [one for one in references(folder, compiled) if one.named == Named(kind, of, name)]


def said(uses: list[Reference]) -> list[str]:
    return [f"{one.place.file.rpartition('/')[2]}:{one.place.pointer}{' key' * one.key}" for one in uses]


def test_a_field_is_found_wherever_it_is_named() -> None:
    uses = found("field", "main", "mail")
    assert said(uses) == [
        "main.yaml:/data/schema/properties/mail key",
        "main.yaml:/data/schema/required/0",
        "main.yaml:/data/schema/dependentRequired/street/0",
        "main.yaml:/data/schema/allOf/0/properties/mail key",
        "main.yaml:/data/ui_schema/mail key",
        "main.yaml:/data/ui_schema/ui:order/0",
        "main.yaml:/steps/0/with/fields/0",
        "main.yaml:/steps/1/with/text/en",
        "main.yaml:/steps/1/with/text/it",
        "main.yaml:/steps/2/with/cases/yes",
        "main.yaml:/steps/3/with/inputs/mail",
        "main.yaml:/steps/4/with/data/street",
        "main.yaml:/steps/4/with/contact/tier",
        "main.yaml:/steps/5/with/json/mail",
        "main.yaml:/steps/5/with/json/list/0",
        "main.yaml:/steps/5/with/save/mail key",
        "all.yaml:/expect/data/mail key",
        "it.yaml:/texts/flows~1main~1data~1schema~1properties~1mail~1title key",
        "it.yaml:/texts/flows~1main~1data~1ui_schema~1mail~1ui:prompt key",
        "it.yaml:/texts/flows~1main~1steps~1end~1with~1text/to",
    ]
    assert all(one.sure and one.text[slice(*span)] == "mail" for one in uses for span in one.spans)
    assert uses[8].spans == ((12, 16), (27, 31))
    assert {one.how for one in uses} == {"declares", "shows", "reads", "writes", "tests", "translates"}


def test_what_a_called_flow_is_given_and_gives_is_its_field() -> None:
    assert said(found("field", "address", "mail")) == [
        "main.yaml:/steps/3/with/inputs/mail key",
        "address.yaml:/data/schema/properties/mail key",
    ]
    assert said(found("field", "address", "street")) == [
        "main.yaml:/steps/3/with/outputs/street",
        "main.yaml:/steps/4/with/data/street",
        "address.yaml:/data/schema/properties/street key",
        "address.yaml:/steps/0/with/fields/0",
    ]


def test_flows_steps_and_contact_fields() -> None:
    assert set(said(found("flow", "", "main"))) == {
        "main.yaml:/id",
        "all.yaml:/expect/ended",
        "all.yaml:/expect/at",
        "all.yaml:/talk/1/user/tap",
        "all.yaml:/talk/3/restarted/flow",
        "all.yaml:/stubs/main.crm key",
        "bot.yaml:/fallback",
        "bot.yaml:/on_expire",
        "bot.yaml:/flows/0",
        "layout.json:/main key",
        "it.yaml:/texts/flows~1main~1data~1schema~1properties~1mail~1title key",
        "it.yaml:/texts/flows~1main~1data~1ui_schema~1mail~1ui:prompt key",
        "it.yaml:/texts/flows~1main~1steps~1ask~1with~1choices~1good key",
        "it.yaml:/texts/flows~1main~1steps~1end~1with~1text key",
    }
    assert set(said(found("flow", "", "address"))) == {
        "main.yaml:/steps/3/with/flow",
        "address.yaml:/id",
        "bot.yaml:/admit/else",
        "bot.yaml:/flows/1",
    }
    assert set(said(found("step", "main", "end"))) == {
        "main.yaml:/defaults/failed",
        "main.yaml:/steps/0/then/failed",
        "main.yaml:/steps/1/then/bad",
        "main.yaml:/steps/5/next",
        "main.yaml:/steps/6/id",
        "all.yaml:/expect/at",
        "it.yaml:/texts/flows~1main~1steps~1end~1with~1text key",
    }
    assert set(said(found("step", "main", "ask"))) > {
        "layout.json:/main/ask key",
        "all.yaml:/talk/1/user/tap",
    }
    assert said(found("step", "main", "crm")) == [
        "main.yaml:/steps/5/id",
        "all.yaml:/talk/2/webhook/step",
        "all.yaml:/stubs/main.crm key",
    ]
    assert set(said(found("contact", "", "tier"))) == {
        "bot.yaml:/contact/fields/tier key",
        "bot.yaml:/admit/when",
        "bot.yaml:/texts/hello",
        "main.yaml:/steps/4/with/contact/tier key",
    }


def test_what_may_be_a_choice_says_so() -> None:
    uses = found("choice", "main.ask", "good")
    assert {(text, one.sure) for one, text in zip(uses, said(uses), strict=True)} == {
        ("main.yaml:/steps/1/with/choices/good key", True),
        ("main.yaml:/steps/2/with/cases/yes", False),
        ("all.yaml:/talk/1/user/tap", True),
        ("it.yaml:/texts/flows~1main~1steps~1ask~1with~1choices~1good key", True),
    }
    assert said(found("choice", "main.ask", "bad"))[1:] == ["main.yaml:/steps/1/then/bad key"]


def test_a_step_whose_name_two_flows_have_is_not_sure() -> None:
    files = {**FILES, "tests/all.yaml": "test: x\ntalk:\n- webhook: form\n- webhook: 3\n- user: {tap: x}\n"}
    assert [one.sure for one in found("step", "main", "form", files) if one.how == "tests"] == [False]


def test_where_a_test_begins_names_flow_step_and_fields() -> None:
    begun = "test: x\nbegin: {flow: main, step: form, data: {mail: a@example.com, gone: 1}}\n"
    files = {**FILES, "tests/all.yaml": begun}
    named = (("flow", "", "main"), ("step", "main", "form"), ("field", "main", "mail"))
    places = [said([one for one in found(*each, files) if one.how == "tests"]) for each in named]
    assert places == [
        ["all.yaml:/begin/flow"],
        ["all.yaml:/begin/step"],
        ["all.yaml:/begin/data/mail key"],
    ]
    rename_all(files | {"tests/all.yaml": begun.replace(", gone: 1", "")})


def test_what_cannot_be_read_is_named() -> None:
    folder = load({**FILES, "flows/address.yaml": "id: [", "texts/it.yaml": ": ["})
    compiled = build(folder, WORLD)[0]
    assert compiled is not None
    assert unread(folder, compiled) == ["flows/address.yaml", "texts/it.yaml"]
    assert references(folder, compiled)


def test_what_is_renamed_everywhere_is_as_right_as_it_was() -> None:
    rename_all(FILES)


@pytest.mark.drill
@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_whatever_is_renamed_in_the_samples_is_as_right_as_it_was(name: str) -> None:
    rename_all(folder.read(FOLDERS[name]))


def rename_all(files: Mapping[str, str]) -> None:
    """Each field, step and flow in turn; a split's name is what its shares follow from."""
    before = wrong(files)
    bot = load(files)
    compiled = build(bot, WORLD)[0]
    assert compiled is not None
    every = references(bot, compiled)
    for named in dict.fromkeys(one.named for one in every):
        uses = [one for one in every if one.named == named]
        assert {one.text[slice(*span)] for one in uses for span in one.spans} == {named.name}
        split = named.kind == "step" and compiled.flows[named.of].steps[named.name].action.name == "split"
        if named.kind in ("field", "step", "flow") and uses[0].sure and not split:
            assert wrong(renamed(files, uses, "renamed_thing")) == before, named


def wrong(files: Mapping[str, str]) -> Counter[str]:
    """What the checker says, and which tests fail."""
    bot = load(files)
    compiled = build(bot, WORLD)[0]
    assert compiled is not None
    failed = [one.name for one in run_tests(compiled, bot, CHANNELS) if not one.passed]
    return Counter([*(one.code for one in check(bot, WORLD)), *failed])


def renamed(files: Mapping[str, str], uses: list[Reference], to: str) -> dict[str, str]:
    """The files with all of it changed; values before the keys above them."""
    values: dict[str, Any] = {}
    for one in sorted(uses, key=lambda one: (one.key, -len(one.place.pointer))):
        path = one.place.file
        source = parse(path, files[path])
        assert isinstance(source, Source)
        owner: Any = values.setdefault(path, source.value)
        *way, last = segments(one.place.pointer)
        for part in way:
            owner = owner[int(part)] if isinstance(owner, list) else owner[part]
        text = one.text
        for start, end in reversed(one.spans):
            text = text[:start] + to + text[end:]
        if one.key:
            items = [(text if key == last else key, value) for key, value in owner.items()]
            owner.clear()
            owner.update(items)
        else:
            owner[int(last) if isinstance(owner, list) else last] = text
    named = uses[0].named
    old, new = (f"flows/{named.name}.", f"flows/{to}.") if named.kind == "flow" else ("", "")
    return {
        path.replace(old, new): json.dumps(values[path]) if path in values else text
        for path, text in files.items()
    }


def test_what_a_bot_seldom_holds_is_found_or_passed_over() -> None:
    rare = {
        "bot.yaml": "chatloom: bot/v1\nid: b\nflows: [main]\nfallback: main\n",
        "flows/renamed.yaml": """chatloom: flow/v1
id: main
title: Mail
data:
  schema:
    type: object
    properties: {mail: {type: string, title: Mail}, size: {type: integer, title: Size}}
    dependentSchemas: {size: {required: [mail]}}
  ui_schema: {ui:order: [mail, size, 3]}
steps:
  - {id: form, action: collect, with: {fields: [mail]}}
  - {id: write, action: set, with: {data: {size: 3}}}
  - {id: end, action: send, with: {text: "{{ data.mail }} {{ contact.name }}"}}
""",
        "tests/t.yaml": "test: t\ntalk: [{user: go}]\nexpect: {data: {mail: x, gone: 1}}\n",
        "texts/it.yaml": """chatloom: texts/v1
texts:
  flows/renamed/title: Posta
  flows/renamed/data/ui_schema/ui:order: x
  flows/renamed/steps/end/with/text: "{{ data.mail }}"
  flows/gone/title: x
""",
    }
    assert said(found("field", "main", "mail", rare)) == [
        "renamed.yaml:/data/schema/properties/mail key",
        "renamed.yaml:/data/schema/dependentSchemas/size/required/0",
        "renamed.yaml:/data/ui_schema/ui:order/0",
        "renamed.yaml:/steps/0/with/fields/0",
        "renamed.yaml:/steps/2/with/text",
        "t.yaml:/expect/data/mail key",
        "it.yaml:/texts/flows~1renamed~1steps~1end~1with~1text",
    ]
    assert said(found("flow", "", "main", rare)) == [
        "renamed.yaml:/id",
        "bot.yaml:/fallback",
        "bot.yaml:/flows/0",
    ]
    assert said(found("contact", "", "name", rare)) == ["renamed.yaml:/steps/2/with/text"]
