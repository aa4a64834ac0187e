"""The folder by which all processes of a home share their metrics. Light: it comes before prometheus_client."""

import os
from pathlib import Path

from cli.settings import Settings


def share_metrics(settings: Settings) -> None:
    """Name the folder in the environment, for this process and its children. Before prometheus_client is imported."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        folder = settings.home / "metrics"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    _forget_dead(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))


def _forget_dead(folder: Path) -> None:
    """Take away the live gauges of processes that are gone. What they counted stays."""
    for path in folder.glob("gauge_live*_*.db"):
        if Path("/proc/self").exists() and not Path(f"/proc/{path.stem.rpartition('_')[2]}").exists():
            path.unlink(missing_ok=True)
