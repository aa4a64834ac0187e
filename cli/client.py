"""The server's API, for commands: one door for everything that changes what a server holds."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit

from cli import operator_key
from cli.settings import Settings
from schemas.problems import Outside, Refused

TIMEOUT_S = 30.0
AGAIN_S = 1.0
REFRESH_COOKIE = "chatloom_refresh"


class ServerRefused(Refused):
    """The server said no; its problem document is in `document`."""

    code = "server.refused"
    sentence = "{detail}"

    def __init__(self, document: dict[str, Any]) -> None:
        self.said = document
        super().__init__(detail=document.get("detail") or document.get("title") or "The server refused.")

    def document(self) -> dict[str, Any]:
        """What the server said."""
        return self.said


class ServerUnreachable(Outside):
    """Nobody answers there."""

    code = "server.unreachable"
    sentence = "No answer from {server}: {why}. Is it running? Start it with `chatloom up`, or give --server."


class Client:
    """Calls the API at `server` with `key`. Use it as a context manager.

    By the standard library's HTTP: a command that waits a third of a second for its imports feels slow.
    """

    def __init__(self, server: str, key: str | Callable[[], str]) -> None:
        self.server = server.rstrip("/")
        self.cookies: SimpleCookie = SimpleCookie()
        self._key = key
        self._http: HTTPConnection | None = None

    @classmethod
    def of(cls, settings: Settings, server: str = "", key: str = "") -> Self:
        """The client of these settings; `server` and `key` come before them.

        Without a key, whoever is signed in there calls, and else the operator.
        """
        from cli import signed_in  # which is a client itself

        url = cls.server_of(settings, server)
        given = key or settings.key or settings.operator_key
        return cls(url, given or signed_in.bearer(url) or operator_key.load(settings))

    @classmethod
    def operators(cls, settings: Settings, server: str) -> Self:
        """The operator's own client, of a server that these settings start."""
        return cls(server, operator_key.load(settings))

    @classmethod
    def nobodys(cls, settings: Settings, server: str = "") -> Self:
        """A client without a key, for what takes none."""
        return cls(cls.server_of(settings, server), "")

    @staticmethod
    def server_of(settings: Settings, server: str = "") -> str:
        """The URL of a server that is named by itself or by its profile. Of none: the one of this home, or else the
        one signed in at last."""
        from cli import signed_in

        named = server or settings.server
        found = (
            signed_in.resolved(named)
            if named
            else noted(settings.home) or signed_in.resolved("") or settings.server_url
        )
        return found.rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._http is not None:
            self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        """GET. Raises `ServerRefused`, `ServerUnreachable`, as all calls do."""
        return self.call("GET", path, **params)

    def pages(self, path: str, most: int | None = None, **params: Any) -> list[Any]:
        """All items of a list that comes in pages, or the first `most` of them."""
        items: list[Any] = []
        after: str | None = None
        while True:
            left = 200 if most is None else min(200, most - len(items))
            page = self.get(path, limit=left, after=after, **params)
            items += page["items"]
            after = page["next"]
            if after is None or len(items) == most:
                return items

    def post(self, path: str, body: Any = None) -> Any:
        """POST a JSON body."""
        return self.call("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        """PUT a JSON body."""
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH with a JSON body."""
        return self.call("PATCH", path, body)

    def delete(self, path: str, **params: Any) -> Any:
        """DELETE."""
        return self.call("DELETE", path, **params)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> Any:
        """One request; its JSON, or None where there is none. Parameters that are None are left out."""
        sent = None if body is None else json.dumps(body).encode()
        headers = {**self._headers(), **(headers or {})}
        try:
            self._http = self._http or self._connection()
            self._http.request(method, self._target(path, params), sent, headers)
            answer = self._http.getresponse()
            for each in answer.headers.get_all("Set-Cookie") or ():
                self.cookies.load(each)
            content = answer.read()
        except (OSError, HTTPException, ValueError) as error:
            raise self._unreachable(error) from error
        return self._said(answer.status, content)

    def download(self, path: str, to: Path) -> None:
        """Write what is there into the file `to`, mode 0600: whole, or not at all. Raises `OSError` too."""
        draft = to.with_name(f".{to.name}.part")
        try:
            http = self._connection()
            with closing(http):
                http.request("GET", self._target(path, {}), None, self._headers())
                answer = http.getresponse()
                if answer.status != 200:
                    self._said(answer.status, answer.read())
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                    shutil.copyfileobj(answer, file, 1 << 18)
                    whole = file.tell() == int(answer.headers["Content-Length"])
                if not whole:
                    raise HTTPException("it broke off half-way")
            draft.replace(to)
        except (HTTPException, ConnectionError, TimeoutError, ValueError) as error:
            raise self._unreachable(error) from error
        finally:
            draft.unlink(missing_ok=True)

    def events(self, path: str, **params: Any) -> Iterator[dict[str, Any] | None]:
        """The data of the server-sent events there, until the reader has enough; None when the server only shows
        that it lives. A stream that breaks off is taken up where it was.

        Raises `ServerRefused`, and `ServerUnreachable` when nobody answered for half a minute.
        """
        last = ""
        heard_at = time.monotonic()
        while True:
            try:
                http = self._connection()
                with closing(http):
                    headers = {**self._headers(), **({"Last-Event-ID": last} if last else {})}
                    http.request("GET", self._target(path, params), None, headers)
                    answer = http.getresponse()
                    if answer.status != 200:
                        self._said(answer.status, answer.read())
                    for line in answer:
                        heard_at = time.monotonic()
                        name, _, value = line.decode().rstrip("\r\n").partition(": ")
                        if name == "id":
                            last = value
                        elif name == "data":
                            yield json.loads(value)
                        elif name == "" and value:
                            yield None
            except (OSError, HTTPException, ValueError) as error:
                if not last or time.monotonic() - heard_at > TIMEOUT_S:
                    raise self._unreachable(error) from error
            time.sleep(AGAIN_S)

    def stream(self, path: str, body: Any) -> Iterator[tuple[str, Any]]:
        """POST a body, and what is told until the server has told all: the name and the data of each event.

        Raises `ServerRefused`, `ServerUnreachable`.
        """
        try:
            http = self._connection()
            with closing(http):
                http.request("POST", self._target(path, {}), json.dumps(body).encode(), self._headers())
                answer = http.getresponse()
                if answer.status != 200:
                    self._said(answer.status, answer.read())
                event = ""
                for line in answer:
                    name, _, value = line.decode().rstrip("\r\n").partition(": ")
                    if name == "event":
                        event = value
                    elif name == "data":
                        yield event, json.loads(value)
        except (OSError, HTTPException, ValueError) as error:
            raise self._unreachable(error) from error

    def _headers(self) -> dict[str, str]:
        key = self._key if isinstance(self._key, str) else self._key()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        if self.cookies:  # X-Chatloom: no page of another site sends it, so the cookie counts
            cookies = "; ".join(f"{name}={each.value}" for name, each in self.cookies.items())
            headers |= {"Cookie": cookies, "X-Chatloom": "1"}
        return headers

    def _target(self, path: str, params: dict[str, Any]) -> str:
        query = urlencode({name: _plain(each) for name, each in params.items() if each is not None})
        return f"{urlsplit(self.server).path}/api/v1{quote(path)}" + (f"?{query}" if query else "")

    def _unreachable(self, error: Exception) -> ServerUnreachable:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return ServerUnreachable(server=self.server, why=why.lower())

    def _said(self, status: int, content: bytes) -> Any:
        try:
            said, read = json.loads(content or b"null"), True
        except ValueError:
            said, read = None, False
        if 200 <= status < 300 and read:
            return said
        if not isinstance(said, dict):
            raise ServerUnreachable(
                server=self.server, why=f"HTTP {status}, which is not an answer of Chatloom"
            )
        raise ServerRefused(said)

    def _connection(self) -> HTTPConnection:
        """Raises `ValueError` where the server's URL is none."""
        parts = urlsplit(self.server)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("that is no http:// or https:// URL")
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(parts.hostname, parts.port, timeout=TIMEOUT_S)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def note(home: Path, server: str) -> None:
    """Write where the server of a home listens, for commands on the same machine."""
    (home / "server.url").write_text(f"{server}\n")


def noted(home: Path) -> str:
    """Where the server of a home said that it listens; empty when none did."""
    try:
        return (home / "server.url").read_text().strip()
    except OSError:
        return ""
