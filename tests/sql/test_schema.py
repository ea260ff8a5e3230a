"""Rules of the schema: every table, key and reference stays inside one network."""

import io
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, TypeAlias

import asyncpg
import pytest
from alembic import command

from interpreters.database import Pool
from interpreters.embedded.binaries import find_postgres, major
from interpreters.migrate import REVISIONS, configuration
from servers import database_url
from sql.dump import schema_of
from statements import every_statement, references

pytestmark = pytest.mark.anyio
ROOT: Final = Path(__file__).parents[2]
# Tables outside the wall, and why.
WITHOUT_A_NETWORK_KEY: Final = {
    "alembic_version": "the migrations' own",
    "network_names": "the directory: a slug is unique over all networks",
}
WITHOUT_ROW_SECURITY: Final = {
    *WITHOUT_A_NETWORK_KEY,
    "due",  # one read lists the work of all networks; it holds ids and times only
}
ONLY_GROWING: Final = {"usage_entries", "audit", "events", "tariffs", "cancellation_policies"}

Catalogue: TypeAlias = asyncpg.Connection


@pytest.fixture
async def catalogue(database: str) -> AsyncIterator[Catalogue]:
    """A connection that sees everything."""
    db = await asyncpg.connect(database_url(role="postgres", database=database))
    yield db
    await db.close()


async def rows(db: Catalogue, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await db.fetch(query)]


