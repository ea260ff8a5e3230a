"""Requests are found by whom they were made for, by their channel, and by their parties"""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0016"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
