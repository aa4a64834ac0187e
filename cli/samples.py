"""What `up` puts into an empty installation: the sample bots, and a simulated number that serves one."""

from pathlib import Path
from typing import Any

import yaml

from cli import folder
from cli.client import Client, ServerRefused

BOTS = Path(__file__).parent.parent / "bots"
SERVED = "table-booking"
NUMBER = "demo"


def install(api: Client) -> None:
    """Push and publish the samples that are not there yet, and declare what they keep of contacts.

    A sample with errors is pushed, not published.
    """
    known = {bot["name"]: bot for bot in api.pages("/bots")}
    published: list[str] = []
    for path in sorted(BOTS.iterdir()) if BOTS.is_dir() else ():
        if not (path / "bot.yaml").exists():
            continue
        name = folder.bot_name(path)
        if name not in known:
            files = folder.read(path)
            version = api.put(f"/bots/{name}", {"files": files, "message": "sample"})
            try:
                api.post(f"/bots/{name}/versions/{version['version']}/publish")
            except ServerRefused as problem:
                if problem.document().get("code") != "bots.unfit":
                    raise
                continue
            for field, schema in _contact_fields(files["bot.yaml"]).items():
                api.put(f"/contact-fields/{field}", {"type": schema.get("type", "string")})
            published.append(name)
        elif known[name]["published_version"]:
            published.append(name)
    if not published or any(number["name"] == NUMBER for number in api.pages("/numbers")):
        return
    bot = SERVED if SERVED in published else published[0]
    settings = {"throttle": "off", "pair_limit": "off"}
    api.post("/numbers", {"name": NUMBER, "channel": "simulator", "bot": bot, "settings": settings})


def _contact_fields(bot: str) -> dict[str, dict[str, Any]]:
    """The fields of contacts that a bot without errors declares, with their JSON Schemas."""
    return (yaml.safe_load(bot).get("contact") or {}).get("fields") or {}
