"""Files: how WhatsApp encrypts them, and the HTTPS server that keeps them, on loopback.

A file's key travels in the message; the server sees only ciphertext. Its certificate comes from an
authority of our own, which the client trusts by SSL_CERT_FILE.
"""

import base64
import datetime
import hashlib
import hmac
import ipaddress
import os
import secrets
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID

from tests.whatsapp.binary import Node

INFO = {
    "image": b"WhatsApp Image Keys",
    "sticker": b"WhatsApp Image Keys",
    "video": b"WhatsApp Video Keys",
    "audio": b"WhatsApp Audio Keys",
    "document": b"WhatsApp Document Keys",
}
FOLDERS = {"image", "video", "audio", "document", "md-msg-hist", "md-app-state"}
MAC_BYTES = 10
LARGEST = 64 << 20


class SpoiledFile(Exception):
    """A file that is not what its message says."""


@dataclass(frozen=True)
class Sealed:
    """An encrypted file, and what its message must say."""

    data: bytes
    key: bytes
    plain_hash: bytes
    length: int

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(self.data).digest()


def seal(plain: bytes, kind: str) -> Sealed:
    key = os.urandom(32)
    iv, cipher, mac = _keys(key, kind)
    pad = 16 - len(plain) % 16
    sealer = Cipher(algorithms.AES(cipher), modes.CBC(iv)).encryptor()
    body = sealer.update(plain + bytes([pad]) * pad) + sealer.finalize()
    data = body + hmac.digest(mac, iv + body, "sha256")[:MAC_BYTES]
    return Sealed(data, key, hashlib.sha256(plain).digest(), len(plain))


def unseal(data: bytes, kind: str, message: Any) -> bytes:
    """The file that a media message names. Raises SpoiledFile when anything does not agree."""
    iv, cipher, mac = _keys(message.mediaKey, kind)
    body, given = data[:-MAC_BYTES], data[-MAC_BYTES:]
    if hashlib.sha256(data).digest() != message.fileEncSHA256:
        raise SpoiledFile("the ciphertext's hash")
    if not hmac.compare_digest(hmac.digest(mac, iv + body, "sha256")[:MAC_BYTES], given):
        raise SpoiledFile("the ciphertext's MAC")
    opener = Cipher(algorithms.AES(cipher), modes.CBC(iv)).decryptor()
    padded = opener.update(body) + opener.finalize()
    plain = padded[: -padded[-1]]
    if hashlib.sha256(plain).digest() != message.fileSHA256 or len(plain) != message.fileLength:
        raise SpoiledFile("the file's hash or length")
    return plain


def _keys(key: bytes, kind: str) -> tuple[bytes, bytes, bytes]:
    out = HKDF(SHA256(), 112, None, INFO[kind]).derive(key)
    return out[:16], out[16:48], out[48:80]


class Store:
    """The encrypted files, and the server in front of them."""

    def __init__(self, port: int, refused: Callable[[str], None]) -> None:
        self._port = port
        self._refused = refused
        self._auth = secrets.token_urlsafe(16)
        self._files: dict[str, bytes] = {}
        self._runner: web.AppRunner | None = None
        self.gone = False  # files are no longer there: 410, as after some weeks

    def put(self, data: bytes, folder: str) -> str:
        """Keep a file; the path by which messages name it."""
        path = f"/v/t62.7118-24/{secrets.token_urlsafe(12)}_{folder}.enc?ccb=11-4"
        self._files[path.partition("?")[0]] = data
        return path

    def get(self, path: str) -> bytes:
        """Raises SpoiledFile for a path that is not there."""
        data = self._files.get(path.partition("?")[0])
        if data is None:
            raise SpoiledFile("no such file on the server")
        return data

    def connection(self) -> Node:
        """The answer to `media_conn`."""
        attrs = {"auth": self._auth, "ttl": "3600", "auth_ttl": "21600", "max_buckets": "12"}
        return Node("media_conn", dict(attrs), [Node("host", {"hostname": f"127.0.0.1:{self._port}"})])

    async def start(self, certificate: ssl.SSLContext) -> None:
        app = web.Application(client_max_size=LARGEST)
        app.router.add_post("/mms/{folder}/{token}", self._upload)
        app.router.add_delete("/mms/{folder}/{token}", self._delete)
        app.router.add_get("/v/{path:.+}", self._download)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self._port))
        await web.SockSite(self._runner, listening, ssl_context=certificate).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _upload(self, request: web.Request) -> web.Response:
        folder, token = request.match_info["folder"], request.match_info["token"]
        data = await request.read()
        if request.query.get("auth") != self._auth or request.query.get("token") != token:
            return self._no(401, "an upload without the authorization of media_conn")
        if folder not in FOLDERS:
            return self._no(404, f"an upload of kind {folder!r}")
        if base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode() != token:
            return self._no(400, "an upload whose token is not its hash")
        path = self.put(data, folder)
        url = f"https://127.0.0.1:{self._port}{path}"
        return web.json_response({"url": url, "direct_path": path, "handle": token})

    async def _download(self, request: web.Request) -> web.Response:
        data = self._files.get(request.path)
        if self.gone and data is not None:
            return web.Response(status=410)
        if data is None:
            return self._no(404, "a download of a file that is not there")
        if request.query.get("hash") != base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode():
            return self._no(403, "a download with another hash")
        return web.Response(body=data)

    async def _delete(self, request: web.Request) -> web.Response:
        return web.Response(status=200 if request.query.get("auth") == self._auth else 401)

    def _no(self, status: int, why: str) -> web.Response:
        self._refused(f"media: {why}")
        return web.Response(status=status)


def authority(folder: Path) -> Path:
    """Make an authority and a certificate for 127.0.0.1 in `folder`; what a client is to trust.

    That file also holds what this machine trusts anyway, since SSL_CERT_FILE replaces it for a whole process.
    """
    now = datetime.datetime.now(datetime.UTC)
    days = datetime.timedelta(days=1), datetime.timedelta(days=30)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Emulated WhatsApp")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])

    def certificate(of: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        built = x509.CertificateBuilder().subject_name(of).issuer_name(root_name).public_key(public)
        return (
            built.serial_number(x509.random_serial_number())
            .not_valid_before(now - days[0])
            .not_valid_after(now + days[1])
        )

    root = (
        certificate(root_name, root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(root_key, SHA256())
    )
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    leaf = (
        certificate(name, key.public_key())
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(root_key, SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "media.pem").write_bytes(leaf.public_bytes(pem) + private)
    usual = Path(ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt")
    trusted = folder / "trusted.pem"
    trusted.write_bytes(root.public_bytes(pem) + (usual.read_bytes() if usual.is_file() else b""))
    return trusted


def certificate_of(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "media.pem")
    return context
