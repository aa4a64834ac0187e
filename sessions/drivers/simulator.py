"""A channel without a vendor: what is sent is accepted at once and read from the transcript.

It shows what WhatsApp shows, so that a conversation looks here as it will look there. A repeated send under
the same id is the same message, hence `own_message_id`.
"""

import asyncio
from dataclasses import replace
from typing import ClassVar

from pydantic import BaseModel

from schemas.capabilities import Capabilities
from schemas.messages import Outbound
from sessions.driver import Account, OnMessage, OnReceipt, Sent
from sessions.settings import ChannelSettings
from sessions.whatsapp import BUSINESS


class Simulator:
    """One simulated number."""

    channel: ClassVar[str] = "simulator"
    capabilities: ClassVar[Capabilities] = replace(BUSINESS, channel="simulator", own_message_id=True)
    settings_model: ClassVar[type[BaseModel]] = ChannelSettings
    secret_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, account: Account) -> None:
        self.account = account

    async def run(self, on_message: OnMessage, on_receipt: OnReceipt) -> None:
        """Wait until cancelled: people write through the API."""
        await asyncio.Event().wait()

    async def send(self, message: Outbound) -> Sent:
        """Accept, always."""
        return Sent(f"sim:{message.id}")

    async def close(self) -> None:
        """Nothing is held."""


DRIVER = Simulator
