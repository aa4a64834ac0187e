"""An export: conversations, contacts or collected data become a sealed file, a batch at a time."""

import asyncio
import datetime as dt
from uuid import UUID

from jobs.export_formats import WRITERS
from jobs.ordered_work import Work
from schemas.ids import first_id
from store import exports
from store.export_files import ExportWriter
from store.exports import COLUMNS, Wanted
from store.jobs import Outcome

KEPT = dt.timedelta(days=7)


async def do(work: Work) -> Outcome:
    """Write the file. A part of one is never left behind."""
    wanted = _wanted(work)
    work.total = await exports.total(work.desk.pool, wanted)
    file = await asyncio.to_thread(
        ExportWriter, work.desk.exports, work.job.id, work.job.attempt, work.job.sealer
    )
    try:
        writer = await asyncio.to_thread(WRITERS[work.args["format"]], file, COLUMNS[wanted.what])
        async for rows in exports.batches(work.desk.pool, work.job.sealer, wanted):
            await asyncio.to_thread(writer.write, rows)
            work.go_on(len(rows))
        await asyncio.to_thread(writer.end)
        await asyncio.to_thread(file.finish)
        work.go_on()
    except BaseException:
        file.drop()
        raise
    return Outcome("done", {"rows": work.progress, "bytes": file.bytes}, keep=KEPT)


def _wanted(work: Work) -> Wanted:
    args = work.args
    since, until = args["since"], dt.datetime.fromisoformat(args["until"])
    return Wanted(
        args["what"],
        work.job.workspace,
        args["number_id"] and UUID(args["number_id"]),
        args["bot_id"] and UUID(args["bot_id"]),
        first_id(dt.datetime.fromisoformat(since)) if since else exports.BEGINNING,
        first_id(until),
    )
