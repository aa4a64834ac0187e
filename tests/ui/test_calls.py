"""Calls in the studio's simulator: made for real, kept, answered as kept, and as in real conversations."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Enter
from tests.ui.contact import Served
from tests.ui.drafts import FLOW, draft, holds, kept
from tests.ui.site import Site
from tests.until import until

ASKS = """chatloom: flow/v1
id: hello
triggers:
  - message: {words: [hi, hello]}
steps:
  - id: stock
    action: webhook
    with: {url: "http://127.0.0.1:9/stock"}
    then: {done: tell, failed: sorry}
  - {id: tell, action: send, with: {text: There is some}, next: stop}
  - {id: sorry, action: send, with: {text: Nobody answers}}
"""


@pytest.mark.drill
def test_a_call_is_made_for_real_kept_and_answered_as_kept(site: Site, enter: Enter) -> None:
    name = draft(site, ASKS)
    page = enter("editor", at=f"/bots/{name}?pane=simulator")
    talk = page.get_by_role("log")
    box = page.get_by_label("Write a message")
    box.fill("hi")
    box.press("Enter")
    talk.get_by_role("button", name="Call for real").click()
    page.get_by_role("dialog", name="Calls go out for real?").get_by_role(
        "button", name="Call for real"
    ).click()
    expect(talk.get_by_text("Nobody answers")).to_be_visible()  # a private address
    page.get_by_role("button", name="Show steps").click()
    expect(talk.get_by_text("the target is on a private address", exact=True)).to_be_visible()
    expect(talk.get_by_text("hello.stock → failed")).to_be_visible()
    page.get_by_role("button", name="Save this talk as a test").click()
    holds(site, name, "fails:")
    with site.api() as api:
        [told] = [
            each for each in api.get("/audit", action="draft.call")["items"] if each["target_name"] == name
        ]
    assert told["changes"] == {"step": "hello.stock", "to": "127.0.0.1:9"}

    talk.get_by_role("button", name="Keep this answer").click()
    expect(talk.get_by_text("As stubs.yaml has it.")).to_be_visible()
    page.get_by_role("button", name="Begin anew").click()
    box.fill("hi")
    box.press("Enter")
    expect(talk.get_by_text("Nobody answers")).to_be_visible()  # nothing was asked
    talk.get_by_role("button", name="Answer otherwise").click()
    expect(talk.get_by_role("button", name="As kept")).to_be_visible()
    expect(talk.get_by_text("Nobody answers")).not_to_be_visible()
    talk.get_by_label("Answer (JSON)").fill('{"count": 2}')
    talk.get_by_role("button", name="Answer 200").click()
    expect(talk.get_by_text("There is some")).to_be_visible()
    talk.get_by_role("button", name="Keep this answer").click()
    holds(site, name, "count: 2")
    page.get_by_role("button", name="Undo").last.click()
    site.run(until(lambda: "private address" in kept(site, name)["stubs.yaml"]))
    assert "count" not in kept(site, name)["stubs.yaml"]

    viewer = enter("viewer", at=f"/bots/{name}?pane=simulator")
    viewer.get_by_label("Write a message").fill("hi")
    viewer.get_by_label("Write a message").press("Enter")
    expect(viewer.get_by_role("log").get_by_text("As stubs.yaml has it.")).to_be_visible()
    viewer.get_by_role("button", name="Answer otherwise").click()
    expect(viewer.get_by_role("button", name="As kept")).to_be_visible()
    expect(viewer.get_by_role("button", name="Call for real")).not_to_be_visible()
    expect(viewer.get_by_role("button", name="From a real conversation…")).not_to_be_visible()


@pytest.mark.drill
def test_a_call_is_answered_as_in_a_real_conversation(site: Site, enter: Enter, tmp_path: Path) -> None:
    folder = tmp_path / "asks"
    for path, text in kept(site, draft(site, ASKS)).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.replace("id: drinks", "id: asks"))
    served = Served.start(site, "asks", folder)
    served.contact()
    with site.api() as api:
        [bot] = [each["name"] for each in api.get("/bots")["items"] if each["name"].startswith("asks")]
    page = enter("editor", at=f"/bots/{bot}?pane=simulator&file={FLOW}")
    talk = page.get_by_role("log")
    page.get_by_label("Write a message").fill("hi")
    page.get_by_label("Write a message").press("Enter")
    talk.get_by_role("button", name="From a real conversation…").click()
    found = page.get_by_role("dialog", name="From a real conversation")
    expect(found.get_by_text("the target is on a private address")).to_be_visible()
    found.get_by_role("button", name="Answer with this").click()
    expect(talk.get_by_text("Nobody answers")).to_be_visible()
    talk.get_by_role("button", name="Keep this answer").click()
    holds(site, bot, "fails: the target is on a private address")
