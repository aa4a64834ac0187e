"""A POST with an `Idempotency-Key` is done once: who repeats it within a day gets the same answer.

Plain ASGI, behind the one that names the caller. A request takes a claim on its key, in a transaction of its
own; that it did what was asked is noted in the route's own transaction (`database.py`), by the claim, so that
a process that ends in between leaves no doubt: not noted means not done, and the key may be used again.
What was refused has done nothing, so its answer is not kept either.
"""

import hashlib
import logging
from typing import Any
from uuid import UUID

import orjson
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin_api.callers import Caller
from admin_api.problems import MEDIA_TYPE, answer, problems
from admin_api.services import Services
from keys.seal import Sealer
from schemas.problems import Outside, Problem, Refused
from store.admin import idempotency
from store.admin.idempotency import Claim, Taken

log = logging.getLogger(__name__)

PREFIX = "/api/"
HEADER = "idempotency-key"
REPEATED = (b"idempotency-replayed", b"true")
MOST_CHARS = 255
MOST_KEPT = 1024 * 1024
PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same key within 24 hours, the request is not done again:"
    " the first answer comes back, with `Idempotency-Replayed: true`. Take a new UUID for each thing to do.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MOST_CHARS, "pattern": "^[!-~]+$"},
    "example": "0192f3a4-7d1e-7c51-9a53-0b7d2f6f7b11",
}


class KeyUnfit(Refused):
    """The Idempotency-Key is empty, too long, or not of visible ASCII characters."""

    code = "idempotency.key_unfit"
    status = 422
    title = "That is no Idempotency-Key"
    sentence = "An Idempotency-Key has 1 to 255 visible ASCII characters. Take a UUID."


class KeyReused(Refused):
    """The Idempotency-Key was sent before with another request."""

    code = "idempotency.key_reused"
    status = 422
    title = "The key belongs to another request"
    sentence = "This Idempotency-Key came with another path or body before. Take a new key for a new request."


class StillRunning(Refused):
    """The first request with this Idempotency-Key is still running."""

    code = "idempotency.still_running"
    status = 409
    title = "It is being done"
    sentence = "The first request with this Idempotency-Key is still running. Send it again in a moment."
    headers = {"Retry-After": "1"}


class AnswerLost(Refused):
    """It was done, but its answer was not kept."""

    code = "idempotency.answer_lost"
    status = 409
    title = "It is done already"
    sentence = (
        "The request with this Idempotency-Key was done; its answer is lost. Look at what is there now."
    )


SHAPE = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
PROBLEMS = (KeyUnfit, KeyReused, StillRunning, AnswerLost, idempotency.ClaimLost)


