"""What Meta is asked to send."""

from typing import Any

import orjson
import pytest

from schemas.messages import Identity, Outbound, outgoing_codec
from sessions.cloud_api.write import write
from sessions.driver import Rejected
from tests.sessions.cases import assert_gives, cases

PHONE = [{"kind": "phone", "value": "393331112222"}]


def outbound(case: Any) -> Outbound:
    return Outbound(
        id="019b7a5c-0000-8000-8000-000000000001",
        to=tuple(Identity(**identity) for identity in case.get("to", PHONE)),
        body=outgoing_codec.validate_python(case["body"]),
        reply_to=case.get("reply_to", ""),
    )


@pytest.mark.parametrize("case", cases("cloud_api", "writes"), ids=lambda case: case["it"])
def test_writes(case: Any) -> None:
    if "refuses" in case:
        with pytest.raises(Rejected) as refused:
            write(outbound(case))
        assert refused.value.vendor_code == case["refuses"]
        return
    request = orjson.loads(orjson.dumps(write(outbound(case))))
    assert_gives(request, case["gives"])
    assert set(request) >= {"messaging_product", "recipient_type", "biz_opaque_callback_data", "type"}
