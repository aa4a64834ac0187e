"""The server's API, for commands: one door for everything that changes what a server holds."""

from pathlib import Path
from typing import Any, Self

import httpx

from cli import operator_key
from cli.settings import Settings
from schemas.problems import Outside, Refused

TIMEOUT_S = 30.0


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
    """Calls the API at `server` with `key`. Use it as a context manager."""

    def __init__(self, server: str, key: str) -> None:
        self.server = server.rstrip("/")
        self._http = httpx.Client(
            base_url=f"{self.server}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=TIMEOUT_S,
            trust_env=False,
        )

    @classmethod
    def of(cls, settings: Settings, server: str = "", key: str = "") -> Self:
        """The client of these settings; `server` and `key` come before them."""
        return cls(
            server or settings.server or noted(settings.home) or settings.server_url,
            key or operator_key.load(settings),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        """GET. Raises `ServerRefused`, `ServerUnreachable`, as all calls do."""
        return self.call(
            "GET", path, params={name: each for name, each in params.items() if each is not None}
        )

    def post(self, path: str, body: Any = None) -> Any:
        """POST a JSON body."""
        return self.call("POST", path, json=body)

    def put(self, path: str, body: Any) -> Any:
        """PUT a JSON body."""
        return self.call("PUT", path, json=body)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH with a JSON body."""
        return self.call("PATCH", path, json=body)

    def delete(self, path: str, **params: Any) -> Any:
        """DELETE."""
        return self.call("DELETE", path, params=params)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One request; its JSON, or None where there is none."""
        try:
            answer = self._http.request(method, path, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServerUnreachable(server=self.server, why=str(error) or type(error).__name__) from error
        if answer.is_success:
            return answer.json() if answer.content else None
        try:
            document = answer.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise ServerUnreachable(
                server=self.server, why=f"HTTP {answer.status_code}, which is not an answer of Chatloom"
            )
        raise ServerRefused(document)


def note(home: Path, server: str) -> None:
    """Write where the server of a home listens, for commands on the same machine."""
    (home / "server.url").write_text(f"{server}\n")


def noted(home: Path) -> str:
    """Where the server of a home said that it listens; empty when none did."""
    try:
        return (home / "server.url").read_text().strip()
    except OSError:
        return ""
