"""What an editor offers at a place of a bot's files: the `|` is the cursor."""

from typing import Any

import pytest

from flows import bot
from flows.completion import Completion, complete
from flows.custom import CustomAction
from flows.world import World
from tests.flows.test_speed import large_bot, seconds

BOT = """chatloom: bot/v1
id: shop
languages: [en]
flows: [main, other]
fallback: other
contact: {fields: {vip: {type: boolean}, city: {type: string}}}
texts: {hours: "9–18 {{ contact.city }}"}
frames: {shop: {header: Shop}}
"""
MAIN = """chatloom: flow/v1
id: main
triggers:
  - message: {words: [hi], when: message.kind == "text"}
  - event: {name: paid}
data:
  schema:
    type: object
    required: [name]
    properties:
      name: {type: string, format: email}
      size: {type: integer}
      home: {type: object, properties: {street: {type: string}}}
  ui_schema:
    ui:order: [name, "*"]
    name: {ui:help: Yours}
defaults: {failed: sorry}
steps:
  - id: ask
    action: collect
    with: {fields: [name, size], tries: 3}
    timeout: 1h
  - id: crm
    action: webhook
    with:
      url: https://x.example/{{ data.name }}
      headers: {Authorization: '{{ secret("crm") }}'}
      json: {name: "{{ data.name }}"}
      returns: {type: object, properties: {id: {type: string}, stock: {type: integer}}}
      save: {name: result.json.id}
  - id: pick
    action: menu
    with:
      text: Hi {{ data.home.street }} {{ date(now) }}
      choices: {a: One, b: Two}
      as: auto
      frame: shop
    then: {a: sorry, other: pick}
  - id: big
    action: branch
    with: {cases: {large: "result.json.stock > 3"}}
    next: sorry
  - id: team
    action: handoff
    with: {team: sales, note: "{{ event.amount }}"}
  - id: go
    action: call
    with: {flow: other, inputs: {x: data.name}}
  - id: own
    action: score
    with: {level: low, save: {name: result.outcome}}
  - id: keep
    action: set
    with: {data: {size: "3"}, contact: {city: "'x'"}}
  - id: sorry
    action: send
    with: {text: Sorry}
"""
OTHER = "chatloom: flow/v1\nid: other\nsteps:\n  - {id: end, action: stop, with: {result: lost}}\n"
SCORE = CustomAction(
    "score", {"type": "object", "properties": {"level": {"enum": ["low", "high"]}}}, ("good", "bad")
)
WORLD = World(
    teams=frozenset(("sales", "support")),
    secrets=frozenset(("crm_token",)),
    events={"paid": {"type": "object", "properties": {"amount": {"type": "number"}}}},
    actions=(SCORE,),
)


def offered(old: str, new: str, path: str = "flows/main.yaml", world: World | None = WORLD) -> Completion:
    files = {"bot.yaml": BOT, "flows/main.yaml": MAIN, "flows/other.yaml": OTHER}
    assert files[path].count(old) == 1, f"{old!r} stands {files[path].count(old)} times"
    text = files[path].replace(old, new)
    before, _, after = text.partition("|")
    files[path] = before + after
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return complete(bot.load(files), path, line, column, world)


