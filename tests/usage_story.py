"""A ledger small enough to be added up by hand, and its usage as a caller reads it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec

from api import Api, Network, serving
from conftest import Clock
from interpreters.database import Pool
from ledger import Ledger, at

SPRING = "from=2026-05-18&to=2026-07-01"


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """Who is in the ledger.

    | what | institution, clients | when in Riga | minutes booked, actual, billable | charge, pay |
    |---|---|---|---|---|
    | session | centre, A1 and A2, Dari in person at Riga | 20 May 10:00 | 60 50 60 | 4500 3000 |
    | session | centre, A1, Dari by phone | 1 June 00:30 | 30 45 45 | 2000 1200 |
    | its adjustment | | | 0 0 -15 | -500 -300 |
    | session | school, B1, Arabic by video | 10 June 11:00 | 45 45 45 | 0 0 |
    | client no-show | centre, A3, Dari in person at Riga | 11 June | 60 0 60 | 1000 600 |
    | cancelled late | centre, A2, Dari in person at Riga | 12 June | 60 0 60 | 3000 2000 |
    | unfilled | school, B1, Tajik by phone | 15 June | | |
    | interpreter no-show, then unfilled | centre, A1, Dari in person at Riga | 21 May | | |
    """

    network: Network
    ledger: Ledger
    centre: UUID
    school: UUID
    riga: UUID
    interpreter: UUID
    a1: UUID
    a2: UUID
    a3: UUID
    b1: UUID


@asynccontextmanager
async def told(pool: Pool, clock: Clock) -> AsyncIterator[Story]:
    async with serving(pool, clock) as network:
        ledger = Ledger(pool, network.id)
        centre = await ledger.institution("Centre", "ngo")
        school = await ledger.institution("School", "education")
        story = Story(
            network=network, ledger=ledger, centre=centre, school=school,
            riga=await ledger.site(centre, "Riga"), interpreter=await ledger.interpreter(),
            a1=await ledger.client(centre, "A1", "AF"), a2=await ledger.client(centre, "A2", "AF"),
            a3=await ledger.client(centre, "A3", "SY"), b1=await ledger.client(school, "B1", "AF"),
        )  # fmt: skip
        await tell_sessions(story)
        await tell_the_rest(story)
        yield story


async def tell_sessions(story: Story) -> None:
    ledger, who = story.ledger, story.interpreter
    dari: dict[str, Any] = {"institution_id": story.centre, "language": "prs"}
    at_riga = {**dari, "mode": "in_person", "site_id": story.riga}
    await ledger.held(
        who, **at_riga, client_ids=[story.a1, story.a2], topic="health",
        starts_at=at("2026-05-20 07:00"), minutes=60, actual=50, charge=4500, pay=3000,
    )  # fmt: skip
    by_phone = await ledger.held(
        who, **dari, mode="phone", client_ids=[story.a1], topic="legal",
        starts_at=at("2026-05-31 21:30"), minutes=30, actual=45, charge=2000, pay=1200,
    )  # fmt: skip
    await ledger.entry(
        by_phone, "adjustment", [story.a1], topic="legal", booked=0, billable=-15, charge=-500,
        pay=-300,
    )  # fmt: skip
    await ledger.held(
        who, institution_id=story.school, language="arb", mode="video", client_ids=[story.b1],
        topic="education", starts_at=at("2026-06-10 08:00"), minutes=45, actual=45,
    )  # fmt: skip


async def tell_the_rest(story: Story) -> None:
    ledger, who = story.ledger, story.interpreter
    at_riga: dict[str, Any] = {
        "institution_id": story.centre, "language": "prs", "mode": "in_person",
        "site_id": story.riga, "minutes": 60,
    }  # fmt: skip
    missed = await ledger.request(
        **at_riga, client_ids=[story.a3], starts_at=at("2026-06-11 08:00"), state="closed"
    )
    booking = await ledger.booking(missed, who, "client_no_show")
    await ledger.entry(booking, "client_no_show", [story.a3], charge=1000, pay=600)
    late = await ledger.request(
        **at_riga, client_ids=[story.a2], starts_at=at("2026-06-12 08:00"), state="cancelled"
    )
    booking = await ledger.booking(late, who, "cancelled")
    await ledger.entry(booking, "late_cancellation", [story.a2], charge=3000, pay=2000)
    await ledger.request(
        institution_id=story.school, language="tgk", mode="phone", client_ids=[story.b1],
        starts_at=at("2026-06-15 08:00"), minutes=30, state="unfilled",
    )  # fmt: skip
    alone = await ledger.request(
        **at_riga, client_ids=[story.a1], starts_at=at("2026-05-21 08:00"), state="unfilled"
    )
    await ledger.booking(alone, who, "interpreter_no_show")


async def report(caller: Api, group_by: str = "", dates: str = SPRING) -> dict[str, Any]:
    response = await caller.get(
        f"/v1/usage?{dates}" + (f"&group_by={group_by}" if group_by else "")
    )
    assert response.status_code == 200, response.text
    return response.json()


def money(amount: int) -> dict[str, Any]:
    return {"amount_minor": amount, "currency": "EUR"}


TOTALS = {
    "sessions": 3, "clients": 3, "booked_minutes": 135, "actual_minutes": 140,
    "billable_minutes": 135, "charge": money(10_000), "pay": money(6_500), "requests": 7,
    "filled": 4, "unfilled": 2, "cancelled": 1, "late_cancelled": 1, "client_no_shows": 1,
    "interpreter_no_shows": 1,
}  # fmt: skip
