"""A network whose usage can be added up by hand: things written straight into the tables."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from interpreters.application.calls import run
from interpreters.database import Db, Pool
from interpreters.domain.ids import new_id
from interpreters.domain.usage import billable_minutes
from interpreters.domain.windows import Window, at_place
from interpreters.sql import (
    bookings,
    clients,
    institutions,
    interpreters,
    request_clients,
    request_seats,
    requests,
    usage_entries,
)
from interpreters.sql.bookings import Booking
from interpreters.sql.clients import Client
from interpreters.sql.institutions import Institution
from interpreters.sql.interpreters import Interpreter
from interpreters.sql.requests import Request
from interpreters.sql.usage_entries import UsageEntry

MADE = datetime(2026, 5, 1, tzinfo=UTC)
ZONE = "Europe/Riga"


def at(text: str) -> datetime:
    """Return an instant written in UTC, such as `2026-05-31 21:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Ledger:
    """Writes institutions, clients, requests, bookings and entries of one network."""

    def __init__(self, pool: Pool, network_id: UUID) -> None:
        self.pool = pool
        self.network_id = network_id

    async def institution(self, name: str, kind: str) -> UUID:
        made = Institution(
            id=new_id(MADE), name=name, kind=kind, country="LV", time_zone=ZONE,
            working_language="lav", created_at=MADE,
        )  # fmt: skip
        await self._run(institutions.insert, institution=made)
        return made.id

    async def site(self, institution_id: UUID, name: str) -> UUID:
        site_id = new_id(MADE)

        async def write(db: Db, **_: Any) -> None:
            await db.execute(
                "INSERT INTO sites (network_id, id, institution_id, name, time_zone, "
                "opening_hours, created_at, version) VALUES ($1, $2, $3, $4, $5, '{}', $6, 1)",
                self.network_id, site_id, institution_id, name, ZONE, MADE,
            )  # fmt: skip

        await self._run(write)
        return site_id

    async def client(self, institution_id: UUID, reference: str, nationality: str | None) -> UUID:
        made = Client(
            id=new_id(MADE), institution_id=institution_id, reference=reference,
            nationality=nationality, created_at=MADE,
        )  # fmt: skip
        await self._run(clients.insert, client=made)
        return made.id

    async def interpreter(self) -> UUID:
        made = Interpreter(
            id=new_id(MADE), display_name="Sample Person", email="sample@example.org",
            time_zone=ZONE, created_at=MADE,
        )  # fmt: skip
        await self._run(interpreters.insert, interpreter=made)
        return made.id

    async def request(
        self, *, institution_id: UUID, client_ids: Sequence[UUID], language: str, mode: str,
        starts_at: datetime, minutes: int, state: str, topic: str = "other",
        site_id: UUID | None = None,
    ) -> Request:  # fmt: skip
        made = Request(
            id=new_id(MADE), institution_id=institution_id, site_id=site_id, state=state,  # type: ignore[arg-type]  # a test's word
            languages=(language,), working_language="lav", modes=(mode,),
            session=Window(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes)),
            wall_starts_at=at_place(instant=starts_at, time_zone=ZONE).replace(tzinfo=None),
            time_zone=ZONE, duration_minutes=minutes, topic=topic, ladder_started_at=MADE,
            created_at=MADE, updated_at=MADE,
        )  # fmt: skip
        await self._run(requests.insert, request=made)
        await self._run(request_seats.insert, request_id=made.id, count=1)
        await self._run(request_clients.insert, request_id=made.id, client_ids=client_ids)
        return made

    async def booking(self, request: Request, interpreter_id: UUID, state: str) -> Booking:
        made = Booking(
            id=new_id(MADE), request_id=request.id, seat=1, offer_id=None,
            institution_id=request.institution_id, interpreter_id=interpreter_id,
            site_id=request.site_id, state=state,  # type: ignore[arg-type]  # a test's word
            from_language=request.languages[0], to_language="lav", mode=request.modes[0],
            topic=request.topic,
            session=request.session, blocked=request.session, latitude=None, longitude=None,
            wall_starts_at=request.wall_starts_at, time_zone=ZONE, external_reference=None,
            created_at=MADE, updated_at=MADE,
        )  # fmt: skip
        assert await self._run(bookings.insert, booking=made)
        return made

    async def entry(
        self, booking: Booking, kind: str, client_ids: Sequence[UUID], *, topic: str = "other",
        actual: int = 0, **fields: Any,
    ) -> UsageEntry:  # fmt: skip
        """Write an entry of the booking; `booked`, `billable`, `charge`, `pay` may be given."""
        booked = fields.get("booked", booking.session.minutes)
        starts_at = booking.session.starts_at
        made = UsageEntry(
            id=new_id(MADE), booking_id=booking.id, request_id=booking.request_id, kind=kind,
            institution_id=booking.institution_id, client_ids=client_ids,
            interpreter_id=booking.interpreter_id, language=booking.from_language,
            mode=booking.mode, site_id=booking.site_id, topic=topic,
            funding_id=fields.get("funding_id"), funding_shares=fields.get("shares", ()),
            booked_starts_at=starts_at,
            booked_on=at_place(instant=starts_at, time_zone=ZONE).date(),
            booked_minutes=booked, actual_minutes=actual,
            billable_minutes=fields.get("billable", billable_minutes(booked=booked, actual=actual)),
            charge_minor=fields.get("charge", 0), pay_minor=fields.get("pay", 0), currency="EUR",
            lines=fields.get("lines", ()), rule=fields.get("rule"), recorded_at=MADE,
            reason_code=fields.get("reason_code"), break_minutes=fields.get("breaks", 0),
        )  # fmt: skip
        assert await self._run(usage_entries.insert, entry=made)
        return made

    async def held(
        self, interpreter_id: UUID, *, client_ids: Sequence[UUID], actual: int,
        charge: int = 0, pay: int = 0, **request: Any,
    ) -> Booking:  # fmt: skip
        """Write a session that was held, with its request, booking and entry."""
        wanted = await self.request(client_ids=client_ids, state="closed", **request)
        booking = await self.booking(wanted, interpreter_id, "completed")
        await self.entry(
            booking, "session", client_ids, topic=wanted.topic, actual=actual, charge=charge,
            pay=pay,
        )  # fmt: skip
        return booking

    async def _run(self, write: Any, **arguments: Any) -> Any:
        async def work(db: Db) -> Any:
            return await write(db, network_id=self.network_id, **arguments)

        return await run(self.pool, self.network_id, work)
