"""Messages can be found by their words, where a workspace wants it: new ones within seconds, older ones little by little."""

from jobs.job import Desk, Job
from store import message_search


async def do(desk: Desk) -> bool:
    """New messages first, then a batch of what is left to do. True while there may be more."""
    while await message_search.catch_up(desk.pool, desk.shelf):
        pass
    return await message_search.go_on(desk.pool, desk.shelf)


JOB = Job("message_search", 2.0, do)
