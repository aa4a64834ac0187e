"""Jobs that somebody orders: exports.

Revision ID: 0012
"""

from store.migrations.script import run_file

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0012_jobs.sql")
