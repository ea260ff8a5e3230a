"""The oldest PostgreSQL that is supported, where the machine has it: Debian's server is a 15."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

FIFTEEN: Final = Path("/usr/lib/postgresql/15/bin")
HERE: Final = Path(__file__).parent
OURS: Final = [HERE / f"test_{name}.py" for name in ("schema", "statements", "wall", "events")]


@pytest.mark.skipif(not (FIFTEEN / "initdb").exists(), reason="PostgreSQL 15 is not installed")
def test_the_schema_the_statements_and_the_wall_hold_on_postgresql_15() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", *OURS],
        check=False, capture_output=True, text=True, cwd=HERE.parents[1], timeout=170,
        env={**os.environ, "PG_BIN": str(FIFTEEN)},
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-6000:]
