"""Flows built on the studio's canvas, with the mouse and with the keyboard only."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.ui.conftest import Contexts, Enter
from tests.ui.drafts import BOT, FLOW, HELLO, draft, fresh, hold, holds, kept
from tests.ui.site import Site
from tests.ui.step import text
from tests.until import until

LONE = """chatloom: flow/v1
id: hello
triggers:
  - message: {words: [hi]}
steps:
  - id: first
    action: send
    with: {text: Hello!}
"""


@pytest.fixture
def viewport() -> ViewportSize:
    return {"width": 1600, "height": 1000}


def canvas(page: Page) -> Locator:
    return page.get_by_role("application", name="Flow hello")


def card(page: Page, step: str) -> Locator:
    return canvas(page).locator(f'.react-flow__node[data-id="{step}"]')


def handle(page: Page, step: str, outcome: str) -> Locator:
    return card(page, step).locator(f'.react-flow__handle[data-handleid="{outcome}"]')


def carry(page: Page, what: Locator, to: tuple[float, float]) -> None:
    """Drag it with the mouse, in small steps, as a hand does."""
    box = what.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(*to, steps=8)
    page.mouse.up()


def place(page: Page, what: Locator, across: float = 0.5, down: float = 0.5) -> tuple[float, float]:
    box = what.bounding_box()
    assert box is not None
    return box["x"] + box["width"] * across, box["y"] + box["height"] * down


def option(page: Page, kind: str) -> Locator:
    """What a list that is open offers, by its value."""
    return page.get_by_role("dialog").locator(f'[role="option"][data-value="{kind}"]')


def write(page: Page, said: str) -> None:
    form = page.get_by_role("tabpanel", name="Step")
    text(form).fill(f"{said}.")
    text(form, "it").fill(f"{said}!")


def talk(page: Page) -> None:
    """What both tests build is tried: it greets, asks, and answers by what is chosen."""
    expect(page.get_by_text("No problems")).to_be_visible()
    page.get_by_role("tab", name="Simulator").click()
    box = page.get_by_label("Write a message")
    box.fill("hi")
    box.press("Enter")
    log = page.get_by_role("log")
    expect(log.get_by_text("Welcome")).to_be_visible()
    expect(log.get_by_text("Shall I")).to_be_visible()
    log.get_by_role("button", name="No").click()
    expect(log.get_by_text("Goodbye")).to_be_visible()
    page.get_by_role("button", name="Begin anew").click()
    box.fill("hi")
    box.press("Enter")
    log.get_by_role("button", name="Yes").click()
    expect(log.get_by_text("Booked")).to_be_visible()
    expect(log.get_by_text("The flow hello has ended.")).to_be_visible()


@pytest.mark.drill
def test_six_steps_are_built_with_the_mouse(site: Site, enter: Enter) -> None:
    name = draft(site, LONE)
    page = enter("editor", at=f"/bots/{name}?file={FLOW}")
    card(page, "first").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No steps yet.")).to_be_visible()
    paper = canvas(page).bounding_box()
    assert paper is not None
    left, top = paper["x"], paper["y"]

    page.get_by_role("button", name="Add a step").click()
    carry(page, option(page, "send"), (left + 120, top + 120))
    write(page, "Welcome")
    # A line that is let go on the canvas asks what shall stand there.
    carry(page, handle(page, "send", "→"), (left + 160, top + 380))
    option(page, "menu").click()
    expect(card(page, "menu")).to_be_visible()
    holds(site, name, "other: menu")  # what is not understood is asked again: no new step is wrong
    carry(page, handle(page, "menu", "book"), (left + 540, top + 200))
    option(page, "send").click()
    write(page, "Booked")
    carry(page, handle(page, "menu", "leave"), (left + 540, top + 420))
    option(page, "send").click()
    write(page, "Goodbye")
    carry(page, handle(page, "send_2", "→"), (left + 560, top + 620))
    option(page, "stop").click()
    expect(card(page, "end")).to_be_visible()
    # A line that is let go on a card leads there: also back to where it came from.
    carry(page, handle(page, "menu", "other"), place(page, card(page, "send"), down=0.6))
    # A kind of step that is let go on a way stands on it.
    page.get_by_role("button", name="Add a step").click()
    page.keyboard.type("tag")
    out = place(page, handle(page, "send", "→"))
    carry(page, option(page, "tag"), (out[0], out[1] + 20))
    expect(card(page, "tag")).to_be_visible()
    for step in ("send", "tag", "menu", "send_2", "send_3", "end"):
        expect(card(page, step)).to_be_visible()
    talk(page)
    holds(site, name, "other: send")


@pytest.mark.drill
def test_six_steps_are_built_with_the_keyboard(site: Site, enter: Enter) -> None:
    name = draft(site, LONE)
    page = enter("editor", at=f"/bots/{name}?file={FLOW}")
    expect(card(page, "first")).to_be_visible()
    keys = page.keyboard
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == "flow-canvas":
            break
        keys.press("Tab")
    expect(canvas(page)).to_be_focused()

    def add(kind: str) -> None:
        keys.press("/")
        expect(page.get_by_placeholder("What should it do?")).to_be_focused()
        keys.type(kind)
        expect(option(page, kind)).to_have_attribute("aria-selected", "true")
        keys.press("Enter")
        expect(canvas(page)).to_be_focused()

    def say(step: str, said: str) -> None:
        """Enter opens the form, Escape leads back."""
        expect(page.get_by_label("Name", exact=True)).to_have_value(step)
        keys.press("Enter")
        expect(page.get_by_label("Name", exact=True)).to_be_focused()
        keys.press("Tab")
        expect(page.get_by_role("tab", name="English")).to_be_focused()
        keys.press("Tab")
        expect(page.get_by_label("Text (en)")).to_be_focused()
        keys.press("ControlOrMeta+a")
        keys.type(f"{said}.")
        keys.press("Shift+Tab")
        keys.press("ArrowRight")
        expect(page.get_by_role("tab", name="Italian")).to_be_focused()
        keys.press("Tab")
        expect(page.get_by_label("Text (it)")).to_be_focused()
        keys.press("ControlOrMeta+a")
        keys.type(f"{said}!")
        keys.press("Shift+Tab")
        keys.press("ArrowLeft")
        expect(page.get_by_role("tab", name="English")).to_be_focused()
        keys.press("Escape")
        expect(canvas(page)).to_be_focused()

    def connect(outcome: str, to: str) -> None:
        keys.press("c")
        for typed in (outcome, to):
            if typed:
                expect(option(page, typed)).to_be_visible()
                keys.type(typed)
                expect(option(page, typed)).to_have_attribute("aria-selected", "true")
                keys.press("Enter")
        expect(canvas(page)).to_be_focused()

    keys.press("ControlOrMeta+a")
    keys.press("Delete")
    expect(page.get_by_text("No steps yet.")).to_be_visible()
    add("send")
    say("send", "Welcome")
    add("tag")
    add("menu")
    connect("other", "menu")
    add("send")
    say("send_2", "Booked")
    add("stop")
    expect(card(page, "end")).to_be_visible()
    add("send")
    say("send_3", "Goodbye")
    # Arrows follow the ways: from the last up to the menu.
    for step in ("end", "send_2", "menu"):
        keys.press("ArrowUp")
        expect(page.get_by_label("Name", exact=True)).to_have_value(step)
    connect("leave", "send_3")
    holds(site, name, "leave: send_3")
    # The same by the form: every outcome is a select.
    keys.press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.get_by_label("book", exact=True).focus()
    keys.type("send_2")
    holds(site, name, "book: send_2")
    talk(page)
    flow = kept(site, name)[FLOW]
    assert flow.startswith(LONE.split("steps:")[0]), flow


@pytest.mark.drill
def test_steps_are_pasted_into_another_bot_and_become_a_flow(site: Site, enter: Enter) -> None:
    name, other = draft(site), draft(site, LONE)
    page = enter("editor", at=f"/bots/{name}?file={FLOW}")
    card(page, "ask").click()
    for step in ("tea", "coffee"):
        card(page, step).click(modifiers=["ControlOrMeta"])
    expect(page.get_by_text("3 steps selected").last).to_be_visible()
    page.keyboard.press("ControlOrMeta+c")
    page.goto(f"{site.url}/bots/{other}?file={FLOW}")
    x, y = place(page, card(page, "first"))
    page.mouse.move(x + 300, y + 40)
    canvas(page).focus()
    page.keyboard.press("ControlOrMeta+v")
    # It names a step that this bot does not have: that is said.
    expect(page.get_by_text("Not known here: nudge.").first).to_be_visible()
    expect(card(page, "coffee")).to_be_visible()
    landed = card(page, "ask").bounding_box()
    assert landed is not None
    assert abs(landed["x"] - (x + 300)) < 5
    holds(site, other, "coffee: coffee")
    assert "  # asked first\n  - id: ask\n" in kept(site, other)[FLOW]

    page.goto(f"{site.url}/bots/{name}?file={FLOW}")
    card(page, "ask").click()
    for step in ("tea", "coffee"):
        card(page, step).click(modifiers=["ControlOrMeta"])
    page.get_by_role("button", name="Make this a flow").click()
    dialog = page.get_by_role("dialog", name="Make this a flow")
    dialog.get_by_label("Name").fill("drinks")
    dialog.get_by_role("button", name="Make this a flow").click()
    expect(card(page, "drinks")).to_be_visible()
    expect(card(page, "tea")).to_have_count(0)
    holds(site, name, "flow: drinks")
    expect(page.get_by_text("No problems")).to_be_visible()
    page.get_by_role("button", name="Undo (Ctrl+Z)").click()
    expect(card(page, "tea")).to_be_visible()
    expect(page.get_by_role("button", name="drinks", exact=True)).to_have_count(0)

    # A folded card stands for its steps: what is done with it is done with all of them, and says how many.
    card(page, "ask").click()
    page.keyboard.press("f")
    expect(page.get_by_text("4 steps selected")).to_be_visible()
    size = page.viewport_size or {"width": 1440, "height": 900}
    page.set_viewport_size({"width": 1024, "height": 768})  # where it does not cover what adds steps
    page.get_by_role("button", name="Add a step").click(trial=True)
    page.set_viewport_size(size)
    page.get_by_label("Name", exact=True).fill("choose")
    page.keyboard.press("Enter")
    expect(card(page, "choose").get_by_role("button", name="+3 steps", exact=True)).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(canvas(page)).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.get_by_text("No steps yet.")).to_be_visible()
    page.get_by_role("listitem").filter(has_text="Removed 4 steps").get_by_role("button", name="Undo").click()
    expect(card(page, "choose")).to_be_visible()
    page.get_by_role("button", name="Undo (Ctrl+Z)").click()
    card(page, "ask").get_by_role("button", name="+3 steps", exact=True).click()
    expect(card(page, "nudge")).to_be_visible()
    site.run(until(lambda: kept(site, name)[FLOW] == HELLO))


def test_a_flow_in_json_stays_json(site: Site, enter: Enter) -> None:
    name = fresh("drinks")
    steps = [{"id": "first", "action": "send", "with": {"text": {"en": "Hello!", "it": "Ciao!"}}}]
    flow = {
        "chatloom": "flow/v1",
        "id": "hello",
        "triggers": [{"message": {"words": ["hi"]}}],
        "steps": steps,
    }
    path = "flows/hello.json"
    with site.api() as api:
        hold(api, name, {"bot.yaml": BOT.format(name=name), path: json.dumps(flow, indent=2)})
    page = enter("editor", at=f"/bots/{name}?file={path}")
    card(page, "first").click()
    write(page, "Welcome")
    page.get_by_role("tabpanel", name="Step").get_by_role("button", name="Duplicate").click()
    expect(card(page, "first_2")).to_be_visible()
    holds(site, name, "first_2")
    first, second = json.loads(kept(site, name)[path])["steps"]
    assert first == {**steps[0], "with": {"text": {"en": "Welcome.", "it": "Welcome!"}}}
    assert second == {**first, "id": "first_2"}
    expect(page.get_by_text("No problems")).to_be_visible()


@pytest.mark.drill
def test_who_else_is_here_is_shown_at_the_step(site: Site, enter: Enter, contexts: Contexts) -> None:
    name = draft(site)
    ana = enter("editor", at=f"/bots/{name}?file={FLOW}")
    expect(card(ana, "tea")).to_be_visible()
    luca = enter("viewer", at=f"/bots/{name}?file={FLOW}&step=tea&pane=step", profile=contexts())
    here = ana.get_by_role("list", name="Who else is here")
    expect(card(ana, "tea").get_by_text(re.compile("^viewer-"))).to_be_attached()
    card(ana, "ask").click()
    card(ana, "ask").get_by_role("button", name="Fold what follows ask").click()
    expect(card(ana, "tea")).to_have_count(0)
    expect(card(ana, "ask").get_by_text(re.compile("^viewer-"))).to_be_attached()
    here.get_by_role("button", name=re.compile("^viewer-.* is at tea")).click()
    expect(ana.get_by_label("Name", exact=True)).to_have_value("tea")
    expect(card(ana, "tea")).to_be_visible()
    text(ana).fill("Tea!")
    expect(luca.get_by_role("button", name=re.compile("^editor-.* edits tea"))).to_be_visible()
    luca.get_by_role("link", name="Home").click()
    expect(here).to_have_count(0)


def test_the_canvas_shows_what_the_tests_reach(site: Site, enter: Enter) -> None:
    name = fresh("drinks")
    talk = "test: tea\ntalk:\n  - user: hi\n  - bot: {contains: Tea}\n  - user: tea\n  - bot: {contains: coming}\n"
    with site.api() as api:
        hold(api, name, {"bot.yaml": BOT.format(name=name), FLOW: HELLO, "tests/tea.yaml": talk})
    page = enter("viewer", at=f"/bots/{name}?file={FLOW}&pane=tests")
    expect(card(page, "coffee")).to_be_visible()
    page.get_by_role("button", name="Run 1 test").click()
    expect(page.get_by_text("1 test passed")).to_be_visible()
    expect(card(page, "coffee").get_by_text("Not tested")).to_be_visible()
    expect(card(page, "tea").get_by_text("Not tested")).to_have_count(0)
    expect(handle(page, "ask", "tea").locator("..").get_by_label("Tested")).to_be_visible()
    expect(handle(page, "ask", "coffee").locator("..").get_by_label("No test leaves by it")).to_be_visible()
    page.get_by_role("button", name="Hide on the canvas").click()
    expect(card(page, "coffee").get_by_text("Not tested")).to_have_count(0)


def test_what_starts_a_flow_is_set_in_its_form(site: Site, enter: Enter) -> None:
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}?file={FLOW}&step=ask&pane=step")
    page.get_by_role("button", name="How it starts").click()
    form = page.get_by_role("tabpanel", name="Step")
    said = form.get_by_role("listitem", name="A message")
    said.get_by_label("Words").fill("hi, good evening")
    said.get_by_label("May interrupt").check()
    form.get_by_role("button", name="Add a start").click()
    page.get_by_role("menuitem", name="A time").click()
    at = form.get_by_role("listitem", name="A time")
    at.get_by_label("Times, as a cron line").fill("0 8 * * mon")
    at.get_by_label("When").fill("")
    form.get_by_role("tab", name="Italian").click()
    form.get_by_label("Title (it)").fill("Salve")
    form.get_by_label("cancelled").select_option("nudge")
    form.get_by_label("Answers what nothing else takes").uncheck()
    holds(site, name, "defaults: {cancelled: nudge}")
    head, steps = kept(site, name)[FLOW].split("steps:\n")
    assert steps == HELLO.split("steps:\n")[1]
    assert (
        head
        == """chatloom: flow/v1
