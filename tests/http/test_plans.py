"""What competes is planned together; a coordinator accepts it, and the people are asked."""

from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, Person, z
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
# Asked only by hand: whoever is named in nobody's wave.
ALONE: Json = {"modes": ["phone"], "site_id": ...}


async def proposed(centre: Centre, body: Json | None = None) -> Json:
    return await centre.made(centre.coordinator, "/v1/plans", body or {})


async def accepted(centre: Centre, plan: Json, body: Json | None = None) -> Json:
    response = await centre.coordinator.post(f"/v1/plans/{plan['id']}/accept", body or {})
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    return answer


def who(plan: Json) -> dict[str, str]:
    """Return who is planned for which request."""
    return {one["request_id"]: one["interpreter"]["id"] for one in plan["places"]}


async def test_who_alone_can_do_one_thing_is_not_given_the_other(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        both = await centre.person(qualification="certified")
        await centre.person(
            languages=[{"code": "dari", "level": "working"}, {"code": "lv", "level": "working"}],
            qualification="language_speaker",
        )
        needs = {"qualification": {"minimum": "certified", "strict": True}}
        anybody = await centre.asked()
        clock.now += timedelta(minutes=1)  # the other comes later
        picky = await centre.asked(clients=[{"reference": "LV-2"}], requirements=needs)

        plan = await proposed(centre)

        assert plan["state"] == "proposed"
        assert plan["figures"]["open"] == plan["figures"]["planned"] == plan["figures"]["bound"] == 2
        assert plan["figures"]["arrival_order"] == 1
        assert plan["figures"]["scarcest_first"] == 2
        assert plan["figures"]["gap"] == 0
        assert who(plan)[picky["id"]] == both.id
        assert who(plan)[anybody["id"]] != both.id
        place = plan["places"][0]
        assert place["state"] == "proposed"
        assert place["starts_at"] == z(START)
        assert place["ends_at"] == z(START + HOUR)
        assert place["seat"] == 1
        assert sum(one["points"] for one in place["reasons"]) == pytest.approx(place["score"])
