"""Webhooks out are delivered at least once, in order within a conversation, by Standard Webhooks 1.0.0.

A try is good if the answer is 2xx within 15 s. Of an answer only the start is read and kept. What fails is
tried again at the times of the standard, about three days long; redirects are failures and are not followed.
An endpoint that answers 410, or to which nothing came through for five days, is disabled.

Several may run side by side: a claim is of one, and runs out if its worker dies.
"""

import asyncio
import datetime as dt
import logging
import random
import time
from collections import Counter
from uuid import UUID

import aiohttp
import orjson

from jobs.job import Desk, Job
from keys.signing import signature
from sessions import outbound
from store import webhooks
from store.webhooks import Delivery, Tried

log = logging.getLogger(__name__)

AGAIN_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)  # after the first try, and so on
LONGEST_S = 86_400.0
LIMIT_S = 15.0
HOLD = dt.timedelta(seconds=60)
PATIENCE = dt.timedelta(days=5)
MOST = 64  # at a time
MOST_EACH = 8  # at a time, of one endpoint
READ_BYTES = 4096
ROUND_S = 10.0
LOOK_S = 0.5


async def do(desk: Desk) -> bool:
    """Deliver what is due, for about ten seconds at most. True while there may be more."""
    tasks: dict[asyncio.Task[None], UUID] = {}
    until = time.monotonic() + ROUND_S
    async with outbound.session(desk.allow_private) as client:
        try:
            while True:
                found: list[Delivery] = []
                if desk.stop.is_set():
                    return False  # a claim whose try is cut off runs out, and the try is made again
                if open_still := time.monotonic() < until:
                    busy = Counter(tasks.values())
                    full = [endpoint for endpoint, count in busy.items() if count >= MOST_EACH]
                    room = min(MOST_EACH, MOST - len(tasks))
                    found = await webhooks.claim(desk.pool, desk.shelf, room, full, HOLD) if room else []
                for one in found:
                    tasks[asyncio.create_task(_deliver(desk, client, one))] = one.endpoint
                if not tasks:
                    return not open_still
                wait = 0 if found else LOOK_S
                ended, _ = await asyncio.wait(tasks, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    del tasks[task]
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _deliver(desk: Desk, client: aiohttp.ClientSession, delivery: Delivery) -> None:
    """One try, written down."""
    tried, gone = await _try(client, delivery, desk.allow_private)
    if await webhooks.settle(desk.pool, delivery, tried, gone=gone, patience=PATIENCE):
        log.warning("webhook endpoint %s is disabled: %s", delivery.endpoint, tried.error)


async def _try(client: aiohttp.ClientSession, delivery: Delivery, allow_private: bool) -> tuple[Tried, bool]:
    began = time.monotonic()
    headers = {
        "Content-Type": "application/json",
        **signature(str(delivery.event), int(time.time()), delivery.body, delivery.secrets),
    }
    status, error, asked = None, "", None
    answer: dict[str, object] = {}
    if not allow_private:
        error = outbound.literal_refused(delivery.url)
    if not error:
        try:
            async with (
                asyncio.timeout(LIMIT_S),
                client.post(
                    delivery.url, data=delivery.body, headers=headers, allow_redirects=False
                ) as response,
            ):
                status = response.status
                answer["headers"] = {
                    name.lower(): outbound.clean(value)[:500]
                    for name, value in list(response.headers.items())[:50]
                }
                answer["body"] = (await _start(response)).decode("utf-8", "replace")
                asked = outbound.retry_after(response.headers.get("Retry-After", ""))
                error = "" if 200 <= status < 300 else f"HTTP {status}"
        except TimeoutError:
            error = f"no whole answer within {LIMIT_S:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            error = _why(problem)
    exchange = {"url": delivery.url, "headers": headers, "answer": answer}
    tried = Tried(
        not error,
        None if not error else _wait(delivery.attempt, asked),
        round((time.monotonic() - began) * 1000),
        status,
        error,
        orjson.dumps(exchange),
    )
    return tried, status == 410


def _why(problem: Exception) -> str:
    """Why there is no answer, as people read it in the list of deliveries."""
    if outbound.was_private(problem):
        return "the target is on a private address"
    match problem:
        case aiohttp.ClientConnectorDNSError():
            return "no answer: no host has this name"
        case aiohttp.ClientSSLError():
            return "no answer: no safe connection with the host's certificate"
        case aiohttp.ClientConnectorError():
            return "no answer: the host does not take the connection"
        case _:
            return f"no answer: {type(problem).__name__}"


async def _start(response: aiohttp.ClientResponse) -> bytes:
    """The start of the body, read to its end if that is all; the rest of a long one is left."""
    parts = b""
    while len(parts) < READ_BYTES and (part := await response.content.read(READ_BYTES - len(parts))):
        parts += part
    if len(parts) == READ_BYTES:
        response.close()
    return parts


def _wait(attempt: int, asked_s: float | None) -> dt.timedelta | None:
    """How long to wait after the `attempt`-th try. None: that was the last."""
    if attempt > len(AGAIN_S):
        return None
    wait = AGAIN_S[attempt - 1] * random.uniform(1.0, 1.1)
    return dt.timedelta(seconds=max(wait, min(asked_s or 0.0, LONGEST_S)))


JOB = Job("webhooks", 1.0, do)
