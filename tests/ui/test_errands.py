"""A flow mended by its list of problems, and one made by touch."""

import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Contexts, Enter
from tests.ui.drafts import FLOW, HELLO, draft, holds, kept
from tests.ui.site import Site, width


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
    form.get_by_label("Text (en)").fill("Tea, coming up.")
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
    form.get_by_label("Text").first.fill("Enjoy it.")
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
