"""Whether this process lives, and whether it can do its work."""

from fastapi import APIRouter
from pydantic import BaseModel

from admin_api.callers import Open
from admin_api.problems import problems
from store.problems import DatabaseUnreachable

router = APIRouter(prefix="/health", tags=["health"])


class HealthOut(BaseModel):
    """`ok`, and what does not answer though we can work without it."""

    status: str = "ok"
    away: list[str] = []


@router.get("/live", summary="Does the process live?")
async def live() -> HealthOut:
    """Answers as long as the process does. Asks nobody else: a database away is no reason to restart us."""
    return HealthOut()


@router.get("/ready", summary="Can the process do its work?", responses=problems(DatabaseUnreachable))
async def ready(open_here: Open) -> HealthOut:
    """Answers 200 when the database does, else 503. Redis may be away: it is named, and we work on."""
    await open_here.desk.ping()
    return HealthOut(away=[] if await open_here.redis_answers() else ["redis"])
