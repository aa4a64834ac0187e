"""What a phone shares with its linked devices about the account: so far the owner's name.

Such settings are kept by the server as encrypted patches; the phone gives each linked device the key.
A client without a name cannot say that it is online.
"""

import hashlib
import hmac
import json
import os
import time
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.whatsapp.binary import Malformed, Node
from tests.whatsapp.installed import e2e, server_sync, sync_action
from tests.whatsapp.refusals import NOT_IMPLEMENTED, Refused, require

COLLECTIONS = ("critical_block", "critical_unblock_low", "regular_high", "regular", "regular_low")
SUM_BYTES = 128


class Settings:
    """The account's settings as its phone encrypts them, and the key to them."""

    def __init__(self, name: str) -> None:
        self._key_id, self._key = os.urandom(6), os.urandom(32)
        self._patches = {"critical_block": self._patch("critical_block", ["setting_pushName"], name)}

    def share(self) -> Any:
        """The message that gives a linked device the key."""
        data = {
            "keyData": self._key,
            "fingerprint": {"rawID": 7, "currentIndex": 0, "deviceIndexes": [0]},
            "timestamp": int(time.time() * 1000),
        }
        keys = {"keys": [{"keyID": {"keyID": self._key_id}, "keyData": data}]}
        kind = e2e.ProtocolMessage.APP_STATE_SYNC_KEY_SHARE
        return e2e.Message(protocolMessage={"type": kind, "appStateSyncKeyShare": keys})

    def answer(self, request: Node) -> Node:
        """To `<sync>`: what a device does not know yet. Raises Malformed or Refused."""
        out: list[Node] = []
        for collection in request.children:
            name = collection.text("name")
            require(name in COLLECTIONS, f"a collection called {name}")
            if collection.children:
                raise Refused(NOT_IMPLEMENTED, "settings that a linked device changes")
            patch = self._patches.get(name)
            known = int(str(collection.attrs.get("version", "0")))
            patches = [Node("patch", content=patch)] if patch is not None and not known else []
            version = str(1 if patch is not None else 0)
            out.append(
                Node("collection", {"name": name, "version": version}, [Node("patches", content=patches)])
            )
        if not out:
            raise Malformed("a <sync> of nothing")
        return Node("sync", content=out)

    def _patch(self, collection: str, index: list[str], name: str) -> bytes:
        keys = HKDF(SHA256(), 160, None, b"WhatsApp Mutation Keys").derive(self._key)
        for_index, for_value, for_mac, for_snapshot, for_patch = (keys[i : i + 32] for i in range(0, 160, 32))
        where = json.dumps(index, separators=(",", ":")).encode()
        value = {"timestamp": int(time.time() * 1000), "pushNameSetting": {"name": name}}
        action = sync_action.SyncActionData(index=where, value=value, padding=b"", version=1)
        iv, plain = os.urandom(16), action.SerializeToString()
        pad = 16 - len(plain) % 16
        sealer = Cipher(algorithms.AES(for_value), modes.CBC(iv)).encryptor()
        sealed = iv + sealer.update(plain + bytes([pad]) * pad) + sealer.finalize()
        size = (len(self._key_id) + 1).to_bytes(8, "big")
        mac = hmac.digest(for_mac, b"\x01" + self._key_id + sealed + size, hashlib.sha512)[:32]
        record = {
            "index": {"blob": hmac.digest(for_index, where, "sha256")},
            "value": {"blob": sealed + mac},
            "keyID": {"ID": self._key_id},
        }
        version, named = (1).to_bytes(8, "big"), collection.encode()
        total = HKDF(SHA256(), SUM_BYTES, None, b"WhatsApp Patch Integrity").derive(mac)  # of one value
        snapshot = hmac.digest(for_snapshot, total + version + named, "sha256")
        return server_sync.SyncdPatch(
            version={"version": 1},
            mutations=[{"operation": server_sync.SyncdMutation.SET, "record": record}],
            snapshotMAC=snapshot,
            patchMAC=hmac.digest(for_patch, snapshot + mac + version + named, "sha256"),
            keyID={"ID": self._key_id},
        ).SerializeToString()
