"""Files: what a phone and the server refuse."""

import base64
import hashlib
import ssl
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.whatsapp import kinds, media
from tests.whatsapp.linked import Linked
from tests.whatsapp.media import SpoiledFile

pytestmark = pytest.mark.anyio
DATA = b"ciphertext of anything"


@pytest.fixture
async def http(linked: Linked) -> AsyncIterator[aiohttp.ClientSession]:
    """As the client: it trusts the certificate because it was told to."""
    trusting = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=linked.redirected.trusted))
    base = f"https://127.0.0.1:{linked.redirected.media_port}"
    async with aiohttp.ClientSession(base, connector=trusting) as session:
        yield session


def token(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()


async def test_an_upload_and_a_download(linked: Linked, http: aiohttp.ClientSession) -> None:
    auth = str(linked.whatsapp.media.connection().attrs["auth"])
    good = {"auth": auth, "token": token(DATA)}
    path = ""
    for folder, params, data, status in (
        ("image", good | {"auth": "guessed"}, DATA, 401),
        ("secrets", good, DATA, 404),
        ("image", good, b"something else", 400),
        ("image", good, DATA, 200),
    ):
        async with http.post(f"/mms/{folder}/{token(DATA)}", params=params, data=data) as answer:
            assert answer.status == status
            if status == 200:
                path = (await answer.json())["direct_path"].partition("?")[0]
    for where, name, status in (
        (path, token(DATA), 200),
        (path, token(b"other"), 403),
        ("/v/none", token(DATA), 404),
    ):
        async with http.get(where, params={"hash": name}) as answer:
            assert answer.status == status
    assert len(linked.whatsapp.refusals.all) == 5


def test_an_altered_file_is_refused() -> None:
    sealed = media.seal(b"a picture", "image")
    fields = {
        "mediaKey": sealed.key,
        "fileSHA256": sealed.plain_hash,
        "fileEncSHA256": sealed.hash,
        "fileLength": sealed.length,
    }
    message = kinds.media("image", fields).imageMessage
    assert media.unseal(sealed.data, "image", message) == b"a picture"
    altered = sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])
    with pytest.raises(SpoiledFile, match="hash"):
        media.unseal(altered, "image", message)
    message.fileEncSHA256 = hashlib.sha256(altered).digest()
    with pytest.raises(SpoiledFile, match="MAC"):
        media.unseal(altered, "image", message)
    with pytest.raises(SpoiledFile, match="MAC"):
        media.unseal(sealed.data, "video", kinds.media("video", fields).videoMessage)
