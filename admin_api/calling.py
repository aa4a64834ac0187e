"""An outside call that somebody tries: made once, as a bot's is, and answered to him.

A route has ended its transaction by then (`OwnDb`): the other side may take its time, and connections are few.
That it was asked for is audited before, so that nothing goes out that nobody is told of.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from admin_api.services import Services
from keys.seal import Sealer
from schemas.effects import CallWebhook
from schemas.tables.custom_actions import CustomAction
from sessions import outbound, webhooks
from sessions.webhooks import Answer
from store.admin import custom_actions

ACCEPTED = 202  # a custom action will answer by its callback


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it. `later`: the other side means to answer by a callback, which a call that is tried has none of."""

    answer: Answer
    status: int | None
    took_ms: int
    later: bool


def of_action(call: CallWebhook, action: CustomAction, seals: Sealer) -> tuple[CallWebhook, dict[str, str]]:
    """The call of a custom action, whose input `call.json` is, as its integration gets it; and what signs it.

    It says `"try": true` and has no callback.
    """
    said: dict[str, Any] = {"type": "action.call", "id": str(call.id), "action": action.name}
    said |= {"input": call.json, "try": True} | ({"step": call.step} if call.step else {})
    secrets = {webhooks.SIGNING_SECRET: " ".join(custom_actions.secrets_of(seals, action))}
    return replace(
        call, method="POST", url=(action.url,), json=said, has_body=True, action=action.name
    ), secrets


async def attempt(open_here: Services, call: CallWebhook, secrets: Mapping[str, str]) -> Tried:
    """Make the call. Never raises for what the other side does."""
    private = open_here.config.allow_private_webhooks
    began = asyncio.get_running_loop().time()
    async with outbound.session(private) as client:
        answer = await webhooks.attempt(client, call, secrets, private)
    took = round((asyncio.get_running_loop().time() - began) * 1000)
    code = answer.result.get("status")
    return Tried(answer, code, took, bool(call.action) and code == ACCEPTED)
