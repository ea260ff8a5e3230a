"""A request that comes twice is noticed; it is refused only where the caller wishes so."""

from datetime import timedelta
from typing import Any

import pytest

from api import Api, serving
from centre import START, Centre, Json, z
from interpreters.database import Pool

pytestmark = pytest.mark.anyio


async def likes(centre: Centre, **changes: Any) -> list[str]:
    """Ask, and return which requests it is like; each is another client's unless it says so."""
    answer = await centre.asked(**changes)
    found: list[str] = answer["possible_duplicates"]
    shown = await centre.request(answer)
    assert shown["possible_duplicates"] == found
    return found


async def test_the_same_client_language_and_time_is_noticed_from_both_sides(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.asked()
        assert first["possible_duplicates"] == []
        second = await centre.asked(starts_at=z(START + timedelta(minutes=59)))
        assert second["possible_duplicates"] == [first["id"]]
        assert (await centre.request(first))["possible_duplicates"] == [second["id"]]
        listed = (await centre.school.get("/v1/requests")).json()["items"]
        assert {one["id"]: one["possible_duplicates"] for one in listed} == {
            first["id"]: [second["id"]],
            second["id"]: [first["id"]],
        }
        preview = await centre.school.post("/v1/requests/preview", centre.order())
        assert set(preview.json()["possible_duplicates"]) == {first["id"], second["id"]}


@pytest.mark.parametrize(
    "change",
    [
        {"starts_at": z(START + timedelta(minutes=60))},
        {"clients": [{"reference": "LV-7"}]},
        {"language": "ps"},
    ],
    ids=["later", "another client", "another language"],
)
async def test_another_time_client_or_language_is_another_request(
    pool: Pool, clock: Any, change: Json
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.asked()
        assert await likes(centre, **change) == []


async def test_one_shared_client_and_one_shared_language_are_enough(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.asked(
            language={"any_of": ["dari", "pes"]},
            clients=[{"reference": "A"}, {"reference": "B"}],
        )
        assert await likes(
            centre,
            language={"any_of": ["pes", "ps"]},
            clients=[{"reference": "B"}, {"reference": "C"}],
        ) == [first["id"]]


async def test_a_reference_is_enough_when_it_is_for_the_same_day_at_the_place(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        case = {"external_reference": "CASE-77"}
        first = await centre.asked(**case)
        late = START.replace(hour=21, minute=59)  # in Riga 23:59 of that day
        assert await likes(
            centre, **case, starts_at=z(late), clients=[{"reference": "B"}], language="ps"
        ) == [first["id"]]
        next_day = late + timedelta(hours=1)
        assert (
            await likes(centre, **case, starts_at=z(next_day), clients=[{"reference": "C"}]) == []
        )
        assert await likes(centre, external_reference="CASE-78", clients=[{"reference": "D"}]) == []


async def test_neither_what_was_cancelled_nor_another_institutions_is_like_it(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        case = {"external_reference": "CASE-77"}
        gone = await centre.asked(**case)
        await centre.school.post(f"/v1/requests/{gone['id']}/cancel", {"reason": "no"})
        other = await centre.made(
            centre.coordinator, "/v1/institutions", {"name": "Court", "kind": "justice"}
        )
        key = await centre.made(centre.coordinator, f"/v1/institutions/{other['id']}/keys", {})
        court = Api(network.client, key["token"])
        remote = centre.order(**case, modes=["phone"], site_id=None)
        await centre.made(court, "/v1/requests", remote)
        assert await likes(centre, **case) == []
        assert (await centre.request(gone))["possible_duplicates"] == []


async def test_who_wishes_so_is_refused_with_the_ids_and_nothing_is_stored(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.asked(refuse_duplicates=True)
        before = [await network.count(table) for table in ("requests", "clients", "outbox")]
        order = centre.order(
            refuse_duplicates=True, clients=[{"reference": "LV-1042"}, {"reference": "new"}]
        )
        refused = await centre.school.post("/v1/requests", order)
        assert refused.status_code == 409
        assert refused.json()["code"] == "duplicate-request"
        assert refused.json()["options"] == [first["id"]]
        assert [await network.count(table) for table in ("requests", "clients", "outbox")] == before
        other = await centre.school.post("/v1/requests", {**order, "language": "ps"})
        assert other.status_code == 201
