"""Conversations: an agent takes over, answers, attaches and gives back; two agents do not answer at once."""

import asyncio
import re
import threading
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api.test_desk import PICTURE
from tests.graph import Graph, inbound_text, signed
from tests.installation import ROOT, SECRET
from tests.ui.conftest import Contexts, Enter
from tests.ui.contact import Served
from tests.ui.site import Faults, Site, lose_answer

BODY = {
    "type": "BODY",
    "text": "Dear {{1}}, we expect you at {{2}}.",
    "example": {"body_text": [["Ana", "9"]]},
}
BUTTONS = {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "I come"}]}
VISIT = {
    "id": "1",
    "name": "visit",
    "language": "en",
    "status": "APPROVED",
    "category": "UTILITY",
    "components": [BODY, BUTTONS],
}


@pytest.fixture(scope="module")
def served(site: Site) -> Served:
    return Served.start(site, "Talks")


@pytest.fixture(scope="module")
def bot(site: Site) -> str:
    return site.installed.add_bot(ROOT / "bots" / "table-booking")


def said(page: Page, text: str) -> Locator:
    return page.get_by_role("log").get_by_role("listitem").filter(has_text=text).last


def test_an_agent_takes_over_answers_attaches_and_gives_back(enter: Enter, served: Served) -> None:
    contact = served.contact()
    page = enter("agent", at="/conversations")
    page.get_by_label("List of conversations").get_by_role("link", name=re.compile("Bot: ")).first.click()
    expect(page).to_have_url(re.compile(f"open={contact.conversation}"))
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("button", name="Give back to the bot")).to_be_visible()

    box = page.get_by_label("Your answer")
    box.fill("I am Nino.")
    box.press("Enter")
    expect(said(page, "I am Nino.").get_by_text("Sent", exact=True)).to_be_attached()
    expect(box).to_have_value("")

    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Attach a file").click()
    chosen.value.set_files({"name": "menu.png", "mimeType": "image/png", "buffer": PICTURE})
    expect(page.get_by_role("button", name="Take menu.png off")).to_be_visible()
    box.fill("Our menu")
    page.get_by_role("button", name="Send", exact=True).click()
    sent = said(page, "Our menu")
    sent.get_by_role("button", name="menu.png").click()
    expect(sent.get_by_role("img", name="Our menu")).to_be_visible()
    expect(page.get_by_role("button", name="Take menu.png off")).to_have_count(0)

    contact.say("Thank you")
    expect(said(page, "Thank you")).to_be_visible()
    page.get_by_role("button", name="Give back to the bot").click()
    expect(page.get_by_role("button", name="Take over")).to_be_visible()


def test_what_is_mine_is_found_and_how_people_handled_it_is_told(
    enter: Enter, site: Site, served: Served
) -> None:
    contact = served.contact()
    page = enter("agent", at=f"/conversations?number={served.id}&open={contact.conversation}")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("button", name="Give back to the bot")).to_be_visible()
    listed = page.get_by_label("List of conversations")
    listed.get_by_role("link", name="Mine").click()
    mine = listed.get_by_role("list").get_by_role("link")
    expect(mine).to_have_count(1)
    expect(mine).to_have_attribute("href", re.compile(contact.conversation))
    told = page.get_by_role("region", name="With people")
    page.get_by_role("button", name="Contact, notes and tasks").click()
    expect(told).to_contain_text("Taken over by Agent Rossi")
    told.get_by_role("button", name="Leave it to others").click()
    expect(told).to_contain_text("Nobody answers yet")
    expect(listed).to_contain_text("Nothing is yours to answer now")
    told.get_by_role("button", name="I answer").click()
    expect(mine).to_have_count(1)
    site.person("agent", "Zoe Marini")
    told.get_by_role("button", name="Give to…").click()
    found = page.get_by_role("dialog", name="Who is to answer")
    expect(found.get_by_role("option").first).to_contain_text("(you)")
    page.keyboard.type("marini")
    expect(found.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(told).to_contain_text("With Zoe Marini")
    expect(listed).to_contain_text("Nothing is yours to answer now")
    told.get_by_role("button", name="I answer").click()
    expect(mine).to_have_count(1)
    page.get_by_role("button", name="Give back to the bot").click()
    expect(told).to_contain_text("Given back to the bot")


def test_each_turn_names_its_step_and_what_is_shown_is_in_the_address(enter: Enter, served: Served) -> None:
    contact = served.contact()
    page = enter("agent", at=f"/conversations?number={served.id}&open={contact.conversation}")
    expect(page.get_by_role("log").get_by_text(re.compile(r"^\w+\.\w+ · v\d+$")).first).to_be_visible()
    page.get_by_role("button", name="Show steps").click()
    page.get_by_role("button", name="Contact, notes and tasks").click()
    expect(page).to_have_url(re.compile("trace=true"))
    expect(page).to_have_url(re.compile("details=true"))
    page.reload()
    expect(page.get_by_role("button", name="Show steps")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("complementary", name="Contact, notes and tasks")).to_be_visible()


def test_what_did_not_arrive_says_why_and_is_sent_again(enter: Enter, site: Site, served: Served) -> None:
    contact = served.contact()
    page = enter("agent", at=f"/conversations?number={served.id}&open={contact.conversation}")
    box = page.get_by_label("Your answer")
    box.fill("Are you there?")
    box.press("Enter")
    expect(said(page, "Are you there?").get_by_text("Sent", exact=True)).to_be_attached()
    site.rows(
        "UPDATE messages SET status = 'failed', error_code = '131026', error = 'Recipient unknown' WHERE conversation_id = %s"
        " AND by <> '' RETURNING 1",
        contact.conversation,
    )
    page.reload()
    listed = page.get_by_label("List of conversations")
    listed.get_by_role("link", name="Not delivered", exact=True).click()
    expect(listed.get_by_role("list").get_by_role("link")).to_have_count(1)
    failed = said(page, "Are you there?")
    expect(failed).to_contain_text("Not delivered: Recipient unknown")
    failed.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("It is in the queue again").first).to_be_visible()
    expect(page.get_by_role("log").get_by_text("Are you there?")).to_have_count(2)
    expect(said(page, "Are you there?").get_by_text("Sent", exact=True)).to_be_attached()


