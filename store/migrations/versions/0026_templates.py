"""Templates of numbers, as the channel approved them.

Revision ID: 0026
"""

from store.migrations.script import run_file

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0026_templates.sql")
