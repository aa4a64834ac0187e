"""Run a SQL file of `versions/` within the revision under way."""

from pathlib import Path

from alembic import op

VERSIONS = Path(__file__).parent / "versions"


def run_file(name: str) -> None:
    """Execute every statement of `versions/<name>` in the revision's transaction."""
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((VERSIONS / name).read_text())
