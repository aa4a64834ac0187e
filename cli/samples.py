"""What `up` puts into an empty installation: the sample bots, and a simulated number that serves one."""

from pathlib import Path

from cli import folder
from cli.client import Client, ServerRefused

BOTS = Path(__file__).parent.parent / "bots"
SERVED = "table-booking"
NUMBER = "demo"


def install(api: Client) -> None:
    """Push and publish the samples that are not there yet. A sample with errors is pushed, not published."""
    known = {bot["name"]: bot for bot in api.pages("/bots")}
    published: list[str] = []
    for path in sorted(BOTS.iterdir()) if BOTS.is_dir() else ():
        if not (path / "bot.yaml").exists():
            continue
        name = folder.bot_name(path)
        if name not in known:
            version = api.put(f"/bots/{name}", {"files": folder.read(path), "message": "sample"})
            try:
                api.post(f"/bots/{name}/versions/{version['version']}/publish")
            except ServerRefused as problem:
                if problem.document().get("code") != "bots.unfit":
                    raise
                continue
            published.append(name)
        elif known[name]["published_version"]:
            published.append(name)
    if not published or any(number["name"] == NUMBER for number in api.pages("/numbers")):
        return
    bot = SERVED if SERVED in published else published[0]
    settings = {"throttle": "off", "pair_limit": "off"}
    api.post("/numbers", {"name": NUMBER, "channel": "simulator", "bot": bot, "settings": settings})
