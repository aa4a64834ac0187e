"""The folder by which all processes of a home share their metrics, and the port where those are read that serve
no HTTP. Light: it comes before prometheus_client."""

import os
from pathlib import Path

from cli.settings import Settings


def share_metrics(settings: Settings) -> None:
    """Name the folder in the environment, for this process and its children. Before prometheus_client is imported."""
    folder = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR") or settings.home.absolute() / "metrics")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    _forget_dead(folder)


def serve_metrics(settings: Settings) -> None:
    """Answer /metrics with what the folder holds, in a thread, where a port is set. After `share_metrics`."""
    if settings.metrics_port:
        from prometheus_client import CollectorRegistry, multiprocess, start_http_server

        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        start_http_server(settings.metrics_port, settings.host, registry)


def _forget_dead(folder: Path) -> None:
    """Take away the live gauges of processes that are gone. What they counted stays."""
    for path in folder.glob("gauge_live*_*.db"):
        if Path("/proc/self").exists() and not Path(f"/proc/{path.stem.rpartition('_')[2]}").exists():
            path.unlink(missing_ok=True)
