"""A flow mended by its list of problems, one made by touch, and all of it in Italian from sign-in to a conversation."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import Contexts, Enter
from tests.ui.contact import Served
from tests.ui.drafts import FLOW, HELLO, draft, fresh, holds, kept
from tests.ui.italian import english
from tests.ui.site import Site, width
from tests.ui.step import text


@pytest.mark.drill
def test_three_errors_are_mended_by_following_the_problems(site: Site, enter: Enter) -> None:
    seeded = (
        HELLO.replace("coffee: coffee", "coffee: cofee")
        .replace("Tea, coming up.", "Tea, {{ contact.nam }}.")
        .replace("next: stop", "next: stopp", 1)
    )
    name = draft(site, seeded)
    page = enter("editor", at=f"/bots/{name}")
    problems = page.get_by_role("region", name="Problems")
    form = page.get_by_role("tabpanel", name="Step")
    publish = page.get_by_role("button", name="Publish", exact=True)
    errors = problems.get_by_role("button", name=re.compile("^Error:"))
    expect(errors).to_have_count(3)
    publish.click()
    dialog = page.get_by_role("dialog", name="Publish the draft")
    expect(dialog.get_by_text("have to be mended first")).to_be_visible()
    page.keyboard.press("Escape")

    errors.filter(has_text="cofee").click()
    expect(form.get_by_label("Name", exact=True)).to_have_value("ask")
    coffee = form.get_by_label("coffee", exact=True)
    expect(coffee).to_have_accessible_description(re.compile("no step 'cofee'.*did you mean 'coffee'", re.I))
    coffee.select_option("coffee")
    expect(errors).to_have_count(2)
    errors.filter(has_text="nam").click()
    expect(form.get_by_label("Name", exact=True)).to_have_value("tea")
    expect(form.get_by_text("nothing is called 'nam'").or_(form.get_by_text("'nam'")).first).to_be_visible()
    text(form).fill("Tea, coming up.")
    expect(errors).to_have_count(1)
    errors.filter(has_text="stopp").click()
    form.get_by_label("else", exact=True).select_option("stop")
    expect(page.get_by_text("No problems")).to_be_visible()
    holds(site, name, "next: stop\n")
    assert kept(site, name)[FLOW].replace('"', "") == HELLO.replace('"', "")


@pytest.mark.drill
def test_a_step_is_added_by_touch_on_a_phone(site: Site, enter: Enter, contexts: Contexts) -> None:
    phone = contexts(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}", profile=phone)
    outline = page.get_by_role("list", name="Flow hello")
    expect(outline.get_by_role("listitem")).to_have_count(4)
    expect(page.get_by_role("application")).to_have_count(0)  # the canvas is for those with room
    outline.get_by_role("button", name=re.compile("^tea")).tap()
    page.get_by_role("button", name="Add a step").tap()
    page.get_by_role("option", name="Send").first.tap()
    expect(outline.get_by_role("listitem")).to_have_count(5)
    form = page.get_by_role("tabpanel", name="Step")
    expect(form.get_by_label("Name", exact=True)).to_have_value("send")
    expect(form.get_by_label("Name", exact=True)).to_be_in_viewport()
    text(form).fill("Enjoy it.")
    page.get_by_role("button", name="Back to the flow").tap()
    expect(outline.get_by_role("button").first).to_be_in_viewport()
    outline.get_by_role("button", name="Remove nudge").tap()
    expect(outline.get_by_role("listitem")).to_have_count(4)
    expect(outline).to_be_in_viewport()
    page.get_by_role("button", name="Undo", exact=True).tap()
    expect(outline.get_by_role("listitem")).to_have_count(5)
    outline.get_by_role("button", name=re.compile("^tea")).tap()
    expect(form.get_by_label("Name", exact=True)).to_be_in_viewport()
    page.get_by_role("button", name="Back to the flow").tap()
    expect(outline.get_by_role("button").first).to_be_in_viewport()
    outline.get_by_role("button", name=re.compile("^tea")).tap()  # the same once more
    expect(form.get_by_label("Name", exact=True)).to_be_in_viewport()
    form.get_by_label("else", exact=True).select_option("send")
    holds(site, name, "next: send")
    holds(site, name, "Enjoy it.")
    expect(page.get_by_text("No problems")).to_be_visible()
    page.get_by_role("tab", name="Simulator").tap()
    box = page.get_by_label("Write a message")
    expect(box).to_be_in_viewport(ratio=1)
    box.fill("hi")
    page.get_by_role("button", name="Send", exact=True).tap()
    page.get_by_role("log").get_by_role("button", name="Tea").tap()
    expect(page.get_by_role("log").get_by_text("Enjoy it.")).to_be_visible()
    files = page.get_by_role("complementary", name="Files of the bot")
    expect(files.get_by_role("button", name="Data")).to_be_hidden()
    files.get_by_role("button", name="hello", exact=False).first.tap()
    files.get_by_role("button", name="Data").tap()
    expect(page.get_by_role("region", name="Data")).to_be_in_viewport()
    expect(files.get_by_role("button", name="Texts")).to_be_hidden()
    assert width(page) <= 390
    assert page.evaluate("document.documentElement.scrollHeight") <= 844  # panes scroll, the page does not


@pytest.mark.drill
def test_in_italian_from_sign_in_to_a_conversation(site: Site, page: Page) -> None:
    left: dict[str, list[str]] = {}

    def read(where: str) -> None:
        if found := english(page):
            left[where] = found

    email = site.person("admin", "Ida Neri")
    bot = fresh("saluti")
    page.goto(f"{site.url}/bots")
    page.get_by_role("button", name="Language").click()
    page.get_by_role("menuitemradio", name="Italiano").click()
    expect(page.get_by_role("heading", name="Accedi")).to_be_visible()
    read("sign-in")
    site.fill_in(page, email)
    expect(page.get_by_role("heading", level=1, name="Bot")).to_be_visible()
    page.get_by_role("button", name="Nuovo bot").first.click()
    made = page.get_by_role("dialog", name="Nuovo bot")
    made.get_by_label("Nome").fill(bot)
    expect(made.get_by_label("Inizia con")).to_have_value("")  # the greeting
    read("new bot")
    made.get_by_role("button", name="Crea bot").click()

    saved = page.get_by_role("status").get_by_text("Salvato", exact=True)
    expect(saved).to_be_visible()
    page.get_by_role("application").get_by_text("Ciao! Che cosa posso fare per te?").click()
    page.get_by_role("tabpanel", name="Passo").get_by_label("Domanda (it)").fill("Ciao! Serve un tavolo?")
    holds(site, bot, "Ciao! Serve un tavolo?")
    expect(saved).to_be_visible()
    expect(page.get_by_text("Nessun problema")).to_be_visible()
    read("studio")

    page.get_by_role("tab", name="Simulatore").click()
    talk = page.get_by_role("log")
    box = page.get_by_label("Scrivi un messaggio")
    box.fill("ciao")
    box.press("Enter")
    expect(talk.get_by_text("Ciao! Serve un tavolo?")).to_be_visible()
    talk.get_by_role("button", name="Orari").click()
    expect(talk.get_by_text("Siamo qui dalle 9:00 alle 18:00.")).to_be_visible()
    read("simulator")
    page.get_by_role("button", name="Salva questa conversazione come prova").click()
    holds(site, bot, "talk:")
    page.get_by_role("tab", name="Prove").click()
    page.get_by_role("button", name="Esegui 2 prove").click()
    expect(page.get_by_text("qualcuno chiede gli orari")).to_be_visible()
    expect(page.get_by_text("Tutte le 2 prove superate")).to_be_visible()
    read("tests")

    page.get_by_role("button", name="Pubblica", exact=True).click()
    publish = page.get_by_role("dialog", name="Pubblica la bozza")
    publish.get_by_label("Che cosa è cambiato").fill("Chiede del tavolo")
    read("publish")
    publish.get_by_role("button", name="Pubblica", exact=True).click()
    expect(page.get_by_text("La versione 1 è pubblicata").first).to_be_visible()
    page.get_by_role("button", name="Versioni").click()
    expect(page.get_by_role("dialog", name="Versioni").get_by_text("Chiede del tavolo")).to_be_visible()
    read("versions")
    page.keyboard.press("Escape")

    places = page.get_by_role("navigation", name="Sezioni")
    places.get_by_role("link", name="Numeri").click()
    page.get_by_role("link", name="Aggiungi un numero").first.click()
    page.get_by_role("main").get_by_role("link", name="Simulatore").click()
    page.get_by_label("Nome").fill("Sala da pranzo")
    page.get_by_label("Bot").select_option(bot)
    read("new number")
    page.get_by_role("button", name="Aggiungi un numero").click()
    expect(page.get_by_role("heading", level=1, name="Sala da pranzo")).to_be_visible()
    read("number")
    contact = Served.run(site, "Sala da pranzo").contact()
    places.get_by_role("link", name="Conversazioni").click()
    page.get_by_role("main").get_by_role("link").filter(has_text="tavolo").first.click()
    log = page.get_by_role("log")
    expect(log.get_by_text("Ciao! Serve un tavolo?")).to_be_visible()
    contact.say("Orari")
    expect(log.get_by_text("Siamo qui dalle 9:00 alle 18:00.")).to_be_visible()
    read("conversation")
    places.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
    read("home")
    assert left == {}
