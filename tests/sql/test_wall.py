"""The second wall: what the application's role can see and write, whatever a statement asks.

The database here has no rules but the wall: checks, references and NOT NULL are taken out, so
that one row of a table can be made of one value for each type, in two networks, with the same id
everywhere. A statement is first tried with such values until it finds its own network's rows; then
the same statement with the same values must find nothing from the other network.
"""

import itertools
import random
import re
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from interpreters.database import Pool, open_pool, transaction
from sealing import VAULT
from servers import database_url
from statements import Statement, every_statement, references

pytestmark = pytest.mark.anyio
A: Final = UUID(int=0xA)
B: Final = UUID(int=0xB)
NOBODYS: Final = UUID(int=0xC)  # a network without rows
ONE: Final = UUID(int=1)  # the id of every row
NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
WITHOUT_A_WALL: Final = {"due", "network_names", "alembic_version"}
BEHIND_THE_WALL: Final = [
    one
    for one in every_statement()
    if any(ref.table not in WITHOUT_A_WALL for ref in references(one.text))
]
INSERTS: Final = [one for one in BEHIND_THE_WALL if one.text.split()[0] == "INSERT"]
OTHERS: Final = [one for one in BEHIND_THE_WALL if one.text.split()[0] != "INSERT"]
# What statements ask of their rows in their own words: of the first row, and of a second one.
FIRST: Final[dict[tuple[str, str], object]] = {
    ("bookings", "state"): "held",
    ("offers", "state"): "open",
    ("requests", "starts_now"): False,
    ("requests", "emergency"): False,
    ("usage_entries", "kind"): "session",
    ("outbox", "placed"): False,
    ("outbox", "event_id"): None,
    ("outbox", "done_at"): None,
    ("keys", "revoked_at"): None,
    ("calendar_links", "revoked_at"): None,
    ("clients", "erased_at"): None,
    ("messages", "tries"): 0,
    ("messages", "state"): "waiting",
}
SECOND: Final[dict[tuple[str, str], object]] = {
    ("usage_entries", "id"): UUID(int=2),
    ("usage_entries", "funding_shares"): "[]",
    ("plans", "id"): UUID(int=2),
    ("bookings", "id"): UUID(int=2),
    ("bookings", "state"): "interpreter_no_show",
    ("outbox", "id"): UUID(int=2),
    # A language that lies between two: spoken beside the client's, and towards the working one.
    ("interpreter_languages", "language"): "held",
    ("supply", "pair"): "1:held",
    ("calendar_links", "id"): UUID(int=2),
    ("calendar_links", "token_hash"): b"2",
    ("offers", "id"): UUID(int=2),
    ("offers", "state"): "taken",
    ("messages", "id"): UUID(int=2),
    ("messages", "state"): "sent",
}
RANGE: Final = asyncpg.Range(NOON, NOON + HOUR)
# For each type the value of every column of that type, and what else a parameter may be.
VALUES: Final[dict[str, tuple[object, ...]]] = {
    "uuid": (ONE, None, UUID(int=2**128 - 1), UUID(int=0)),
    "text": ("1", None, "held", "open", "Europe/Riga"),
    "int2": (1, None, 2, 0),
    "int4": (1, None, 2, 0, 1000),
    "int8": (1, None, 2, 0, 1000),
    "bool": (True, False),
    "float4": (1.0, None),
    "float8": (1.0, None),
    "timestamptz": (NOON, None, NOON + HOUR, NOON - HOUR),
    "timestamp": (NOON.replace(tzinfo=None),),
    "date": (date(2026, 11, 24), None, date(2026, 11, 25)),
    "tstzrange": (RANGE,),
    "bit": (asyncpg.BitString("1" * 768),),
    "varbit": (asyncpg.BitString("0" * 768),),
    "bytea": (b"1",),
    "interval": (HOUR, -HOUR, None),
    "jsonb": ("{}",),
}
# Parameters that must differ together before a statement finds anything.
TOGETHER: Final[dict[str, dict[int, object]]] = {
    "candidates.FIND": {4: asyncpg.Range(NOON + HOUR, NOON + 2 * HOUR), 12: [], 13: [], 14: []},
    "open_requests.OPEN": {3: NOON + HOUR},
    "plans.SUPERSEDE": {3: NOON - HOUR, 4: NOON + HOUR},
    "freed_slots.WAITING": {4: NOON - HOUR, 6: NOON + HOUR},
    "waking.WAITING": {5: NOON + HOUR, 6: NOON - HOUR},
    "rarity.COLLEAGUES": {3: []},
    "duplicates.FIND": {2: [], 4: [], 10: [NOON - HOUR], 11: [NOON + HOUR]},
    "commitments.FOLLOWING": {2: [UUID(int=2)]},
    "answers.ANSWERS": {5: -HOUR, 6: HOUR},
    "messages.WENT_OUT": {2: [UUID(int=2)]},
    "request_reports.REQUESTS": {4: NOON + HOUR},
    "request_reports.REQUESTS_BY_NATIONALITY": {4: NOON + HOUR},
    "request_reports.NO_SHOWS": {4: NOON + HOUR},
    "statements.LAST_NUMBER": {2: "0", 3: "2"},
    "statements.OPEN_SESSIONS": {2: NOON + HOUR, 3: NOON, 4: None, 5: None},
}


