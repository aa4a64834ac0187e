"""A picture from a contact's webhook to the transcript, over HTTP."""

import asyncio
import hashlib
import time

from tests.drill.house import house
from tests.installation import Installation
from tests.webhooks import inbound

PLAIN = b"\x89PNG a contact's secret" * 1000
CONTACT = "390000000001"


def test_a_picture_is_fetched_and_kept_and_one_that_is_gone_says_so(installed: Installation) -> None:
    async def drill() -> None:
        async with house(installed) as here:
            await here.start()
            ids = [here.stub.add_media(PLAIN, "image/png"), "404404"]
            for place, media in enumerate(ids):
                picture = {
                    "type": "image",
                    "image": {"id": media, "mime_type": "image/png", "caption": media},
                }
                body = inbound(here.meta.account, CONTACT, picture, f"wamid.{place}", at=int(time.time()))
                assert await here.meta.post(body) == 200
            await installed.until(
                "SELECT count(*) = 2 FROM action_calls WHERE kind = 'fetch_media' AND state IN ('done', 'failed')"
                " AND number_id = %s",
                here.number,
            )
            await here.settled()
            with installed.client() as api:
                (talk,) = api.get(f"/numbers/{here.number}/conversations")["items"]
                lines = api.get(f"/numbers/{here.number}/conversations/{talk['id']}/transcript")["items"]
            said = {line["body"]["caption"]: line["body"] for line in lines if line["direction"] == "in"}
            ref = hashlib.sha256(PLAIN).hexdigest()
            assert [(said[one]["state"], said[one]["ref"]) for one in ids] == [("ready", ref), ("gone", "")]
            (blob,) = [path for path in (installed.home / "media").rglob(ref) if path.is_file()]
            assert PLAIN[:20] not in blob.read_bytes()

    asyncio.run(drill())
