"""A bot of five hundred steps is checked while its author types: figures with room for a busy machine."""

import time
from collections.abc import Callable

from flows import bot, checking
from flows.world import World
from sessions.whatsapp import BUSINESS

COLD_S = 1.5  # 0.5 on an idle machine
WARM_S = 0.1


def large_bot(flows: int = 20, blocks: int = 5) -> dict[str, str]:
    out: dict[str, str] = {}
    names = [f"flow_{i}" for i in range(flows)]
    out["bot.yaml"] = (
        "chatloom: bot/v1\nid: big\nlanguages: [en, it]\nflows: ["
        + ", ".join(names)
        + "]\nfallback: flow_0\nteam: sales\ncontact: {fields: {vip: {type: boolean}, last: {type: string}}}\n"
    )
    for i, n in enumerate(names):
        t = f"""chatloom: flow/v1
id: {n}
title: {{en: Flow {i}, it: Flusso {i}}}
triggers:
  - message: {{words: [word{i}, parola{i}]}}
data:
  schema:
    type: object
    required: [name_{i}, size]
    properties:
      name_{i}: {{type: string, minLength: 2, maxLength: 40, title: {{en: Your name, it: Il tuo nome}}}}
      size: {{type: integer, minimum: 1, maximum: 20, title: {{en: Size, it: Dimensione}}}}
      lead_id: {{type: string, readOnly: true}}
defaults: {{failed: sorry, undelivered: stop, timeout: sorry, cancelled: sorry}}
steps:
"""
        for b in range(blocks):
            t += f"""  - id: form_{b}
    action: collect
    with: {{fields: [name_{i}, size], tries: 3}}
    timeout: 30m
  - id: menu_{b}
    action: menu
    with:
      text: {{en: "Hi {{{{ data.name_{i} }}}}, number {b}?", it: "Ciao {{{{ data.name_{i} }}}}, numero {b}?"}}
      choices: {{a: {{en: First, it: Primo}}, b: {{en: Second, it: Secondo}}, c: {{en: Third, it: Terzo}}}}
    timeout: 10m
    then: {{other: menu_{b}, c: hook_{b}}}
  - id: size_{b}
    action: branch
    with: {{cases: {{large: data.size > {b + 3}, vip: contact.vip == true}}}}
    then: {{large: hook_{b}}}
  - id: hook_{b}
    action: webhook
    with:
      url: https://crm.example.com/leads
      headers: {{Authorization: 'Bearer {{{{ secret("crm") }}}}'}}
      json: {{name: "{{{{ data.name_{i} }}}}", size: "{{{{ data.size }}}}"}}
      returns: {{type: object, properties: {{id: {{type: string}}}}}}
      save: {{lead_id: result.json.id}}
    timeout: 1h
  - id: say_{b}
    action: send
    with: {{text: {{en: "Thanks {{{{ data.name_{i} }}}}, {b}", it: "Grazie {{{{ data.name_{i} }}}}, {b}"}}}}
"""
        t = (
            t.rsplit("  - id: say_", 1)[0]
            + """  - id: bye
    action: send
    with: {text: {en: Bye, it: Ciao}}
    next: stop
  - id: sorry
    action: send
    with: {text: {en: Sorry, it: Scusa}}
"""
        )
        out[f"flows/{n}.yaml"] = t
    return out


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def test_a_bot_of_500_steps_is_checked_quickly() -> None:
    files, world = large_bot(), World(channels=(BUSINESS,))
    assert seconds(lambda: checking.check(bot.load(files), world)) < COLD_S
    assert min(seconds(lambda: checking.check(bot.load(files), world)) for _ in range(3)) < WARM_S
    assert checking.check(bot.load(files), world) == []


def test_an_edit_of_one_flow_costs_that_flow() -> None:
    files, world = large_bot(), World(channels=(BUSINESS,))
    checking.check(bot.load(files), world)
    took: list[float] = []
    for edit in range(3):
        files["flows/flow_3.yaml"] += f"# edit {edit}\n"
        took.append(seconds(lambda: checking.check(bot.load(files), world)))
    assert min(took) < WARM_S
