"""What is kept of a contact, as a zip archive: `contact.json`, and the files that he sent under `files/`."""

import asyncio
import mimetypes
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import orjson

from schemas.problems import NotFound
from store.media import Media

_PART = 256 * 1024


async def archive(everything: dict[str, Any], media: Media) -> IO[bytes]:
    """The archive, in a file without a name, so that it is gone when it was read. Files that are gone are left out.

    Packing is left to a thread: a film takes seconds, in which doors must go on answering.
    """
    whole = tempfile.TemporaryFile()  # noqa: SIM115  read and closed by `parts`
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as zipped:
        said = await asyncio.to_thread(orjson.dumps, everything, option=orjson.OPT_INDENT_2)
        await asyncio.to_thread(zipped.writestr, "contact.json", said)
        for ref, mime in sorted(_files(everything).items()):
            try:
                plain = await media.read(ref)
            except NotFound:
                continue
            name = f"files/{ref}{mimetypes.guess_extension(mime.partition(';')[0]) or ''}"
            await asyncio.to_thread(zipped.writestr, name, plain)
    return whole


def parts(whole: IO[bytes]) -> Iterator[bytes]:
    """The bytes of the archive, which is closed at the end."""
    with whole:
        whole.seek(0)
        while part := whole.read(_PART):
            yield part


def _files(everything: dict[str, Any]) -> dict[str, str]:
    bodies = [line["body"] for talk in everything["conversations"] for line in talk["messages"]]
    return {body["ref"]: str(body.get("mime") or "") for body in bodies if body.get("ref")}