def test_a_reply_whose_answer_is_lost_is_sent_once(enter: Enter, served: Served, faults: Faults) -> None:
    faults.forgive(r"Failed to load resource: net::ERR_")
    contact = served.contact()
    page = enter("agent", at=f"/conversations?number={served.id}&open={contact.conversation}")
    page.route("**/reply", lose_answer, times=1)
    box = page.get_by_label("Your answer")
    box.fill("Only once.")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("try again")
    expect(box).to_have_value("Only once.")
    expect(said(page, "Only once.").get_by_text("Sent", exact=True)).to_be_attached()
    box.press("Enter")
    expect(box).to_have_value("")
    box.fill("And this.")
    box.press("Enter")
    expect(said(page, "And this.").get_by_text("Sent", exact=True)).to_be_attached()
    expect(page.get_by_role("log").get_by_text("Only once.")).to_have_count(1)


@pytest.mark.drill
def test_two_agents_see_each_other_and_no_draft_is_lost(
    enter: Enter, contexts: Contexts, served: Served, faults: Faults
) -> None:
    faults.forgive("ERR_INTERNET_DISCONNECTED")
    contact = served.contact()
    at = f"/conversations?number={served.id}&open={contact.conversation}"
    ada, leo = (enter("agent", at=at, profile=contexts()) for _ in range(2))
    expect(ada.get_by_text(re.compile("Also here: Agent Rossi"))).to_be_visible()
    expect(leo.get_by_text(re.compile("Also here: Agent Rossi"))).to_be_visible()
    ada.get_by_label("Your answer").press_sequentially("Good morning")
    expect(leo.get_by_text(re.compile("Agent Rossi is writing"))).to_be_visible()
    expect(ada.get_by_text("Draft saved")).to_be_visible()
    expect(leo.get_by_label("Your answer")).to_have_value("")

    ada.evaluate(
        "Object.keys(localStorage).filter((k) => k.includes('reply')).forEach((k) => localStorage.removeItem(k))"
    )
    ada.reload()
    expect(ada.get_by_label("Your answer")).to_have_value("Good morning")  # the server had it
    ada.context.set_offline(True)
    ada.get_by_label("Your answer").fill("Good morning to you")
    expect(ada.get_by_text("The draft is kept in this browser only")).to_be_visible()
    ada.context.set_offline(False)
    expect(ada.get_by_text("Draft saved")).to_be_visible()
    ada.get_by_role("link", name="Contacts").click()
    expect(leo.get_by_text(re.compile("Agent Rossi is writing|Also here"))).to_have_count(0)


@pytest.fixture
def graph() -> Iterator[Graph]:
    """Meta's API, in a thread: the browser has this one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    meta = Graph(templates=[VISIT])
    asyncio.run_coroutine_threadsafe(meta.__aenter__(), loop).result()
    yield meta
    asyncio.run_coroutine_threadsafe(meta.__aexit__(None, None, None), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.mark.drill
def test_a_closed_window_takes_a_template(enter: Enter, site: Site, graph: Graph, bot: str) -> None:
    number = site.installed.add_number("7788", graph.base_url, bot, business_account="77")
    site.installed.start_number(number)
    site.run(site.installed.until_online([number]))
    hello = inbound_text("7788", "393331234567", "hello", "wamid.hello")
    httpx.post(site.installed.door, content=hello, headers=signed(hello, SECRET), trust_env=False)
    answered = (
        "SELECT count(*) > 0 FROM messages WHERE number_id = %s AND direction = 'out' AND status <> 'queued'"
    )
    site.until(answered, number)
    ((conversation,),) = site.rows(
        "UPDATE conversations SET last_in_at = now() - interval '25 hours' WHERE number_id = %s RETURNING id",
        number,
    )
    page = enter("editor", at=f"/conversations?number={number}&open={conversation}")
    expect(page.get_by_text("More than 24 hours have passed")).to_be_visible()
    page.get_by_role("button", name="Read them from the channel").click()
    page.get_by_label("Template").select_option("visit · en")
    page.get_by_label("Text: 1").fill("Bea")
    preview = page.get_by_role("region", name="How it will read")
    expect(preview).to_contain_text("Dear Bea, we expect you at {{2}}.")
    page.reload()  # what was filled in is kept
    expect(page.get_by_label("Text: 1")).to_have_value("Bea")
    expect(preview).to_contain_text("Dear Bea, we expect you at {{2}}.")
    page.get_by_role("button", name="Send the template").click()
    expect(page.get_by_label("Text: 2")).to_be_focused()  # which is still to be said
    page.get_by_label("Text: 2").fill("9:00")
    page.get_by_role("button", name="Send the template").click()
    expect(said(page, "visit").get_by_text(re.compile("Sent|Delivered"))).to_be_attached()
    expect(page.get_by_label("Template")).to_have_value("")
    template = next(each.body["template"] for each in graph.taken if each.kind == "template")
    values = [each["text"] for each in template["components"][0]["parameters"]]
    assert (template["name"], values) == ("visit", ["Bea", "9:00"])
