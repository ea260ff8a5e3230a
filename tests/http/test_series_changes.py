"""One date of a series, those that follow, or all: changed and called off together, or none."""

from datetime import datetime
from typing import Any

import pytest

from api import serving
from centre import Centre
from dates import DATES, WEEKDAYS, WEEKLY, series_of, starts
from interpreters.database import Pool
from roster import errors_of

pytestmark = pytest.mark.anyio
WHY = {"reason": "not needed"}


async def test_a_change_is_of_one_date_of_those_that_follow_or_of_all(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        first = await centre.asked(recurrence=WEEKLY)
        _, second, *_ = await series_of(centre.school, first)

        async def priorities(**change: Any) -> list[str]:
            answer = await centre.school.patch(f"/v1/requests/{second['id']}", change)
            assert answer.status_code == 200, answer.text
            return [one["cost_centre"] for one in await series_of(centre.school, first)]

        assert await priorities(cost_centre="a") == [None, "a", None, None]
        assert await priorities(cost_centre="b", scope="this") == [None, "b", None, None]
        assert await priorities(cost_centre="c", scope="following") == [None, "c", "c", "c"]
        assert await priorities(cost_centre="d", scope="all") == ["d", "d", "d", "d"]


async def test_the_answer_is_the_request_and_lists_the_others_that_were_meant(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.asked(recurrence=WEEKLY)
        _, second, third, fourth = await series_of(centre.school, first)
        alone = await centre.school.patch(f"/v1/requests/{second['id']}", {"cost_centre": "a"})
        assert "others" not in alone.json()
        answer = await centre.school.patch(
            f"/v1/requests/{second['id']}", {"cost_centre": "b", "scope": "following"}
        )
        body = answer.json()
        assert (body["id"], body["cost_centre"]) == (second["id"], "b")
        assert [one["id"] for one in body["others"]] == [third["id"], fourth["id"]]
        assert body["others"][0] == {
            "id": third["id"], "series_position": 3, "starts_at": DATES[2],
            "state": "unfilled", "changed": True,
        }  # fmt: skip


async def test_all_dates_move_by_the_same_difference_of_the_clock_over_its_change(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        first = await centre.asked(  # the clocks go forward on 28 March 2027
            starts_at="2027-03-23T10:30:00+02:00", recurrence="FREQ=WEEKLY;COUNT=3"
        )
        _, second, _ = await series_of(centre.school, first)
        # the second one, on 30 March at 10:30, moves to 31 March at 12:00
        moved = await centre.school.patch(
            f"/v1/requests/{second['id']}",
            {"starts_at": "2027-03-31T12:00:00+03:00", "scope": "all"},
        )
        assert moved.status_code == 200, moved.text
        assert starts(await series_of(centre.school, first)) == [
            "2027-03-24T10:00:00Z", "2027-03-31T09:00:00Z", "2027-04-07T09:00:00Z",
        ]  # fmt: skip
        back = await centre.school.patch(
            f"/v1/requests/{second['id']}",
            {"starts_at": "2027-03-30T10:30:00+03:00", "scope": "following"},
        )
        assert back.status_code == 200
        assert starts(await series_of(centre.school, first)) == [
            "2027-03-24T10:00:00Z", "2027-03-30T07:30:00Z", "2027-04-06T07:30:00Z",
        ]  # fmt: skip


async def test_a_date_in_an_hour_left_out_in_spring_comes_back_to_its_hour_when_moved(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.asked(  # 28 March has no 03:30: that date is held at 04:30
            starts_at="2027-03-27T03:30:00+02:00", recurrence="FREQ=DAILY;COUNT=3"
        )
        assert starts(await series_of(centre.school, first)) == [
            "2027-03-27T01:30:00Z", "2027-03-28T01:30:00Z", "2027-03-29T00:30:00Z",
        ]  # fmt: skip
        await centre.school.patch(
            f"/v1/requests/{first['id']}", {"duration_minutes": 30, "scope": "all"}
        )
        await centre.school.patch(
            f"/v1/requests/{first['id']}",
            {"starts_at": "2027-03-27T05:30:00+02:00", "scope": "all"},
        )
        assert starts(await series_of(centre.school, first)) == [
            "2027-03-27T03:30:00Z", "2027-03-28T02:30:00Z", "2027-03-29T02:30:00Z",
        ]  # fmt: skip


async def test_parties_said_of_one_date_come_to_each_as_long_before_or_after_its_start(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.asked(recurrence="FREQ=WEEKLY;COUNT=2", topic="supervised_contact")
        changed = await centre.school.patch(
            f"/v1/requests/{first['id']}",
            {
                "scope": "all",
                "parties": [
                    {"reference": "P", "arrives_at": "2026-11-25T09:45:00+02:00"},
                    {"reference": "Q", "arrives_at": "2026-11-25T10:00:00+02:00"},
                ],
            },
        )
        assert changed.status_code == 200, changed.text
        _, second = await series_of(centre.school, first)
        assert [one["arrives_at"] for one in second["parties"]] == [
            "2026-12-02T07:45:00Z", "2026-12-02T08:00:00Z",
        ]  # fmt: skip


async def test_where_somebody_is_booked_nothing_is_changed_and_the_dates_are_named(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        first = await centre.asked(recurrence=WEEKLY)
        _, second, third, _ = await series_of(centre.school, first)
        await person.accept(second)
        await person.accept(third)
        before = await series_of(centre.school, first)
        refused = await centre.school.patch(
            f"/v1/requests/{first['id']}", {"duration_minutes": 90, "scope": "all"}
        )
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")
        assert refused.json()["options"] == [second["id"], third["id"]]
        for part in (second["id"], "2026-12-02", third["id"], "2026-12-09"):
            assert part in refused.json()["detail"]
        assert await series_of(centre.school, first) == before
        assert len(await person.offers()) == 2  # none was withdrawn
        noted = await centre.school.patch(
            f"/v1/requests/{first['id']}", {"instructions": "Room 4", "scope": "all"}
        )
        assert noted.status_code == 200  # what is not significant is no matter


async def test_dates_that_are_over_are_left_alone(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        first = await centre.asked(recurrence=WEEKLY)
        _, second, third, fourth = await series_of(centre.school, first)
        await centre.school.post(f"/v1/requests/{third['id']}/cancel", WHY)
        clock.now = datetime.fromisoformat(second["starts_at"])  # the second begins just now
        answer = await centre.school.patch(
            f"/v1/requests/{fourth['id']}", {"cost_centre": "x", "scope": "all"}
        )
        assert [(one["id"], one["changed"]) for one in answer.json()["others"]] == [
            (first["id"], False), (second["id"], False), (third["id"], False),
        ]  # fmt: skip
        found = await series_of(centre.school, first)
        assert [one["cost_centre"] for one in found] == [None, None, None, "x"]
        over = await centre.school.patch(
            f"/v1/requests/{third['id']}", {"cost_centre": "y", "scope": "all"}
        )
        assert (over.status_code, over.json()["code"]) == (409, "wrong-state")


async def test_no_date_is_moved_into_the_past_or_where_the_site_is_closed(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open(country="LV")
        site = await centre.add_site(opening_hours=WEEKDAYS)
        first = await centre.asked(
            recurrence="FREQ=WEEKLY;COUNT=4", site_id=site["id"],
            starts_at="2026-12-02T10:00:00+02:00",
        )  # fmt: skip
        *_, last = await series_of(centre.school, first)
        past = await centre.school.patch(
            f"/v1/requests/{last['id']}",
            {"starts_at": "2026-12-09T10:00:00+02:00", "scope": "all"},
        )
        assert errors_of(past) == {("/starts_at", "in-the-past")}
        assert "2026-12-02" in past.json()["errors"][0]["detail"]
        closed = await centre.school.patch(  # Thursdays: the fourth is 24 December
            f"/v1/requests/{first['id']}",
            {"starts_at": "2026-12-03T10:00:00+02:00", "scope": "all"},
        )
        assert errors_of(closed) == {("/starts_at", "site-closed")}
        assert "2026-12-23" in closed.json()["errors"][0]["detail"]
        assert starts(await series_of(centre.school, first))[0] == "2026-12-02T08:00:00Z"


async def test_a_series_is_called_off_from_a_date_on_or_whole(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        first = await centre.asked(recurrence=WEEKLY)
        _, second, third, fourth = await series_of(centre.school, first)
        booking = await person.accept(third)
        answer = await centre.school.post(
            f"/v1/requests/{third['id']}/cancel", {**WHY, "scope": "following"}
        )
        assert answer.status_code == 200, answer.text
        assert (answer.json()["id"], answer.json()["state"]) == (third["id"], "cancelled")
        assert [(one["id"], one["state"]) for one in answer.json()["others"]] == [
            (fourth["id"], "cancelled")
        ]
        assert (await centre.booking(booking))["state"] == "cancelled"
        found = await series_of(centre.school, first)
        assert [one["state"] for one in found] == [
            "searching", "searching", "cancelled", "cancelled",
        ]  # fmt: skip
        whole = {**WHY, "scope": "all"}
        everything = await centre.school.post(f"/v1/requests/{third['id']}/cancel", whole)
        assert [(one["id"], one["changed"]) for one in everything.json()["others"]] == [
            (first["id"], True), (second["id"], True), (fourth["id"], False),
        ]  # fmt: skip
        assert await person.offers() == []
        again = await centre.school.post(f"/v1/requests/{third['id']}/cancel", whole)
        assert again.status_code == 200
        assert [one["changed"] for one in again.json()["others"]] == [False, False, False]


async def test_calling_one_date_off_answers_as_it_did(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.asked(recurrence=WEEKLY)
        answer = await centre.school.post(f"/v1/requests/{first['id']}/cancel", WHY)
        assert "others" not in answer.json()
        states = [one["state"] for one in await series_of(centre.school, first)]
        assert states == ["cancelled", "unfilled", "unfilled", "unfilled"]


async def test_a_session_that_is_going_on_is_left_alone_and_ended_by_those_in_it(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        first = await centre.asked(recurrence=WEEKLY)
        booking = await person.accept(first)
        _, second, *_ = await series_of(centre.school, first)
        centre.at(minutes=5)
        await person.api.post(f"/v1/bookings/{booking['id']}/start")
        whole = {**WHY, "scope": "all"}
        named = await centre.school.post(f"/v1/requests/{first['id']}/cancel", whole)
        assert (named.status_code, named.json()["code"]) == (409, "wrong-state")
        other = await centre.school.post(f"/v1/requests/{second['id']}/cancel", whole)
        assert other.json()["others"][0]["changed"] is False
        states = [one["state"] for one in await series_of(centre.school, first)]
        assert states == ["filled", "cancelled", "cancelled", "cancelled"]


@pytest.mark.parametrize("scope", ["following", "all"])
async def test_a_request_in_no_series_has_no_others(pool: Pool, clock: Any, scope: str) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        alone = await centre.asked()
        path = f"/v1/requests/{alone['id']}"
        expected = {("/scope", "not-in-a-series")}
        assert errors_of(await centre.school.patch(path, {"scope": scope})) == expected
        assert errors_of(await centre.school.post(f"{path}/cancel", {**WHY, "scope": scope})) == (
            expected
        )
        assert errors_of(await centre.school.patch(path, {"scope": "some"})) == {
            ("/scope", "invalid")
        }


async def test_the_version_that_must_match_is_that_of_the_request_named(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.asked(recurrence=WEEKLY)
        path, sent = f"/v1/requests/{first['id']}", {"cost_centre": "x", "scope": "all"}
        stale = await centre.school.patch(path, sent, headers={"If-Match": '"999"'})
        assert stale.status_code == 412
        fresh = await centre.school.get(path)
        fits = await centre.school.patch(path, sent, headers={"If-Match": fresh.headers["etag"]})
        assert fits.status_code == 200
        assert fits.headers["etag"] != fresh.headers["etag"]


async def test_another_institution_changes_nothing_of_a_series(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.asked(recurrence=WEEKLY)
        _, other = await network.institution("Hospital")
        path = f"/v1/requests/{first['id']}"
        assert (await other.patch(path, {"scope": "all"})).status_code == 404
        assert (await other.post(f"{path}/cancel", {**WHY, "scope": "all"})).status_code == 404
        assert {one["state"] for one in await series_of(centre.school, first)} == {"unfilled"}
