"""The rota of who is on call, through its doors."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from api import Api, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.on_call import whom_to_ring
from interpreters.database import Pool
from interpreters.domain.ids import USER, new_id, show_id

pytestmark = pytest.mark.anyio
PATH = "/v1/on-call"


def key(person: Api) -> UUID:
    assert person.user_id is not None
    return person.user_id


def row(person: Api, day: str, begins: str, ends: str, **more: Any) -> dict[str, Any]:
    return {
        "user_id": show_id(USER, key(person)), "day": day, "from": begins, "to": ends, **more,
    }  # fmt: skip


async def test_a_rota_is_replaced_whole_and_says_who_is_on_call(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        anna = await network.person(["coordinator"], email="anna@example.org")
        boris = await network.person(["coordinator", "finance"], email="boris@example.org")
        assert (await anna.get(PATH)).json() == {"time_zone": "Europe/Riga", "rows": []}
        rows = [
            row(boris, "tue", "09:00", "24:00", position=1),
            row(anna, "tue", "10:00", "18:00", position=2),
            row(anna, "wed", "00:00", "09:00", position=1),
        ]

        kept = await anna.put(PATH, {"rows": rows})

        assert kept.status_code == 200, kept.text
        assert kept.json() == {"time_zone": "Europe/Riga", "rows": rows}
        assert (await boris.get(PATH)).json() == kept.json()
        now = (await anna.get(f"{PATH}/now")).json()  # Tuesday, 10:00 in Riga
        assert now["user_ids"] == [show_id(USER, key(boris)), show_id(USER, key(anna))]
        assert (now["rota"], now["at"]) == (True, "2026-11-24T08:00:00Z")
        fewer = await anna.put(PATH, {"rows": rows[2:]})
        assert fewer.json()["rows"] == rows[2:]


async def test_where_nobody_is_on_call_all_active_coordinators_are(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        anna = await network.person(["coordinator"], email="anna@example.org")
        boris = await network.person(["coordinator"], email="boris@example.org")
        gone = await network.person(["coordinator"], email="gone@example.org")
        path = f"/v1/users/{show_id(USER, key(gone))}"
        assert (await anna.patch(path, {"active": False})).status_code == 200
        await network.person(["finance"], email="money@example.org")
        await anna.put(PATH, {"rows": [row(anna, "sun", "00:00", "24:00")]})

        now = (await anna.get(f"{PATH}/now")).json()

        assert now["rota"] is False
        assert set(now["user_ids"]) == {show_id(USER, key(anna)), show_id(USER, key(boris))}


async def test_the_rings_go_round_and_to_nobody_who_left(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        people = [
            await network.person(["coordinator"], email=f"p{number}@example.org")
            for number in range(3)
        ]
        rows = [
            row(one, "tue", "00:00", "24:00", position=place + 1)
            for place, one in enumerate(people)
        ]
        assert (await people[0].put(PATH, {"rows": rows})).status_code == 200

        async def rung(round_: int) -> list[UUID]:
            return await run(
                pool,
                network.id,
                lambda db: whom_to_ring(db, network_id=network.id, round_=round_, at=clock.now),
            )

        assert [await rung(number) for number in (1, 2, 3, 4)] == [
            [key(people[place])] for place in (0, 1, 2, 0)
        ]
        gone = await people[0].patch(
            f"/v1/users/{show_id(USER, key(people[1]))}", {"active": False}
        )
        assert gone.status_code == 200, gone.text
        assert [await rung(number) for number in (1, 2, 3)] == [
            [key(people[place])] for place in (0, 2, 0)
        ]
        clock.now = datetime(2026, 11, 25, 8, tzinfo=UTC)  # Wednesday: nobody's
        assert set(await rung(1)) == {key(people[0]), key(people[2])}


async def test_only_active_coordinators_are_on_call(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        anna = await network.person(["coordinator"], email="anna@example.org")
        money = await network.person(["finance"], email="money@example.org")
        stranger = {**row(anna, "mon", "00:00", "24:00"), "user_id": show_id(USER, new_id(clock()))}

        refused = await anna.put(
            PATH, {"rows": [row(anna, "mon", "00:00", "24:00"), stranger,
                            row(money, "mon", "00:00", "24:00")]}
        )  # fmt: skip

        assert refused.status_code == 422
        assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [
            ("/rows/1/user_id", "unknown-user"), ("/rows/2/user_id", "unknown-user"),
        ]  # fmt: skip
        assert (await anna.get(PATH)).json()["rows"] == []


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"day": "monday"}, "/rows/0/day", "unknown-day"),
        ({"from": "09:05"}, "/rows/0/from", "not-a-quarter-hour"),
        ({"from": "22:00", "to": "06:00"}, "/rows/0/to", "ends-before-start"),
        ({"position": 0}, "/rows/0/position", "out-of-range"),
    ],
)
async def test_hours_that_cannot_be_are_refused(
    pool: Pool, clock: Clock, change: dict[str, Any], pointer: str, code: str
) -> None:
    async with serving(pool, clock) as network:
        anna = await network.person(["coordinator"], email="anna@example.org")

        refused = await anna.put(PATH, {"rows": [{**row(anna, "mon", "09:00", "17:00"), **change}]})

        assert refused.status_code == 422, refused.text
        assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [
            (pointer, code)
        ]
