"""A talk that begins at a chosen step with data: from the outline, the canvas and the simulator; kept, and saved as a test."""

import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Contexts, Enter
from tests.ui.drafts import BOT, FLOW, fresh, hold
from tests.ui.site import Site, width

ORDER = """chatloom: flow/v1
id: hello
title: Order
triggers:
  - message: {words: [order]}
data:
  schema:
    type: object
    required: [item, count]
    properties:
      item: {type: string, enum: [pen, book], title: {en: What, it: Cosa}}
      count: {type: integer, minimum: 1, title: {en: How many, it: Quanti}}
      where: {type: object, title: {en: Where, it: Dove}, properties: {street: {type: string, title: {en: Street, it: Via}}}}
  ui_schema:
    item: {ui:enumNames: [{en: A pen, it: Una penna}, {en: A book, it: Un libro}]}
steps:
  - id: form
    action: collect
    with: {fields: [item, count]}
    then: {failed: stop, cancelled: stop, timeout: stop}
  - id: thanks
    action: send
    with: {text: {en: "{{ data.count }} x {{ data.item }}, {{ contact.name }}!", it: "{{ data.count }} x {{ data.item }}, grazie!"}}
"""


@pytest.mark.drill
def test_a_talk_begins_at_a_step(site: Site, enter: Enter) -> None:
    name = fresh("begun")
    with site.api() as api:
        hold(api, name, {"bot.yaml": BOT.format(name=name), FLOW: ORDER})
    page = enter("editor", at=f"/bots/{name}?file={FLOW}&step=thanks&pane=step")
    page.get_by_role("application", name="Flow hello").focus()
    page.keyboard.press("s")
    asks = page.get_by_role("dialog", name="Begin at a step")
    expect(asks.get_by_text("hello.thanks")).to_be_visible()
    asks.get_by_label("What").select_option("A pen")
    asks.get_by_label("How many").fill("0")
    asks.get_by_role("button", name="Begin", exact=True).click()
    expect(asks.get_by_role("alert")).to_be_visible()
    asks.get_by_label("How many").fill("2")
    asks.get_by_label("How many").press("Enter")
    talk = page.get_by_role("log")
    expect(talk.get_by_text("2 x pen, Emily Carter!")).to_be_visible()
    page.get_by_role("button", name="Save this talk as a test").click()
    expect(page.get_by_text("Saved as tests/talk-1.yaml", exact=True)).to_be_visible()
    page.get_by_role("tab", name="Tests").click()
    page.get_by_role("button", name="Run 1 test").click()
    expect(page.get_by_text("1 test passed")).to_be_visible()

    page.get_by_role("tab", name="Simulator").click()
    expect(talk.get_by_text("2 x pen, Emily Carter!")).to_be_visible()  # it stayed
    page.reload()
    page.get_by_role("button", name="Begin at hello.thanks").click()  # it is kept, with its data
    expect(talk.get_by_text("2 x pen, Emily Carter!")).to_be_visible()
    page.get_by_role("button", name="Begin at a step…").click()
    asks.get_by_role("button", name="Another step").click()
    page.keyboard.type("form")
    page.keyboard.press("Enter")
    expect(asks.get_by_label("How many")).to_have_value("2")
    asks.get_by_label("How many").fill("")
    asks.get_by_role("button", name="Begin", exact=True).click()
    expect(talk.get_by_text("How many")).to_be_visible()  # it asks for what is missing
    page.get_by_role("button", name="Begin as usual, by what is said").click()
    page.get_by_label("Write a message").fill("order")
    page.get_by_label("Write a message").press("Enter")
    expect(talk.get_by_text("What")).to_be_visible()


def test_on_a_phone_in_italian_a_step_is_simulated_from_the_outline(
    site: Site, enter: Enter, contexts: Contexts
) -> None:
    name = fresh("begun")
    with site.api() as api:
        hold(api, name, {"bot.yaml": BOT.format(name=name), FLOW: ORDER})
    phone = contexts(viewport={"width": 390, "height": 844})
    page = enter("viewer", at=f"/bots/{name}?file={FLOW}", language="it", profile=phone)
    page.get_by_role("button", name="Simula da thanks").click()
    asks = page.get_by_role("dialog", name="Comincia da un passo")
    asks.get_by_label("Cosa").select_option("Un libro")
    asks.get_by_label("Quanti").fill("3")
    asks.get_by_role("group", name="Dove").get_by_label("Via").fill(
        "Corso Vittorio Emanuele II 129, scala B, interno 14"
    )
    assert width(page) == 390
    asks.get_by_role("button", name="Comincia", exact=True).click()
    expect(page.get_by_role("log").get_by_text(re.compile("3 x book"))).to_be_visible()
    expect(page.get_by_role("button", name="Comincia come sempre")).to_be_in_viewport(ratio=1)
    assert width(page) == 390
