"""What a grant paid for, of a ledger added up by hand."""

from typing import Any
from uuid import UUID

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.networks import open_network
from interpreters.database import Pool
from interpreters.domain.ids import FUNDING, read_id
from ledger import Ledger, at
from usage_story import money

pytestmark = pytest.mark.anyio
GRANT = {
    "number": "PMIF/12/2016/1/1", "starts_on": "2026-05-01", "ends_on": "2026-06-30",
    "donors": [{"name": "AMIF", "share_basis_points": 7500},
               {"name": "State", "share_basis_points": 2500}],
    "excluded_languages": ["rus", "eng"],
}  # fmt: skip


def shared(amif: int, state: int) -> list[dict[str, Any]]:
    return [
        {"donor": "AMIF", "share_basis_points": 7500, "charge_minor": amif},
        {"donor": "State", "share_basis_points": 2500, "charge_minor": state},
    ]


async def spend(network: Network, funding_id: UUID) -> None:
    """Dari in the last minute of May in Riga, and in June with a correction; Russian outside."""
    ledger = Ledger(network.pool, network.id)
    centre, who = await ledger.institution("Centre", "ngo"), await ledger.interpreter()
    one, other = [await ledger.client(centre, name, "AF") for name in ("A1", "A2")]
    for starts_at, language, people, charge, shares in (
        ("2026-05-31 20:59", "prs", [one], 4501, shared(3376, 1125)),
        ("2026-05-31 21:00", "prs", [one, other], 4500, shared(3375, 1125)),
        ("2026-06-10 08:00", "rus", [other], 2000, []),
        ("2026-06-30 21:00", "prs", [other], 9999, shared(7499, 2500)),  # July in Riga
    ):
        wanted = await ledger.request(
            institution_id=centre, client_ids=people, language=language, mode="phone",
            starts_at=at(starts_at), minutes=60, state="closed", topic="health",
        )  # fmt: skip
        booking = await ledger.booking(wanted, who, "completed")
        said = {"topic": "health", "funding_id": funding_id}
        await ledger.entry(
            booking, "session", people, actual=50, charge=charge, shares=shares, **said
        )
        if len(people) == 2:
            await ledger.entry(
                booking, "adjustment", people, booked=0, actual=-5, billable=-15, charge=-1000,
                shares=shared(-750, -250), **said,
            )  # fmt: skip


async def granted(network: Network) -> tuple[Api, str]:
    finance = await network.caller("finance")
    made = await finance.post("/v1/fundings", GRANT)
    assert made.status_code == 201, made.text
    await spend(network, read_id(FUNDING, made.json()["id"]))
    return finance, f"/v1/reports/grants/{made.json()['id']}"


async def test_each_month_has_its_sessions_people_minutes_and_donors(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        finance, path = await granted(network)
        found = (await finance.get(path)).json()
        assert (found["from"], found["to"]) == ("2026-05-01", "2026-07-01")
        assert [
            (row["month"], row["language"]["code"], row["sessions"], row["clients"],
             row["booked_minutes"], row["actual_minutes"], row["billable_minutes"], row["charge"])
            for row in found["items"]
        ] == [
            ("2026-05", "prs", 1, 1, 60, 50, 60, money(4501)),
            ("2026-06", "prs", 1, 2, 60, 45, 45, money(3500)),
        ]  # fmt: skip
        assert [one["shares"] for one in found["items"]] == [
            [{"donor": "AMIF", "charge": money(3376)}, {"donor": "State", "charge": money(1125)}],
            [{"donor": "AMIF", "charge": money(2625)}, {"donor": "State", "charge": money(875)}],
        ]


async def test_the_whole_counts_each_person_once_and_donors_add_up_to_the_charge(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        finance, path = await granted(network)
        totals = (await finance.get(path)).json()["totals"]
        assert (totals["sessions"], totals["clients"], totals["billable_minutes"]) == (2, 2, 105)
        assert totals["charge"] == money(8001)
        assert [one["charge"] for one in totals["shares"]] == [money(6001), money(2000)]


async def test_excluded_languages_stand_with_what_was_left_out(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        finance, path = await granted(network)
        found = (await finance.get(path)).json()["left_out"]
        assert [
            (one["language"]["code"], one["excluded"], one["sessions"], one["charge"])
            for one in found
        ] == [("eng", True, 0, money(0)), ("rus", True, 1, money(2000))]


async def test_a_grant_is_told_as_a_table_of_the_same_rows(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        finance, path = await granted(network)
        response = await finance.get(path, headers={"Accept": "text/csv"})
        head, *rows = response.content.decode("utf-8-sig").splitlines()
        assert head.endswith("charge,currency,share: AMIF,share: State")
        assert [row.split(",")[-4:] for row in rows] == [
            ["45.01", "EUR", "33.76", "11.25"], ["35.00", "EUR", "26.25", "8.75"],
        ]  # fmt: skip


async def test_grants_are_reported_to_the_network_alone(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, path = await granted(network)
        _, school = await network.institution()
        assert (await school.get(path)).status_code == 403
        other = await open_network(
            pool, name="Other", slug="other", time_zone="Europe/Riga", currency="EUR",
            country="LV", working_language="lav", now=clock(),
        )  # fmt: skip
        stranger = Network(pool, network.client, other.network_id, clock())
        assert (await (await stranger.caller("finance")).get(path)).status_code == 404
