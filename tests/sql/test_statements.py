"""Rules that every SQL statement keeps, so that each is one network's and one shard's business."""

import re
from collections.abc import Callable
from typing import Final

import asyncpg
import pytest

from interpreters.database import Pool
from statements import Group, Statement, every_statement, groups, read, references, words

STATEMENTS: Final = every_statement()
# Statements over all networks, and why each may be one.
OVER_ALL_NETWORKS: Final = {
    "due.LIST": "lists what is due in any network; reads ids and times, takes no lock",
    "networks.LIST_NAMES": "the directory of networks, which holds no content",
    "networks.INSERT_NAME": "a slug is unique over all networks: the directory's key",
}
CLOCKS: Final = {
    "now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday",
    "current_timestamp", "current_date", "current_time", "localtimestamp", "localtime",
}  # fmt: skip
NOT_SHIPPED_TO_SHARDS: Final = {
    "set_config", "current_setting", "merge", "copy", "random", "gen_random_uuid", "nextval",
}  # fmt: skip
NOT_ON_COLUMNS: Final = re.compile(
    r"\binterval\b|\b\w+\.\w+::date\b|\bconcat\s*\(|\bjsonb_build_object\s*\(|\bextract\s*\(",
    re.IGNORECASE,
)


def broken(rule: Callable[[Statement], object]) -> dict[str, object]:
    """Return what the rule says about the statements it finds wrong."""
    told = {one.name: rule(one) for one in STATEMENTS}
    return {name: fault for name, fault in told.items() if fault}


def test_there_are_statements_to_check() -> None:
    assert len(STATEMENTS) > 100
    assert set(OVER_ALL_NETWORKS) <= {one.name for one in STATEMENTS}


@pytest.mark.anyio
async def test_every_statement_fits_the_schema_as_the_applications_role(pool: Pool) -> None:
    faults = {}
    async with pool.acquire() as db:
        for one in STATEMENTS:
            try:
                await db.prepare(one.text)
            except asyncpg.PostgresError as error:
                faults[one.name] = str(error)
    assert faults == {}


def test_every_table_reference_names_its_network_at_its_own_level() -> None:
    def unfiltered(one: Statement) -> list[str]:
        return [
            f"{ref.table} {ref.alias}"
            for ref in references(one.text)
            if ref.verb != "into" and not _filters(ref.level, ref.alias)
        ]

    assert set(broken(unfiltered)) == {"due.LIST", "networks.LIST_NAMES"}


def test_a_filter_that_is_not_certain_is_not_taken_for_one() -> None:
    wrong = (
        "SELECT 1 FROM offers o WHERE o.network_id = $1 OR o.id = $2",
        "SELECT 1 FROM offers o WHERE (o.network_id = $1 OR o.id = $2)",
        (
            "SELECT 1 FROM offers o JOIN requests r ON r.network_id = o.network_id"
            " WHERE o.network_id = $1"
        ),
        "SELECT 1 FROM offers o, requests r WHERE o.network_id = $1 AND r.id = o.id",
        (
            "SELECT 1 FROM offers o LEFT JOIN LATERAL (SELECT 1 FROM requests r WHERE r.id = o.id)"
            " x ON true WHERE o.network_id = $1"
        ),
        "SELECT 1 FROM offers o WHERE o.network_id = $1 UNION ALL SELECT 1 FROM requests r",
        "UPDATE offers AS o SET state = 'open' FROM requests r WHERE o.network_id = $1",
        "DELETE FROM offers WHERE network_id = $1",
    )
    for text in wrong:
        found = references(text)
        assert not all(_filters(ref.level, ref.alias) for ref in found), text
    right = (
        (
            "WITH x AS (SELECT r.id FROM requests r WHERE r.network_id = $1)"
            " SELECT 1 FROM offers AS o, x WHERE o.id IS NOT DISTINCT FROM $2 AND o.network_id = $1"
        ),
        "SELECT substring(o.mode FROM 2 FOR 3) FROM offers o WHERE o.network_id = $1 FOR UPDATE",
    )
    for text in right:
        found = references(text)
        assert found
        assert all(_filters(ref.level, ref.alias) for ref in found), text


