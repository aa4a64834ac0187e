"""The web UI in a real browser: `python -m bench.ui [--json FILE]`, or `make bench-ui`.

What the first page and the studio load; how soon they show; how the canvas and the fields of a flow of 500 steps keep
up, at this machine's speed and with a processor four times slower. A task of the page's thread that takes over 50 ms
is what a person may feel while typing.
"""

import argparse
import asyncio
import gzip
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from bench import machine
from deploy import ui
from tests.browser.chromium import ARGUMENTS, executable
from tests.installation import Installation
from tests.ui.site import PASSWORD, SIGNED_IN, keep

STEPS = 500
SLOWER = 4
FAST_3G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
FRAMES = 120
TYPED = "What is typed here is said by the bot."
ROUNDS = 3
LOOK_MS = 50
CALM_MS = 500
EMAIL = "bench@example.com"
BOT = "large"
TARGETS = {
    "first load, script": (250, "kB gzipped"),
    "studio with canvas and form, script": (400, "kB gzipped"),
    "largest paint, fast 3G and 4x slower": (1500, "ms"),
    "largest paint when it was here before": (1500, "ms"),
    "first cards of 500 steps": (1000, "ms"),
    "a frame of panning, p95": (32, "ms"),
    "a frame of panning, p95, 4x slower": (50, "ms"),
    "longest task while typing in a form": (50, "ms"),
    "longest task while typing YAML": (50, "ms"),
    "check of 500 steps, round trip": (150, "ms"),
}
UNITS = ((", files", ""), ("share of", "%"))
PAGES = (
    ("first load, script", "/", "main h1"),
    (
        "studio with canvas and form, script",
        f"/bots/{BOT}?file=flows%2Fmain.yaml&step=s1&pane=step",
        "[data-pane=step] textarea",
    ),
)
PAINTS = (
    "largest paint, fast 3G and 4x slower",
    "largest paint when it was here before",
    "figures to read when it was here before",
)
FIELDS = (
    ("in a form", "&step=s1&pane=step", "[data-pane=step] textarea"),
    ("YAML", "&view=yaml", ".cm-content"),
)
WATCH = """
window.tasks = [];
new PerformanceObserver((list) => { for (const each of list.getEntries()) tasks.push(each.duration) })
    .observe({ type: "longtask" });
window.paint = 0;
new PerformanceObserver((list) => { for (const each of list.getEntries()) paint = each.startTime })
    .observe({ type: "largest-contentful-paint", buffered: true });
"""
FRAME_TIMES = """(count) => new Promise((done) => {
    const times = [];
    let last;
    const frame = (now) => {
        if (last !== undefined) times.push(now - last);
        last = now;
        if (times.length < count) requestAnimationFrame(frame); else done(times);
    };
    requestAnimationFrame(frame);
})"""


def flow() -> str:
    """A flow of `STEPS` steps: menus that branch, and what they lead to."""
    steps = [
        f"  - id: s{at}\n    action: menu\n    with:\n      text: {{en: Question {at}?, it: Domanda {at}?}}\n"
        f"      choices: {{yes: {{en: Yes, it: Sì}}, no: {{en: No, it: No}}}}\n"
        f"    then: {{no: s{min(at + 3, STEPS - 1)}, other: s{at}}}\n"
        if at % 3 == 0 and at < STEPS - 1
        else f"  - id: s{at}\n    action: send\n    with: {{text: {{en: Step {at}., it: Passo {at}.}}}}\n"
        for at in range(STEPS)
    ]
    return "chatloom: flow/v1\nid: main\ntriggers:\n  - message: {words: [hi]}\nsteps:\n" + "\n".join(steps)


@dataclass(frozen=True)
class House:
    """Where it is measured."""

    url: str
    browser: Browser

    def context(self) -> BrowserContext:
        """Somebody who is signed in, with an empty cache."""
        found = self.browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        found.set_default_timeout(120_000)
        answer = found.request.post(f"{self.url}/api/v1/sign-in", data={"email": EMAIL, "password": PASSWORD})
        assert answer.ok, answer.text()
        keep(found, SIGNED_IN, "1")
        found.add_init_script(WATCH)
        return found

    def studio(self, more: str = "") -> str:
        return f"{self.url}/bots/{BOT}?file=flows%2Fmain.yaml{more}"


