"""Who did what: the audit, which only grows, and the signed marks of its chain.

Revision ID: 0005
"""

from store.migrations.script import run_file

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0005_audit.sql")
