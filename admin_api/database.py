"""A route's transaction, in the caller's workspace: committed before the answer goes, and then told to live views.

What cannot be taken back, such as the deletion of a file, is left to `after_commit`.
A plain `yield` dependency of FastAPI ends after the response; `scope="function"` ends it before.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request

from admin_api.callers import Caller, Open, caller
from admin_api.live import told
from keys.seal import Sealer
from store.admin import idempotency
from store.admin.desk import Session


async def transaction(
    request: Request, open_here: Open, who: Annotated[Caller, Depends(caller)]
) -> AsyncGenerator[Session]:
    """One transaction for the request. With an Idempotency-Key it also notes that the request is done."""
    async with open_here.desk.transaction(who.workspace) as session:
        yield session
        claim: idempotency.Claim | None = getattr(request.state, "claim", None)
        if claim is not None:
            await idempotency.done(session, claim)
    for act in session.info.get("after_commit", []):
        await asyncio.to_thread(act)
    for topic, kind, ids in told(session):
        open_here.live.tell(who.workspace, topic, kind, **ids)


def after_commit(db: Session, act: Callable[[], object]) -> None:
    """Do something, in a thread, once the route's transaction has committed, and before the answer goes.

    It may never be done: the process may be killed in between, so something else has to sweep what is left.
    """
    db.info.setdefault("after_commit", []).append(act)


def opening(
    request: Request, open_here: Open, who: Annotated[Caller, Depends(caller)]
) -> Callable[[], AbstractAsyncContextManager[Session]]:
    """The route's transaction for a route that begins and ends it itself, once: what it then waits for holds no connection."""
    return lambda: asynccontextmanager(transaction)(request, open_here, who)


async def sealer(open_here: Open, who: Annotated[Caller, Depends(caller)]) -> Sealer:
    """The sealer of the caller's workspace."""
    return await open_here.sealer(who.workspace)


WriteDb = Annotated[Session, Depends(transaction, scope="function")]
ReadDb = Annotated[Session, Depends(transaction, scope="function")]
OwnDb = Annotated[Callable[[], AbstractAsyncContextManager[Session]], Depends(opening)]
Seals = Annotated[Sealer, Depends(sealer)]