CASES: list[tuple[str, str, str, list[str]]] = [
    # the document's own keys and values
    ("defaults: {failed: sorry}", "de|", "de", ["defaults"]), ("    timeout: 1h", "    ti|", "ti", ["timeout"]),
    ("    timeout: 1h", "    |", "", ["id", "action", "with", "then", "next", "timeout", "note", "disabled"]),
    ("  - id: big\n    action: branch", "  - id: big\n    action: b|", "b", ["branch"]), ("action: score", "action: sc|", "sc", ["score"]),
    ("    next: sorry", "    next: s|", "s", ["sorry", "stop"]), ("{a: sorry,", "{a: p|,", "p", ["pick"]), ("defaults: {failed: sorry}", "defaults: {failed: so|}", "so", ["sorry"]),
    ("{a: sorry, other: pick}", "{|}", "", ["a", "b", "other", "undelivered", "timeout"]), ("defaults: {failed: sorry}", "defaults: {t|}", "t", ["timeout"]),
    ("with: {flow: other, inputs: {x: data.name}}", "with: {flow: other, inputs: {x: data.name}}\n    then: {l|}", "l", ["lost"]),
    # an action's parameters
    ("      frame: shop", "      t|", "t", ["text", "tries"]), ("      as: auto", "      as: b|", "b", ["buttons"]), ("frame: shop", "frame: |", "", ["shop"]),
    ("{team: sales,", "{team: s|,", "s", ["sales", "support"]), ("{flow: other,", "{flow: |,", "", ["main", "other"]), ("{fields: [name, size],", "{fields: [name, s|],", "s", ["size"]),
    ("save: {name: result.json.id}", "save: {n|: result.json.id}", "n", ["name"]), ("contact: {city:", "contact: {c|:", "c", ["city"]), ("{level: low,", "{level: h|,", "h", ["high"]), ("{level: low,", "{l|: low,", "l", ["level"]),
    # expressions
    ("result.json.stock > 3", "result.json.s|", "s", ["stock"]), ("{name: result.json.id}", "{name: result.json.|}", "", ["id", "stock"]), ("{name: result.outcome}", "{name: result.o|}", "o", ["outcome"]),
    ("{{ data.home.street }}", "{{ data.home.| }}", "", ["street"]), ("{{ data.home.street }}", "{{ d| }}", "d", ["data", "date", "datetime", "decimal", "double", "duration"]),
    ("{{ event.amount }}", "{{ event.a| }}", "a", ["amount"]), ("{{ data.home.street }}", "{{ data.name.tit| }}", "tit", ["titleCase"]), ("{{ data.home.street }}", "{{ data.home.street.trim().up| }}", "up", ["upperAscii", "upper"]),
    ("{{ date(now) }}", "{{ now.getH| }}", "getH", ["getHours"]), ("{{ data.home.street }}", "{{ data.?home.?s| }}", "s", ["street"]), ("{{ date(now) }}", "{{ message.parts.m| }}", "m", ["map"]),
    ("{{ date(now) }}", "{{ data.size.x| }}", "x", []), ("{{ date(now) }}", "{{ nobody.x| }}", "x", []), ("{{ date(now) }}", "{{ texts.| }}", "", ["hours"]), ('secret("crm")', 'secret("crm|', "crm", ["crm_token"]),
    ("x.example/{{ data.name }}", "x.example/{{ data.n| }}", "n", ["name"]), ("{x: data.name}", "{x: data.n|}", "n", ["name"]), ("Hi {{ data.home.street }}", "Hi| {{ data.home.street }}", "Hi", []),
    ('{name: "{{ data.name }}"}', '{name: "{{ data.na|"}', "na", ["name"]), ('large: "result.json.stock > 3"', 'large: "contact.v|"', "v", ["vip"]),
    # triggers, data, hints
    ("  - event: {name: paid}", "  - event: {name: p|}", "p", ["paid"]), ("  - event: {name: paid}", "  - e|: {name: paid}", "e", ["event"]), ("{words: [hi], when:", "{words: [hi], w|:", "w", ["words", "when"]), ('when: message.kind == "text"', "when: message.em|", "em", ["emoji"]),
    ("size: {type: integer}", "size: {type: n|}", "n", ["number"]), ("size: {type: integer}", "size: {min|}", "min", ["minLength", "minimum", "minItems"]), ("format: email", "format: e|", "e", ["email"]), ("required: [name]", "required: [s|]", "s", ["size"]),
    ("{ui:help: Yours}", "{ui:he|: Yours}", "ui:he", ["ui:help"]), ("    name: {ui:help: Yours}", "    si|: {ui:help: Yours}", "si", ["size"]), ('[name, "*"]', '[n|, "*"]', "n", ["name"]),
    ("size: {type: integer}", "si|: {type: integer}", "si", []), ("size: {type: integer}", "size: {type: integer, title: T|}", "T", []), ("{ui:help: Yours}", "{ui:help: Y|}", "Y", []),
    ("action: score\n    with: {level: low,", "action: nothing\n    with: {l|: low,", "", []), ("      frame: shop", "      nothing: {x|: 1}", "x", []), ("chatloom: flow/v1", "chatloom: f|", "f", ["flow/v1"]), ("action: score", "action: nothing\n    then: {g|}", "g", []), ("    with: {level: low, save: {name: result.outcome}}", "    with: {level: low}\n    then: {g|}", "g", ["good"]),
]  # fmt: skip
IN_BOT: list[tuple[str, str, str, list[str]]] = [
    ("flows: [main, other]", "flows: [m|, other]", "m", ["main"]), ("fallback: other", "fallback: |", "", ["main", "other"]), ("fallback: other", "on_|", "on_", ["on_expire", "on_publish"]),
    ("{{ contact.city }}", "{{ contact.ci| }}", "ci", ["city"]), ("fallback: other", "admit: {when: contact.v|, else: other}", "v", ["vip"]), ("header: Shop", "header: Shop, f|", "f", ["footer"]), ("9–18 {{", "9–18| {{", "", []),
]  # fmt: skip
BROKEN: list[tuple[str, str, list[str]]] = [  # the rest of the file is not valid either
    ("    with: {text: Sorry}", "    with: {txt: Sorry, text: '{{ data.s| }}'}", ["size"]),
    ("    with: {text: Sorry}", "    with: {text: Sorry}\n  - id: x\n    action: webhook\n    with: {save: {n|}}", ["name"]),
    ("    with: {text: Sorry}", "    with: {text: Sorry}\n  - id: x\n    action: webhook\n    with: {}\n    then: {f|}", ["failed"]),
    ("    with: {text: Sorry}", "    with: {text: Sorry}\n  - id: x\n    action: call\n    with: {flow: other}\n    then: {l|}\n  - id: y", ["lost"]),
    ("    with: {text: Sorry}", "    with: {text: 'Sorry {{ data.si|", ["size"]), ("    with: {text: Sorry}", '    with: {text: "Sorry {{ data.si|', ["size"]), ("    with: {text: Sorry}", "    with: {text: Sorry, fr|", ["frame"]),
    ("- id: ask", "- id: [\n  - id: a|", []),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "part", "labels"), CASES)
