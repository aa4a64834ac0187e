"""The web UI, as built into admin_ui/dist: every address that is not the API's, a door's or the simulator's.

Files under assets/ bear a hash of their contents in their names, so a browser keeps them for good. Everything
else is index.html: the page's own router knows what the address means. It is asked for anew each time, and each
answer has a nonce of its own for the styles that the page makes while it runs.
"""

import re
import secrets
import stat
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from admin_api.problems import NoSuchRoute, answer

BUILT = Path(__file__).parent.parent / "admin_ui" / "dist"
NONCE = "__CSP_NONCE__"  # what Vite writes in its place: vite.config.ts
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
FOR_GOOD = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"
FILE = re.compile(r"assets/[^/]+|[^/]+\.(svg|png|ico|txt|webmanifest)")
MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Chatloom</title>
<h1>The web UI is not built</h1>
<p>The API, the doors and the numbers work without it. In Chatloom's folder, run:</p>
<pre>make ui</pre><p>Then reload this page. <code>make run</code> does it by itself.</p></html>"""


class Ui:
    """An ASGI application. `built` may come into being, and change, while it serves."""

    def __init__(self, built: Path = BUILT) -> None:
        self._built = built
        self._files = StaticFiles(directory=built, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].lstrip("/")
        if FILE.fullmatch(path):
            response = self._file(path, Headers(scope=scope).get("accept-encoding", ""))
        else:
            response = self._page()
        await response(scope, receive, send)

    def _file(self, path: str, encodings: str) -> Response:
        kept = FOR_GOOD if path.startswith("assets/") else A_DAY
        headers = {"Cache-Control": kept, "Vary": "Accept-Encoding"}
        try:
            full, found = self._files.lookup_path(path)
            if found is None or not stat.S_ISREG(found.st_mode):
                return answer(
                    NoSuchRoute(why="There is no such file. Reload the page: there may be a newer one.")
                )
            if "gzip" in encodings:
                squeezed, there = self._files.lookup_path(f"{path}.gz")
                if there is not None:
                    headers["Content-Encoding"] = "gzip"
                    plain = FileResponse(full).media_type
                    return FileResponse(squeezed, headers=headers, stat_result=there, media_type=plain)
            return FileResponse(full, headers=headers, stat_result=found)
        except (OSError, ValueError, HTTPException):  # a name that no file can have
            return answer(NoSuchRoute(why="There is no such file."))

    def _page(self) -> Response:
        try:
            text = (self._built / "index.html").read_text()
        except FileNotFoundError:
            return HTMLResponse(MISSING, 503)
        nonce = secrets.token_urlsafe(16)
        headers = {"Content-Security-Policy": POLICY.format(nonce=nonce), "Cache-Control": "no-cache"}
        return HTMLResponse(text.replace(NONCE, nonce), headers=headers)
