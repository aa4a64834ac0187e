"""The history of numbers, and rotating the secrets of apps.

Revision ID: 0022
"""

from store.migrations.script import run_file

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0022_numbers_and_apps.sql")
