"""Where somebody is signed in, for commands: `servers.json` in his config folder, readable by him only.

A sign-in is a refresh token, which turns each time that it is used, and the access token that it gave last.
The file is locked meanwhile, so that commands that run at once turn it once.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.client import REFRESH_COOKIE, Client, ServerRefused
from schemas.problems import Refused

EARLY_S = 30.0  # an access token that ends sooner is asked for anew


class SignInsExposed(Refused):
    """Others can read the file."""

    code = "signed_in.exposed"
    sentence = (
        "Other users of this machine can read {path}. Delete it, and sign in again with `chatloom login`."
    )


class NotSignedIn(Refused):
    """Nobody is signed in there, or not any more."""

    code = "signed_in.over"
    status = 401
    sentence = "You are not signed in at {server}. Sign in: chatloom login {server}"


def path() -> Path:
    """The file."""
    folder = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(folder) if folder else Path.home() / ".config") / "chatloom" / "servers.json"


def known() -> dict[str, dict[str, Any]]:
    """Sign-ins by the server's URL, the last one last. Raises `SignInsExposed`."""
    try:
        if path().stat().st_mode & 0o077:
            raise SignInsExposed(path=path())
        return json.loads(path().read_text())
    except FileNotFoundError:
        return {}


def resolved(name: str) -> str:
    """The URL of a server that is named by its profile's name or by itself; of none: the last one signed in at."""
    servers = known()
    if not name:
        return next(reversed(servers), "")
    return next((url for url, each in servers.items() if each["name"] == name), name)


def begin(server: str, name: str, body: dict[str, str]) -> dict[str, Any]:
    """Sign in, and keep it under `name`. Raises what the client raises."""
    with Client(server, "") as api:
        said = api.post("/sign-in", body)
        name = name or urlsplit(api.server).hostname or api.server
        with _changing() as servers:
            servers.pop(api.server, None)
            for url in [url for url, each in servers.items() if each["name"] == name]:
                del servers[url]
            servers[api.server] = {"name": name, **_kept(api, said)}
    return {"server": api.server, "profile": name, **said["user"]}


def end(server: str) -> None:
    """Sign out there, and forget it here, also where nobody answers. Raises `NotSignedIn`, `ServerUnreachable`."""
    with _changing() as servers:
        kept = servers.pop(server, None)
    if kept is None:
        raise NotSignedIn(server=server)
    with _with_cookie(server, kept) as api:
        api.delete("/sign-in")


def bearer(server: str) -> Callable[[], str] | None:
    """What gives an access token whenever one is needed; None where nobody signed in there."""
    return (lambda: _token(server)) if server in known() else None


def _token(server: str) -> str:
    kept = known().get(server)
    if kept is not None and kept["until"] - EARLY_S > time.time():
        return kept["access"]
    with _changing() as servers:
        kept = servers.get(server)
        if kept is None:
            raise NotSignedIn(server=server)
        if kept["until"] - EARLY_S <= time.time():  # nobody turned it while we waited
            with _with_cookie(server, kept) as api:
                try:
                    said = api.post("/sign-in/refresh")
                except ServerRefused as refused:
                    if refused.said.get("code") != "sign_in.over":
                        raise
                    raise NotSignedIn(server=server) from refused
                kept |= _kept(api, said)
        return kept["access"]


def _with_cookie(server: str, kept: dict[str, Any]) -> Client:
    api = Client(server, "")
    api.cookies[REFRESH_COOKIE] = kept["refresh"]
    return api


def _kept(api: Client, said: dict[str, Any]) -> dict[str, Any]:
    return {
        "email": said["user"]["email"],
        "refresh": api.cookies[REFRESH_COOKIE].value,
        "access": said["access_token"],
        "until": time.time() + said["expires_in"],
    }


@contextmanager
def _changing() -> Generator[dict[str, dict[str, Any]]]:
    """The sign-ins, to be changed by one command at a time; written at the end of the block."""
    path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path().with_name(".lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        servers = known()
        yield servers
        draft = path().with_name(".servers.json")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w") as file:
            json.dump(servers, file, indent=2)
        draft.replace(path())