@pytest.fixture
async def walled(database: str) -> AsyncIterator[Pool]:
    """A database with one row for each table in each of two networks, and no rules but the wall."""
    db = await asyncpg.connect(database_url(role="postgres", database=database))
    await _drop_rules(db)
    columns = await _columns(db)
    for network_id, table in itertools.product((A, B), columns):
        await _insert(db, network_id, table, columns[table], FIRST)
    for network_id, table in itertools.product((A, B), sorted({table for table, _ in SECOND})):
        await _insert(db, network_id, table, columns[table], SECOND)
    await db.close()
    pool = await open_pool(
        database_url(role="interpreters_app", database=database), vault=VAULT, size=1
    )
    yield pool
    await pool.close()


async def _drop_rules(db: asyncpg.Connection) -> None:
    rules = await db.fetch(
        """SELECT conrelid::regclass::text AS table, conname FROM pg_constraint
           WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f')"""
    )
    for rule in rules:
        await db.execute(f"ALTER TABLE {rule['table']} DROP CONSTRAINT {rule['conname']}")
    needed = await db.fetch(
        """SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
             AND a.attnotnull AND NOT EXISTS (
                 SELECT 1 FROM pg_index x WHERE x.indrelid = c.oid AND x.indisprimary
                 AND a.attnum = ANY (x.indkey::smallint[]))"""
    )
    for column in needed:
        await db.execute(
            f'ALTER TABLE {column["relname"]} ALTER COLUMN "{column["attname"]}" DROP NOT NULL'
        )