async def tables(db: Catalogue) -> set[str]:
    found = await rows(db, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {str(name) for (name,) in found}


async def test_every_primary_key_starts_with_the_network(catalogue: Catalogue) -> None:
    first = dict(
        await rows(
            catalogue,
            """SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c
               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
               WHERE c.contype = 'p' AND c.connamespace = 'public'::regnamespace""",
        )
    )
    everything = await tables(catalogue)
    assert len(everything) > 20
    assert set(first) == everything
    assert {name for name, key in first.items() if key != "network_id"} == set(
        WITHOUT_A_NETWORK_KEY
    )


async def test_every_unique_rule_holds_within_one_network(catalogue: Catalogue) -> None:
    wide = await rows(
        catalogue,
        """SELECT x.indexrelid::regclass::text FROM pg_index x
           JOIN pg_class t ON t.oid = x.indrelid AND t.relnamespace = 'public'::regnamespace
           WHERE x.indisunique AND NOT EXISTS (
               SELECT 1 FROM pg_attribute a
               WHERE a.attrelid = x.indrelid AND a.attname = 'network_id'
                 AND a.attnum = x.indkey[0])""",
    )
    assert {name for (name,) in wide} == {"alembic_version_pkc", "network_names_key"}


async def test_exclusions_compare_the_network_by_equality(catalogue: Catalogue) -> None:
    found = await rows(
        catalogue,
        """SELECT c.conname, a.attname, o.oprname FROM pg_constraint c
           JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
           JOIN pg_operator o ON o.oid = c.conexclop[1] WHERE c.contype = 'x'""",
    )
    assert sorted(found) == [
        ("bookings_interpreter_is_free", "network_id", "="),
        ("room_uses_room_is_free", "network_id", "="),
    ]


async def test_every_reference_carries_the_network_on_both_sides(catalogue: Catalogue) -> None:
    pairs = await rows(
        catalogue,
        """SELECT c.conname, a.attname, b.attname FROM pg_constraint c
           JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
           JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
           WHERE c.contype = 'f'""",
    )
    assert len(pairs) > 15
    assert [one for one in pairs if one[1:] != ("network_id", "network_id")] == []


async def test_references_delete_with_or_refuse_and_nothing_is_deferred(
    catalogue: Catalogue,
) -> None:
    faults = await rows(
        catalogue,
        """SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
           AND (condeferrable OR NOT convalidated OR confdeltype NOT IN (' ', 'a', 'r', 'c')
                OR confupdtype NOT IN (' ', 'a'))""",
    )
    assert faults == []


async def test_nothing_works_behind_the_statements(catalogue: Catalogue) -> None:
    """No triggers, no rules, no views, no identity columns, one sequence."""
    triggers = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    rules = "SELECT rulename FROM pg_rules WHERE schemaname = 'public'"
    identity = "SELECT attname FROM pg_attribute WHERE attidentity <> ''"
    others = """SELECT relname, relkind::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('r', 'i')"""
    defaults = """SELECT attrelid::regclass::text, pg_get_expr(adbin, adrelid)
        FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
        WHERE attgenerated = ''"""
    generated = """SELECT attrelid::regclass::text, pg_get_expr(adbin, adrelid)
        FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
        WHERE attgenerated <> '' ORDER BY 1"""
    assert await rows(catalogue, triggers) == []
    assert await rows(catalogue, rules) == []
    assert await rows(catalogue, identity) == []
    # The order of writing within a network; numbers may be skipped and shared, and mean no count.
    starts_at = "lower(session)"  # a value of its own row
    assert await rows(catalogue, generated) == [("bookings", starts_at), ("requests", starts_at)]
    assert await rows(catalogue, others) == [("outbox_written", "S")]
    # A column that came later has a default for as long as a release may run that omits it (0004,
    # 0006, 0012, 0017, 0020).
    assert sorted(await rows(catalogue, defaults)) == [
        ("absences", "'own'::text"),
        ("bookings", "0"),
        ("bookings", "0"),
        ("institutions", "false"),
        ("interpreters", "'active'::text"),
        ("interpreters", "false"),
        ("networks", "'{}'::jsonb"),
        ("networks", "'{}'::jsonb"),
        ("networks", "false"),
        ("networks", "false"),
        ("outbox", "nextval('outbox_written'::regclass)"),
        ("requests", "false"),
        ("usage_entries", "0"),
    ]


async def test_names_leave_room_for_a_shards_suffix(catalogue: Catalogue) -> None:
    """A shard's copy ends in `_<number>`, cut at 63: names are short and end in a letter."""
    named = await rows(
        catalogue,
        """SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
           UNION SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
           UNION SELECT policyname FROM pg_policies WHERE schemaname = 'public'""",
    )
    names = [str(name) for (name,) in named]
    assert len(names) > 100
    assert [name for name in names if len(name) > 50 or name[-1].isdigit()] == []
    assert [name for name in names if not re.fullmatch("[a-z_]+", name)] == []


async def test_checks_and_references_have_sentences_for_names(catalogue: Catalogue) -> None:
    """A name PostgreSQL made up (`_check`, `_fkey`, `_pkey`) says nothing to whoever reads it."""
    made_up = await rows(
        catalogue,
        r"""SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            AND conname ~ '_(check|fkey|pkey|key|excl)\d*$' AND contype <> 'p'""",
    )
    assert made_up == []


async def test_every_tenant_table_stands_behind_one_plain_policy(catalogue: Catalogue) -> None:
    behind = await rows(
        catalogue,
        """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
           AND relkind = 'r' AND relrowsecurity""",
    )
    policies = await rows(
        catalogue,
        """SELECT tablename, permissive, roles::text, cmd, qual, with_check FROM pg_policies
           WHERE schemaname = 'public'""",
    )
    tenants = await tables(catalogue) - WITHOUT_ROW_SECURITY
    assert {name for (name,) in behind} == tenants
    assert sorted(str(one[0]) for one in policies) == sorted(tenants)
    entered = "(NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid"
    assert {one[1:] for one in policies} == {
        ("PERMISSIVE", "{public}", "ALL", f"(network_id = {entered})", None)
    }


async def test_the_applications_role_owns_nothing_and_cannot_pass(catalogue: Catalogue) -> None:
    role = "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname ="
    owned = """SELECT relname FROM pg_class WHERE relowner = 'interpreters_app'::regrole
        UNION ALL SELECT proname FROM pg_proc WHERE proowner = 'interpreters_app'::regrole
        UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = 'interpreters_app'::regrole"""
    assert await rows(catalogue, f"{role} 'interpreters_app'") == [(False,) * 4]
    assert await rows(catalogue, owned) == []


async def test_grants_are_for_rows_only_and_ledgers_only_grow(catalogue: Catalogue) -> None:
    granted = await rows(
        catalogue,
        """SELECT table_name, privilege_type FROM information_schema.role_table_grants
           WHERE grantee = 'interpreters_app' AND table_schema = 'public'""",
    )
    by_table: dict[str, set[str]] = {}
    for table, privilege in granted:
        by_table.setdefault(str(table), set()).add(str(privilege))
    assert by_table.pop("alembic_version") == {"SELECT"}
    assert set(by_table) == await tables(catalogue) - {"alembic_version"}
    for table, privileges in by_table.items():
        grow = {"SELECT", "INSERT"}
        assert privileges == (grow if table in ONLY_GROWING else grow | {"UPDATE", "DELETE"}), table
    public = await rows(
        catalogue,
        "SELECT table_name FROM information_schema.role_table_grants"
        " WHERE grantee = 'PUBLIC' AND table_schema = 'public'",
    )
    assert public == []


@pytest.mark.parametrize("table", sorted(ONLY_GROWING))
async def test_the_application_can_not_rewrite_a_ledger(pool: Pool, table: str) -> None:
    async with pool.acquire() as db:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(f"DELETE FROM {table}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(f"UPDATE {table} SET network_id = network_id")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(f"TRUNCATE {table}")


async def test_what_is_deleted_is_looked_up_in_its_children_by_an_index(
    catalogue: Catalogue,
) -> None:
    without_index = await rows(
        catalogue,
        """SELECT c.confrelid::regclass::text, c.conname FROM pg_constraint c
           WHERE c.contype = 'f' AND NOT EXISTS (
               SELECT 1 FROM pg_index x WHERE x.indrelid = c.conrelid
               AND c.conkey @> x.indkey[0:array_length(c.conkey, 1) - 1]::smallint[])""",
    )
    deleted = {
        ref.table
        for one in every_statement()
        for ref in references(one.text)
        if ref.verb == "delete"
    }
    assert deleted
    assert [one for one in without_index if one[0] in deleted] == []


async def test_the_migrated_schema_is_the_committed_one(template: str) -> None:
    if major(find_postgres(os.environ.get("PG_BIN"))) != 18:
        return  # pg_dump writes the same schema in other words in every version
    committed = (ROOT / "migrations/schema.sql").read_text(encoding="utf-8")
    assert schema_of(template) == committed, "the migrations changed: run `make schema`"


def test_migrations_are_written_for_review_without_a_database(tmp_path: Path) -> None:
    """`alembic upgrade --sql` gives each revision as it is, and squawk finds no fault in them."""
    output = io.StringIO()
    config = configuration("postgresql://nobody@nowhere/none")
    config.output_buffer = output
    command.upgrade(config, "head", sql=True)
    parts = output.getvalue().split("-- Running upgrade ")[1:]
    revisions = {one.name[:4]: one for one in (REVISIONS / "versions").glob("*.sql")}
    assert len(parts) == len(revisions)
    for part in parts:  # in the order of their chain
        revision = revisions[part.partition("-> ")[2][:4]]
        assert revision.read_text(encoding="utf-8").strip() in part
        inside = part.partition("\nCOMMIT;")[0]  # each is one transaction, which Alembic opens
        (tmp_path / revision.name).write_text(f"-- {inside}\n", encoding="utf-8")
    done = subprocess.run(
        [
            Path(sys.executable).parent / "squawk", "--config", ROOT / ".squawk.toml",
            "--reporter", "gcc", *sorted(tmp_path.iterdir()),
        ],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_revision_says_why_and_gives_up_on_a_lock_soon() -> None:
    revisions = sorted((REVISIONS / "versions").glob("*.sql"))
    assert revisions
    for revision in revisions:
        text = revision.read_text(encoding="utf-8")
        header = text.partition("\n\n")[0]
        assert len(header.splitlines()) >= 2, revision.name
        assert all(line.startswith("--") for line in header.splitlines()), revision.name
        assert "SET LOCAL lock_timeout" in text, revision.name
        assert "SET LOCAL statement_timeout" in text, revision.name
        assert "CONCURRENTLY" not in text, revision.name
