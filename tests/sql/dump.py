"""The migrated schema as text: `python tests/sql/dump.py` prints it for migrations/schema.sql.

Written by the pg_dump of the embedded PostgreSQL, with what differs between two runs taken out.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

if __name__ == "__main__":  # run by its path: the tests' folder is not on the path yet
    sys.path.insert(0, str(Path(__file__).parents[1]))

from interpreters.embedded.binaries import find_postgres
from interpreters.migrate import migrate
from servers import database_url, start_test_postgres

# The versions, pg_dump's own settings, and psql's guard with a new random word in every dump.
NOISE: Final = re.compile(
    r"^(?:-- Dumped .*|--|SET .*;|SELECT pg_catalog\.set_config.*;|\\(?:un)?restrict .*"
    r"|-- PostgreSQL database dump.*|-- Name: .*)$\n",
    re.MULTILINE,
)
HEADER: Final = """\
-- The schema as the migrations leave it, for reading and for review. Written by `make schema`;
-- a test compares it with a migrated database.

"""


def schema_of(database: str) -> str:
    """Return the schema of a database of the test server."""
    done = subprocess.run(
        [
            find_postgres(os.environ.get("PG_BIN")) / "pg_dump", "--schema-only", "--no-owner",
            "--no-comments", "--extension=btree_gist", "--restrict-key=schema",
            database_url(role="postgres", database=database),
        ],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return HEADER + re.sub(r"\n{2,}", "\n\n", NOISE.sub("", done.stdout)).strip() + "\n"


def main() -> None:
    start_test_postgres()
    migrate(database_url(role="interpreters_owner"))
    sys.stdout.write(schema_of("interpreters"))


if __name__ == "__main__":
    main()
