"""What can be written where the cursor stands: in the text, and in the form's expressions and texts."""

import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Enter
from tests.ui.drafts import FLOW, HELLO, draft, holds, kept
from tests.ui.site import Site
from tests.ui.step import text

KEPT = """
  - id: keep
    action: set
    with: {data: {drink: "'tea'"}}
    next: stop
"""
DATA = "data: {schema: {type: object, properties: {drink: {type: string, title: Drink}}}}\nsteps:"


def test_the_text_offers_what_can_stand_there_and_says_what_stands_there(site: Site, enter: Enter) -> None:
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}?file=flows%2Fhello.yaml&view=yaml")
    yaml = page.get_by_role("textbox", name="flows/hello.yaml")
    yaml.press("Control+End")
    page.keyboard.type("    next: co")
    offers = page.get_by_role("listbox")
    expect(offers.get_by_role("option")).to_have_text(["coffee"])
    page.keyboard.press("Enter")
    expect(offers).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.type("then: {timeout: ")
    page.keyboard.press("Control+Space")
    expect(offers.get_by_role("option", name="nudge")).to_be_visible()
    page.keyboard.press("Escape")
    expect(offers).to_have_count(0)
    page.keyboard.type("ask}")
    holds(site, name, "    next: coffee\n    then: {timeout: ask}")
    yaml.get_by_text("choices", exact=True).hover()
    expect(page.locator(".cm-tooltip-hover")).to_contain_text("choices: needed")


@pytest.mark.drill
def test_the_form_offers_fields_in_expressions_and_in_texts(site: Site, enter: Enter) -> None:
    name = draft(site, HELLO.replace("steps:", DATA) + KEPT)
    page = enter("editor", at=f"/bots/{name}?step=keep&pane=step")
    form = page.get_by_role("tabpanel", name="Step")
    field = form.get_by_label("Data: drink")
    field.fill("")
    field.press_sequentially("dat")
    offers = form.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(offers.filter(has_text="data").first).to_be_visible()
    field.press("Enter")
    field.press_sequentially(".d")
    expect(offers).to_have_text([re.compile("^drink")])
    field.press("Tab")
    expect(field).to_have_value("data.drink")
    expect(field).to_be_focused()
    holds(site, name, "drink: data.drink")

    page.goto(f"{site.url}/bots/{name}?step=tea&pane=step")
    said = text(form, "it")
    said.press("End")
    said.press_sequentially(" {{ contact.na")
    offers.filter(has_text="name").first.click()
    said.press_sequentially(" }}")
    expect(said).to_have_value("Arriva il tè. {{ contact.name }}")
    holds(site, name, "Arriva il tè. {{ contact.name }}")
    assert "Tea, coming up." in kept(site, name)[FLOW]
    expect(page.get_by_text("No problems")).to_be_visible()
