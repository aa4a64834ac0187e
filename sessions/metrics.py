"""What sessions of linked devices count, for Prometheus.

With `PROMETHEUS_MULTIPROC_DIR` set before this module is imported, all processes of a host share one page.
"""

from prometheus_client import Counter, Gauge, Histogram

connects = Counter("chatloom_session_connects", "Times that a session came online.")
disconnects = Counter("chatloom_session_disconnects", "Times that a session left, by reason.", ("reason",))
undecrypted = Counter("chatloom_session_undecrypted", "Messages that could not be decrypted.", ("how",))
unread = Counter("chatloom_session_unread", "Events of the library that we could not read.")
missed = Counter("chatloom_session_missed", "Messages that were lost in a kill, shown as missing.")
receipts_late = Counter(
    "chatloom_session_receipts_late", "Delivery reports that came more than ten seconds after they were made."
)
revoked = Counter("chatloom_session_revoked", "Doubtful messages taken back before they were sent anew.")
mended = Counter(
    "chatloom_session_mended",
    "Steps of a contact's ratchet that the library had lost, made good before a message.",
)
spool_depth = Gauge(
    "chatloom_session_spool_depth",
    "Events that wait for the inbox.",
    ("number",),
    multiprocess_mode="mostrecent",
)
seal_seconds = Histogram(
    "chatloom_session_seal_seconds",
    "Sealing one commit of a session, with its sync to disk.",
    buckets=(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1),
)
