"""The studio: a draft previewed, tried, tested, published and taken back; two tabs lose nothing."""

import re

import pytest
from playwright.sync_api import Locator, Request, expect

from cli import folder
from tests.installation import ROOT
from tests.ui.conftest import Enter
from tests.ui.drafts import BOT, FLOW, HELLO, draft, fresh, hold, holds, kept
from tests.ui.lived_in import forty_steps
from tests.ui.site import Site
from tests.ui.step import text
from tests.until import until


def test_a_draft_is_previewed_without_a_request(site: Site, enter: Enter) -> None:
    name = fresh("previewed")
    files = folder.read(ROOT / "bots" / "table-booking")
    with site.api() as api:
        hold(api, name, {**files, "bot.yaml": files["bot.yaml"].replace("id: table-booking", f"id: {name}")})
    page = enter("viewer", at=f"/bots/{name}?file=flows%2Fbooking.yaml")
    checked = page.get_by_role("region", name="Problems").get_by_role("button", name="last_booking")
    expect(checked).to_be_visible()  # its one warning: the workspace has not declared the field
    asked: list[str] = []

    def hear(request: Request) -> None:
        if "/api/" in request.url and "/presence/" not in request.url:
            asked.append(request.url)

    page.on("request", hear)
    page.get_by_role("tab", name="Preview").click()
    shown = page.get_by_role("tabpanel", name="Preview")
    expect(shown.get_by_text("Welcome to Da Chatloom! What can I do for you?")).to_be_visible()
    expect(shown.get_by_text("Book a table").first).to_be_visible()
    expect(shown.get_by_text("At what time would you like to come?").first).to_be_visible()
    shown.get_by_label("As a form").check()
    widths = [shown.get_by_label(each).first.evaluate("it => it.offsetWidth") for each in ("Day", "Guests")]
    assert widths[0] == widths[1]  # a date is written in a field as the others are
    shown.get_by_label("As a form").uncheck()
    shown.get_by_label("Language").select_option("it")
    expect(shown.get_by_text("Benvenuto da Chatloom! Cosa posso fare per te?")).to_be_visible()
    assert asked == []
    page.get_by_role("button", name="bot.yaml").first.click()
    flows = shown.get_by_role("region")
    expect(flows.nth(1)).to_be_attached()
    page.evaluate("document.documentElement.classList.add('dark')")
    expect(shown.get_by_role("button", name="Print")).to_be_visible()
    page.emulate_media(media="print")
    expect(shown.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("region", name="Problems")).to_be_hidden()
    expect(page.get_by_role("navigation").first).to_be_hidden()
    assert asked == []
    paper = flows.evaluate_all(
        """all => [
            getComputedStyle(document.body).backgroundColor,
            all.slice(1).every(each => getComputedStyle(each).breakBefore === "page"),
            all[0].parentElement.scrollHeight > all[0].parentElement.clientHeight,
            Math.round(all[0].getBoundingClientRect().left),
        ]"""
    )
    assert paper == ["lab(100 0 0)", True, False, 12]
    assert len(re.findall(rb"/Type /Page\b", page.pdf())) > flows.count()


def test_a_step_is_drawn_while_it_is_written(site: Site, enter: Enter) -> None:
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}?step=ask&pane=step")
    form = page.get_by_role("tabpanel", name="Step")
    drawn = form.get_by_role("region", name="As a contact sees it")
    form.get_by_label("Question (en)").fill("Tea, or a cup of coffee?")
    expect(drawn.get_by_text("Tea, or a cup of coffee?")).to_be_visible()
    expect(drawn.get_by_text("Buttons hold")).to_have_count(0)
    coffee = form.get_by_label("Choices: coffee (en)")
    coffee.fill("Coffee of the day, hot")
    expect(
        drawn.get_by_text(
            "A button holds 20 characters; “Coffee of the day, hot” has 22. They are shown as a list that opens."
        )
    ).to_be_visible()
    coffee.fill("Coffee")
    expect(drawn.get_by_text("A button holds")).to_have_count(0)
    form.get_by_role("tab", name="Italian").first.click()
    expect(drawn.get_by_text("Tè o caffè?")).to_be_visible()
    drawn.get_by_label("Channel").select_option("Linked device")
    expect(drawn.get_by_text("This channel has no buttons and no lists.")).to_be_visible()
    expect(drawn.get_by_text("2. Caffè")).to_be_visible()

    # The channel stays chosen, and the preview of the whole flow says the same of it.
    page.reload()
    expect(drawn.get_by_text("This channel has no buttons and no lists.")).to_be_visible()
    page.get_by_role("tab", name="Preview").click()
    whole = page.get_by_role("tabpanel", name="Preview")
    expect(whole.get_by_label("Channel")).to_have_value("linked_device")
    expect(whole.get_by_text("This channel has no buttons and no lists.")).to_be_visible()