def declared(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document, with the header and its problems at each POST that takes a key or a token."""
    for methods in document["paths"].values():
        operation = methods.get("post", {})
        if "security" not in operation or PARAMETER in operation.setdefault("parameters", []):
            continue
        operation["parameters"].append(PARAMETER)
        for status, told in problems(*PROBLEMS).items():
            known = operation["responses"].setdefault(str(status), {"description": "", "content": SHAPE})
            known["description"] = f"{known['description']}\n\n{told['description']}".strip()
    return document


class Idempotency:
    """Gives the kept answer to who repeats a request, and keeps the answer of who makes one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        who: Caller | None = scope["state"]["caller"]
        key = Headers(scope=scope).get(HEADER)
        if who is None or key is None:
            await self.app(scope, receive, send)
            return
        open_here: Services = scope["app"].state.services
        try:
            if not 1 <= len(key) <= MOST_CHARS or not all("!" <= each <= "~" for each in key):
                raise KeyUnfit
            body = await _body(receive)
            if body is None:  # who called is gone
                return
            asked = hashlib.sha256(b"%b?%b\n%b" % (scope["path"].encode(), scope["query_string"], body))
            hashed = hashlib.sha256(key.encode()).digest()
            seals = await open_here.sealer(who.workspace)
            async with open_here.desk.transaction(who.workspace) as db:
                took = await idempotency.take(db, who.workspace, _own(who), hashed, asked.digest())
            kept = _kept(seals, took, asked.digest()) if isinstance(took, Taken) else None
        except Problem as problem:
            await answer(problem, getattr(problem, "headers", None))(scope, receive, send)
            return
        if kept is not None:
            await _send(send, kept)
        elif isinstance(took, Claim):
            await self._once(scope, _again(body, receive), send, took, seals)

    async def _once(self, scope: Scope, receive: Receive, send: Send, claim: Claim, seals: Sealer) -> None:
        """Let the request be done, and keep its answer before it goes out."""
        open_here: Services = scope["app"].state.services
        scope["state"]["claim"] = claim
        start: Message = {}
        parts: list[bytes] = []
        held = True  # until it is known to be too long to be kept

        async def hold(message: Message) -> None:
            nonlocal held
            if not held:
                await send(message)
            elif message["type"] == "http.response.start":
                start.update(message)
                held = 200 <= message["status"] < 300 and not _streams(message)
                if not held:
                    await send(message)
            else:
                parts.append(message.get("body", b""))
                if sum(map(len, parts)) > MOST_KEPT:
                    held = False
                    await send(start)
                    await send({**message, "body": b"".join(parts)})
                elif not message.get("more_body", False):
                    whole = {"status": start["status"], "headers": _texts(start), "body": b"".join(parts)}
                    await _keep(open_here, claim, _sealed(seals, claim.claim, whole))
                    await send(start)
                    await send({**message, "body": whole["body"]})

        try:
            await self.app(scope, receive, hold)
        finally:
            if not start or not held:
                await _give_up(open_here, claim)


async def _keep(open_here: Services, claim: Claim, sealed: bytes) -> None:
    try:
        async with open_here.desk.transaction(claim.workspace) as db:
            await idempotency.keep(db, claim, sealed)
    except Outside as problem:  # it was done, so it is answered; who repeats it hears that the answer is lost
        log.warning("the answer of a request with an Idempotency-Key is not kept: %s", problem)


async def _give_up(open_here: Services, claim: Claim) -> None:
    try:
        async with open_here.desk.transaction(claim.workspace) as db:
            await idempotency.give_up(db, claim)
    except Outside as problem:  # the claim is abandoned by itself after a while
        log.warning("an Idempotency-Key stays claimed for a while: %s", problem)


def _own(who: Caller) -> str:
    return f"{who.kind}:{who.user or who.key or ''}"


def _kept(seals: Sealer, took: Taken, asked: bytes) -> dict[str, Any]:
    """The answer to a request that came before. Raises `KeyReused`, `StillRunning`, `AnswerLost`."""
    if took.request != asked:
        raise KeyReused
    if took.answer is not None:
        return _opened(seals, took.claim, took.answer)
    raise AnswerLost if took.done else StillRunning


def _sealed(seals: Sealer, claim: UUID, whole: dict[str, Any]) -> bytes:
    head = orjson.dumps({"status": whole["status"], "headers": whole["headers"]})
    return seals.seal("idempotency", "answer", claim.bytes, head + b"\n" + whole["body"])


def _opened(seals: Sealer, claim: UUID, sealed: bytes) -> dict[str, Any]:
    head, _, body = seals.open("idempotency", "answer", claim.bytes, sealed).partition(b"\n")
    return {**orjson.loads(head), "body": body}


def _texts(start: Message) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]


def _streams(start: Message) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"text/event-stream") for name, value in start["headers"]
    )


async def _body(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """A body that was read, for the route; then whatever else comes."""
    left = [body]

    async def said() -> Message:
        return {"type": "http.request", "body": left.pop()} if left else await receive()

    return said


async def _send(send: Send, kept: dict[str, Any]) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in kept["headers"]]
    await send({"type": "http.response.start", "status": kept["status"], "headers": [*headers, REPEATED]})
    await send({"type": "http.response.body", "body": kept["body"]})