async def _columns(db: asyncpg.Connection) -> dict[str, list[tuple[str, str]]]:
    """Return the names and types of the columns of the tables behind the wall."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in await db.fetch(
        """SELECT table_name, column_name, udt_name FROM information_schema.columns
           WHERE table_schema = 'public' AND is_generated = 'NEVER'
           ORDER BY table_name, ordinal_position"""
    ):
        if row["table_name"] not in WITHOUT_A_WALL:
            found.setdefault(row["table_name"], []).append((row["column_name"], row["udt_name"]))
    return found


async def _insert(
    db: asyncpg.Connection,
    network_id: UUID,
    table: str,
    columns: Sequence[tuple[str, str]],
    said: Mapping[tuple[str, str], object],
) -> None:
    row: dict[str, object] = {
        name: [VALUES[kind[1:]][0]] if kind.startswith("_") else VALUES[kind][0]
        for name, kind in columns
    }
    row |= {name: value for (of, name), value in said.items() if of == table}
    row["network_id"] = network_id
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await db.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *row.values())


def _choices(kind: str) -> tuple[Any, ...]:
    """Return what a parameter of this type may be; the likeliest first."""
    if not kind.endswith("[]"):
        return VALUES[kind]
    several = [one for one in VALUES[kind[:-2]] if one is not None]
    return ([several[0]], [], None, several)


def _tries(
    one: Statement, kinds: Sequence[str], network_id: UUID, at_random: int
) -> Iterator[list[object]]:
    """Yield parameters: the likely ones, then one by one another value, then so many at random."""
    choices = [_choices(kind) for kind in kinds[1:]]
    for place, kind in enumerate(kinds[1:]):
        if kind == "uuid":
            choices[place] = (*choices[place], network_id)
    told: dict[int, object] = {
        int(place): "{}" for place in re.findall(r"\$(\d+)::text::jsonb", one.text)
    }
    for place, value in (told | TOGETHER.get(one.name, {})).items():
        choices[place - 2] = (value,)
    likely = [one[0] for one in choices]
    absent = {int(place) for place in re.findall(r"\$(\d+)::\w+(?:\[\])? IS NULL", one.text)}
    plain = [None if place in absent else value for place, value in enumerate(likely, start=2)]
    for base in (likely, plain):
        yield [network_id, *base]
        for place, others in enumerate(choices):
            for other in others[1:]:
                yield [network_id, *base[:place], other, *base[place + 1 :]]
    dice = random.Random(1)
    for _ in range(at_random):
        yield [network_id, *(dice.choice(one) for one in choices)]


async def _kinds(db: Any, one: Statement) -> list[str]:
    prepared = await db.prepare(one.text)
    names = {"smallint": "int2"}
    return [names.get(kind.name, kind.name) for kind in prepared.get_parameters()]


async def _touched(db: Any, one: Statement, given: Sequence[object]) -> list[tuple[object, ...]]:
    """Return what the statement found or changed, without rows that say nothing."""
    prepared = await db.prepare(one.text)
    rows = [tuple(row) for row in await prepared.fetch(*given)]
    tag = re.fullmatch(r"(?:UPDATE|DELETE) (\d+)", prepared.get_statusmsg())
    if tag and not rows:
        rows = [("changed",)] * int(tag[1])
    nothing = [
        row for row in rows if not any(row) or (len(row) == 2 and row[1] == 0)
    ]  # a count of 0
    return [row for row in rows if row not in nothing]


async def _found_in(
    pool: Pool, network_id: UUID, one: Statement, *, at_random: int
) -> list[object] | None:
    """Return parameters with which the statement touches rows of its own network."""
    async with pool.acquire() as db:
        kinds = await _kinds(db, one)
        for given in _tries(one, kinds, network_id, at_random):
            await db.execute(f"BEGIN; SELECT enter('{network_id}')")
            try:
                if await _touched(db, one, given):
                    return given
            except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError):
                continue
            finally:
                await db.execute("ROLLBACK")
    return None


async def _each_with_own_rows(
    pool: Pool, database: str
) -> AsyncIterator[tuple[Statement, list[object] | None]]:
    """Yield every statement with parameters that find rows of B; first those of the rows made.

    For the others the rows are changed to what the statement asks of them in its own words.
    """
    blind = []
    for one in OTHERS:
        given = await _found_in(pool, B, one, at_random=0)
        if given is None:
            blind.append(one)
        else:
            yield one, given
    for one in blind:
        await _suit(database, one)
        yield one, await _found_in(pool, B, one, at_random=300)


async def _suit(database: str, one: Statement) -> None:
    """Give all rows the values that the statement compares its columns with."""
    tables = {ref.alias: ref.table for ref in references(one.text)}
    wishes = re.findall(r"(\w+)\.(\w+) (?:= '(\w*)'|IS NULL|= ANY \('\{(\w+)[\w,]*\}')", one.text)
    db = await asyncpg.connect(database_url(role="postgres", database=database))
    for alias, column, value, among in wishes:
        await db.execute(f'UPDATE {tables[alias]} SET "{column}" = $1', value or among or None)
    await db.close()


async def test_no_statement_reaches_another_networks_rows(walled: Pool, database: str) -> None:
    assert len(OTHERS) > 60
    blind, leaking = [], []
    async for one, given in _each_with_own_rows(walled, database):
        if given is None:
            blind.append(one.name)
            continue
        async with walled.acquire() as db:
            await db.execute(f"BEGIN; SELECT enter('{A}')")
            if await _touched(db, one, given):
                leaking.append(f"{one.name} from another network")
            await db.execute("ROLLBACK")
            if await _touched(db, one, given):
                leaking.append(f"{one.name} without a network")
    assert leaking == []
    assert blind == [], "no parameters were found with which these find their own rows"


def _unchecked(one: Statement) -> Statement:
    """Return the statement without the application's check: it asks for every network's rows."""
    text = re.sub(r"\b\w+\.network_id = \$1(?!\d)", "$1::uuid IS NOT NULL", one.text)
    return Statement(one.name, text)


async def _result(db: Any, one: Statement, given: Sequence[object]) -> tuple[list[str], str]:
    """Return the rows, in an order that is always the same, and how many were changed."""
    prepared = await db.prepare(one.text)
    rows = sorted(repr(tuple(row)) for row in await prepared.fetch(*given))
    return rows, prepared.get_statusmsg()


async def _passes(db: Any, one: Statement, given: Sequence[object]) -> bool:
    """Tell whether the statement reaches rows where there is no wall."""
    try:
        return bool(await _touched(db, one, given))
    except asyncpg.CardinalityViolationError:
        return True  # it wanted one row and there is one in each network


async def _rows_of_b(db: Any, tables: Collection[str]) -> dict[str, str]:
    """Return all that B holds; from then on the transaction is within B."""
    await db.execute(f"SELECT enter('{B}')")
    return {
        table: await db.fetchval(f"SELECT string_agg(t::text, ';' ORDER BY t::text) FROM {table} t")
        for table in tables
    }


async def test_without_the_applications_check_the_wall_stands_alone(
    walled: Pool, database: str
) -> None:
    """In A, each statement that asks for all networks gives and changes just what is A's."""
    superuser = await asyncpg.connect(database_url(role="postgres", database=database))
    tables = sorted(await _columns(superuser))
    tried, blind, leaking = 0, [], []
    async for one, found in _each_with_own_rows(walled, database):
        assert found is not None  # the test above says which
        opened, given = _unchecked(one), [A, *found[1:]]
        async with walled.acquire() as db:
            await db.execute("BEGIN")
            before = await _rows_of_b(db, tables)
            await db.execute(f"ROLLBACK; BEGIN; SELECT enter('{A}')")
            wanted = await _result(db, one, given)
            await db.execute(f"ROLLBACK; BEGIN; SELECT enter('{A}')")
            if await _result(db, opened, given) != wanted:
                leaking.append(f"{one.name} reads of B")
            if await _rows_of_b(db, tables) != before:
                leaking.append(f"{one.name} changes B")
            await db.execute(f"ROLLBACK; BEGIN; SELECT enter('{NOBODYS}')")
            if await _touched(db, opened, given):
                leaking.append(f"{one.name} from an empty network")
            await db.execute("ROLLBACK")
            if await _touched(db, opened, given):
                leaking.append(f"{one.name} without a network")
        await superuser.execute("BEGIN")
        if not await _passes(superuser, opened, [NOBODYS, *found[1:]]):
            blind.append(one.name)
        await superuser.execute("ROLLBACK")
        tried += 1
    await superuser.close()
    assert leaking == []
    assert blind == [], "these find nothing even where there is no wall"
    assert tried == len(OTHERS)


