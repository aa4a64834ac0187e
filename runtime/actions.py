"""Actions: requests to the world outside, beside the turns. Each is a row; its end is an inbox event.

A try that failed is a row with a later moment, so retries survive a crash; the call's id is the idempotency
key of all its tries, so a try that a crash cut off may be made again.
"""

import asyncio
import datetime as dt
import heapq
import itertools
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast
from uuid import UUID

import aiohttp
import orjson

from keys.seal import Sealer
from runtime import metrics
from runtime.breaker import Answers, Breaker
from runtime.effects import call_codec
from runtime.ledger import Ledger
from runtime.owner import Tenure, clock
from runtime.settings import RuntimeSettings
from schemas.effects import CallWebhook
from schemas.events import ActionDone
from schemas.ids import new_event_id
from sessions import outbound, webhooks
from sessions.webhooks import Answer
from store import callback, inbox
from store.action_calls import OpenCall, Progress
from store.custom_actions import Target
from store.inbox import Place

log = logging.getLogger(__name__)

SecretsOf = Callable[[set[str]], Awaitable[dict[str, str]]]
TargetOf = Callable[[str], Awaitable[Target | None]]
LATER = 202


@dataclass(slots=True, eq=False)
class Open:
    """A call under way."""

    conversation_id: UUID
    effect: CallWebhook
    created_at: dt.datetime
    attempt: int = 0


