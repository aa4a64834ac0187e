"""Signatures of outgoing requests: the example of Standard Webhooks, a new secret, several at once."""

import base64

import pytest

from keys.signing import PREFIX, SECRET_BYTES, new_secret, signature

# The example of the specification, github.com/standard-webhooks/standard-webhooks.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SENT = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_example_of_the_specification() -> None:
    assert signature(*SENT, [SECRET]) == {
        "webhook-id": SENT[0],
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNED,
    }


def test_each_secret_signs_while_one_follows_the_other() -> None:
    other = new_secret()
    assert len(base64.b64decode(other.removeprefix(PREFIX))) == SECRET_BYTES
    first, second = signature(*SENT, [SECRET, other])["webhook-signature"].split(" ")
    assert first == SIGNED != second
    with pytest.raises(ValueError, match="base64"):
        signature(*SENT, ["whsec_***"])