class Traffic:
    """What a page asks of the server; its live stream, which never ends, is left out."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._open: set[Request] = set()
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)

    def _begin(self, request: Request) -> None:
        if not request.url.partition("?")[0].endswith("/live"):
            self._open.add(request)

    def _end(self, request: Request) -> None:
        self._open.discard(request)

    def quiet(self) -> None:
        """Wait until nothing has been under way for half a second."""
        calm = 0
        while calm < CALM_MS:
            self._page.wait_for_timeout(LOOK_MS)
            calm = 0 if self._open else calm + LOOK_MS


def scripts(house: House, path: str, ready: str) -> dict[str, int]:
    """Names and gzipped bytes of the scripts that a page fetches until what `ready` selects is there."""
    context = house.context()
    page = context.new_page()
    traffic = Traffic(page)
    found: dict[str, int] = {}

    def hear(response: Response) -> None:
        if response.url.endswith(".js"):
            built = ui.BUILT / response.url.removeprefix(f"{house.url}/")
            found[built.name] = len(gzip.compress(built.read_bytes(), 9))

    page.on("response", hear)
    page.goto(house.url + path)
    page.locator(ready).first.wait_for()
    traffic.quiet()
    context.close()
    return found


def slow(page: Page, times: int, net: Mapping[str, Any] | None = None) -> CDPSession:
    """A processor so many times slower, and a net like that."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": times})
    if net:
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", dict(net))
    return session


def paints(house: House) -> tuple[float, float, float]:
    """The largest paint of the first page in ms, with nothing kept, and when it comes a second time; its figures then."""
    context = house.context()
    page = context.new_page()
    traffic = Traffic(page)
    slow(page, SLOWER, FAST_3G)
    found: list[float] = []
    read = 0.0
    for _ in range(2):
        page.goto(house.url, wait_until="commit")
        page.get_by_text("Messages in").wait_for()
        read = page.evaluate("performance.now()")
        traffic.quiet()
        found.append(page.evaluate("paint"))
    context.close()
    return found[0], found[1], read


def cards(house: House, context: BrowserContext) -> float:
    """ms from a click on the bot to its first cards."""
    page = context.new_page()
    traffic = Traffic(page)
    page.goto(f"{house.url}/bots")
    link = page.get_by_role("link", name=BOT).first
    link.wait_for()
    traffic.quiet()
    began = time.perf_counter()
    link.click()
    page.locator(".react-flow__node").first.wait_for()
    taken = (time.perf_counter() - began) * 1000
    page.close()
    return taken


def panning(house: House, context: BrowserContext, times: int) -> float:
    """p95 of a frame in ms, while the canvas is dragged."""
    page = context.new_page()
    traffic = Traffic(page)
    page.goto(house.studio())
    page.locator(".react-flow__node").first.wait_for()
    traffic.quiet()
    slow(page, times)
    box = page.locator(".react-flow__pane").bounding_box()
    assert box
    x, y = box["x"] + box["width"] - 60, box["y"] + box["height"] - 200
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(f"window.frames_ = ({FRAME_TIMES})({FRAMES})")
    for at in range(FRAMES):
        page.mouse.move(x - 4 * at, y - abs(150 - 3 * at % 300))
    measured = page.evaluate("window.frames_")
    page.mouse.up()
    page.close()
    return statistics.quantiles(measured, n=20)[18]


