"""The page of the first admin, /welcome#<token>: what stands after `#` never reaches a server or its log by itself."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from admin_api.simulator import HEADERS, STATIC

router = APIRouter(include_in_schema=False)


@router.get("/welcome")
async def page() -> FileResponse:
    """The page; its script asks the API whether the link opens."""
    return FileResponse(STATIC / "welcome.html", headers=HEADERS)
