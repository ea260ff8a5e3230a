"""Statements issued by many at once: each once, numbers without a gap, nothing settled twice."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from interpreters.application.calls import run
from interpreters.application.networks import open_network
from interpreters.application.statement_issuing import (
    ClosingOrder,
    IssueOrder,
    close_month,
    issue_statement,
    reopen_statement,
)
from interpreters.database import Pool, open_pool
from interpreters.domain.callers import house
from interpreters.domain.errors import Refusal
from interpreters.domain.statements import NotIssued
from ledger import Ledger, at
from sealing import VAULT
from servers import database_url

pytestmark = pytest.mark.anyio
CROWD = 64
LINES = 16  # connections
MAY = date(2026, 5, 1)
NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)


@pytest.fixture
async def crowd(database: str) -> Any:
    pool = await open_pool(
        database_url(role="interpreters_app", database=database), vault=VAULT, size=LINES
    )
    yield pool
    await pool.close()


async def opened(pool: Pool, institutions: int) -> tuple[Any, list[Any]]:
    """A network whose institutions each had an hour in May."""
    network = await open_network(
        pool, name="Centre", slug="centre", time_zone="Europe/Riga", currency="EUR", country="LV",
        working_language="lav", now=NOW,
    )  # fmt: skip
    ledger = Ledger(pool, network.network_id)
    person = await ledger.interpreter()
    parties = []
    for _ in range(institutions):
        party = await ledger.institution("School", "education")
        await ledger.held(
            person, client_ids=[], actual=60, institution_id=party, language="prs", mode="phone",
            starts_at=at("2026-05-04 07:00"), minutes=60,
        )  # fmt: skip
        parties.append(party)
    return network.network_id, parties


def issuing(pool: Pool, network_id: Any, party_id: Any) -> Any:
    return run(
        pool, network_id,
        lambda db: issue_statement(
            db, house(network_id), side="charge", party_id=party_id, month=lambda: MAY,
            order=IssueOrder, now=NOW,
        ),
    )  # fmt: skip


async def rows(pool: Pool, network_id: Any, what: str) -> list[Any]:
    return await run(pool, network_id, lambda db: db.fetch(what))


async def test_64_at_once_get_64_numbers_without_a_gap(crowd: Pool) -> None:
    network_id, parties = await opened(crowd, CROWD)
    await asyncio.gather(*(issuing(crowd, network_id, one) for one in parties))
    given = await rows(crowd, network_id, "SELECT number FROM statements ORDER BY number")
    assert [one["number"] for one in given] == [f"2026-{n:06}" for n in range(1, CROWD + 1)]


async def test_one_month_issued_by_64_at_once_is_issued_once(crowd: Pool) -> None:
    network_id, [party] = await opened(crowd, 1)
    made = await asyncio.gather(*(issuing(crowd, network_id, party) for _ in range(CROWD)))
    assert {one.number for one in made} == {"2026-000001"}
    [counted] = await rows(crowd, network_id, "SELECT count(*) AS n FROM statement_entries")
    assert counted["n"] == 1


async def test_issuing_opening_and_closing_at_once_settles_nothing_twice(crowd: Pool) -> None:
    network_id, parties = await opened(crowd, 4)
    caller = house(network_id)

    def opening(party: Any) -> Any:
        return run(
            crowd, network_id,
            lambda db: reopen_statement(
                db, caller, side="charge", party_id=party, month=lambda: MAY,
                reason=lambda: "A look", now=NOW,
            ),
        )  # fmt: skip

    def closing() -> Any:
        order = ClosingOrder(side="charge", month=MAY)
        return run(
            crowd, network_id, lambda db: close_month(db, caller, order=lambda: order, now=NOW)
        )

    calls = [
        call
        for n in range(CROWD // 4)
        for call in (
            issuing(crowd, network_id, parties[n % 4]), opening(parties[n % 4]),
            opening(parties[(n + 1) % 4]), closing(),
        )
    ]  # fmt: skip
    said = await asyncio.gather(*calls, return_exceptions=True)
    refused = Counter(type(one) for one in said if isinstance(one, BaseException))
    assert set(refused) <= {NotIssued}
    assert issubclass(NotIssued, Refusal)
    given = await rows(crowd, network_id, "SELECT number FROM statements ORDER BY number")
    assert [one["number"] for one in given] == [f"2026-{n:06}" for n in range(1, len(given) + 1)]
    doubled = await rows(
        crowd, network_id,
        "SELECT institution_id FROM statements WHERE state = 'issued' "
        "GROUP BY 1 HAVING count(*) > 1",
    )  # fmt: skip
    assert doubled == []
    await closing()
    settled = await rows(
        crowd, network_id,
        "SELECT e.entry_id FROM statement_entries e JOIN statements s ON s.id = e.statement_id "
        "WHERE s.state = 'issued'",
    )  # fmt: skip
    assert len(settled) == len({one["entry_id"] for one in settled}) == 4
