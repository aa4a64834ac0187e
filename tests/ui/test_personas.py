"""Who writes to the bot in the simulator: ready personas and own ones, whom it greets by name, language and fields."""

from playwright.sync_api import expect

from tests.ui.conftest import Enter
from tests.ui.drafts import BOT, FLOW, fresh, hold
from tests.ui.site import Site, width

FIELDS = "contact:\n  fields:\n    card: {type: string, title: Card}\n    visits: {type: integer}\n"
GREETING = """chatloom: flow/v1
id: hello
title: Greeting
triggers:
  - message: {words: [hi]}
steps:
  - id: greet
    action: send
    with:
      text:
        en: "Hello {{ contact.name }}! Your card: {{ contact.card }}"
        it: "Ciao {{ contact.name }}! La tua tessera: {{ contact.card }}"
"""


def test_the_bot_greets_who_writes(site: Site, enter: Enter) -> None:
    name = fresh("greeter")
    with site.api() as api:
        hold(api, name, {"bot.yaml": BOT.format(name=name) + FIELDS, FLOW: GREETING})
    page = enter("viewer", at=f"/bots/{name}?pane=simulator")
    talk = page.get_by_role("log")
    box = page.get_by_label("Write a message")
    who = page.get_by_label("Who writes")
    chosen = who.locator("option:checked")

    def greets(words: str) -> None:
        box.fill("hi")
        box.press("Enter")
        expect(talk.get_by_text(words)).to_be_visible()

    greets("Hello Emily Carter!")
    who.select_option("Giulia, in Italian")
    expect(talk.get_by_text("Emily")).to_have_count(0)
    greets("Ciao Giulia Rossi!")

    page.get_by_role("button", name="New persona").click()
    made = page.get_by_role("dialog", name="New persona")
    made.get_by_label("Contact’s name").fill("Marco")
    made.get_by_label("Language").select_option("it")
    made.get_by_label("Card").fill("G-7")
    made.get_by_label("visits").fill("many")
    made.get_by_role("button", name="Save").click()
    expect(made.get_by_text("Give it a name for the list.")).to_be_visible()
    expect(made.get_by_text("Type of the field: integer.")).to_be_visible()
    made.get_by_label("visits").fill("3")
    made.get_by_label("Time zone").fill("Europe/Rome")
    made.get_by_label("The talk begins").fill("2026-12-24T20:00")
    made.get_by_label("Persona", exact=True).fill("Regular")
    made.get_by_label("Persona", exact=True).press("Enter")
    expect(made).to_have_count(0)
    expect(chosen).to_have_text("Regular")
    expect(talk.get_by_text("Giulia")).to_have_count(0)
    with page.expect_response("**/draft/simulate") as answer:
        greets("Ciao Marco! La tua tessera: G-7")
    assert answer.value.json()["now"].startswith("2026-12-24T19:00:00")

    page.reload()  # kept in the browser
    expect(chosen).to_have_text("Regular")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Change persona").click()
    changed = page.get_by_role("dialog", name="Change persona")
    expect(changed.get_by_label("visits")).to_have_value("3")
    assert width(page) == 390
    changed.get_by_role("button", name="Delete persona").click()
    expect(chosen).to_have_text("Emily, in English")
    page.get_by_role("button", name="Undo").last.click()
    expect(chosen).to_have_text("Regular")