def test_a_problem_leads_to_its_step(site: Site, enter: Enter) -> None:
    wrong = HELLO.replace("coffee: coffee", "coffee: cofee").replace("next: stop", "next: stopp", 1)
    name = draft(site, wrong)
    page = enter("editor", at=f"/bots/{name}")
    problems = page.get_by_role("region", name="Problems")
    form = page.get_by_role("tabpanel", name="Step")
    group = problems.get_by_role("button", name="flows/hello.yaml 2 errors, 1 warning", exact=True)
    group.click()
    expect(group).to_have_attribute("aria-expanded", "false")
    page.reload()  # what is folded is the person's
    expect(group).to_be_visible()
    expect(problems.get_by_role("button", name="cofee")).to_have_count(0)
    group.focus()
    page.keyboard.press("ArrowRight")
    expect(group).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(problems.get_by_role("button", name="cofee")).to_be_focused()
    page.keyboard.press("Enter")
    expect(form.get_by_label("Name", exact=True)).to_have_value("ask")
    form.get_by_label("coffee", exact=True).select_option("coffee")
    expect(problems.get_by_role("button", name="cofee")).to_have_count(0)
    expect(problems.get_by_role("button", name="flows/hello.yaml 1 error", exact=True)).to_be_visible()

    # What is folded stays so over a reload, and opens for what one goes to.
    canvas = page.get_by_role("application", name="Flow hello")
    cards = canvas.locator(".react-flow__node")
    canvas.focus()
    page.keyboard.press("f")
    expect(cards).to_have_count(1)
    page.reload()
    expect(cards).to_have_count(1)
    expect(cards.get_by_role("button", name="+3 steps", exact=True)).to_be_visible()
    problems.get_by_role("button", name="stopp").click()
    expect(form.get_by_label("Name", exact=True)).to_have_value("tea")
    expect(cards).to_have_count(4)