async def test_no_table_gives_away_or_takes_rows_across_the_wall(
    walled: Pool, database: str
) -> None:
    """Also in ways that no statement of the product tries."""
    superuser = await asyncpg.connect(database_url(role="postgres", database=database))
    columns = await _columns(superuser)
    await superuser.close()
    assert len(columns) > 20
    refused = pytest.raises(asyncpg.InsufficientPrivilegeError)
    async with walled.acquire() as db:
        await db.execute("BEGIN")
        before = await _rows_of_b(db, columns)
        await db.execute("ROLLBACK")
        for table in columns:
            await db.execute(f"BEGIN; SELECT enter('{A}')")
            seen = await db.fetch(f"SELECT DISTINCT t.network_id FROM {table} t")
            assert [row["network_id"] for row in seen] == [A]
            with refused:
                await db.execute(f"UPDATE {table} SET network_id = '{B}'")
            await db.execute(f"ROLLBACK; BEGIN; SELECT enter('{A}')")
            with refused:
                await db.execute(f"INSERT INTO {table} (network_id) VALUES ('{B}')")
            await db.execute(f"ROLLBACK; BEGIN; SELECT enter('{A}')")
            with refused:
                await db.execute(f"TRUNCATE {table}")
            await db.execute(f"ROLLBACK; BEGIN; SELECT enter('{A}')")
            with suppress(asyncpg.InsufficientPrivilegeError):  # some only grow
                await db.execute(f"DELETE FROM {table}")
                assert await _rows_of_b(db, columns) == before
            await db.execute("ROLLBACK")


