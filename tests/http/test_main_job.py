"""The main job, through the doors: request, offer, accept, start, end, usage."""

from datetime import timedelta

import pytest

from api import serving
from interpreters.domain import ids

pytestmark = pytest.mark.anyio
RIGA = {"latitude": 56.9496, "longitude": 24.1052, "city": "Riga"}


async def centre(network, *, interpreters=1, **wishes):
    """A coordinator, an institution with a site in Riga and its key, interpreters with keys."""
    coordinator = await network.caller("coordinator")
    institution = (
        await coordinator.post("/v1/institutions", {"name": "School", "kind": "education"})
    ).json()
    site = (
        await coordinator.post(
            f"/v1/institutions/{institution['id']}/sites",
            {
                "name": "Main",
                "city": "Riga",
                "address": "Street 1",
                **{k: RIGA[k] for k in ("latitude", "longitude")},
            },
        )
    ).json()
    made = (await coordinator.post(f"/v1/institutions/{institution['id']}/keys", {})).json()
    people = []
    for number in range(interpreters):
        person = await coordinator.post(
            "/v1/interpreters",
            {
                "display_name": f"Interpreter {number}",
                "email": f"i{number}@example.org",
                "home": RIGA,
                "languages": [{"code": "dari"}, {"code": "lv"}],
                **wishes,
            },
        )
        assert person.status_code == 201, person.text
        people.append(person.json())
    return coordinator, institution, site, type(coordinator)(network.client, made["token"]), people


def order(site, **changes):
    return {
        "language": "dari",
        "modes": ["in_person"],
        "starts_at": "2026-11-25T10:00:00+02:00",
        "duration_minutes": 60,
        "site_id": site["id"],
        "clients": [{"reference": "LV-1042", "nationality": "AF"}],
        "topic": "health",
        **changes,
    }


async def interpreter_api(network, person):
    return await network.caller(
        "interpreter", interpreter_id=ids.read_id(ids.INTERPRETER, person["id"])
    )


async def test_from_request_to_usage(pool, clock):
    async with serving(pool, clock) as network:
        coordinator, _, site, school, people = await centre(network)
        asked = await school.post("/v1/requests", order(site))
        assert asked.status_code == 201, asked.text
        assert asked.json()["state"] == "searching"
        dari = await interpreter_api(network, people[0])
        offered = (await dari.get("/v1/offers?state=open")).json()["items"]
        assert len(offered) == 1
        assert offered[0]["area"] == "Riga"
        booked = await dari.post(f"/v1/offers/{offered[0]['id']}/accept")
        assert booked.status_code == 200, booked.text
        assert booked.json()["state"] == "confirmed"
        again = await dari.post(f"/v1/offers/{offered[0]['id']}/accept")
        assert again.json() == booked.json()
        booking = f"/v1/bookings/{booked.json()['id']}"
        early = await dari.post(f"{booking}/start")
        assert (early.status_code, early.json()["code"]) == (409, "too-early")
        clock.now += timedelta(hours=24)
        assert (await dari.post(f"{booking}/check-in")).status_code == 200
        assert (await dari.post(f"{booking}/start")).json()["state"] == "in_progress"
        clock.now += timedelta(minutes=75)
        ended = await dari.post(f"{booking}/end")
        assert ended.status_code == 200, ended.text
        assert ended.json()["state"] == "completed"
        request = (await school.get(f"/v1/requests/{asked.json()['id']}")).json()
        assert request["state"] == "closed"
        entries = (await school.get("/v1/usage/entries?from=2026-11-01&to=2026-12-01")).json()
        assert [
            (one["kind"], one["booked_minutes"], one["actual_minutes"], one["billable_minutes"])
            for one in entries["items"]
        ] == [("session", 60, 75, 75)]
        usage = (await coordinator.get("/v1/usage?from=2026-11-01&to=2026-12-01")).json()
        assert usage["totals"]["sessions"] == 1


async def test_nobody_fits_is_said_at_once_with_the_funnel(pool, clock):
    async with serving(pool, clock) as network:
        coordinator, _, site, school, _ = await centre(network, interpreters=1)
        asked = await school.post("/v1/requests", order(site, language="tamil"))
        assert asked.status_code == 201
        assert asked.json()["state"] == "unfilled"
        assert asked.json()["excluded"] == [{"code": "language", "count": "few"}]
        seen = await coordinator.get(f"/v1/requests/{asked.json()['id']}")
        assert seen.json()["excluded"] == [{"code": "language", "count": 1}]


async def test_the_losers_offers_become_taken(pool, clock):
    async with serving(pool, clock) as network:
        _, _, site, school, people = await centre(network, interpreters=6)
        asked = (await school.post("/v1/requests", order(site))).json()
        offers = {}
        for person in people:
            api = await interpreter_api(network, person)
            found = (await api.get("/v1/offers")).json()["items"]
            if found:
                offers[person["id"]] = (api, found[0]["id"])
        assert len(offers) == 4
        (api, offer), (other, lost), *_ = offers.values()
        assert (await api.post(f"/v1/offers/{offer}/accept")).status_code == 200
        late = await other.post(f"/v1/offers/{lost}/accept")
        assert (late.status_code, late.json()["code"]) == (409, "offer-taken")
        closed = (await other.get(f"/v1/offers/{lost}")).json()
        assert (closed["state"], closed["area"], closed["topic"]) == ("taken", None, None)
        assert (await school.get(f"/v1/requests/{asked['id']}")).json()["state"] == "filled"
