"""What a number's process counts, for Prometheus.

With `PROMETHEUS_MULTIPROC_DIR` set before this module is imported, all processes of a host share one page.
"""

from uuid import UUID

from prometheus_client import Counter, Gauge, Histogram

_SHORT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_LONG = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

messages = Counter("chatloom_messages", "Messages, by direction and channel.", ("direction", "channel"))
turn_seconds = Histogram("chatloom_turn_seconds", "From taking a batch to its commit.", buckets=_SHORT)
turn_events = Histogram("chatloom_turn_events", "Events in a batch.", buckets=(1, 4, 16, 64, 128, 256))
send_seconds = Histogram("chatloom_send_seconds", "One call of the channel.", ("channel",), buckets=_LONG)
sends = Counter("chatloom_sends", "Calls of the channel, by how they ended.", ("channel", "how"))
doubled = Counter(
    "chatloom_doubled_possible", "Messages sent again that may have been sent before.", ("channel",)
)
policy = Counter("chatloom_send_policy", "Messages that the send policy held or refused.", ("channel", "why"))
unconfirmed = Counter(
    "chatloom_unconfirmed", "Messages without a delivery report though the contact was active.", ("channel",)
)
dead_letters = Counter("chatloom_dead_letters", "Messages that failed their last retry.", ("channel",))
quarantined = Counter("chatloom_quarantined", "Events that could not be processed.", ("kind",))
action_seconds = Histogram("chatloom_action_seconds", "One try of an action.", ("how",), buckets=_LONG)
inbox_depth = Gauge("chatloom_inbox_depth", "Events that wait.", ("number",), multiprocess_mode="mostrecent")
inbox_oldest = Gauge(
    "chatloom_inbox_oldest_seconds",
    "Age of the oldest that waits.",
    ("number",),
    multiprocess_mode="mostrecent",
)
outbox_depth = Gauge(
    "chatloom_outbox_depth", "Messages to send.", ("number",), multiprocess_mode="mostrecent"
)
outbox_oldest = Gauge(
    "chatloom_outbox_oldest_seconds",
    "Age of the oldest to send.",
    ("number",),
    multiprocess_mode="mostrecent",
)
outbox_dead = Gauge("chatloom_outbox_dead", "Dead letters.", ("number",), multiprocess_mode="mostrecent")
active_runs = Gauge("chatloom_active_runs", "Runs under way.", ("number",), multiprocess_mode="mostrecent")
lease_held = Gauge(
    "chatloom_lease_held", "Whether this number is served.", ("number",), multiprocess_mode="mostrecent"
)
restarts = Counter(
    "chatloom_restarts", "Numbers and processes started again by a supervisor, by why.", ("why",)
)
given_up = Gauge(
    "chatloom_given_up",
    "Whether a supervisor has given a number up.",
    ("number",),
    multiprocess_mode="mostrecent",
)
number_state = Gauge(
    "chatloom_number_state",
    "1 for the state that a number is in.",
    ("number", "state"),
    multiprocess_mode="mostrecent",
)
_states: dict[UUID, str] = {}


def state_of(number: UUID, state: str) -> None:
    """Note the state of a number."""
    if (before := _states.get(number)) is not None and before != state:
        number_state.labels(str(number), before).set(0)
    _states[number] = state
    number_state.labels(str(number), state).set(1)
