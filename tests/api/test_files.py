"""What contacts sent as files, downloaded: the right bytes, and nothing that a browser would run."""

import asyncio
import itertools
from urllib.parse import unquote
from uuid import UUID

import httpx
import orjson
import psycopg
import pytest

from keys.seal import Sealer, unwrap
from schemas.ids import month_of, new_event_id
from schemas.messages import Media
from store.media import Media as Blobs
from store.pool import Database, connect
from store.roles import url_for
from tests.live import MASTERS, Live

_count = itertools.count()


class Album:
    """A conversation into which files are put as a number's process does."""

    def __init__(self, server: Live, api: httpx.Client) -> None:
        self.name = f"album-{next(_count)}"
        added = api.post("/api/v1/numbers", json={"name": self.name, "channel": "simulator"}).json()
        self.number, self.conversation = UUID(added["id"]), new_event_id()
        self._server, self._api = server, api
        with psycopg.connect(server.config.database_url) as db:
            row = db.execute("SELECT workspace_id, wrapped FROM data_keys").fetchone()
            assert row is not None
            self.workspace = row[0]
            self.sealer = Sealer(unwrap(row[1], MASTERS, self.workspace), self.workspace)
            db.execute(
                "INSERT INTO conversations (number_id, id, workspace_id, contact_id) VALUES (%s, %s, %s, %s)",
                (self.number, self.conversation, self.workspace, new_event_id()),
            )

    def put(self, content: Media, plain: bytes = b"") -> UUID:
        """A message with `content`; its bytes are kept where there are some."""
        key = new_event_id()
        if plain:
            content = Media(**{**_fields(content), "state": "ready", "ref": asyncio.run(self._keep(plain))})
        body = self.sealer.seal("messages", "body", key.bytes, orjson.dumps(content))
        with psycopg.connect(self._server.config.database_url) as db:
            db.execute(
                "INSERT INTO messages (number_id, month, id, workspace_id, conversation_id, direction, kind, body,"
                " status, status_at, created_at)"
                " VALUES (%s, %s, %s, %s, %s, 'in', 'document', %s, 'received', now(), now())",
                (self.number, month_of(key), key, self.workspace, self.conversation, body),
            )
        return key

    async def _keep(self, plain: bytes) -> str:
        blobs = Blobs(self._server.config.media, self.workspace, self.sealer)
        conn = await connect(Database(url_for(self._server.config.database_url, "runtime")))
        async with conn:
            return await blobs.keep(conn, plain, "")

    def get(self, message: UUID, client: httpx.Client | None = None) -> httpx.Response:
        place = f"/api/v1/numbers/{self.name}/conversations/{self.conversation}/messages/{message}/file"
        return (client or self._api).get(place)


def _fields(content: Media) -> dict[str, object]:
    return {name: getattr(content, name) for name in Media.__slots__}


@pytest.fixture
def album(server: Live, api: httpx.Client) -> Album:
    return Album(server, api)


@pytest.mark.parametrize(
    ("mime", "filename", "sent_as", "called"),
    [
        ("image/jpeg", "", "image/jpeg", "image-########.jpg"),
        ("audio/ogg; codecs=opus", "", "audio/ogg", "image-########.oga"),
        ("application/pdf", "Rechnung März.pdf", "application/pdf", "Rechnung März.pdf"),
        ("text/html", "page.html", "application/octet-stream", "page.html"),
        ("image/svg+xml", "a.svg", "application/octet-stream", "a.svg"),
        ("application/xhtml+xml", "../../etc/passwd", "application/octet-stream", "etc_passwd"),
        ("image/png\r\nX-Bad: 1", 'a"b\r\nX: y\u202egnp.exe', "application/octet-stream", "a_b_X_ y_gnp.exe"),
    ],
)
def test_a_file_is_a_download(
    album: Album, server: Live, mime: str, filename: str, sent_as: str, called: str
) -> None:
    message = album.put(Media("image", mime, filename=filename), b"the bytes")
    answer = album.get(message)
    assert (answer.status_code, answer.content) == (200, b"the bytes"), answer.text
    assert answer.headers["content-type"] == sent_as
    kind, _, name = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert (kind, unquote(name)) == ("attachment", called.replace("########", message.hex[-8:]))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "x-bad" not in answer.headers
    with server.client(key=None) as stranger:
        assert album.get(message, stranger).status_code == 401


def test_a_file_that_is_not_here_says_why(album: Album, server: Live) -> None:
    assert album.get(album.put(Media("image"))).json()["code"] == "media.pending"
    gone = album.get(album.put(Media("image", state="gone")))
    assert (gone.status_code, gone.json()["code"]) == (410, "media.gone")
    lost = album.put(Media("image"), b"deleted from disk")
    for path in server.config.media.rglob("*"):
        if path.is_file():
            path.unlink()
    assert album.get(lost).json()["code"] == "media.gone"
    assert album.get(new_event_id()).status_code == 404


def test_a_file_is_of_its_conversation(album: Album, server: Live, api: httpx.Client) -> None:
    message = album.put(Media("image"), b"x")
    other = Album(server, api)
    assert other.get(message).status_code == 404