id: hello
title: {en: Hello, it: Salve}
triggers:
  - message: {words: [hi, good evening]}
    interrupt: true
  - schedule: {cron: 0 8 * * mon}
defaults: {cancelled: nudge}
"""
    )
    site.run(until(lambda: "fallback" not in kept(site, name)["bot.yaml"]))
    expect(page.get_by_text("No problems")).to_be_visible()
    form.get_by_role("button", name="Remove: A message").click()
    expect(said).to_have_count(0)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(said.get_by_label("Words")).to_have_value("hi, good evening")


def test_the_canvas_speaks_one_language_and_marks_what_lacks_it(site: Site, enter: Enter) -> None:
    name = draft(
        site, HELLO.replace("text: {en: Still there?, it: Ci sei ancora?}", "text: {en: Still there?}")
    )
    page = enter("editor", at=f"/bots/{name}?file={FLOW}")
    expect(card(page, "ask")).to_contain_text("Tea or coffee?")
    expect(handle(page, "ask", "tea").locator("..")).to_contain_text("Tea")
    page.get_by_label("Language of the cards").select_option("Italian")
    expect(card(page, "ask")).to_contain_text("Tè o caffè?")
    expect(handle(page, "ask", "tea").locator("..")).to_contain_text("Tè")
    # What lacks it is told, and shown in the first language.
    expect(card(page, "nudge")).to_contain_text("Still there?")
    expect(card(page, "nudge")).to_contain_text("Not translated")
    expect(card(page, "ask")).not_to_contain_text("Not translated")
    page.get_by_role("button", name="1 step to translate").click()
    form = page.get_by_role("tabpanel", name="Step")
    expect(form.get_by_label("Name", exact=True)).to_have_value("nudge")
    tabs = form.get_by_role("tablist", name="Text")
    expect(tabs.get_by_role("tab", name="Italian (not translated)")).to_have_attribute(
        "aria-selected", "true"
    )
    form.get_by_label("Text (it)").fill("Ci sei?")
    expect(tabs.get_by_role("tab", name="Italian", exact=True)).to_be_visible()
    expect(card(page, "nudge")).to_contain_text("Ci sei?")
    expect(card(page, "nudge")).not_to_contain_text("Not translated")
    page.get_by_label("Language of the cards").select_option("English")
    expect(form.get_by_label("Text (en)")).to_have_value("Still there?")
    page.get_by_label("Language of the cards").select_option("Names of texts")
    expect(card(page, "ask")).to_contain_text("with/text")
    page.reload()
    expect(card(page, "ask")).to_contain_text("with/choices/tea")
    holds(site, name, "it: Ci sei?")
