"""The certificate chain by which the server proves its static key: root, intermediate, leaf."""

import time

from tests.whatsapp.curve import KeyPair, new_key_pair
from tests.whatsapp.installed import cert

DAY_S = 86400


def chain(root: KeyPair, static: bytes, *, lives_s: float = DAY_S) -> bytes:
    """A serialized CertChain for the server's `static` key; `lives_s` below 0 makes an expired one."""
    now = time.time()
    times = {"notBefore": int(now - DAY_S), "notAfter": int(now + lives_s)}
    middle = new_key_pair()
    details = cert.CertChain.NoiseCertificate.Details
    intermediate = details(serial=1, issuerSerial=0, key=middle.public, **times).SerializeToString()
    leaf = details(serial=2, issuerSerial=1, key=static, **times).SerializeToString()
    return cert.CertChain(
        intermediate={"details": intermediate, "signature": root.sign(intermediate)},
        leaf={"details": leaf, "signature": middle.sign(leaf)},
    ).SerializeToString()
