"""Pictures of the studio."""

import re
import time

from playwright.sync_api import Page, Route

from tests.ui.drafts import FLOW
from tests.ui.scenes.scene import SETTLED_MS, Scene, Visit, fails, waits

CHECKED = re.compile(r"/draft/check$")
READ = re.compile(r"/bots/[^/]+/draft$")
TABLE = "/bots/table-booking?file=flows%2Fbooking.yaml"


def _narrow(visit: Visit) -> bool:
    return (visit.page.viewport_size or {"width": 0})["width"] < 1024


def _files(visit: Visit) -> None:
    """Where there is no room for them, they are opened."""
    if _narrow(visit):
        visit.page.locator("[aria-controls=studio-files]").click()


def _file_new(visit: Visit) -> None:
    _files(visit)
    visit.press("studio", "tree.add")


def _flow_removed(visit: Visit) -> None:
    _files(visit)
    name = visit.said("studio", "tree.remove").replace("{{path}}", "flows/hours.yaml")
    visit.page.get_by_role("button", name=name).click()


def _handed_off(visit: Visit) -> None:
    visit.press("studio", "simulator.trace")
    visit.type("hello", "3", "Is anybody there?")


def _saved_test(visit: Visit) -> None:
    visit.type("hello", "2")
    visit.press("studio", "simulator.save_test")


def _renamed(visit: Visit) -> None:
    visit.page.get_by_role(
        "button", name=visit.said("whole-bot", "rename.what").replace("{{name}}", "day"), exact=True
    ).click()
    visit.page.get_by_label(visit.said("whole-bot", "rename.to")).fill("evening")


def _sought(visit: Visit) -> None:
    visit.page.get_by_label(visit.said("whole-bot", "seek.find"), exact=True).fill("table")
    visit.page.get_by_label(visit.said("whole-bot", "seek.put"), exact=True).fill("desk")


def _selected(visit: Visit) -> None:
    if not _narrow(visit):
        visit.page.locator("#flow-canvas").focus()
        visit.page.keyboard.press("Control+a")


def _folded(visit: Visit) -> None:
    if _narrow(visit):
        visit.page.locator("main ol button[aria-expanded=true]").first.click()
    else:
        visit.page.locator("#flow-canvas").focus()
        visit.page.keyboard.press("Shift+F")


def _connects(visit: Visit) -> None:
    if not _narrow(visit):
        visit.page.locator("#flow-canvas").focus()
        visit.page.keyboard.press("c")


def _cell(visit: Visit) -> None:
    visit.page.get_by_role("gridcell").nth(1).focus()
    visit.page.keyboard.press("Enter")


def _from_afar(visit: Visit) -> None:
    if not _narrow(visit):
        visit.page.locator(".react-flow__controls-fitview").click()


def _opened(visit: Visit) -> None:
    visit.page.wait_for_timeout(4 * SETTLED_MS)
    visit.page.get_by_role("dialog").locator("details summary").first.click()


def _compared(visit: Visit) -> None:
    visit.page.get_by_role(
        "button", name=visit.said("publishing", "versions.compare").split("{{")[0]
    ).first.click()
    visit.page.wait_for_timeout(SETTLED_MS)
    visit.page.get_by_role("dialog").locator("details summary").last.click()


def _replayed(visit: Visit) -> None:
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label(visit.said("publishing", "replay.number"), exact=True).select_option("demo")
    dialog.get_by_role("button", name=visit.said("publishing", "replay.act"), exact=True).click()
    visit.page.wait_for_timeout(8 * SETTLED_MS)
    dialog.locator("details summary").last.click()


def _written(page: Page, text: str) -> None:
    page.locator("[data-pane=step] textarea").first.fill(text)


def _offline(visit: Visit) -> None:
    visit.page.route("**/api/v1/**", lambda route: route.abort())
    _written(visit.page, "Tea, on the terrace.")
    visit.page.get_by_text(visit.said("studio", "save.offline")).wait_for()


def _not_saved(visit: Visit) -> None:
    visit.page.route("**/draft/files/**", fails)
    _written(visit.page, f"Tea, in the garden ({time.time():.0f}).")
    visit.page.get_by_role("button", name=visit.said("frame", "action.retry")).wait_for()


def _clash(visit: Visit) -> None:
    """Somebody else writes the same field, while this page is offline."""
    headers: dict[str, str] = {}

    def lose(route: Route) -> None:
        headers["Authorization"] = route.request.headers["authorization"]
        route.abort()

    visit.page.route("**/draft/files/**", lose)
    _written(visit.page, f"Tea, on the terrace ({time.time():.0f}).")
    visit.page.get_by_text(visit.said("studio", "save.offline")).wait_for()
    at = f"{visit.page.url.partition('/bots')[0]}/api/v1/bots/two-authors/draft"
    there = visit.page.request.get(at, headers=headers).json()
    text = f"Tea, by the window ({time.time():.0f})."  # in both languages: the page writes the person's
    theirs = re.sub(r'(en|it): "(?:Tea|Arriva il tè)[^"]*"', rf'\1: "{text}"', there["files"][FLOW])
    saved = visit.page.request.put(
        at,
        headers={**headers, "If-Match": f'"{there["etag"]}"'},
        data={"files": {**there["files"], FLOW: theirs}},
    )
    assert saved.ok, saved.text()
    visit.page.unroute("**/draft/files/**")
    visit.page.get_by_role("button", name=visit.said("studio", "clash.mine")).wait_for()


