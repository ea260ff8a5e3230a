"""Sessions that are over, in tests: a centre with simple prices, and who was there.

Sessions are on Wednesday 25 November 2026 from 10:00 in Riga for an hour: 48.00 an hour are
charged and 30.00 paid, in halves of hours, and 26 km of way at 0.30 and 0.25.
"""

from datetime import datetime, timedelta
from typing import Any

from centre import PLACE, Centre, Json, Person

HOME = {"latitude": PLACE["latitude"] + 0.0899, "longitude": PLACE["longitude"], "city": "Riga"}
TARIFF: Json = {
    "name": "2026", "default": True, "valid_from": "2026-01-01",
    "rates": [
        {"mode": "in_person", "charge_per_hour_minor": 4800, "pay_per_hour_minor": 3000},
    ],
    "minimum_minutes": {"in_person": 60}, "increment_minutes": {"in_person": 30},
    "travel": {"charge_per_km_minor": 30, "pay_per_km_minor": 25},
}  # fmt: skip


def euro(amount: int) -> Json:
    return {"amount_minor": amount, "currency": "EUR"}


async def opened(network: Any, clock: Any) -> tuple[Centre, Person]:
    """A centre with prices, and somebody who lives ten kilometres away."""
    centre = await Centre(network, clock).open()
    centre.at(days=10)
    await centre.made(await network.caller("finance"), "/v1/tariffs", TARIFF)
    return centre, await centre.person(home=HOME)


async def held(centre: Centre, booking: Json, *, minutes: int) -> None:
    """Carry the session out, from its booked start for so many minutes."""
    begins = datetime.fromisoformat(booking["starts_at"])
    path = f"/v1/bookings/{booking['id']}"
    for verb, after in (("start", 0), ("end", minutes)):
        centre.clock.now = begins + timedelta(minutes=after)
        answer = await centre.coordinator.post(f"{path}/{verb}")
        assert answer.status_code == 200, answer.text


async def over(network: Any, clock: Any, *, minutes: int = 60) -> tuple[Centre, Person, Json]:
    """A session that was held from 10:00 for so many minutes."""
    centre, person = await opened(network, clock)
    booking = await centre.booked(person)
    await held(centre, booking, minutes=minutes)
    return centre, person, booking


def path_of(booking: Json, verb: str) -> str:
    return f"/v1/bookings/{booking['id']}/{verb}"
