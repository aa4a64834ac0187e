"""From the outbox to WhatsApp: one message at a time, under an id that we can find again.

Each message carries our own id in its secret (`tag.py`), which the library commits before it sends. When a
message comes again (`Outbound.attempt` > 1), what the earlier tries may have shown is taken back first, so that
the contact sees it once; receipts that came meanwhile have settled it otherwise (`Receipt.tracker`).
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from uuid import UUID

from schemas.messages import Identity, Media, Outbound, Outgoing, Reaction
from schemas.reasons import reason
from sessions import metrics
from sessions.driver import Rejected, Sent, Throttled, Unreachable
from sessions.linked_device import faults, write
from sessions.linked_device.client import CallFailed, SendFailed
from sessions.linked_device.inflow import Inflow, Recent
from sessions.linked_device.ledger import Secrets
from sessions.linked_device.link import Held, Link, NotOnline
from sessions.linked_device.links import fetch_link
from sessions.linked_device.ratchets import Ratchets, Step
from sessions.linked_device.read import file_ref
from sessions.linked_device.write import Quoted

ONLINE_WITHIN_S = 3.0
SEND_S = 90.0  # the library gives up after 75 s, but after a lost connection it waits without end
CALL_S = 60.0
MENDS = 8
QUIET_S, QUIET_AT_MOST_S = 0.15, 1.5

# neonize's MediaType, and the field of waE2E.Message
_KINDS = {"image": 0, "sticker": 0, "video": 1, "audio": 2, "document": 3}


class Outflow:
    """One session's."""

    def __init__(
        self,
        link: Link,
        inflow: Inflow,
        secrets: Secrets,
        sending: Callable[[], AbstractContextManager[None]],
        recall: Callable[[str], Awaitable[Outgoing | None]],
        leave_doubtful: bool,
        most_bytes: dict[str, int],
    ) -> None:
        self._link = link
        self._inflow = inflow
        self._secrets = secrets
        self._sending = sending
        self._recall = recall
        self._leave_doubtful = leave_doubtful
        self._most_bytes = most_bytes
        self._ratchets = Ratchets()
        self._read: Recent[bool] = Recent()
        self._not_sent: set[str] = set()  # tries that certainly did not leave

    async def send(self, message: Outbound) -> Sent:
        """Send one message. Raises as `Driver.send` does, but for `LoggedOut`: a phone can be linked again."""
        held = await self._online()
        chat = write.address(message.to)
        body = await self._with_bytes(held, message.body)
        target_is_ours = False
        if isinstance(body, Reaction):
            target_is_ours = self._inflow.heard.get(body.to_provider_id) is None and (
                self._inflow.sent.get(body.to_provider_id) is not None
                or await self._recall(body.to_provider_id) is not None
            )
        quoted = await self._quoted(message.reply_to, chat) if message.reply_to else None
        secret = self._secrets.secret_of(UUID(message.id))
        written = write.write(body, chat, secret, quoted, target_is_ours)
        await self._until_quiet(message.to)
        async with held.turns:
            try:
                provider_id = await self._hand_over(held, lambda: self._try(held, chat, message, written))
            except SendFailed as failed:
                raise self._problem(failed) from failed
        self._inflow.sent.put(provider_id, message.id)
        return Sent(provider_id)

    async def mark_read(self, provider_id: str, typing: bool) -> None:
        """Best effort: a message of before a restart is not known any more. What is read is not read again."""
        heard = self._inflow.heard.get(provider_id)
        if heard is None:
            return
        held = await self._online()
        if self._read.get(provider_id) is None:
            self._read.put(provider_id, True)
            await self._call(held, lambda: held.client.mark_read(provider_id, heard.chat, heard.sender))
        if typing:
            await self._call(held, lambda: held.client.show_typing(heard.chat))

    async def upload(self, data: bytes, mime: str, kind: str) -> str:
        """A file's address at WhatsApp, for `Media.provider_ref`. Raises as `send` does."""
        held = await self._online()
        return await self._upload(held, data, mime, kind)

    async def fetch(self, message: Any) -> bytes:
        """The bytes of a file that a contact sent."""
        held = await self._online()
        return await self._call(held, lambda: held.client.download(message))

    async def _until_quiet(self, to: Sequence[Identity]) -> None:
        """Wait until the contact has said nothing for a moment.

        The library decrypts and encrypts at the same time, each with the session as it found it; where the one
        overwrites the other's step, the contact's phone drops a message of ours that WhatsApp has confirmed.
        """
        clock = asyncio.get_running_loop().time
        latest = clock() + QUIET_AT_MOST_S
        while clock() < latest:
            heard_at = max((self._inflow.heard_at.get(one.value) or 0.0 for one in to), default=0.0)
            left = heard_at + QUIET_S - clock()
            if left <= 0:
                return
            await asyncio.sleep(left)

    async def _online(self) -> Held:
        try:
            return await self._link.online(ONLINE_WITHIN_S)
        except NotOnline as gone:
            raise Throttled("there is no connection to WhatsApp", faults.AGAIN_S) from gone

    async def _hand_over(self, held: Held, job: Callable[[], str]) -> str:
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(SEND_S):
                return await held.sends.do(job)
        except TimeoutError as late:
            self._silent(held, began)
            raise SendFailed("timed out waiting for message send response") from late
        except SendFailed as failed:
            if "timed out" in str(failed):
                self._silent(held, began)
            raise

    # In the sending thread, so that one message follows the other without a detour through the event loop.

    def _try(self, held: Held, chat: Any, message: Outbound, written: Any) -> str:
        """Send once more. What earlier tries may have shown is taken back first."""
        our_id = UUID(message.id)
        if message.attempt > 1:
            earlier = [one for one in self._secrets.tries(our_id, message.to) if one not in self._not_sent]
            if earlier and self._leave_doubtful:
                return earlier[-1]
            for provider_id in earlier:
                try:
                    self._seal(held, chat, message.to, write.revoke(chat, provider_id))
                except SendFailed as failed:
                    raise Unreachable(
                        "what may have been sent was not taken back", maybe_sent=True
                    ) from failed
                metrics.revoked.inc()
                self._not_sent.add(provider_id)
        try:
            return self._seal(held, chat, message.to, written)
        except SendFailed as failed:
            if faults.never_sent(str(failed)):
                self._not_sent.update(self._secrets.tries(our_id, message.to))
            raise

    def _seal(self, held: Held, chat: Any, to: Sequence[Identity], message: Any) -> str:
        """Hand over, and remember how far the ratchets came.

        A message of no consequence goes before, to be dropped where this one would be (`ratchets.py`).
        """
        before = self._secrets.steps(to)
        for _ in range(MENDS):
            if not self._ratchets.went_back(before):
                break
            metrics.mended.inc()
            self._sealed(held, chat, to, write.nothing(chat), before)
            before = self._secrets.steps(to)
        return self._sealed(held, chat, to, message, before)

    def _sealed(
        self, held: Held, chat: Any, to: Sequence[Identity], message: Any, before: dict[str, Step]
    ) -> str:
        try:
            with self._sending():
                return held.client.send(chat, message)
        finally:
            self._ratchets.sealed(before, self._secrets.steps(to))

    def _silent(self, held: Held, began: float) -> None:
        if self._link.last_event < began:
            self._link.stuck(held, reason("session.unconfirmed"))

    def _problem(self, failed: SendFailed) -> Exception:
        problem = faults.problem(str(failed))
        if isinstance(problem, Throttled) and problem.scope == "new":
            self._link.timelocked()
        return problem

    async def _quoted(self, provider_id: str, chat: Any) -> Quoted:
        heard = self._inflow.heard.get(provider_id)
        if heard is not None:
            return Quoted(provider_id, write.text_of(heard.sender), heard.message)
        sent = await self._recall(provider_id)
        if sent is None:
            return Quoted(provider_id, write.text_of(chat))
        phone, lid = self._link.account
        author = f"{lid}@lid" if chat.Server == "lid" else f"{phone}@s.whatsapp.net"
        quoted: Any = None
        with contextlib.suppress(Rejected):  # what cannot be written again is quoted without its words
            quoted = write.write(sent, chat, b"")
        return Quoted(provider_id, author, quoted)

    async def _with_bytes(self, held: Held, body: Outgoing) -> Outgoing:
        """Media are uploaded before they are sent; from a link, we fetch them."""
        if not isinstance(body, Media) or body.provider_ref:
            return body
        if not body.link:
            raise Rejected("no_media", "the file has neither been uploaded nor a link")
        data, mime = await fetch_link(body.link, self._most_bytes[body.kind])
        ref = await self._upload(held, data, body.mime or mime, body.kind)
        return replace(body, provider_ref=ref, mime=body.mime or mime)

    async def _upload(self, held: Held, data: bytes, mime: str, kind: str) -> str:
        place = await self._call(held, lambda: held.client.upload(data, _KINDS[kind]))
        part = _Uploaded(place, mime)
        return file_ref(f"{kind}Message", part)

    async def _call(self, held: Held, job: Callable[[], Any]) -> Any:
        try:
            async with asyncio.timeout(CALL_S):
                return await held.calls.do(job)
        except CallFailed as failed:
            if "404" in str(failed) or "410" in str(failed):
                raise Rejected("no_media", "WhatsApp does not have the file any more") from failed
            raise Unreachable("WhatsApp did not do what was asked") from failed
        except TimeoutError as late:
            raise Unreachable("WhatsApp did not answer") from late


class _Uploaded:
    """A `Neonize.UploadResponse` under the names of a media message's fields."""

    def __init__(self, place: Any, mime: str) -> None:
        self.URL: str = place.url
        self.directPath: str = place.DirectPath
        self.mediaKey: bytes = place.MediaKey
        self.fileEncSHA256: bytes = place.FileEncSHA256
        self.fileSHA256: bytes = place.FileSHA256
        self.fileLength: int = place.FileLength
        self.mimetype = mime
