"""The same statements, with the same parameters, from pgbench: what the database alone can do.

Statements and parameters of real calls are logged; one call is one row of a table of parameters,
which pgbench reads first (that read is measured alone and taken off).
"""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

Call = list[tuple[str, tuple[Any, ...]]]


def as_text(value: Any) -> str | None:  # noqa: C901 - one line for each kind of parameter
    """Return a parameter as PostgreSQL reads it from text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, asyncpg.BitString):
        return value.as_string().replace(" ", "")
    if isinstance(value, asyncpg.Range):
        return f"[{as_text(value.lower)},{as_text(value.upper)})"
    if isinstance(value, list | tuple):
        return "{" + ",".join(_element(one) for one in value) + "}"
    if isinstance(value, UUID | int | float):
        return str(value)
    raise TypeError(type(value))


def _element(value: Any) -> str:
    text = as_text(value)
    if text is None:
        return "NULL"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


async def prepare(owner: Any, table: str, calls: Sequence[Call]) -> tuple[str, int]:
    """Store the calls' parameters; return pgbench's script for one call, and how many there are."""
    shape = [sql for sql, _ in calls[0]]
    same = [call for call in calls if [sql for sql, _ in call] == shape]
    columns: list[str] = []
    script: list[str] = []
    for number, sql in enumerate(shape):
        args = calls[0][number][1]
        text = sql
        for place in range(len(args), 0, -1):
            values = [as_text(call[number][1][place - 1]) for call in same]
            name = f"s{number}_{place}"
            if any(value is None for value in values):
                same = [c for c in same if c[number][1][place - 1] is None] or same
                text = re.sub(rf"\${place}\b", "NULL", text)
            else:
                columns.append(name)
                text = re.sub(rf"\${place}\b", f":{name}", text)
        script += _commands(text)
    await owner.execute(f"DROP TABLE IF EXISTS {table}")
    await owner.execute(
        f"CREATE TABLE {table} (n int PRIMARY KEY, {', '.join(f'{one} text' for one in columns)})"
    )
    rows = []
    for n, call in enumerate(same):
        by_name = {
            f"s{k}_{p}": as_text(arg)
            for k, (_, args) in enumerate(call)
            for p, arg in enumerate(args, 1)
        }
        rows.append((n, *(by_name[one] for one in columns)))
    marks = ", ".join(f"${k}" for k in range(1, len(columns) + 2))
    await owner.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    await owner.execute(f"GRANT SELECT ON {table} TO interpreters_app; ANALYZE {table}")
    return "\n".join(script), len(rows)


def _commands(text: str) -> list[str]:
    """One line a command; `BEGIN; SELECT enter(…)` is two here and one round trip in the product."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    return [" ".join(part.split()) + ";" for part in parts]


def run(
    program: Path, url: str, table: str, script: str, *, count: int, clients: int, once: bool,
    seconds: int,
) -> float:  # fmt: skip
    """Return seconds per call and client slot: the elapsed time over the calls made.

    `once`: every call is made a single time, in order (what it changes cannot be done twice);
    else calls are drawn at random for `seconds`.
    """
    with tempfile.TemporaryDirectory() as folder:
        each = max(1, count // clients)
        draw = (
            f"\\set n :client_id * {each} + :i\n\\set i :i + 1"
            if once
            else f"\\set n random(0, {count - 1})"
        )
        read = f"{draw}\nSELECT * FROM {table} WHERE n = :n \\gset\n"
        whole = _timed(program, url, folder, read + script, clients, each if once else 0, seconds)
        alone = _timed(
            program, url, folder, read, clients, each if once else 0, max(2, seconds // 3)
        )
    return whole - alone


def _timed(
    program: Path, url: str, folder: str, script: str, clients: int, each: int, seconds: int
) -> float:
    path = Path(folder) / "script.sql"
    path.write_text(script)
    length = ["-t", str(each)] if each else ["-T", str(seconds)]
    done = subprocess.run(
        [str(program), "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-D", "i=0",
         "-f", str(path), *length, url],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or not found:
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-4000:])
    return 1 / float(found.group(1))
