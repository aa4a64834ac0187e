"""Downloads by a signed link: no key is needed, and the link says what it allows."""

from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from admin_api import download_links
from admin_api.audit import audit
from admin_api.callers import Open
from admin_api.exporting import KIND
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound, Refused
from schemas.tables.columns import now
from store.admin import jobs
from store.export_files import ExportBroken, parts

router = APIRouter(prefix="/downloads", tags=["downloads"], responses=problems(InputUnfit))

TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson", "parquet": "application/octet-stream"}  # fmt: skip


class LinkDead(Refused):
    """The link is over, or its file is gone."""

    code = "downloads.link_dead"
    status = 410
    title = "This link does not download anything"
    sentence = "The link is not whole, its time is over, or its file is gone. Make a new one from the export."


@router.get(
    "/{token}",
    summary="Download by a link",
    response_class=Response,
    responses={
        **problems(LinkDead, ExportBroken),
        200: {
            "description": "The file, as a download.",
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def download(
    token: Annotated[str, Path(max_length=2000, description="What `POST /exports/{export}/link` gave.")],
    open_here: Open,
    request: Request,
) -> Response:
    """The file, part by part. The audit says that it was read, in the name of who made the link."""
    link = download_links.read(open_here.config.masters, token, request.client.host if request.client else "")
    if link is None:
        raise LinkDead
    sealer = await open_here.sealer(link.maker.workspace)
    async with open_here.desk.transaction(link.maker.workspace) as db:
        try:
            row = await jobs.found(db, link.job, KIND)
            if row.file_until is None or row.file_until <= now():
                raise LinkDead
            file = parts(open_here.config.exports, row.id, row.attempt, sealer)
            first = await run_in_threadpool(next, file)
        except NotFound as problem:
            raise LinkDead from problem
        await audit(
            db, link.maker, "export.download", row.id, changes={"rows": (row.result or {}).get("rows")}
        )
    name = f"{row.args['what']}-{row.made_at:%Y%m%d-%H%M%S}.{row.args['format']}"
    return StreamingResponse(
        chain([first], file),
        media_type=TYPES[row.args["format"]],
        headers={
            "Content-Length": str((row.result or {})["bytes"]),
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
