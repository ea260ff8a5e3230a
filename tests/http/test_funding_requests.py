"""Requests and entries beside their grants: told at creation, shared when recorded.

Sessions are on Wednesday 25 November 2026 at 10:00 in Riga. An hour by phone costs 33.35.
"""

from datetime import timedelta
from typing import Any

import pytest

from api import Api, serving
from centre import START, Centre, Json, Person
from conftest import Clock
from interpreters.application.networks import open_network
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
DONORS = [
    {"name": "AMIF", "share_basis_points": 7500},
    {"name": "The state", "share_basis_points": 2500},
]
GRANT: Json = {"number": "PMIF/12/2016/1/1", "starts_on": "2016-05-18", "donors": DONORS}
TARIFF: Json = {
    "name": "2026", "default": True, "valid_from": "2026-01-01",
    "rates": [{"mode": "phone", "charge_per_hour_minor": 3335, "pay_per_hour_minor": 2000}],
}  # fmt: skip
BY_PHONE: Json = {"modes": ["phone"], "site_id": ...}


async def opened(network: Any, clock: Clock, **grant: Any) -> tuple[Centre, Person, Json]:
    centre = await Centre(network, clock).open()
    centre.at(days=10)
    finance = await network.caller("finance")
    await centre.made(finance, "/v1/tariffs", TARIFF)
    funding = await centre.made(finance, "/v1/fundings", {**GRANT, **grant})
    return centre, await centre.person(), funding


async def held(centre: Centre, booking: Json, minutes: int = 60) -> Json:
    """Carry the session out and return its entry."""
    path = f"/v1/bookings/{booking['id']}"
    centre.clock.now = START
    assert (await centre.coordinator.post(f"{path}/start")).status_code == 200
    centre.clock.now = START + timedelta(minutes=minutes)
    assert (await centre.coordinator.post(f"{path}/end")).status_code == 200
    return await entry(centre.school, booking)


async def entry(api: Api, booking: Json) -> Json:
    items = (await api.get("/v1/usage/entries")).json()["items"]
    [one] = [one for one in items if one["booking_id"] == booking["id"]]
    found: Json = one
    return found


