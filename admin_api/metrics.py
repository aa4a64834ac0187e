"""/metrics, for Prometheus: of all processes that share PROMETHEUS_MULTIPROC_DIR, else of this one."""

import os

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess

router = APIRouter(tags=["metrics"])


@router.get("/metrics", summary="Metrics for Prometheus", include_in_schema=False)
def metrics() -> Response:
    """Counters, gauges and histograms in the text format. A plain function: it reads files, in a thread."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