async def test_no_insert_writes_into_another_network(walled: Pool) -> None:
    assert len(INSERTS) > 15
    async with walled.acquire() as db:
        for one, network_id in itertools.product(INSERTS, (A, None)):
            given = next(_tries(one, await _kinds(db, one), B, at_random=0))
            await db.execute(f"BEGIN; SELECT enter('{network_id}')" if network_id else "BEGIN")
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await db.fetch(one.text, *given)
            await db.execute("ROLLBACK")


async def test_an_insert_with_the_same_values_is_allowed_in_its_own_network(walled: Pool) -> None:
    """The inserts above are refused for their network, not for their values."""
    for one in INSERTS:
        async with transaction(walled, B) as db:
            given = next(_tries(one, await _kinds(db, one), B, at_random=0))
            try:
                await db.fetch(one.text, *given)
            except asyncpg.InsufficientPrivilegeError:
                pytest.fail(f"{one.name} is refused in its own network")
            except asyncpg.UniqueViolationError:
                await db.execute("ROLLBACK; BEGIN")


async def test_nothing_of_a_network_stays_on_the_connection(walled: Pool) -> None:
    count = "SELECT count(*) FROM institutions"
    async with transaction(walled, A) as db:
        assert await db.fetchval(count) == 1
    async with walled.acquire() as db:  # the pool has one connection: it is the same
        assert await db.fetchval(count) == 0
        assert not await db.fetchval("SELECT current_setting('app.network_id', true)")
    with pytest.raises(ZeroDivisionError):
        async with transaction(walled, A):
            _ = 1 / 0
    async with walled.acquire() as db:
        assert await db.fetchval(count) == 0
    async with transaction(walled, B) as db:
        assert await db.fetchval("SELECT array_agg(network_id) FROM institutions") == [B]


@pytest.mark.parametrize("role", ["interpreters_owner", "postgres", "interpreters_reports"])
async def test_a_role_that_passes_the_wall_is_refused_at_the_start(
    database: str, role: str
) -> None:
    db = await asyncpg.connect(database_url(role="postgres", database=database))
    await db.execute(
        """DO $$ BEGIN CREATE ROLE interpreters_reports LOGIN BYPASSRLS;
           EXCEPTION WHEN duplicate_object THEN NULL; END $$"""
    )
    await db.close()

    with pytest.raises(RuntimeError, match=f"'{role}' is a superuser, bypasses row-level") as told:
        await open_pool(database_url(role=role, database=database), vault=VAULT, size=1)

    assert "connect as a plain role that is a member of interpreters_app" in str(told.value)