def test_offers_in_a_flow(old: str, new: str, part: str, labels: list[str]) -> None:
    found = offered(old, new)
    assert (found.part, [one.label for one in found.items]) == (part, labels)


@pytest.mark.parametrize(("old", "new", "part", "labels"), IN_BOT)
def test_offers_in_bot_yaml(old: str, new: str, part: str, labels: list[str]) -> None:
    found = offered(old, new, "bot.yaml")
    assert (found.part, [one.label for one in found.items]) == (part, labels)


@pytest.mark.parametrize(("old", "new", "labels"), BROKEN)
def test_offers_in_a_file_that_is_half_written(old: str, new: str, labels: list[str]) -> None:
    assert [one.label for one in offered(old, new).items] == labels


def test_an_item_says_what_it_is() -> None:
    by = {one.label: one for one in offered("{{ date(now) }}", "{{ data.| }}").items}
    assert {name: (one.kind, one.detail) for name, one in by.items()} == {"name": ("field", "string"), "size": ("field", "integer"), "home": ("field", "object")}  # fmt: skip
    (money,) = offered("{{ date(now) }}", "{{ mone| }}").items
    assert (money.detail, money.insert) == ("money(double, string)", "money(")
    (text,) = offered("      frame: shop", "      tex|").items
    assert (text.kind, text.detail, text.insert) == ("key", "needed", "text: ")


def test_outside_of_a_file_there_is_nothing() -> None:
    files: dict[str, Any] = {"bot.yaml": BOT, "tests/a.yaml": "test: x\ntalk: []\n"}
    folder = bot.load(files)
    for path, line in (("bot.yaml", 99), ("none.yaml", 0), ("tests/a.yaml", 1)):
        assert complete(folder, path, line, 1) == Completion()
    broken = bot.load({"flows/main.yaml": MAIN})
    line = MAIN[: MAIN.index("{{ data.home")].count("\n") + 1
    column = MAIN.splitlines()[line - 1].index("home")
    assert "size" in [one.label for one in complete(broken, "flows/main.yaml", line, column + 1).items]


def test_a_bot_of_500_steps_is_completed_quickly() -> None:
    files = large_bot()
    text = files["flows/flow_3.yaml"]
    line = text.count("\n", 0, text.index("data.size >")) + 1
    column = text.splitlines()[line - 1].index("data.size") + 7
    complete(bot.load(files), "flows/flow_3.yaml", line, column)
    took: list[float] = []
    for edit in range(3):
        files["flows/flow_3.yaml"] = f"{text}# {edit}\n"
        took.append(seconds(lambda: complete(bot.load(files), "flows/flow_3.yaml", line, column)))
    assert min(took) < 0.1  # 0.05 on an idle machine
