"""Series through their doors: a request for each date, changed and called off together or alone."""

import time
from typing import Any

import pytest

from api import serving
from centre import Centre, Json
from dates import DATES, WEEKDAYS, WEEKLY, series_of, starts
from interpreters.database import Pool
from roster import errors_of

pytestmark = pytest.mark.anyio


async def test_a_request_for_each_date_is_there_when_the_first_is_answered(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        first = await centre.asked(recurrence=WEEKLY, external_reference="CASE-77")
        assert first["series_id"].startswith("ser_")
        found = await series_of(centre.school, first)
        assert found[0]["id"] == first["id"]
        assert starts(found) == DATES
        assert [one["series_position"] for one in found] == [1, 2, 3, 4]
        assert {one["state"] for one in found} == {"searching"}
        assert {one["external_reference"] for one in found} == {"CASE-77"}
        assert {tuple(each["id"] for each in one["clients"]) for one in found} == {
            (first["clients"][0]["id"],)
        }
        assert len(await person.offers()) == 4
        events = await centre.events(centre.school)
        assert events.count("request.created") == 4


async def test_a_request_alone_is_in_no_series(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        alone = await centre.asked()
        assert (alone["series_id"], alone["series_position"]) == (None, None)


async def test_the_time_of_day_is_that_of_the_site_over_a_change_of_its_clock(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        spring = await centre.asked(
            starts_at="2027-03-23T10:30:00+02:00", recurrence="FREQ=WEEKLY;COUNT=2"
        )
        assert starts(await series_of(centre.school, spring)) == [
            "2027-03-23T08:30:00Z", "2027-03-30T07:30:00Z",
        ]  # fmt: skip
        autumn = await centre.asked(
            starts_at="2027-10-26T10:30:00+03:00", recurrence="FREQ=WEEKLY;COUNT=2"
        )
        assert starts(await series_of(centre.school, autumn)) == [
            "2027-10-26T07:30:00Z", "2027-11-02T08:30:00Z",
        ]  # fmt: skip
        kabul = await centre.add_site(time_zone="Asia/Kabul")
        there = await centre.asked(
            starts_at="2027-03-23T10:30:00+02:00", recurrence="FREQ=WEEKLY;COUNT=2",
            site_id=kabul["id"],
        )  # fmt: skip
        assert starts(await series_of(centre.school, there)) == [
            "2027-03-23T08:30:00Z", "2027-03-30T08:30:00Z",
        ]  # fmt: skip


async def test_parties_and_flexible_starts_move_with_each_date(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.asked(
            starts_at="2027-03-23T10:30:00+02:00",
            recurrence="FREQ=WEEKLY;COUNT=2",
            topic="supervised_contact",
            parties=[
                {"reference": "P", "arrives_at": "2027-03-23T10:30:00+02:00"},
                {"reference": "Q", "arrives_at": "2027-03-23T10:45:00+02:00"},
            ],
            flexible_start={
                "earliest": "2027-03-23T10:00:00+02:00", "latest": "2027-03-23T11:00:00+02:00",
            },
        )  # fmt: skip
        _, second = await series_of(centre.school, first)
        assert [one["arrives_at"] for one in second["parties"]] == [
            "2027-03-30T07:30:00Z", "2027-03-30T07:45:00Z",
        ]  # fmt: skip
        assert second["flexible_start"] == {
            "earliest": "2027-03-30T07:00:00Z", "latest": "2027-03-30T08:00:00Z",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"recurrence": "weekly"}, {("/recurrence", "unreadable-rule")}),
        ({"recurrence": "FREQ=WEEKLY"}, {("/recurrence", "endless-rule")}),
        ({"recurrence": "FREQ=HOURLY;COUNT=2"}, {("/recurrence", "sub-daily")}),
        ({"recurrence": "FREQ=DAILY;COUNT=101"}, {("/recurrence", "too-many-dates")}),
        ({"recurrence": "FREQ=DAILY;UNTIL=20271231"}, {("/recurrence", "too-many-dates")}),
        ({"recurrence": "FREQ=DAILY;UNTIL=20261124"}, {("/recurrence", "no-date")}),
        ({"recurrence": ""}, {("/recurrence", "out-of-range")}),
        ({"recurrence": 3}, {("/recurrence", "wrong-type")}),
        (
            {"recurrence": WEEKLY, "starts": "now", "starts_at": ..., "modes": ["phone"]},
            {("/recurrence", "conflicting")},
        ),
        ({"recurrence": WEEKLY, "priority": "emergency"}, {("/recurrence", "conflicting")}),
        ({"recurrence": WEEKLY, "topic": "emergency"}, {("/recurrence", "conflicting")}),
        ({"recurrence_skips": "closed"}, {("/recurrence", "required")}),
        ({"recurrence": WEEKLY, "recurrence_skips": "mondays"}, {("/recurrence_skips", "invalid")}),
        (
            {"recurrence": "FREQ=WEEKLY", "topic": "cooking"},
            {("/recurrence", "endless-rule"), ("/topic", "invalid")},
        ),
    ],
)
async def test_what_is_no_series_is_refused_and_nothing_is_made(
    pool: Pool, clock: Any, changes: Json, expected: set[tuple[str, str]]
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        for door in ("/v1/requests", "/v1/requests/preview"):
            answer = await centre.school.post(door, centre.order(**changes))
            assert answer.status_code == 422
            assert errors_of(answer) == expected
        assert await network.count("requests") == await network.count("series") == 0


async def test_the_dates_on_which_the_site_is_closed_are_named_or_left_out(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open(country="LV")
        school = await centre.add_site(opening_hours=WEEKDAYS)
        # Thursdays: of these 24 and 31 December are public holidays in Latvia
        thursdays = {
            "starts_at": "2026-12-17T10:00:00+02:00", "recurrence": "FREQ=WEEKLY;COUNT=4",
            "site_id": school["id"],
        }  # fmt: skip
        answer = await centre.school.post("/v1/requests", centre.order(**thursdays))
        assert answer.status_code == 422
        told = [(one["pointer"], one["code"]) for one in answer.json()["errors"]]
        assert told == [("/recurrence", "site-closed")] * 2
        details = [one["detail"] for one in answer.json()["errors"]]
        assert ["2026-12-24" in details[0], "2026-12-31" in details[1]] == [True, True]
        assert await network.count("requests") == 0

        left = await centre.asked(**thursdays, recurrence_skips="closed")
        found = await series_of(centre.school, left)
        assert starts(found) == ["2026-12-17T08:00:00Z", "2027-01-07T08:00:00Z"]
        assert [one["series_position"] for one in found] == [1, 2]

        mine = await centre.coordinator.post(
            "/v1/requests",
            centre.order(**thursdays, institution_id=centre.institution["id"]),
        )
        assert len(await series_of(centre.coordinator, mine.json())) == 4


async def test_the_first_request_is_that_of_the_first_date_that_is_not_left_out(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open(country="LV")
        school = await centre.add_site(opening_hours=WEEKDAYS)
        from_saturday = {
            "starts_at": "2026-11-28T10:00:00+02:00", "site_id": school["id"],
            "recurrence_skips": "closed",
        }  # fmt: skip
        made = await centre.asked(**from_saturday, recurrence="FREQ=DAILY;COUNT=4")
        assert made["starts_at"] == "2026-11-30T08:00:00Z"
        none = await centre.school.post(
            "/v1/requests", centre.order(**from_saturday, recurrence="FREQ=DAILY;COUNT=2")
        )
        assert errors_of(none) == {("/recurrence", "no-date")}


async def test_a_preview_is_about_the_first_date_and_counts_them(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        answer = await centre.coordinator.post(
            "/v1/requests/preview",
            centre.order(recurrence=WEEKLY, institution_id=centre.institution["id"]),
        )
        assert answer.status_code == 200
        assert (answer.json()["dates"], answer.json()["candidates"]) == (4, 1)
        alone = await centre.school.post("/v1/requests/preview", centre.order())
        assert alone.json()["dates"] is None
        assert await network.count("requests") == await network.count("series") == 0


async def test_said_twice_with_one_key_it_is_one_series(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        sent = {"headers": {"Idempotency-Key": "k"}}
        body = centre.order(recurrence=WEEKLY)
        one = await centre.school.post("/v1/requests", body, **sent)
        two = await centre.school.post("/v1/requests", body, **sent)
        assert (one.status_code, two.status_code) == (201, 201)
        assert two.headers["idempotent-replayed"] == "true"
        assert one.json()["id"] == two.json()["id"]
        assert await network.count("requests") == 4


async def test_another_institution_sees_nothing_of_a_series(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.asked(recurrence=WEEKLY)
        _, other = await network.institution("Hospital")
        assert await series_of(other, first) == []
        unknown = await other.get("/v1/requests?series_id=nonsense")
        assert errors_of(unknown) == {("/series_id", "invalid")}


async def test_a_hundred_dates_take_less_than_some_seconds(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(31)
        began = time.perf_counter()
        first = await centre.asked(recurrence="FREQ=DAILY;COUNT=100")
        took = time.perf_counter() - began
        found = await series_of(centre.school, first)
        assert len(found) == 100
        assert took < 10  # measured 1 to 2 s; the rest is for slow machines
