"""A circuit breaker for each host, and the answers that may stand in while it is open."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import orjson

from runtime.effects import call_codec
from schemas.effects import CallWebhook

FAILURES = 5
OPEN_S = 30.0
MOST_HOSTS = 1000
MOST_ANSWERS = 500


@dataclass(slots=True)
class _Host:
    failures: int = 0
    open_until: float = 0.0


class Breaker:
    """Five failures in a row open a host's circuit for 30 s; then one try decides."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    def wait(self, host: str, now: float) -> float:
        """Seconds until a try is allowed. An allowed try after an opening keeps others out until it ends."""
        known = self._hosts.get(host)
        if known is None or known.failures < FAILURES:
            return 0.0
        if known.open_until > now:
            return known.open_until - now
        known.open_until = now + OPEN_S
        return 0.0

    def ended(self, host: str, ok: bool, now: float) -> None:
        """Note how a try ended."""
        if ok:
            self._hosts.pop(host, None)
            return
        known = self._hosts.setdefault(host, _Host())
        self._hosts.move_to_end(host)
        known.failures += 1
        if known.failures >= FAILURES:
            known.open_until = now + OPEN_S
        while len(self._hosts) > MOST_HOSTS:
            self._hosts.popitem(last=False)


class Answers:
    """Answers that a step allows to be used again, in this process's memory."""

    def __init__(self) -> None:
        self._held: OrderedDict[bytes, tuple[float, dict[str, Any]]] = OrderedDict()

    def get(self, call: CallWebhook, now: float, *, stale: bool) -> dict[str, Any] | None:
        """A kept answer that is fresh, or with `stale` one that the step accepts while the host fails."""
        if call.cache is None:
            return None
        found = self._held.get(_key(call))
        if found is None:
            return None
        age = now - found[0]
        limit = call.cache.ttl_s + (call.cache.stale_if_error_s if stale else 0.0)
        return found[1] if age <= limit else None

    def keep(self, call: CallWebhook, now: float, result: dict[str, Any]) -> None:
        """Keep a good answer."""
        if call.cache is None:
            return
        self._held[_key(call)] = (now, result)
        self._held.move_to_end(_key(call))
        while len(self._held) > MOST_ANSWERS:
            self._held.popitem(last=False)


def _key(call: CallWebhook) -> bytes:
    request = call_codec.dump_python(
        call, mode="json", include={"method", "url", "headers", "json", "has_body"}
    )
    return hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).digest()
