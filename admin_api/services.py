"""What the API's routes stand on, opened once a process: the desk, Redis, keys, and who the operator is."""

import asyncio
import hmac
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import redis.asyncio
from redis.exceptions import RedisError

from admin_api.passwords import Cost, Passwords
from admin_api.tries import Tries
from keys.master import MasterKeys
from keys.seal import Sealer
from keys.tokens import Tokens
from store.admin import workspaces
from store.admin.desk import Desk
from store.limits import Once
from store.live import Live
from store.presence import Presence

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Config:
    """What `cli` composes the API from. `rate_limit` is requests in `rate_window_s` without a key; 0: none.

    `media` is the folder where numbers' processes keep files, `exports` the one where jobs do.

    `account_tries` and `address_tries` bound how often a password may be tried in `rate_window_s`, for one
    person and from one address; 0: no bound. `trusted_proxies`: whose X-Forwarded-For is believed.
    `cors_origins`: other sites whose pages may call with a key, never with cookies.
    """

    database_url: str
    masters: MasterKeys
    operator_key: str
    media: Path
    exports: Path
    redis_url: str = ""
    database_direct_url: str = ""
    prepare_threshold: int | None = 0
    rate_limit: int = 100
    rate_window_s: int = 900
    public_url: str = ""
    metrics_dir: str = ""
    password_cost: Cost = Cost()
    account_tries: int = 10
    address_tries: int = 50
    trusted_proxies: str = ""
    cors_origins: tuple[str, ...] = ()
    allow_private_webhooks: bool = False


@dataclass
class Services:
    """Open connections and caches of one API process."""

    config: Config
    desk: Desk
    redis: redis.asyncio.Redis | None
    workspace: UUID
    once: Once
    tokens: Tokens
    passwords: Passwords
    tries: Tries
    live: Live
    presence: Presence
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    titles: dict[tuple[UUID, int], str] = field(default_factory=dict)
    _sealers: dict[UUID, Sealer] = field(default_factory=dict)

    async def sealer(self, workspace: UUID) -> Sealer:
        """The sealer of a workspace, unwrapped once."""
        if workspace not in self._sealers:
            async with self.desk.transaction(workspace) as session:
                self._sealers[workspace] = await workspaces.sealer(session, self.config.masters, workspace)
        return self._sealers[workspace]

    def is_operator(self, key: str) -> bool:
        """Whether `key` is the operator's. Constant time."""
        return bool(self.config.operator_key) and hmac.compare_digest(
            key.encode("utf-8", "surrogatepass"), self.config.operator_key.encode()
        )

    async def redis_answers(self) -> bool:
        """Whether Redis is there, if one is configured."""
        if self.redis is None:
            return not self.config.redis_url
        try:
            await self.redis.ping()
        except (RedisError, OSError):
            return False
        return True


@asynccontextmanager
async def opened(config: Config) -> AsyncGenerator[Services]:
    """Services for the life of a process. The first one to come makes the workspace."""
    desk = Desk(config.database_url, pooled=config.prepare_threshold is None)
    wire = redis.asyncio.Redis.from_url(config.redis_url, socket_timeout=1) if config.redis_url else None
    live = Live(config.redis_url)
    telling = asyncio.create_task(live.run())
    try:
        workspace = await workspaces.first(config.database_url, desk, config.masters)
        services = Services(
            config,
            desk,
            wire,
            workspace,
            Once(wire),
            Tokens(config.masters),
            Passwords(config.password_cost),
            Tries(config.account_tries, config.address_tries, config.rate_window_s, wire),
            live,
            Presence(wire),
        )
        if not await services.redis_answers():
            log.warning("Redis does not answer: limits count in this process, live views poll")
        yield services
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        if wire is not None:
            await wire.aclose()
        await desk.close()