def test_every_insert_writes_the_network_it_was_given_first() -> None:
    def fault(one: Statement) -> object:
        tokens = read(one.text)
        if tokens[0] != "insert":
            return None
        columns = next(group for group in tokens if not isinstance(group, str))
        after = tokens[tokens.index(columns) + 1 :]
        given = after[1][0] if after[0] == "values" and isinstance(after[1], list) else after[1]
        return None if (columns[0], given) == ("network_id", "$1") else (columns[0], given)

    assert set(broken(fault)) == {"networks.INSERT_NAME"}


def test_no_statement_moves_a_row_to_another_network() -> None:
    def fault(one: Statement) -> object:
        assigned = re.findall(r"\bSET\b(.*?)(?:\bFROM\b|\bWHERE\b|$)", _plain(one), re.DOTALL)
        return [part for part in assigned if re.search(r"(?<!\.)\bnetwork_id\s*=", part)]

    assert broken(fault) == {}


def test_no_statement_reads_a_clock() -> None:
    assert broken(lambda one: CLOCKS & set(words(read(one.text)))) == {}


def test_no_statement_uses_what_does_not_travel_to_a_shard() -> None:
    assert broken(lambda one: NOT_SHIPPED_TO_SHARDS & set(words(read(one.text)))) == {}


def test_updates_deletes_and_returning_compute_nothing_that_is_only_stable() -> None:
    def fault(one: Statement) -> object:
        text = _plain(one)
        changes = read(one.text)[0] in ("update", "delete")
        written = text if changes else text.partition("RETURNING")[2]
        return NOT_ON_COLUMNS.findall(written)

    assert broken(fault) == {}


def test_every_insert_says_what_happens_on_a_conflict() -> None:
    """Without it a race deadlocks instead of answering; only the sequencer's rows cannot race."""

    def fault(one: Statement) -> object:
        return read(one.text)[0] == "insert" and "ON CONFLICT" not in one.text

    assert set(broken(fault)) <= {"events.INSERT"}  # under the lock of LOCK_PLACES


def test_an_insert_from_a_select_returns_its_rows_or_names_its_conflict() -> None:
    def fault(one: Statement) -> object:
        whole = read(one.text)
        chosen = whole[0] == "insert" and "select" in whole
        return chosen and "RETURNING" not in one.text and "ON CONFLICT" not in one.text

    assert broken(fault) == {}


def test_inserts_stand_alone_and_hold_no_sub_select_in_their_values() -> None:
    def fault(one: Statement) -> object:
        whole = read(one.text)
        inner = [group for group in groups(whole) if group is not whole]
        values = whole[0] == "insert" and "values" in whole
        return [
            group
            for group in inner
            if group[:1] == ["insert"] or (values and group[:1] == ["select"])
        ]

    assert broken(fault) == {}


def test_waiting_rows_are_only_skipped_within_one_network() -> None:
    """A lease is `= ANY (ARRAY(SELECT … SKIP LOCKED))` or a plain SELECT: IN may run it twice."""

    def fault(one: Statement) -> object:
        return re.search(r"\bIN\s*\(\s*SELECT[^()]*SKIP\s+LOCKED", _plain(one), re.IGNORECASE)

    assert broken(fault) == {}


def test_parameters_are_numbered_without_gaps_and_explained() -> None:
    def fault(one: Statement) -> object:
        used = {int(word[1:]) for word in words(read(one.text)) if word.startswith("$")}
        return used != set(range(1, len(used) + 1))

    assert broken(fault) == {}


def _plain(one: Statement) -> str:
    return re.sub(r"--[^\n]*", "", one.text)


def _filters(level: Group, alias: str) -> bool:
    """Tell whether `alias.network_id = $1` must hold for every row of the level."""
    if not alias:
        return False
    start = next((i for i, token in enumerate(level) if token in ("from", "update")), 0)
    wanted = [alias, ".", "network_id", "=", "$1"]
    places = [
        place
        for place in range(start, len(level))
        if level[place : place + 5] == wanted and level[place - 1] in ("where", "and", "on")
    ]
    return bool(places) and "or" not in level[start:]