def test_the_studio_speaks_the_language_of_who_writes(site: Site, enter: Enter) -> None:
    wrong = HELLO.replace("coffee: coffee", "coffee: cofee").replace("other: ask, ", "")
    name = draft(site, wrong.replace("{en: Still there?,", '{en: "{{ datta.x }}",'))
    page = enter("editor", at=f"/bots/{name}?file=flows%2Fhello.yaml", language="it")
    problems = page.get_by_role("region", name="Problemi")
    for said in (
        "non c'è il passo 'cofee' intendevi 'coffee'?",
        "'ask' non dice dove porta 'other'",
        "niente si chiama 'datta' intendevi 'data'?",
    ):
        expect(problems.get_by_role("button", name=said)).to_be_visible()
    expect(page.get_by_role("application").get_by_text("Tè o caffè?")).to_be_visible()
    expect(page.get_by_role("button", name="Ingrandisci")).to_be_visible()
    problems.get_by_role("button", name="'ask' non dice dove porta 'other'").click()
    form = page.get_by_role("tabpanel", name="Passo")
    way = form.get_by_label("other", exact=True)
    expect(way).to_have_accessible_description(re.compile("'ask' non dice dove porta 'other'"))
    expect(form.get_by_label("Domanda (it)")).to_be_visible()
    expect(form.get_by_role("tab", name="italiano").first).to_be_visible()
    page.get_by_role("button", name="Aggiungi un passo").first.click()
    expect(page.get_by_text("Dice qualcosa e va avanti.")).to_be_visible()
    page.keyboard.type("invia")  # its title, though others' descriptions begin like that
    expect(page.locator("[cmdk-item][aria-selected=true]")).to_have_text(re.compile("^Invia"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Lingua").first.click()
    page.get_by_role("menuitemradio", name="English").click()
    problems = page.get_by_role("region", name="Problems")
    expect(problems.get_by_role("button", name="no step 'cofee' did you mean 'coffee'?")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="Step").get_by_label("Question (en)")).to_be_visible()


def test_a_talk_stays_while_a_step_is_changed_and_is_played_again(site: Site, enter: Enter) -> None:
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}?file={FLOW}&step=ask&pane=simulator")
    talk = page.get_by_role("log")
    page.get_by_label("Write a message").fill("hi")
    page.get_by_label("Write a message").press("Enter")
    expect(talk.get_by_text("Tea or coffee?")).to_be_visible()
    page.get_by_role("tab", name="Step").click()
    expect(talk).to_be_hidden()
    page.get_by_role("tab", name="Simulator").click()
    expect(talk.get_by_text("Tea or coffee?")).to_be_visible()
    expect(talk.get_by_text("The bot has changed since.")).to_be_hidden()
    page.get_by_role("tab", name="Step").click()
    page.get_by_label("Question (en)").fill("Water or wine?")
    page.get_by_role("tab", name="Simulator").click()
    expect(talk.get_by_text("Tea or coffee?")).to_be_visible()
    expect(talk.get_by_text("The bot has changed since.")).to_be_visible()
    talk.get_by_role("button", name="Play it again").click()
    expect(talk.get_by_text("Water or wine?")).to_be_visible()
    expect(talk.get_by_text("Tea or coffee?")).to_be_hidden()
    expect(talk.get_by_text("The bot has changed since.")).to_be_hidden()


def drawn(text: Locator) -> list[str]:
    """How a message's words look, and what they stand in."""
    return text.first.evaluate("at => [at.tagName, at.className, at.parentElement.className]")


@pytest.mark.drill
def test_a_draft_is_tried_tested_published_and_taken_back(site: Site, enter: Enter) -> None:
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}?pane=simulator")
    talk = page.get_by_role("log")
    box = page.get_by_label("Write a message")
    box.fill("hi")
    box.press("Enter")
    expect(talk.get_by_text("Tea or coffee?")).to_be_visible()
    bubble = drawn(talk.get_by_text("Tea or coffee?"))
    page.get_by_role("tab", name="Preview").click()
    preview = page.get_by_role("tabpanel", name="Preview")
    assert drawn(preview.get_by_text("Tea or coffee?")) == bubble  # by the same parts
    page.get_by_role("tab", name="Simulator").click()
    page.get_by_role("button", name="Let").click()
    expect(talk.get_by_text("Still there?")).to_be_visible()
    page.get_by_role("button", name="Begin anew").click()
    box.fill("hi")
    box.press("Enter")
    talk.get_by_role("button", name="Coffee").click()
    expect(talk.get_by_text("Coffee, coming up.")).to_be_visible()
    page.get_by_role("button", name="Save this talk as a test").click()
    holds(site, name, "talk:")
    page.get_by_role("tab", name="Tests").click()
    page.get_by_role("button", name="Run 1 test").click()
    expect(page.get_by_text("1 test passed")).to_be_visible()

    def publish(message: str, version: int) -> None:
        page.get_by_role("button", name="Publish", exact=True).click()
        dialog = page.get_by_role("dialog", name="Publish the draft")
        dialog.get_by_label("What changed").fill(message)
        dialog.get_by_label("Conversations that are under way").select_option("Go on with the new version")
        dialog.get_by_role("button", name="Publish", exact=True).click()
        expect(page.get_by_text(f"Version {version} is published").first).to_be_visible()

    publish("Drinks", 1)
    page.goto(f"{site.url}/bots/{name}?file=flows%2Fhello.yaml&step=nudge&pane=step")
    text(page).fill("Are you there?")
    publish("Shorter", 2)
    page.get_by_role("button", name="Versions").click()
    versions = page.get_by_role("dialog", name="Versions")
    versions.get_by_role("button", name="Compare with 1").click()
    expect(versions.get_by_text("~ nudge")).to_be_visible()
    versions.get_by_role("button", name="Publish again").click()
    page.get_by_role("dialog", name="Publish version 1 again?").get_by_role(
        "button", name="Publish again"
    ).click()
    with site.api() as api:

        def current() -> list[int]:
            return [one["published_version"] for one in api.get("/bots")["items"] if one["name"] == name]

        site.run(until(lambda: current() == [1]))


