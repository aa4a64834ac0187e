"""Bots that are drafts only, and what the server has of them."""

import itertools
from collections.abc import Mapping
from typing import Any

from cli.client import Client
from tests.ui.site import Site
from tests.until import until

FLOW = "flows/hello.yaml"
HELLO = """chatloom: flow/v1
id: hello
title: {en: Hello, it: Saluti}
triggers:
  - message: {words: [hi]}
steps:
  # asked first
  - id: ask
    action: menu
    with:
      text: {en: Tea or coffee?, it: Tè o caffè?}
      choices: {tea: {en: Tea, it: Tè}, coffee: {en: Coffee, it: Caffè}}
    timeout: 30m
    then: {other: ask, coffee: coffee, timeout: nudge}

  - id: tea
    action: send
    with: {text: {en: "Tea, coming up.", it: "Arriva il tè."}}
    next: stop

  - id: coffee
    action: send
    with: {text: {en: "Coffee, coming up.", it: "Arriva il caffè."}}
    next: stop

  - id: nudge
    action: send
    with: {text: {en: Still there?, it: Ci sei ancora?}}
"""
BOT = "chatloom: bot/v1\nid: {name}\ntitle: Hello\nlanguages: [en, it]\nflows: [hello]\nfallback: hello\n"

_bots = itertools.count()


def fresh(name: str) -> str:
    """A bot's name that nobody else has."""
    return f"{name}-{next(_bots)}"


def draft(site: Site, flow: str = HELLO) -> str:
    """A bot that is a draft only; its name."""
    name = fresh("drinks")
    with site.api() as api:
        hold(api, name, {"bot.yaml": BOT.format(name=name), FLOW: flow})
    return name


def hold(api: Client, name: str, files: Mapping[str, str]) -> None:
    """Make it, as the operator."""
    api.call("PUT", f"/bots/{name}/draft", {"files": files}, headers={"If-None-Match": "*"})


def kept(site: Site, name: str) -> dict[str, Any]:
    """Its files, as the server has them."""
    with site.api() as api:
        return api.get(f"/bots/{name}/draft")["files"]


def holds(site: Site, name: str, text: str) -> None:
    """Wait until the server has it."""
    site.run(until(lambda: any(text in file for file in kept(site, name).values())))
