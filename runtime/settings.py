"""The figures of a number's process. Times are in seconds."""

from dataclasses import dataclass
from pathlib import Path

from schemas.capabilities import Capabilities
from sessions.settings import ChannelSettings
from store.pool import Database


@dataclass(frozen=True, slots=True)
class RuntimeSettings:
    """What a number's process is started with. The defaults are those of the design.

    `sessions` holds the sealed sessions of linked phones; `sessions_live`, in memory, those that are open.
    A supervised process that holds more than `memory_mb` megabytes is started again; 0: no limit.
    """

    database: Database
    home: Path
    sessions: Path
    sessions_live: Path
    redis_url: str = ""
    lease_s: float = 15.0
    renew_s: float = 3.0  # a fifth of the lease
    drain_s: float = 15.0  # then 5 s to seal and to release
    desk_s: float = 5.0  # how long whoever asks the database waits for a connection
    poll_s: float = 1.0
    look_s: float = 30.0
    look_back_s: float = 2.0
    look_wide_s: float = 20.0
    report_grace_s: float = 60.0
    settle_idle_s: float = 0.02
    small_batch: int = 64
    large_batch: int = 256
    conversations_held: int = 5000
    most_sending: int = 512
    most_calls: int = 64
    send_attempts: int = 8
    send_backoff_s: float = 1.0
    send_max_pause_s: float = 300.0
    send_give_up_s: float = 86_400.0
    allow_private_targets: bool = False
    memory_mb: int = 0
    public_url: str = ""  # where integrations reach the API


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a number may hear and speak. None: as fast as it can.

    `throttle`: a contact's messages a minute that the bot hears; `sends_per_s`: of the whole number;
    `pair_interval_s` and `pair_burst`: to one contact; `settle_after_s`: how long an open send waits for a report.
    """

    throttle: float | None = 10
    sends_per_s: float | None = None
    pair_interval_s: float | None = None
    pair_burst: int = 1
    settle_after_s: float = 20.0

    @classmethod
    def of(cls, settings: ChannelSettings, capabilities: Capabilities) -> "Pace":
        """The number's settings over the channel's own limits."""
        return cls(
            throttle=None if settings.throttle == "off" else settings.throttle,
            sends_per_s=None if settings.max_sends == "off" else settings.max_sends,
            pair_interval_s=None if settings.pair_limit == "off" else capabilities.pair_interval_s,
            pair_burst=max(1, capabilities.pair_burst),
            settle_after_s=settings.settle_after,
        )
