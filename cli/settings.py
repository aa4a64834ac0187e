"""The settings of every process: environment variables, read once, checked, frozen.

Plain on purpose: the number's process imports it, and must stay light. `.env.example` documents each
variable; `chatloom config check` prints what counts here and now, with secrets masked.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.listening import url
from schemas.problems import Refused

TRANSACTION_S = 5  # role `runtime`'s limit: a stopped owner must not block its heir
SHORTEST_LEASE_S = 6


class SettingUnfit(Refused):
    """An environment variable holds what cannot be."""

    code = "settings.unfit"
    status = 422
    sentence = "{variable} is {value!r}: {why}."


def _text(raw: str) -> str:
    return raw


def _flag(raw: str) -> bool:
    if raw.lower() in ("1", "true", "on", "yes"):
        return True
    if raw.lower() in ("0", "false", "off", "no", ""):
        return False
    raise ValueError("use true or false")


def _port(raw: str) -> int:
    if not raw.isdigit() or not 0 <= int(raw) <= 65535:
        raise ValueError("a port is a number from 0 (any free one) to 65535")
    return int(raw)


def _count(raw: str) -> int:
    if not raw.isdigit():
        raise ValueError("use a whole number, 0 or more")
    return int(raw)


def _lease(raw: str) -> int:
    if not raw.isdigit() or int(raw) < SHORTEST_LEASE_S:
        raise ValueError(
            f"use whole seconds, {SHORTEST_LEASE_S} or more: a transaction may last {TRANSACTION_S}"
        )
    return int(raw)


def _one_of(*words: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw.lower() not in words:
            raise ValueError(f"use one of {', '.join(words)}")
        return raw.lower()

    return read


def _url(*schemes: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw and "://" in raw and urlsplit(raw).scheme not in schemes:
            raise ValueError(f"the URL begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return raw.rstrip("/") if raw.startswith("http") else raw

    return read


def _threshold(raw: str) -> int | None:
    return None if raw.lower() in ("", "off", "none") else _count(raw)


def _networks(raw: str) -> str:
    for each in raw.split(","):
        ip_network(each.strip())
    return raw


def _origins(raw: str) -> str:
    origins = [each.strip().rstrip("/") for each in raw.split(",")]
    for each in origins:
        parts = urlsplit(each)
        if parts.scheme not in ("http", "https") or each != f"{parts.scheme}://{parts.netloc}":
            raise ValueError("an origin is a scheme and a host, such as https://crm.example.com")
    return ",".join(origins)


def _setting(variable: str, default: Any, read: Callable[[str], Any], what: str, secret: bool = False) -> Any:
    return field(
        default=default, metadata={"variable": variable, "read": read, "what": what, "secret": secret}
    )


@dataclass(frozen=True)
class Settings:
    """What the environment says. Empty URLs mean: `up` brings its own PostgreSQL and Redis."""

    home: Path = _setting("CHATLOOM_HOME", Path("data"), Path, "Folder of keys, media and embedded servers.")
    database_url: str = _setting(
        "DATABASE_URL", "", _url("postgresql", "postgres"), "PostgreSQL; may be a transaction pooler.", True
    )
    database_direct_url: str = _setting(
        "DATABASE_DIRECT_URL",
        "",
        _url("postgresql", "postgres"),
        "PostgreSQL without a pooler, for LISTEN and migrations. Empty: DATABASE_URL.",
        True,
    )
    prepare_threshold: int | None = _setting(
        "DATABASE_PREPARE_THRESHOLD",
        0,
        _threshold,
        "`off` behind a pooler that does not keep prepared statements.",
    )
    redis_url: str = _setting(
        "REDIS_URL", "", _url("redis", "rediss", "unix"), "Redis. Messages flow without it.", True
    )
    host: str = _setting("CHATLOOM_HOST", "127.0.0.1", _text, "Address that `serve` listens on.")
    port: int = _setting("CHATLOOM_PORT", 8080, _port, "Port that `serve` listens on.")
    public_url: str = _setting(
        "CHATLOOM_PUBLIC_URL", "", _url("http", "https"), "How the world reaches `serve`, for links."
    )
    server: str = _setting(
        "CHATLOOM_SERVER",
        "",
        _url("http", "https"),
        "Server that commands talk to. Empty: the host and port above.",
    )
    key: str = _setting(
        "CHATLOOM_KEY", "", _text, "API key that commands send, for CI and other programs.", True
    )
    operator_key: str = _setting(
        "CHATLOOM_OPERATOR_KEY", "", _text, "Admin key. Empty: <home>/operator.key, made at first.", True
    )
    master_key: str = _setting(
        "CHATLOOM_MASTER_KEY", "", _text, "Master key, base64 of 32 bytes, the current one first.", True
    )
    master_key_file: str = _setting("CHATLOOM_MASTER_KEY_FILE", "", _text, "File with the master key.")
    master_key_command: str = _setting(
        "CHATLOOM_MASTER_KEY_COMMAND", "", _text, "Command that prints the master key."
    )
    log_level: str = _setting(
        "CHATLOOM_LOG_LEVEL",
        "info",
        _one_of("debug", "info", "warning", "error"),
        "debug, info, warning or error.",
    )
    log_format: str = _setting(
        "CHATLOOM_LOG_FORMAT", "auto", _one_of("auto", "json", "human"), "json, human, or auto: by terminal."
    )
    rate_limit: int = _setting(
        "CHATLOOM_RATE_LIMIT",
        100,
        _count,
        "API requests in 15 minutes for a caller without a key; 0: no limit.",
    )
    trusted_proxies: str = _setting(
        "CHATLOOM_TRUSTED_PROXIES",
        "",
        _networks,
        "Addresses or networks, by commas, of proxies whose X-Forwarded-For `serve` believes.",
    )
    cors_origins: str = _setting(
        "CHATLOOM_CORS_ORIGINS",
        "",
        _origins,
        "Other sites, by commas, whose pages may call the API with a key. Empty: none.",
    )
    allow_private_webhooks: bool = _setting(
        "CHATLOOM_ALLOW_PRIVATE_WEBHOOKS",
        False,
        _flag,
        "Whether flows and webhooks may call private addresses.",
    )
    send_attempts: int = _setting(
        "CHATLOOM_SEND_ATTEMPTS",
        8,
        _count,
        "How often a message is tried before it is a dead letter.",
    )
    lease_s: int = _setting(
        "CHATLOOM_LEASE_SECONDS",
        15,
        _lease,
        "How long after its process was killed, or lost the database, a number stays without an owner.",
    )
    numbers_per_process: int = _setting(
        "CHATLOOM_NUMBERS_PER_PROCESS", 1, _count, "How many numbers `supervise` puts into one process."
    )
    process_memory_mb: int = _setting(
        "CHATLOOM_PROCESS_MEMORY_MB",
        2048,
        _count,
        "A process of numbers that holds more megabytes is drained and started again; 0: no limit.",
    )
    sessions: str = _setting(
        "CHATLOOM_SESSIONS", "", _text, "Volume of sealed sessions of linked phones. Empty: <home>/sessions."
    )
    sessions_live: str = _setting(
        "CHATLOOM_SESSIONS_LIVE",
        "",
        _text,
        "Folder in memory (tmpfs) for sessions that are open. Empty: one under /dev/shm.",
    )
    metrics_port: int = _setting(
        "CHATLOOM_METRICS_PORT",
        0,
        _port,
        "Port where `supervise` and `number` answer /metrics; 0: none. `serve` answers on its own.",
    )
    metrics_dir: str = _setting(
        "PROMETHEUS_MULTIPROC_DIR", "", _text, "Folder that processes share for /metrics. Empty: in the home."
    )

    @property
    def direct_url(self) -> str:
        """The database without a pooler."""
        return self.database_direct_url or self.database_url

    @property
    def sessions_folder(self) -> Path:
        """Where sealed sessions are kept."""
        return Path(self.sessions or self.home / "sessions").absolute()

    @property
    def sessions_live_folder(self) -> Path:
        """Where open sessions live: in memory where the system has it, apart for each user."""
        return Path(self.sessions_live or f"/dev/shm/chatloom-{os.getuid()}").absolute()  # noqa: S108

    @property
    def server_url(self) -> str:
        """Where commands find the API."""
        return self.server or url(self.host, self.port)

    def shown(self) -> dict[str, str]:
        """Each variable and its value, secrets masked."""
        return {
            each.metadata["variable"]: _masked(getattr(self, each.name), each.metadata["secret"])
            for each in fields(self)
        }


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this environment. Raises `SettingUnfit`."""
    environ = os.environ if environ is None else environ
    read: dict[str, Any] = {}
    for each in fields(Settings):
        variable = each.metadata["variable"]
        raw = environ.get(variable, "").strip()
        if not raw:
            continue
        try:
            read[each.name] = each.metadata["read"](raw)
        except ValueError as error:
            shown = _masked(raw, each.metadata["secret"])
            raise SettingUnfit(variable=variable, value=shown, why=str(error)) from error
    return Settings(**read)


def described() -> list[tuple[str, str, str]]:
    """(variable, default, what it is), for the documentation."""
    return [
        (each.metadata["variable"], "" if each.default is None else str(each.default), each.metadata["what"])
        for each in fields(Settings)
    ]


def _masked(value: Any, secret: bool) -> str:
    text = "" if value is None else str(value)
    if not secret or not text:
        return text
    if "://" in text:
        parts = urlsplit(text)
        password = f":{parts.password}@"
        return text.replace(password, ":***@") if parts.password else text
    return "***"
