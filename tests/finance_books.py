"""A school, a police station and two interpreters, with sessions that were held in Riga.

Sessions are an hour from 10:00 in May 2026; every one costs 45.00 and earns 30.00 unless it is
said otherwise.
"""

from typing import Any

from api import Network
from interpreters.database import Pool
from interpreters.domain.ids import BOOKING, INSTITUTION, INTERPRETER, show_id
from interpreters.sql.bookings import Booking
from ledger import Ledger, at

BASE = {"kind": "base", "minutes": 60, "charge_minor": 4000, "pay_minor": 3000}
WAY = {"kind": "travel", "km": 10, "charge_minor": 500, "pay_minor": 0}
RULE = {
    "tariff": {"id": "tar_06CKQ0000000000000000000", "name": "2026", "valid_from": "2026-01-01"},
    "rate": {"charge_per_hour_minor": 4000, "pay_per_hour_minor": 3000},
}


class Books:
    """What was held and entered, and who asks about it."""

    def __init__(self, network: Network, ledger: Ledger) -> None:
        self.network, self.ledger = network, ledger

    async def open(self) -> "Books":
        self.school_key = await self.ledger.institution("School 12", "education")
        self.police_key = await self.ledger.institution("Police", "justice")
        self.person_key = await self.ledger.interpreter()
        self.site = await self.ledger.site(self.school_key, "Main street")
        self.client = await self.ledger.client(self.school_key, "LV-SECRET", "TV")
        self.finance = await self.network.person(["finance"], display_name="Fatima")
        return self

    async def held(self, when: str, **entry: Any) -> Booking:
        """Write a session that was held, from `when` in UTC."""
        wanted = await self.ledger.request(
            institution_id=entry.pop("institution", self.school_key), client_ids=[self.client],
            language="prs", mode="phone", starts_at=at(when), minutes=60, state="closed",
            topic="health", site_id=self.site,
        )  # fmt: skip
        booking = await self.ledger.booking(wanted, self.person_key, "completed")
        values: dict[str, Any] = {
            "actual": 60,
            "charge": 4500,
            "pay": 3000,
            "lines": [BASE, WAY],
            "rule": RULE,
        }
        await self.ledger.entry(
            booking, entry.pop("kind", "session"), [self.client], **(values | entry)
        )
        return booking

    async def under_way(self, when: str) -> Booking:
        """Write a session that has not ended."""
        wanted = await self.ledger.request(
            institution_id=self.school_key, client_ids=[self.client], language="prs",
            mode="phone", starts_at=at(when), minutes=60, state="filled",
        )  # fmt: skip
        return await self.ledger.booking(wanted, self.person_key, "in_progress")

    def school(self, month: str, what: str = "") -> str:
        """Return the page of the school's statement."""
        return f"/finance/statements/{show_id(INSTITUTION, self.school_key)}/{month}{what}"

    def person(self, month: str, what: str = "") -> str:
        """Return the page of the interpreter's statement."""
        return f"/finance/statements/{show_id(INTERPRETER, self.person_key)}/{month}{what}"


def booking_page(booking: Booking) -> str:
    """Return the page of what was entered for a booking."""
    return f"/finance/bookings/{show_id(BOOKING, booking.id)}"


async def books(network: Network, pool: Pool) -> Books:
    """Open them."""
    return await Books(network, Ledger(pool, network.id)).open()
