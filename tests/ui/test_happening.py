"""What the simulator cannot do itself is chosen by who tries the bot: media, events, people, answers of calls, a message that is lost."""

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Enter
from tests.ui.drafts import BOT, FLOW, fresh, hold
from tests.ui.site import Site

PAID = """chatloom: flow/v1
id: hello
title: Paid
triggers:
  - message: {words: [hi]}
steps:
  - {id: photo, action: wait, with: {message: true, for: 1h}}
  - {id: sent, action: send, with: {text: {en: "You sent {{ message.kind }}", it: "È {{ message.kind }}"}}}
  - {id: pay, action: wait, with: {event: payment.done, for: 2h}, then: {elapsed: stop}}
  - {id: team, action: handoff, with: {team: sales}, then: {timeout: stop}, timeout: 2d}
  - {id: call, action: webhook, with: {url: "https://crm.example/x"}, then: {failed: sorry}}
  - {id: sorry, action: send, with: {text: {en: No answer came, it: Nessuna risposta}}, then: {undelivered: lost}}
  - {id: rest, action: wait, with: {for: 1h}, next: stop}
  - {id: lost, action: send, with: {text: {en: It was lost, it: Si è perso}}}
"""


@pytest.mark.drill
def test_what_cannot_be_simulated_is_chosen(site: Site, enter: Enter) -> None:
    name = fresh("paid")
    with site.api() as api:
        hold(api, name, {"bot.yaml": BOT.format(name=name), FLOW: PAID})
    page = enter("viewer", at=f"/bots/{name}?pane=simulator")
    talk = page.get_by_role("log")
    here = page.get_by_label("Try it")

    def happens(what: str) -> None:
        page.get_by_role("button", name="What else happens").click()
        page.get_by_role("menuitem", name=what).click()

    page.get_by_label("Write a message").fill("hi")
    page.get_by_label("Write a message").press("Enter")
    expect(here.get_by_role("button", name="hello.photo")).to_be_visible()
    happens("A photo")
    expect(talk.get_by_text("You sent image")).to_be_visible()
    expect(talk.get_by_text("A photo")).to_be_visible()
    happens("An event is posted")
    asked = page.get_by_role("dialog", name="An event is posted")
    expect(asked.get_by_label("Event")).to_have_value("payment.done")
    asked.get_by_role("button", name="Post").click()
    expect(here.get_by_text("With people sales")).to_be_visible()
    here.get_by_role("button", name="Give back to the bot").click()
    talk.get_by_role("button", name="No answer").click()
    expect(talk.get_by_text("No answer came")).to_be_visible()
    happens("The last message is not delivered")
    expect(talk.get_by_text("It was lost")).to_be_visible()
