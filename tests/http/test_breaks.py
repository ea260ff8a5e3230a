"""Breaks of a session: said when it ends, corrected, taken off where the tariff does not pay them.

Sessions are on Wednesday 25 November 2026 from 10:00 in Riga for three hours: 48.00 an hour are
charged and 30.00 paid, in halves of hours, and 26 km of way cost 7.80 and pay 6.50.
"""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, Person, z
from conftest import Clock
from interpreters.application.ledger_checks import check_ledger
from interpreters.database import Pool
from over import TARIFF, euro, opened, path_of

pytestmark = pytest.mark.anyio
UNPAID: Json = {
    **TARIFF, "name": "Without breaks", "breaks_paid": False, "valid_from": "2026-02-01",
}  # fmt: skip


async def begun(network: Any, clock: Clock, tariff: Json) -> tuple[Centre, Person, Json]:
    """A session of three hours that began on time, by this tariff; the clock is at its end."""
    centre, person = await opened(network, clock)
    await centre.made(await network.caller("finance"), "/v1/tariffs", tariff)
    booking = await centre.booked(person, duration_minutes=180)
    clock.now = START
    assert (await person.api.post(path_of(booking, "start"))).status_code == 200
    clock.now = START + timedelta(hours=3)
    return centre, person, booking


async def entries(centre: Centre) -> list[Json]:
    """Return what was entered, the first entry first; of the same moment the session's."""
    items: list[Json] = (await centre.coordinator.get("/v1/usage/entries")).json()["items"]
    return sorted(items, key=lambda one: (one["recorded_at"], one["kind"] != "session"))


def minutes(entry: Json) -> tuple[int, int, int, int]:
    return (
        entry["booked_minutes"], entry["actual_minutes"], entry["break_minutes"],
        entry["billable_minutes"],
    )  # fmt: skip


async def adds_up(network: Any) -> bool:
    return [one async for one in check_ledger(network.pool, network_id=network.id)] == []


async def test_breaks_are_taken_off_where_the_tariff_does_not_pay_them(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await begun(network, clock, UNPAID)
        ended = await person.api.post(path_of(booking, "end"), {"break_minutes": 30})
        assert ended.status_code == 200, ended.text
        assert ended.json()["session"]["break_minutes"] == 30
        for api in (person.api, centre.school, centre.coordinator):
            shown = await api.get(f"/v1/bookings/{booking['id']}")
            assert shown.json()["session"]["break_minutes"] == 30
        [entry] = await entries(centre)
        assert minutes(entry) == (180, 180, 30, 150)
        assert entry["lines"] == [
            {"kind": "base", "minutes": 150, "charge": euro(12000), "pay": euro(7500)},
            {"kind": "travel", "km": 26, "charge": euro(780), "pay": euro(650)},
        ]
        assert entry["rule"]["unpaid_break_minutes"] == 30
        assert await adds_up(network)


async def test_a_tariff_that_says_nothing_pays_breaks(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await begun(
            network, clock, {**TARIFF, "valid_from": "2026-02-01"}
        )
        await person.api.post(path_of(booking, "end"), {"break_minutes": 30})
        [entry] = await entries(centre)
        assert minutes(entry) == (180, 180, 30, 180)
        assert entry["charge"] == euro(14400 + 780)
        assert "unpaid_break_minutes" not in entry["rule"]
        assert await adds_up(network)


async def test_a_break_is_shorter_than_the_session(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await begun(network, clock, UNPAID)
        for wrong in (180, -1, 10080, 0.5):
            refused = await person.api.post(path_of(booking, "end"), {"break_minutes": wrong})
            assert refused.status_code == 422, wrong
            assert refused.json()["errors"][0]["pointer"] == "/break_minutes"
        assert await entries(centre) == []
        allowed = await person.api.post(path_of(booking, "end"), {"break_minutes": 179})
        assert allowed.status_code == 200
        [entry] = await entries(centre)
        assert minutes(entry) == (180, 180, 179, 60)  # a minute of work, and the minimum
        again = await person.api.post(path_of(booking, "end"), {"break_minutes": 5})
        assert again.json()["session"]["break_minutes"] == 179
        assert len(await entries(centre)) == 1


async def test_breaks_are_corrected_with_one_more_entry(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await begun(network, clock, UNPAID)
        await person.api.post(path_of(booking, "end"))
        correct = path_of(booking, "correct-times")
        said: Json = {"break_minutes": 45, "reason": "Lunch"}
        for _ in range(2):  # the same again changes nothing
            answer = await person.api.post(correct, said)
            assert answer.status_code == 200, answer.text
        clock.now += timedelta(minutes=1)
        later = {"break_minutes": 15, "ended_at": z(clock.now), "reason": "Counted again"}
        assert (await centre.coordinator.post(correct, later)).status_code == 200
        first, second, third = await entries(centre)
        assert [minutes(one) for one in (first, second, third)] == [
            (180, 180, 0, 180), (0, 0, 45, -30), (0, 1, -30, 30),  # 135 are 150; 166 are 180
        ]  # fmt: skip
        assert second["rule"]["unpaid_break_minutes"] == 45
        assert second["charge"] == euro(-2400)
        assert (second["kind"], second["reason_code"]) == ("adjustment", "changed-times")
        assert await adds_up(network)
        changes = (await centre.school.get(path_of(booking, "time-changes"))).json()["items"]
        told = [(one["field"], one["was_minutes"], one["becomes_minutes"]) for one in changes]
        assert told[0] == ("break_minutes", 0, 45)
        assert sorted(told[1:]) == [("break_minutes", 45, 15), ("ended_at", None, None)]
        assert (changes[0]["was"], changes[0]["becomes"]) == (None, None)
        too_long = await centre.coordinator.post(
            correct, {"ended_at": z(START + timedelta(minutes=15)), "reason": "Short"}
        )
        assert (too_long.status_code, too_long.json()["errors"][0]["pointer"]) == (
            422, "/break_minutes",
        )  # fmt: skip


async def test_an_answer_to_a_dispute_may_correct_the_breaks(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await begun(network, clock, UNPAID)
        await person.api.post(path_of(booking, "end"))
        made = await centre.school.post(path_of(booking, "dispute"), {"reason": "We had lunch"})
        answered = await centre.coordinator.post(f"/v1/disputes/{made.json()['id']}/answer", {
            "answer": "So it was", "outcome": "upheld",
            "correction": {"times": {"break_minutes": 60, "reason": "Lunch"}},
        })  # fmt: skip
        assert answered.status_code == 200, answered.text
        assert [minutes(one) for one in await entries(centre)] == [
            (180, 180, 0, 180), (0, 0, 60, -60),
        ]  # fmt: skip
        assert await adds_up(network)


async def test_a_statement_with_breaks_has_a_column_of_them(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await begun(network, clock, UNPAID)
        other = await centre.person(languages=[{"code": "pashto", "level": "native"},
                                               {"code": "lv"}])  # fmt: skip
        await person.api.post(path_of(booking, "end"), {"break_minutes": 30})
        finance = await network.caller("finance")
        path = f"/v1/statements/{booking['institution_id']}/2026-11"
        [line] = (await finance.get(path)).json()["lines"]
        assert minutes(line) == (180, 180, 30, 150)
        table = await finance.get(path, headers={"Accept": "text/csv"})
        [row] = csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff")))
        assert (row["break_minutes"], row["billable_minutes"]) == ("30", "150")
        empty = f"/v1/pay-statements/{other.id}/2026-11"
        columns = (await finance.get(empty, headers={"Accept": "text/csv"})).text
        assert "break_minutes" not in columns
