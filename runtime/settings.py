"""The figures of a number's process. Times are in seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.capabilities import Capabilities
from schemas.problems import Refused
from store.pool import Database


@dataclass(frozen=True, slots=True)
class RuntimeSettings:
    """What a number's process is started with. The defaults are those of the design."""

    database: Database
    home: Path
    redis_url: str = ""
    lease_s: float = 15.0
    renew_s: float = 3.0
    drain_s: float = 20.0
    poll_s: float = 1.0
    look_s: float = 30.0
    look_back_s: float = 60.0
    settle_idle_s: float = 0.02
    tracker_wait_s: float = 20.0
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
    metrics_port: int | None = None


class NumberSettingInvalid(Refused):
    code = "runtime.number_setting_invalid"
    sentence = "The number's setting {name} is {value!r}. Give a number above zero, or 'off'."


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a number may hear and speak. None: as fast as it can.

    `throttle`: a contact's messages a minute that the bot hears; `sends_per_s`: of the whole number;
    `pair_interval_s` and `pair_burst`: to one contact.
    """

    throttle: float | None = 10
    sends_per_s: float | None = None
    pair_interval_s: float | None = None
    pair_burst: int = 1

    @classmethod
    def of(cls, settings: Mapping[str, Any], capabilities: Capabilities) -> "Pace":
        """The number's settings (`throttle`, `max_sends`, `pair_limit`, each a figure or `off`) over the channel's."""
        return cls(
            throttle=_figure(settings, "throttle", 10),
            sends_per_s=_figure(settings, "max_sends", capabilities.sends_per_s),
            pair_interval_s=_figure(settings, "pair_limit", capabilities.pair_interval_s),
            pair_burst=max(1, capabilities.pair_burst),
        )


def _figure(settings: Mapping[str, Any], name: str, default: float | None) -> float | None:
    value = settings.get(name)
    if value is None or value == "":
        return default
    if value == "off":
        return None
    try:
        figure = float(value)
    except (TypeError, ValueError):
        figure = 0.0
    if not figure > 0:
        raise NumberSettingInvalid(name=name, value=value)
    return figure