class Actions:
    """One number's."""

    def __init__(
        self,
        settings: RuntimeSettings,
        tenure: Tenure,
        ledger: Ledger,
        sealer: Sealer,
        secrets_of: SecretsOf,
        target_of: TargetOf,
    ) -> None:
        self._settings = settings
        self._tenure = tenure
        self._ledger = ledger
        self._sealer = sealer
        self._secrets_of = secrets_of
        self._target_of = target_of
        lease = tenure.lease
        self._place = Place(lease.number_id, lease.workspace_id, lease.slot)
        self._client: aiohttp.ClientSession | None = None
        self._breaker = Breaker()
        self._answers = Answers()
        self._open: dict[UUID, Open] = {}
        self._due: list[tuple[float, int, Open]] = []
        self._order = itertools.count()
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, conversation_id: UUID, effect: CallWebhook, created_at: dt.datetime) -> None:
        """A turn was committed that asks for this."""
        self._add(Open(conversation_id, effect, created_at), 0.0)

    def resume(self, rows: list[OpenCall]) -> None:
        """Take calls that were read back; those already here are left alone."""
        now = dt.datetime.now(dt.UTC)
        for row in rows:
            if row.id not in self._open:
                effect = call_codec.validate_json(row.request)
                call = Open(row.conversation_id, effect, row.created_at, row.attempt)
                self._add(call, max(0.0, (row.due_at - now).total_seconds()))

    def forget(self, conversation_id: UUID) -> None:
        """A contact is erased: nothing is asked for him any more, and no answer is used again."""
        for key in [key for key, call in self._open.items() if call.conversation_id == conversation_id]:
            del self._open[key]
        self._answers = Answers()

    async def run(self) -> None:
        """Make calls as they fall due, for ever."""
        self._client = outbound.session(self._settings.allow_private_targets)
        try:
            while True:
                self._changed.clear()
                now = clock()
                while self._due and self._due[0][0] <= now and len(self._tasks) < self._settings.most_calls:
                    _, _, call = heapq.heappop(self._due)
                    task = asyncio.create_task(self._try(call))
                    self._tasks.add(task)
                    task.add_done_callback(self._ended)
                full = len(self._tasks) >= self._settings.most_calls
                pause = None if full or not self._due else max(0.0, self._due[0][0] - now)
                try:
                    await asyncio.wait_for(self._changed.wait(), pause)
                except TimeoutError:
                    continue
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._client.close()

    def _add(self, call: Open, pause_s: float) -> None:
        self._open[call.effect.id] = call
        heapq.heappush(self._due, (clock() + pause_s, next(self._order), call))
        self._changed.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an action failed by our own fault", exc_info=error)

    async def _try(self, call: Open) -> None:
        await self._tenure.until_alive()
        if call.effect.id not in self._open:
            return
        effect, began = call.effect, clock()
        host = f"custom action {effect.action}" if effect.action else webhooks.host_of(effect)
        if (kept := self._answers.get(effect, began, stale=False)) is not None:
            self._finish(call, Answer(True, True, kept))
            return
        if (pause := self._breaker.wait(host, began)) > 0:
            self._blocked(call, pause)
            return
        call.attempt += 1
        try:
            answer = await (self._ask(call) if effect.action else self._request(effect))
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("a webhook could not be made")
            answer = Answer(False, True, error=type(error).__name__)
        metrics.action_seconds.labels("ok" if answer.ok else "failed").observe(clock() - began)
        self._breaker.ended(host, not answer.counts, clock())
        if answer.ok:
            self._answers.keep(effect, clock(), answer.result)
        if answer.ok or answer.final:
            self._finish(call, answer)
        elif (kept := self._answers.get(effect, clock(), stale=True)) is not None:
            self._finish(call, Answer(True, True, kept))
        else:
            self._again(call, answer)

    async def _request(self, effect: CallWebhook) -> Answer:
        assert self._client is not None
        secrets = await self._secrets_of(webhooks.secret_names(effect))
        return await webhooks.attempt(self._client, effect, secrets, self._settings.allow_private_targets)

    async def _ask(self, call: Open) -> Answer:
        """A custom action: its integration is called, and answers now (`{outcome, data}`) or later (202)."""
        assert self._client is not None
        effect = call.effect
        target = await self._target_of(effect.action)
        if target is None:
            return Answer(False, True, error=f"there is no custom action {effect.action!r}")
        token = callback.token(self._sealer, self._place, call.conversation_id, effect)
        said = {
            "type": "action.call",
            "id": effect.id,
            "action": effect.action,
            "input": effect.json,
            "step": effect.step,
            "number": self._place.number_id,
            "conversation": call.conversation_id,
            "callback": {
                "url": f"{self._settings.public_url.rstrip('/')}/api/v1/action-callbacks/{token}",
                "until": effect.answer_by,
            },
        }
        request = replace(effect, url=(target.url,), json=orjson.loads(orjson.dumps(said)))
        secrets = {webhooks.SIGNING_SECRET: " ".join(target.secrets)}
        answer = await webhooks.attempt(self._client, request, secrets, self._settings.allow_private_targets)
        if not answer.ok:
            return answer
        if answer.result["status"] == LATER:
            return replace(answer, later=True)
        body = answer.result["json"]
        return replace(answer, result=cast("dict[str, Any]", body) if isinstance(body, dict) else {})

    def _blocked(self, call: Open, pause_s: float) -> None:
        """The host's circuit is open: stand in with a kept answer, or wait without using up a try."""
        if (kept := self._answers.get(call.effect, clock(), stale=True)) is not None:
            self._finish(call, Answer(True, True, kept))
        elif self._age(call) + pause_s > call.effect.retry.give_up_after_s:
            self._finish(call, Answer(False, True, error="the host fails"))
        else:
            self._add(call, pause_s)

    def _again(self, call: Open, answer: Answer) -> None:
        retry = call.effect.retry
        if call.effect.id not in self._open:
            return
        pause = min(retry.max_pause_s, retry.backoff_s * 2.0 ** min(call.attempt - 1, 30))
        pause *= random.uniform(0.75, 1.25)
        if answer.retry_in_s is not None:
            pause = max(pause, answer.retry_in_s)
        if call.attempt >= retry.attempts or self._age(call) + pause > retry.give_up_after_s:
            self._finish(call, answer)
            return
        due = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=pause)
        self._ledger.page.progress.append(Progress(call.effect.id, "queued", call.attempt, due, answer.error))
        self._ledger.touch()
        self._add(call, pause)

    def _finish(self, call: Open, answer: Answer) -> None:
        effect, now = call.effect, dt.datetime.now(dt.UTC)
        if effect.id not in self._open:  # its contact was erased meanwhile
            return
        page = self._ledger.page
        if not answer.later:
            self._tell(call, answer, now)
        page.progress.append(
            Progress(
                effect.id,
                "done" if answer.ok else "failed",
                call.attempt,
                now,
                answer.error,
                orjson.dumps(answer.result),
            )
        )
        self._ledger.then(partial(self._open.pop, effect.id, None))
        self._ledger.touch(urgent=True)

    def _tell(self, call: Open, answer: Answer, now: dt.datetime) -> None:
        """The result is an event of the conversation."""
        effect = call.effect
        event = ActionDone(
            id=new_event_id(),
            at=now,
            call=effect.id,
            visit=effect.visit,
            ok=answer.ok,
            result=answer.result,
            error=answer.error,
        )
        source = f"action:{effect.id}:{call.attempt}"
        self._ledger.page.arrived.append(inbox.row_of(self._place, source, call.conversation_id, event))

    def _age(self, call: Open) -> float:
        return (dt.datetime.now(dt.UTC) - call.created_at).total_seconds()