def typing(
    house: House, context: BrowserContext, where: str, field: str
) -> tuple[float, float, float, float]:
    """The longest task between keys in ms, the share of the time in long ones in %, the longest at the pause behind them,
    and a check's round trip in ms."""
    page = context.new_page()
    traffic = Traffic(page)
    checks: list[float] = []

    def hear(response: Response) -> None:
        if response.url.endswith("/draft/check") and (timing := response.request.timing)["responseStart"] > 0:
            checks.append(timing["responseStart"] - max(timing["requestStart"], 0))

    page.goto(house.studio(where))
    box = page.locator(field).first
    box.wait_for()
    traffic.quiet()
    box.click()
    page.keyboard.press("End")
    page.on("response", hear)
    page.evaluate("tasks.length = 0")
    began = time.perf_counter()
    page.keyboard.type(TYPED, delay=80)
    taken = (time.perf_counter() - began) * 1000
    tasks: list[float] = page.evaluate("tasks.splice(0)")
    expect(page.get_by_role("status").get_by_text("Saved", exact=True)).to_be_visible(timeout=60_000)
    traffic.quiet()
    behind: list[float] = page.evaluate("tasks")
    page.close()
    longest, pause = max(tasks, default=0.0), max(behind, default=0.0)
    return longest, 100 * sum(tasks) / taken, pause, statistics.median(checks or [0.0])


def measure(house: House) -> Iterator[tuple[str, float]]:
    """All figures, by the names of `TARGETS` and beside."""
    for name, path, ready in PAGES:
        found = scripts(house, path, ready)
        yield name, sum(found.values()) / 1000
        yield f"{name}, files", len(found)
    rounds = [paints(house) for _ in range(ROUNDS)]
    for place, name in enumerate(PAINTS):
        yield name, statistics.median(each[place] for each in rounds)
    context = house.context()  # who was here before: signing in again and again is refused
    yield "first cards of 500 steps", statistics.median(cards(house, context) for _ in range(ROUNDS))
    yield "a frame of panning, p95", statistics.median(panning(house, context, 1) for _ in range(ROUNDS))
    yield (
        "a frame of panning, p95, 4x slower",
        statistics.median(panning(house, context, SLOWER) for _ in range(ROUNDS)),
    )
    checks: list[float] = []
    for name, where, field in FIELDS:
        longest, share, pause, check = typing(house, context, where, field)
        yield f"longest task while typing {name}", longest
        yield f"share of the time in long tasks, {name}", share
        yield f"longest task at the pause behind it, {name}", pause
        checks.append(check)
    yield "check of 500 steps, round trip", statistics.median(checks)


def line(name: str, value: float) -> str:
    """For people."""
    target, unit = TARGETS.get(name) or (0, next((unit for end, unit in UNITS if end in name), "ms"))
    wanted = f" (target {target})" if target else ""
    return f"{name:45} {value:8.0f} {unit}{wanted}"


async def _installed(home: Path) -> Installation:
    house = Installation(home, environment={"CHATLOOM_LOG_LEVEL": "warning"})
    await house.__aenter__()
    return house


def run() -> dict[str, float]:
    """A fresh installation, measured; each figure is printed as it comes."""
    ui.build()
    with tempfile.TemporaryDirectory(prefix="chatloom-bench-", ignore_cleanup_errors=True) as folder:
        installed = asyncio.run(_installed(Path(folder) / "home"))
        try:
            bot = f"chatloom: bot/v1\nid: {BOT}\nlanguages: [en, it]\nflows: [main]\nfallback: main\n"
            with installed.client() as api:
                api.post("/users", {"email": EMAIL, "name": "Ben", "role": "admin", "password": PASSWORD})
                files = {"bot.yaml": bot, "flows/main.yaml": flow()}
                api.call("PUT", f"/bots/{BOT}/draft", {"files": files}, headers={"If-None-Match": "*"})
            with sync_playwright() as play:
                path = executable(play.chromium.executable_path)
                browser = play.chromium.launch(executable_path=path, args=ARGUMENTS)
                try:
                    found: dict[str, float] = {}
                    for name, value in measure(House(installed.url, browser)):
                        print(line(name, value), flush=True)
                        found[name] = value
                    return found
                finally:
                    browser.close()
        finally:
            installed.close()


def main() -> None:
    """Measure, print, and write the figures if asked."""
    asked = argparse.ArgumentParser(prog="python -m bench.ui", description=__doc__)
    asked.add_argument("--json", type=Path, help="write the figures here too")
    given = asked.parse_args()
    found = run()
    if given.json:
        figures = {
            "machine": machine.described(),
            "ui": {name: round(value, 1) for name, value in found.items()},
        }
        given.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