@pytest.mark.drill
def test_two_tabs_lose_no_word(site: Site, enter: Enter) -> None:
    name = draft(site)
    one = enter("editor", at=f"/bots/{name}?step=tea&pane=step")
    other = one.context.new_page()
    other.goto(f"{site.url}/bots/{name}?step=coffee&pane=step")
    expect(text(other)).to_have_value("Coffee, coming up.")
    text(one).fill("One tea.")
    text(other).fill("One coffee.")
    one.reload()  # what was just typed is not lost by that
    for said in ("One tea.", "One coffee."):
        holds(site, name, said)
    other.reload()
    expect(text(one)).to_have_value("One tea.")
    expect(text(other)).to_have_value("One coffee.")
    flow = kept(site, name)[FLOW]
    assert len(flow.splitlines()) == len(HELLO.splitlines())
    assert sum(now != was for now, was in zip(flow.splitlines(), HELLO.splitlines(), strict=True)) == 2


@pytest.mark.drill
def test_beside_the_canvas_are_the_lines_of_the_chosen_step(site: Site, enter: Enter) -> None:
    long = "A sentence that is so long that it is drawn in several lines of the editor, as most are. " * 4
    steps = "".join(
        f'\n  - id: step_{place}\n    action: send\n    with: {{text: {{en: "{long}", it: "{long}"}}}}\n'
        for place in range(60)
    )
    name = draft(site, HELLO + steps)
    page = enter("editor", at=f"/bots/{name}?view=split&step=step_40")
    line = page.locator(".cm-line", has_text="id: step_40")
    expect(line).to_be_in_viewport()
    expect(page.locator(".react-flow__node", has_text="step_40")).to_be_in_viewport()


def test_the_canvas_opens_at_the_step_of_the_address(site: Site, enter: Enter) -> None:
    name = draft(site, forty_steps())
    far = "the_guest_is_asked_for_a_wish_number_030"
    page = enter("editor", at=f"/bots/{name}?step={far}&pane=step")
    expect(page.get_by_label("Name", exact=True)).to_have_value(far)
    expect(page.locator(f".react-flow__node [data-title={far}]").get_by_text("Menu")).to_be_in_viewport()


def test_a_test_that_fails_holds_publishing_and_is_a_click_away(site: Site, enter: Enter) -> None:
    name = fresh("drinks")
    wants = "test: tea\ntalk:\n  - user: hi\n  - bot: Good morning\n"
    with site.api() as api:
        hold(api, name, {"bot.yaml": BOT.format(name=name), FLOW: HELLO, "tests/tea.yaml": wants})
    page = enter("editor", at=f"/bots/{name}")
    page.get_by_label("Write a message").fill("hi")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^Let .+ pass$")).click()
    expect(page.get_by_role("log").get_by_text(re.compile(r"^\d+ \w+ later$"))).to_be_visible()
    page.get_by_role("button", name="Publish", exact=True).click()
    publish = page.get_by_role("dialog", name="Publish the draft")
    expect(publish.get_by_role("alert")).to_contain_text("tests/tea.yaml: tea")
    publish.get_by_role("button", name="Show the tests").click()
    expect(publish).to_be_hidden()
    expect(page.get_by_role("tabpanel", name="Tests").get_by_text("1 test failed")).to_be_visible()
