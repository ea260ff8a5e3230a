"""A database written into one file and brought back from it, by PostgreSQL's own programs.

The file is `pg_dump`'s custom format. Bringing it back is one transaction: what was there before
stays until everything of the file is there.
"""

import contextlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import msgspec

from interpreters.embedded.clients import running
from interpreters.embedded.trouble import Trouble

LOOK: Final = 0.2  # seconds between two looks at how far it is
# Of the database, not of what is in it: whoever made the database made these.
FURNITURE: Final = re.compile(
    r"\d+; \d+ \d+ (EXTENSION - |COMMENT - EXTENSION |SCHEMA - public |COMMENT - SCHEMA public "
    r"|ACL - SCHEMA public )"
)
COPY: Final = re.compile(rb"COPY (?:public\.)?(\w+) \((.*)\) FROM stdin;\n")
END: Final = b"\\.\n"
BEGIN: Final = b"""
BEGIN;
SET LOCAL client_min_messages = warning;
DO $do$
DECLARE one text;
BEGIN
    FOR one IN
        SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    LOOP
        EXECUTE 'DROP TABLE ' || one || ' CASCADE';
    END LOOP;
    FOR one IN
        SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S'
    LOOP
        EXECUTE 'DROP SEQUENCE ' || one || ' CASCADE';
    END LOOP;
    FOR one IN
        SELECT p.oid::regprocedure::text FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE 'DROP FUNCTION ' || one || ' CASCADE';
    END LOOP;
END $do$;
"""
COMMIT: Final = b"\nCOMMIT;\n"


class Stored(msgspec.Struct, frozen=True):
    """A row as a file holds it: its table, and its line in the form of COPY."""

    table: str
    columns: Sequence[str]
    line: bytes

    def value(self, column: str) -> bytes:
        """Return a column's value as it stands there; nothing where there is no such column."""
        if column not in self.columns:
            return b""
        return self.line.rstrip(b"\n").split(b"\t")[self.columns.index(column)]


def write_dump(
    programs: Path,
    url: str,
    file: Path,
    *,
    told: Callable[[int], None],
    check: Callable[[Path], None],
) -> None:
    """Write the database into the file: whole and checked, or not at all; mode 0600.

    `told` hears how many bytes there are, again and again; `check` looks at what was written
    before it gets the file's name.

    Raises:
        Trouble: it cannot be written, or is there already.
    """
    if file.exists():
        raise Trouble(f"{file} is there already: name another file")
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        argv = ("--format=custom", "--no-password", "--file", str(fresh))
        with running(programs / "pg_dump", *argv, url=url) as dump:
            while dump.runs():
                told(fresh.stat().st_size)
                time.sleep(LOOK)
            dump.must_work("the database could not be written into a file")
        check(fresh)
        fresh.rename(file)
        _keep_name(file.parent)
    except OSError as error:
        raise Trouble(f"{file} cannot be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def contents(programs: Path, file: Path) -> list[str]:
    """Return the list of what is in a file, a line each.

    Raises:
        Trouble: it cannot be read, or is something else.
    """
    with running(programs / "pg_restore", "--list", str(file)) as listing:
        listed = listing.output.read().decode("utf-8", "replace").splitlines()
        listing.must_work(f"{file} is no backup that can be read here")
    return listed


def rows(programs: Path, file: Path) -> Iterator[Stored]:
    """Yield every row in a file, from its first byte to its last.

    Raises:
        Trouble: it is cut off or damaged.
    """
    with running(programs / "pg_restore", "--data-only", "--file=-", str(file)) as reading:
        yield from _rows(reading.output)
        reading.must_work(f"{file} is damaged")


def read_dump(programs: Path, url: str, file: Path, *, listed: Sequence[str]) -> None:
    """Put what is in the file in the place of what is in the database, all or nothing.

    `listed` is what `contents` says. The role of `url` owns everything then.

    Raises:
        Trouble: the database refuses something, or the file is damaged; it is as it was before.
    """
    quiet = ("-X", "-q", "--no-password", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse")
    with contextlib.ExitStack() as stack:
        wanted = stack.enter_context(tempfile.NamedTemporaryFile("w", encoding="utf-8"))
        wanted.write("\n".join(one for one in listed if not FURNITURE.match(one)))
        wanted.flush()
        argv = ("--no-owner", f"--use-list={wanted.name}", "--file=-", str(file))
        reading = stack.enter_context(running(programs / "pg_restore", *argv))
        writing = stack.enter_context(running(programs / "psql", *quiet, "-o", os.devnull, url=url))
        with contextlib.suppress(BrokenPipeError):  # the other side says why it ended
            writing.input.write(BEGIN)
            shutil.copyfileobj(reading.output, writing.input, 1024 * 1024)
            if reading.worked():  # without the last word nothing of it stays
                writing.input.write(COMMIT)
            writing.input.close()
        writing.must_work("the database could not be brought back and is as it was")
        reading.must_work(f"{file} is damaged, the database is as it was")


def _rows(lines: IO[bytes]) -> Iterator[Stored]:
    table, columns = "", list[str]()
    for line in lines:
        if not table:
            if (found := COPY.fullmatch(line)) is not None:
                table = found[1].decode()
                columns = [one.strip().strip('"') for one in found[2].decode().split(",")]
        elif line == END:
            table = ""
        else:
            yield Stored(table, columns, line)


def _keep_name(folder: Path) -> None:
    """Wait until the disk holds the file's name; `pg_dump` has waited for what is in it."""
    raw = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some disks have no such promise to give
            os.fsync(raw)
    finally:
        os.close(raw)