def _simulated(visit: Visit) -> None:
    visit.type("hello", "1", "24/12/2026")


def _tested(visit: Visit) -> None:
    visit.page.locator("[role=tabpanel] button").first.click()
    visit.page.wait_for_timeout(4 * SETTLED_MS)


SCENES = [
    Scene("studio", "/bots/table-booking"),
    Scene("studio-step", "/bots/table-booking?file=flows%2Fbooking.yaml&step=confirm&pane=step"),
    Scene("studio-form", "/bots/table-booking?file=flows%2Fbooking.yaml&step=form&pane=step"),
    Scene("studio-split", "/bots/table-booking?file=flows%2Fbooking.yaml&step=confirm&view=split&pane=step"),
    Scene("studio-yaml", "/bots/table-booking?file=flows%2Fbooking.yaml&view=yaml&pane=preview"),
    Scene("studio-preview", "/bots/table-booking?file=flows%2Fbooking.yaml&pane=preview"),
    Scene("studio-simulator", "/bots/table-booking?file=flows%2Fbooking.yaml&pane=simulator", _simulated),
    Scene("studio-tests", "/bots/table-booking?file=flows%2Fbooking.yaml&pane=tests", _tested),
    Scene("studio-problems", "/bots/drinks?step=ask&pane=step"),
    Scene("studio-texts", "/bots/table-booking?place=texts"),
    Scene("studio-data", "/bots/table-booking?place=data"),
    Scene("studio-add", "/bots/table-booking", press=("studio", "palette.add")),
    Scene("studio-files", "/bots/table-booking", _files),
    Scene("studio-file-new", "/bots/table-booking", _file_new),
    Scene("studio-flow-removed", "/bots/table-booking?file=flows%2Fhours.yaml", _flow_removed),
    Scene("studio-flow", f"{TABLE}&pane=step"),
    Scene("studio-bot", "/bots/table-booking?file=bot.yaml"),
    Scene(
        "studio-form-preview",
        f"{TABLE}&pane=preview",
        lambda visit: visit.page.locator("#preview-as-form").click(),
    ),
    Scene("studio-persona", f"{TABLE}&pane=simulator", press=("studio", "personas.new")),
    Scene("studio-handed-off", f"{TABLE}&pane=simulator", _handed_off),
    Scene("studio-saved-test", f"{TABLE}&pane=simulator", _saved_test),
    Scene("studio-cannot-simulate", "/bots/drinks?pane=simulator"),
    Scene("studio-tests-failed", "/bots/seasons?pane=tests", _tested),
    Scene("studio-tests-none", "/bots/two-authors?pane=tests"),
    Scene("studio-rename", "/bots/table-booking?place=data", _renamed),
    Scene("studio-seek", "/bots/table-booking", _sought, press=("whole-bot", "seek.open")),
    Scene("studio-selected", TABLE, _selected),
    Scene("studio-folded", TABLE, _folded),
    Scene("studio-connects", f"{TABLE}&step=welcome", _connects),
    Scene("studio-afar", TABLE, _from_afar),
    Scene("studio-gaps", "/bots/seasons?speaks=it"),
    Scene("studio-texts-gaps", "/bots/seasons?place=texts", _cell),
    Scene("studio-texts-download", "/bots/seasons?place=texts", press=("whole-bot", "texts.download")),
    Scene("studio-broken", "/bots/unreadable"),
    Scene("studio-broken-split", "/bots/unreadable?view=split"),
    Scene("studio-wordy", "/bots/{wordy}"),
    Scene("studio-wordy-step", "/bots/{wordy}?step=the_guest_is_asked_for_a_wish_number_010&pane=step"),
    Scene("studio-wordy-preview", "/bots/{wordy}?pane=preview"),
    Scene("studio-wordy-texts", "/bots/{wordy}?place=texts"),
    Scene("studio-wordy-data", "/bots/{wordy}?place=data&kind=step"),
    Scene("studio-offline", "/bots/two-authors?step=tea&pane=step", _offline),
    Scene("studio-not-saved", "/bots/two-authors?step=tea&pane=step", _not_saved),
    Scene("studio-clash", "/bots/two-authors?step=tea&pane=step", _clash),
    Scene("studio-unchecked", "/bots/two-authors", answers=fails, of=CHECKED),
    Scene("studio-state-loading", "/bots/two-authors", answers=waits, of=READ),
    Scene("studio-state-error", "/bots/two-authors", answers=fails, of=READ),
    Scene("studio-missing", "/bots/nowhere"),
    Scene("studio-viewer", f"{TABLE}&step=confirm&pane=step", role="viewer"),
    Scene("studio-publish", "/bots/table-booking", press=("studio", "bar.publish")),
    Scene("studio-publish-replay", "/bots/table-booking", _replayed, press=("studio", "bar.publish")),
    Scene("studio-publish-changes", "/bots/seasons", _opened, press=("studio", "bar.publish")),
    Scene("studio-publish-errors", "/bots/drinks", press=("studio", "bar.publish")),
    Scene("studio-versions", "/bots/table-booking", press=("studio", "bar.versions")),
    Scene("studio-versions-canary", "/bots/seasons", press=("studio", "bar.versions")),
    Scene("studio-versions-compared", "/bots/seasons", _compared, press=("studio", "bar.versions")),
    Scene("studio-versions-none", "/bots/drinks", press=("studio", "bar.versions")),
]
