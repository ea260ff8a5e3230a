"""The ledger only grows, holds each session once, and belongs to one network."""

from uuid import UUID

import asyncpg
import pytest

from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.networks import open_network
from interpreters.application.usage import Owing, record_client_no_show, record_session
from interpreters.database import Db, Pool, transaction
from interpreters.domain.windows import Window
from interpreters.sql import usage_entries
from interpreters.sql.bookings import Booking
from interpreters.sql.networks import Network
from interpreters.sql.outbox import Notice
from interpreters.sql.usage_entries import UsageEntry, UsageFilter
from ledger import Ledger, at

pytestmark = pytest.mark.anyio
EVERYTHING = UsageFilter()


async def a_network(pool: Pool, clock: Clock, slug: str = "centre") -> Network:
    return await open_network(
        pool, name="Centre", slug=slug, time_zone="Europe/Riga", currency="EUR", country="LV",
        working_language="lav", now=clock(),
    )  # fmt: skip


async def a_booking(ledger: Ledger, state: str = "completed") -> tuple[Booking, UUID]:
    institution = await ledger.institution("Centre", "ngo")
    client = await ledger.client(institution, "A1", "AF")
    wanted = await ledger.request(
        institution_id=institution, client_ids=[client], language="prs", mode="phone",
        starts_at=at("2026-05-31 21:30"), minutes=60, state="closed", topic="legal",
    )  # fmt: skip
    return await ledger.booking(wanted, await ledger.interpreter(), state), client


def owing(booking: Booking, client: UUID) -> Owing:
    return Owing(
        booking_id=booking.id, request_id=booking.request_id,
        institution_id=booking.institution_id, interpreter_id=booking.interpreter_id,
        site_id=None, language="prs", mode="phone",
        booked=Window(starts_at=at("2026-05-31 21:30"), ends_at=at("2026-05-31 22:30")),
        topic="legal", funding_id=None, client_ids=[client], currency="EUR",
        network_time_zone="Europe/Riga",
    )  # fmt: skip


async def listed(pool: Pool, network_id: UUID) -> list[UsageEntry]:
    return await run(
        pool, network_id,
        lambda db: usage_entries.page(
            db, network_id=network_id, only=None, wanted=EVERYTHING, before=None, limit=10
        ),
    )  # fmt: skip


async def test_a_session_is_entered_with_its_minutes_and_its_local_day(
    pool: Pool, clock: Clock
) -> None:
    network_id = (await a_network(pool, clock)).network_id
    booking, client = await a_booking(Ledger(pool, network_id))
    notice = await run(
        pool, network_id,
        lambda db: record_session(
            db, network_id=network_id, owing=owing(booking, client),
            started_at=at("2026-05-31 21:20"), ended_at=at("2026-05-31 22:41"), now=clock(),
        ),
    )  # fmt: skip
    assert notice is not None
    (entry,) = await listed(pool, network_id)
    assert (entry.booked_minutes, entry.actual_minutes, entry.billable_minutes) == (60, 71, 71)
    assert entry.booked_on.isoformat() == "2026-06-01"  # 00:30 in Riga
    assert (entry.charge_minor, entry.pay_minor, entry.rule, entry.lines) == (0, 0, None, [])
    assert (notice.type, notice.subject_kind, notice.subject_id) == (
        "usage.recorded", "usage_entry", entry.id,
    )  # fmt: skip
    assert (notice.institution_id, notice.interpreter_id) == (booking.institution_id, None)


async def test_a_session_is_entered_once(pool: Pool, clock: Clock) -> None:
    network_id = (await a_network(pool, clock)).network_id
    booking, client = await a_booking(Ledger(pool, network_id))

    async def record(db: Db) -> Notice | None:
        return await record_session(
            db, network_id=network_id, owing=owing(booking, client),
            started_at=at("2026-05-31 21:30"), ended_at=at("2026-05-31 22:30"), now=clock(),
        )  # fmt: skip

    assert await run(pool, network_id, record) is not None
    assert await run(pool, network_id, record) is None
    assert len(await listed(pool, network_id)) == 1


async def test_an_absent_client_is_billed_what_was_booked(pool: Pool, clock: Clock) -> None:
    network_id = (await a_network(pool, clock)).network_id
    booking, client = await a_booking(Ledger(pool, network_id), "client_no_show")
    await run(
        pool, network_id,
        lambda db: record_client_no_show(
            db, network_id=network_id, owing=owing(booking, client), now=clock()
        ),
    )  # fmt: skip
    (entry,) = await listed(pool, network_id)
    assert entry.kind == "client_no_show"
    assert (entry.booked_minutes, entry.actual_minutes, entry.billable_minutes) == (60, 0, 60)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE usage_entries AS u SET charge_minor = 0 WHERE u.network_id = $1",
        "DELETE FROM usage_entries AS u WHERE u.network_id = $1",
    ],
)
async def test_the_application_cannot_change_what_was_entered(
    pool: Pool, clock: Clock, statement: str
) -> None:
    network_id = (await a_network(pool, clock)).network_id
    ledger = Ledger(pool, network_id)
    booking, client = await a_booking(ledger)
    entry = await ledger.entry(booking, "session", [client], actual=60, charge=4500)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(pool, network_id) as db:
            await db.execute(statement, network_id)
    assert [one.charge_minor for one in await listed(pool, network_id)] == [entry.charge_minor]


async def test_another_network_does_not_see_the_ledger(pool: Pool, clock: Clock) -> None:
    network_id = (await a_network(pool, clock)).network_id
    other_id = (await a_network(pool, clock, slug="other")).network_id
    ledger = Ledger(pool, network_id)
    booking, client = await a_booking(ledger)
    await ledger.entry(booking, "session", [client])
    async with transaction(pool, other_id) as db:
        assert await db.fetchval("SELECT count(*) FROM usage_entries") == 0
    assert len(await listed(pool, network_id)) == 1
