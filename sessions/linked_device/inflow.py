"""From the spool to the inbox: what the library told becomes messages and reports, in order, and is then dropped.

The spool's note names the last message that went through and has a secret. After a kill, whatever secrets the
session's database holds beyond that one are of messages that the library took and never told us (`ledger.py`):
they are brought as messages of which only the fact is left. The inbox drops those that it knows.
"""

import asyncio
import contextlib
import datetime as dt
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from schemas.messages import FromOwner, Identity, Inbound, Outgoing, Unsupported
from sessions import metrics
from sessions.driver import OnMessage, OnReceipt, Receipt
from sessions.linked_device import poll, read
from sessions.linked_device.client import Told
from sessions.linked_device.ledger import Secrets, identity_of
from sessions.linked_device.protobufs import neonize
from sessions.linked_device.write import text_of
from sessions.vault import Spool

log = logging.getLogger(__name__)

BATCH = 256
GATHER_S = 0.1  # what comes in quick succession goes to the inbox together, so often at most
UNREADABLE_AFTER_S = 30.0  # its sender's phone is asked for a message that could not be decrypted
CAUGHT_UP_WITHIN_S = 60.0
LATE_S = 10.0
_REMEMBERED = 5000

T = TypeVar("T")


class Recent(Generic[T]):
    """The newest entries by name."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._entries: OrderedDict[str, T] = OrderedDict()
        self._most = most

    def put(self, name: str, entry: T) -> None:
        self._entries[name] = entry
        self._entries.move_to_end(name)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def get(self, name: str) -> T | None:
        return self._entries.get(name)


@dataclass(frozen=True, slots=True)
class Heard:
    """An incoming message, as far as marking it as read and quoting it need."""

    chat: Any
    sender: Any
    message: Any


@dataclass(frozen=True, slots=True)
class Sinks:
    """Where things go; each returns when that is durable."""

    on_message: OnMessage
    on_receipt: OnReceipt
    on_own: Callable[[FromOwner], Awaitable[None]]
    recall: Callable[[str], Awaitable[Outgoing | None]]


class Inflow:
    """One session's. `wake` when the spool has grown; `run` moves."""

    def __init__(self, spool: Spool, secrets: Secrets, sinks: Sinks, groups: bool, number: str) -> None:
        self._spool = spool
        self._secrets = secrets
        self._sinks = sinks
        self._groups = groups
        self._depth = metrics.spool_depth.labels(number)
        self._grown = asyncio.Event()
        self._later: set[asyncio.Task[None]] = set()
        self._seen: Recent[bool] = Recent()
        self._anchor = ""
        self._moving = asyncio.Lock()
        self.caught_up = asyncio.Event()  # what waited at the server has come
        self.heard: Recent[Heard] = Recent()
        self.sent: Recent[str] = Recent()  # our message ids, by the provider's
        self.heard_at: Recent[float] = Recent()  # by the chat's user, on the loop's clock

    def wake(self) -> None:
        self._grown.set()

    async def run(self) -> None:
        """Move until cancelled. First what the last process left; what it missed, once the server has caught up."""
        try:
            missed = await asyncio.to_thread(self._missed)
            if missed:
                self._begin(self._show_missed(missed))
            clock = asyncio.get_running_loop().time
            while True:
                self._grown.clear()
                next_at = clock() + GATHER_S
                await self._move_all()
                await self._grown.wait()
                await asyncio.sleep(max(0.0, next_at - clock()))
        finally:
            for task in self._later:
                task.cancel()

    async def _move_all(self) -> None:
        async with self._moving:
            await self._move()

    async def _move(self) -> None:
        while events := self._spool.waiting(BATCH):
            self._depth.set(self._spool.depth)
            coming = [one for _, event in events for one in await self._read(event)]
            # each is written to one page in the order of this list, and all share a commit
            await asyncio.gather(*coming)
            if self._anchor:
                self._spool.keep_note(self._anchor.encode())
                self._anchor = ""
            self._spool.drop(events[-1][0])
        self._depth.set(0)

    async def _read(self, event: bytes) -> list[Awaitable[None]]:
        """What is to be done about one event."""
        try:
            match event[0]:
                case Told.MESSAGE:
                    return await self._message(neonize().Message.FromString(event[1:]))
                case Told.RECEIPT:
                    return self._receipts(neonize().Receipt.FromString(event[1:]))
                case Told.UNREADABLE:
                    self._unreadable(neonize().UndecryptableMessage.FromString(event[1:]))
                case _:
                    pass
        except Exception as error:  # noqa: BLE001  one event that nobody foresaw must not stop a number
            metrics.unread.inc()
            log.error("an event of kind %s could not be read: %s", event[0], type(error).__name__)
        return []

    async def _message(self, event: Any) -> list[Awaitable[None]]:
        info, secret = event.Info, read.secret_in(event)
        self._seen.put(info.ID, True)
        self.heard_at.put(info.MessageSource.Chat.User, asyncio.get_running_loop().time())
        if secret:
            self._anchor = info.ID
        if info.MessageSource.IsFromMe and self._secrets.ours(secret):
            return []
        found = read.read_message(event, self._groups)
        match found:
            case FromOwner():
                return [self._sinks.on_own(replace(found, to=self._secrets.complete(found.to)))]
            case Inbound():
                return [self._sinks.on_message(self._heard(event, found))]
            case read.Vote():
                inbound = await self._vote(event, found)
                return [self._sinks.on_message(inbound)] if inbound else []
            case None:
                return []

    def _heard(self, event: Any, inbound: Inbound) -> Inbound:
        source = event.Info.MessageSource
        self.heard.put(inbound.provider_id, Heard(source.Chat, source.Sender, event.Message))
        if inbound.participant is not None:
            return inbound
        return replace(inbound, identities=self._secrets.complete(inbound.identities))

    async def _vote(self, event: Any, vote: read.Vote) -> Inbound | None:
        inbound = self._heard(event, vote.inbound)
        own = _addresses(self._secrets.account() or ("", ""))
        chats = [text_of(event.Info.MessageSource.Chat), *_written(inbound.identities)]
        secret = self._secrets.secret(vote.poll, chats, own)
        who = [vote.inbound.participant] if vote.inbound.participant else inbound.identities
        hashes = (
            poll.votes(event.Message.pollUpdateMessage, secret, own, _written(self._secrets.complete(who)))
            if secret
            else None
        )
        if hashes is None:
            return replace(inbound, content=Unsupported("vote", "The vote could not be opened."))
        return read.voted(inbound, hashes, await self._sinks.recall(vote.poll))

    def _receipts(self, event: Any) -> list[Awaitable[None]]:
        receipts = read.read_receipt(event)
        if receipts and (dt.datetime.now(dt.UTC) - receipts[0].at).total_seconds() > LATE_S:
            metrics.receipts_late.inc(len(receipts))
        source = event.MessageSource
        chats = [text_of(source.Chat)]
        if (who := identity_of(chats[0])) is not None:
            chats = _written(self._secrets.complete([who]))
        return [self._sinks.on_receipt(self._tracked(receipt, chats)) for receipt in receipts]

    def _tracked(self, receipt: Receipt, chats: list[str]) -> Receipt:
        known = self.sent.get(receipt.provider_id)
        if known is not None:
            return receipt
        own = _addresses(self._secrets.account() or ("", ""))
        return replace(receipt, tracker=self._secrets.sent_as(receipt.provider_id, chats, own))

    def _unreadable(self, event: Any) -> None:
        metrics.undecrypted.labels("unavailable" if event.IsUnavailable else "undecryptable").inc()
        message = read.read_unreadable(event, self._groups)
        if message is not None:
            self._begin(self._show_unreadable(event.Info.ID, message))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._later.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("what was to be shown later is lost", exc_info=error)

    async def _show_unreadable(self, message_id: str, message: Inbound) -> None:
        await asyncio.sleep(UNREADABLE_AFTER_S)
        if self._seen.get(message_id) is None:
            await self._sinks.on_message(message)

    async def _show_missed(self, missed: list[Inbound]) -> None:
        """Once the server has brought what waited there: it may bring some of them again."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.caught_up.wait(), CAUGHT_UP_WITHIN_S)
        await self._move_all()
        for message in missed:
            if self._seen.get(message.provider_id) is None:
                metrics.missed.inc()
                await self._sinks.on_message(message)

    def _missed(self) -> list[Inbound]:
        """What the library took before a kill and did not tell. Blocks."""
        anchor = self._spool.note.decode()
        if not anchor or self._secrets.account() is None:
            return []
        spooled = {
            neonize().Message.FromString(event[1:]).Info.ID
            for _, event in self._spool.waiting()
            if event[0] == Told.MESSAGE
        }
        now, found = dt.datetime.now(dt.UTC), list[Inbound]()
        for missed in self._secrets.missed_since(anchor):
            chat, sender = identity_of(missed.chat), identity_of(missed.sender)
            if missed.provider_id in spooled or chat is None or sender is None:
                continue
            if chat.kind == "group" and not self._groups:
                continue
            content = Unsupported(
                "missed", "It came while this server was stopped by force. Ask for it again."
            )
            found.append(
                Inbound(
                    missed.provider_id,
                    now,
                    (chat,) if chat.kind == "group" else self._secrets.complete([sender]),
                    content,
                    participant=sender if chat.kind == "group" else None,
                )
            )
        return found

    async def skip_history(self) -> None:
        """Old messages have arrived at linking, with secrets: those are not missed ones."""
        newest = await asyncio.to_thread(self._secrets.newest)
        if newest:
            self._spool.keep_note(newest.encode())


def _addresses(account: tuple[str, str]) -> list[str]:
    phone, lid = account
    return [f"{lid}@lid", f"{phone}@s.whatsapp.net"]


def _written(identities: Any) -> list[str]:
    servers = {"lid": "lid", "phone": "s.whatsapp.net", "group": "g.us"}
    found: list[Identity] = list(identities)
    return [f"{one.value}@{servers[one.kind]}" for one in found if one.kind in servers]
