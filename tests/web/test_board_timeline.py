"""The timeline: who works when, what does not go together, and times that were freed."""

import re
from datetime import timedelta

import pytest

from api import serving
from board_visitors import anna
from centre import START, Centre, z
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio


def words(page: str) -> str:
    """Return a page's words alone, with plain hyphens between times."""
    plain = page.replace("\N{EN DASH}", "-")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", plain))


async def test_a_day_and_a_week_show_jobs_absences_and_what_does_not_go_together(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        await centre.person(languages=[{"code": "tamil"}, {"code": "lv"}])
        await centre.booked(person)
        away = {
            "starts_at": z(START + timedelta(hours=6)),
            "ends_at": z(START + timedelta(hours=8)),
        }
        made = await centre.coordinator.post(f"/v1/interpreters/{person.id}/absences", away)
        assert made.status_code == 201, made.text
        await centre.asked(starts_at=z(START + timedelta(hours=3)))
        await centre.asked(starts_at=z(START + timedelta(hours=3)), topic="legal")
        desk = await anna(network)

        day = words((await desk.get("/board/timeline?day=2026-11-25&language=prs")).text)
        assert "10:00 - 11:00 Job: School" in day
        assert "16:00 - 18:00 Away" in day
        assert "Asked for two jobs at the same time" in day
        assert "Person 2" not in day
        week = words((await desk.get("/board/timeline?day=2026-11-25&view=week")).text)
        assert "Week of Monday, November 23, 2026" in week
        assert "10:00 - 11:00 Job: School" in week
        assert "Person 2" in week
        other = words((await desk.get("/board/timeline?day=2026-11-26")).text)
        assert "Job: School" not in other
        for odd in ("day=x", "day=9999-12-31", "language=%00", "after=x", "view=<b>"):
            assert (await desk.get(f"/board/timeline?{odd}")).status_code == 200, odd


async def test_a_night_when_the_clock_is_set_back_has_25_hours(pool: Pool, clock: Clock) -> None:
    """On 2026-10-25 in Riga; 13:00 comes 14 of 25 hours after midnight: 537.6 of 960 units."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        weekly = [{"day": "sun", "from": "13:00", "to": "24:00"}]
        path = f"/v1/interpreters/{person.id}/availability"
        assert (await centre.coordinator.put(path, {"weekly": weekly})).status_code == 200
        desk = await anna(network)
        page = (await desk.get("/board/timeline?day=2026-10-25")).text
        assert '<rect class="bar-hours" x="537.6" width="422.4"' in page


async def test_freed_time_is_shown_with_the_searches_it_suits(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.person()
        booking = await centre.booked(first)
        centre.at(hours=5)
        await centre.person()  # is asked, and has not answered
        wanted = await centre.asked()
        gone = await centre.coordinator.post(
            f"/v1/bookings/{booking['id']}/cancel", {"reason": "not needed"}
        )
        assert gone.status_code == 200, gone.text
        desk = await anna(network)
        page = (await desk.get("/board/timeline")).text
        assert "Time that became free" in page
        assert "<strong><bdi>Person 1</bdi></strong>" in page
        assert f"/board/requests/{wanted['id']}" in page


async def test_only_coordinators_see_whose_time_it_is(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await Centre(network, clock).open()
        finance = await network.person(["finance"])
        cookie = {"Cookie": f"interpreters_token={finance.token}"}
        answer = await network.client.get("/board/timeline", headers=cookie)
        assert answer.status_code == 403
        assert (await network.client.get("/board/timeline")).status_code == 303