async def test_a_request_outside_its_grant_is_told_and_not_refused(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, _, grant = await opened(
            network, clock, ends_on="2026-11-24", excluded_languages=["prs"],
            groups=["families"], statuses=["refugee"], months_since_status=12,
        )  # fmt: skip
        asked = await centre.asked(**BY_PHONE, funding_id=grant["id"])
        told = asked["funding"]
        assert (told["id"], told["number"], told["fits"]) == (grant["id"], grant["number"], False)
        client = {"id": asked["clients"][0]["id"], "reference": "LV-1042"}
        assert [(one["code"], one["client"]) for one in told["reasons"]] == [
            ("language", None), ("period", None), ("group", client), ("status", client),
            ("months_since_status", client),
        ]  # fmt: skip
        assert asked["state"] == "searching"
        assert (await centre.request(asked))["funding"] == told
        preview = await centre.school.post(
            "/v1/requests/preview", centre.order(**BY_PHONE, funding_id=grant["id"])
        )
        assert [one["code"] for one in preview.json()["funding"]["reasons"]] == [
            "language", "period", "group", "status", "months_since_status",
        ]  # fmt: skip


async def test_one_that_is_inside_fits_and_one_without_a_grant_has_none(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, _, grant = await opened(network, clock, ends_on="2026-11-25")
        asked = await centre.asked(**BY_PHONE, funding_id=grant["id"])
        assert asked["funding"] == {
            "id": grant["id"], "number": grant["number"], "fits": True, "reasons": [],
        }  # fmt: skip
        assert (await centre.asked(**BY_PHONE))["funding"] is None


@pytest.mark.parametrize(
    ("starts_at", "codes"),
    [
        ("2026-11-25T21:59:00Z", []),  # in Riga still the last day
        ("2026-11-25T22:00:00Z", ["period"]),
        ("2026-11-24T22:00:00Z", []),  # in Riga the first day has begun
        ("2026-11-24T21:59:00Z", ["period"]),
    ],
)
async def test_the_day_is_that_of_the_place(
    pool: Pool, clock: Clock, starts_at: str, codes: list[str]
) -> None:
    async with serving(pool, clock) as network:
        centre, _, grant = await opened(
            network, clock, starts_on="2026-11-25", ends_on="2026-11-25"
        )
        asked = await centre.asked(**BY_PHONE, funding_id=grant["id"], starts_at=starts_at)
        assert [one["code"] for one in asked["funding"]["reasons"]] == codes


async def test_months_since_the_status_are_counted_to_the_day_of_the_session(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, _, grant = await opened(network, clock, months_since_status=12)
        for reference, since in (("LV-1", "2025-11-25"), ("LV-2", "2025-11-24")):
            await centre.made(
                centre.school, "/v1/clients", {"reference": reference, "status_since": since}
            )
        both = await centre.asked(
            **BY_PHONE, funding_id=grant["id"],
            clients=[{"reference": "LV-1"}, {"reference": "LV-2"}],
        )  # fmt: skip
        [reason] = both["funding"]["reasons"]
        assert (reason["code"], reason["client"]["reference"]) == ("months_since_status", "LV-2")


async def test_who_requires_the_grant_is_refused_outside_it(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, _, grant = await opened(network, clock, ends_on="2026-11-25")
        required = {**BY_PHONE, "funding_id": grant["id"], "require_funding": True}
        assert (await centre.asked(**required))["funding"]["fits"] is True
        late = centre.order(**required, starts_at="2026-11-26T10:00:00+02:00")
        # Of a series one date outside is enough.
        series = centre.order(**required, recurrence="FREQ=DAILY;COUNT=2")
        for path, body in (
            ("/v1/requests", late), ("/v1/requests", series), ("/v1/requests/preview", late),
        ):  # fmt: skip
            refused = await centre.school.post(path, body)
            assert refused.status_code == 409, refused.text
            problem = refused.json()
            assert problem["code"] == "funding-does-not-fit"
            assert [one["code"] for one in problem["reasons"]] == ["period"]
        assert await network.count("requests") == 1
        unnamed = centre.order(**BY_PHONE, require_funding=True)
        refused = await centre.school.post("/v1/requests", unnamed)
        assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [
            ("/funding_id", "required")
        ]


async def test_a_grant_that_is_not_the_networks_is_not_known(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, _, _ = await opened(network, clock)
        other = await open_network(
            pool, name="Other", slug="other", time_zone="Europe/Riga", currency="EUR",
            country="LV", working_language="lav", now=clock(),
        )  # fmt: skip
        theirs = await type(network)(pool, network.client, other.network_id, clock()).caller(
            "finance"
        )
        foreign = (await theirs.post("/v1/fundings", GRANT)).json()["id"]
        for path in ("/v1/requests", "/v1/requests/preview"):
            for funding_id in (foreign, "fnd_" + "0" * 26):
                body = centre.order(**BY_PHONE, funding_id=funding_id)
                refused = await centre.school.post(path, body)
                assert (refused.status_code, refused.json()["code"]) == (422, "unknown-funding")
        assert await network.count("requests") == 0
        assert await network.count("clients") == 0


async def test_an_entry_is_shared_among_the_donors_of_its_day(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person, grant = await opened(network, clock)
        booking = await centre.booked(person, **BY_PHONE, funding_id=grant["id"])
        one = await held(centre, booking)
        assert one["charge"]["amount_minor"] == 3335
        # 25.0125 and 8.3375: the cent that is left over goes to the larger remainder.
        shares = [
            {"donor": "AMIF", "share_basis_points": 7500, "charge_minor": 2501},
            {"donor": "The state", "share_basis_points": 2500, "charge_minor": 834},
        ]
        assert (one["funding_id"], one["funding_shares"]) == (grant["id"], shares)
        assert one["funding_misfit"] is False
        # Another share, another number, another period: what is entered stays.
        finance = await network.caller("finance")
        changed = await finance.patch(
            f"/v1/fundings/{grant['id']}",
            {"donors": [{"name": "AMIF", "share_basis_points": 10_000}], "ends_on": "2026-11-01"},
        )
        assert changed.status_code == 200
        assert await entry(centre.school, booking) == one
        [row] = (
            await finance.get("/v1/usage?from=2026-11-01&to=2026-12-01&group_by=funding")
        ).json()["items"]
        assert row["funding"] == {"id": grant["id"], "number": grant["number"]}
        assert row["charge"]["amount_minor"] == 3335


async def test_an_entry_outside_its_grant_has_no_shares_and_says_so(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person, grant = await opened(network, clock, excluded_languages=["prs"])
        booking = await centre.booked(person, **BY_PHONE, funding_id=grant["id"])
        one = await held(centre, booking)
        assert (one["funding_shares"], one["funding_misfit"]) == ([], True)
        assert one["charge"]["amount_minor"] == 3335


async def test_who_pays_may_be_said_later_and_the_search_goes_on(pool: Pool, clock: Clock) -> None:
    """An hour by phone, 33.35: three quarters are 25.01, a quarter 8.34."""
    async with serving(pool, clock) as network:
        centre, person, grant = await opened(network, clock)
        asked = await centre.asked(**BY_PHONE)
        path = f"/v1/requests/{asked['id']}"
        said = await centre.school.patch(path, {"funding_id": grant["id"]})
        assert said.status_code == 200, said.text
        assert (said.json()["funding_id"], said.json()["funding"]["fits"]) == (grant["id"], True)
        booking = await person.accept(asked)  # the offer of before is open
        found = await held(centre, booking)
        assert found["funding_id"] == grant["id"]
        assert [one["charge_minor"] for one in found["funding_shares"]] == [2501, 834]
        late = await centre.school.patch(path, {"funding_id": None})
        assert (late.status_code, late.json()["code"]) == (409, "wrong-state")


async def test_a_grant_is_taken_off_and_one_that_is_not_there_is_refused(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person, grant = await opened(network, clock)
        asked = await centre.asked(**BY_PHONE, funding_id=grant["id"])
        path = f"/v1/requests/{asked['id']}"
        unknown = await centre.school.patch(path, {"funding_id": "fnd_00000000000000000000000000"})
        assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown-funding")
        booking = await person.accept(asked)
        taken = await centre.school.patch(path, {"funding_id": None})
        assert (taken.status_code, taken.json()["funding"]) == (200, None)
        found = await held(centre, booking)
        assert (found["funding_id"], found["funding_shares"]) == (None, [])
