"""Who calls whom: shown from 30 minutes before to the end, on both sides, and told in words."""

from datetime import UTC, datetime, timedelta

import pytest

from api import serving
from centre import START, Centre
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.text_segments import segments
from interpreters.domain.told_connections import shows_connect, tell_connect
from interpreters.domain.wording import COMPLETE
from people_post import Post

pytestmark = pytest.mark.anyio
CONNECT = {"by": "interpreter", "number": "+371 25565098", "pin": "4711"}
HALF = timedelta(minutes=30)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("starts_at", "minutes"),
    [
        (START, 60),
        (datetime(2026, 10, 25, 0, 45, tzinfo=UTC), 60),  # over the hour that comes twice
        (datetime(2027, 3, 28, 0, 45, tzinfo=UTC), 60),  # over the hour that is left out
    ],
)
async def test_both_sides_see_it_from_30_minutes_before_to_the_end(
    pool: Pool, clock: Clock, starts_at: datetime, minutes: int
) -> None:
    async with serving(pool, clock) as network:
        clock.now = starts_at - timedelta(days=3)
        centre = await Centre(network, clock).open()
        one = await centre.person()
        booking = await centre.booked(
            one, modes=["phone"], starts_at=starts_at.isoformat(), duration_minutes=minutes,
            connect=CONNECT,
        )  # fmt: skip
        end = starts_at + timedelta(minutes=minutes)
        edges = [
            (starts_at - HALF - SECOND, False), (starts_at - HALF, True), (starts_at, True),
            (end - SECOND, True), (end, False), (end + SECOND, False),
        ]  # fmt: skip
        for at, shown in edges:
            clock.now = at
            for api in (one.api, centre.school, centre.coordinator):
                seen = (await api.get(f"/v1/bookings/{booking['id']}")).json()["connect"]
                assert (seen is not None) is shown, at
                assert seen is None or seen["number"] == "+37125565098"
            assert shows_connect(starts_at=starts_at, ends_at=end, now=at) is shown
        # Who asked has written it: in their request it stays.
        request = (await centre.school.get(f"/v1/requests/{booking['request_id']}")).json()
        assert request["connect"]["number"] == "+37125565098"


async def test_an_extended_session_shows_it_to_its_new_end(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one = await centre.person()
        booking = await centre.booked(one, modes=["phone"], connect=CONNECT)
        path = f"/v1/bookings/{booking['id']}"
        centre.at(minutes=0)
        assert (await one.api.post(f"{path}/start")).status_code == 200
        assert (await one.api.post(f"{path}/extend", {"minutes": 15})).status_code == 200
        centre.at(minutes=-74)
        assert (await one.api.get(path)).json()["connect"] is not None
        centre.at(minutes=-75)
        assert (await one.api.get(path)).json()["connect"] is None


async def test_reminders_say_who_calls_and_from_when_and_never_the_number(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.coordinator.patch("/v1/network", {"working_language": "en"})
        one = await centre.person()
        await centre.booked(one, modes=["phone"], connect=CONNECT)
        post = Post(centre)
        await post.sent()
        centre.at(hours=1)
        sent = {each.purpose: each.body for each in await post.sent()}
        for purpose in ("booking-confirmed", "reminder-hour"):
            # Half an hour before 10:00 in Riga.
            assert "You call. The number is on the booking's page from 09:30." in sent[purpose]
        assert not [body for body in sent.values() if "25565098" in body or "4711" in body]


def test_each_way_has_its_words_and_in_person_has_none() -> None:
    said = {
        by: tell_connect("en", by=by, mode="phone", starts_at=START, time_zone="Europe/Riga")
        for by in ("interpreter", "requester", "link", None)
    }
    assert said == {
        "interpreter": "You call. The number is on the booking's page from 09:30.",
        "requester": "You are called.",
        "link": "You meet at a link. It is on the booking's page from 09:30.",
        None: None,
    }
    there = tell_connect(
        "en", by="interpreter", mode="in_person", starts_at=START, time_zone="Europe/Riga"
    )
    assert there is None


@pytest.mark.parametrize("language", sorted(COMPLETE))
async def test_a_reminder_by_text_stays_at_two_parts(
    pool: Pool, clock: Clock, language: str
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.coordinator.patch("/v1/network", {"working_language": language})
        one = await centre.person(phone="+37120000001")
        await centre.booked(one, modes=["phone"], connect=CONNECT)
        await Post(centre).sent()
        centre.at(hours=1)
        (text,) = await Post(centre).sent("reminder-hour")
        assert text.channel == "text"
        assert segments(text.body) <= 2
