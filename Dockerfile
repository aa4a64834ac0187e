# syntax=docker/dockerfile:1
# The same steps as the Makefile's, in two stages: the environment is built once, the image carries no builder.
FROM python:3.12-slim-bookworm AS build
WORKDIR /app
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=/app/.venv
COPY deploy/bootstrap.py deploy/bootstrap.py
RUN python deploy/bootstrap.py /app/.venv 0.13.8
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN .venv/bin/uv sync --frozen --no-default-groups --inexact --no-install-project
COPY . .
RUN .venv/bin/uv sync --frozen --no-default-groups --inexact

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="Chatloom" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --home-dir /app chatloom \
    && mkdir -p /data && chown chatloom /data
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CHATLOOM_HOME=/data \
    CHATLOOM_HOST=0.0.0.0 \
    CHATLOOM_LOG_FORMAT=json
USER chatloom
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"CHATLOOM_PORT\") or 8080}/health/live', timeout=2)"]
ENTRYPOINT ["chatloom"]
CMD ["serve"]
