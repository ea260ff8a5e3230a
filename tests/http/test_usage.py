"""Usage counted, against a ledger added up by hand."""

from typing import Any
from uuid import UUID

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.networks import open_network
from interpreters.application.telling import tell
from interpreters.application.usage import Owing, record_session
from interpreters.database import Db, Pool
from interpreters.domain.ids import show_id
from ledger import Ledger, at
from usage_story import TOTALS, Story, money, report, told

pytestmark = pytest.mark.anyio

ALL = "institution,client,language,mode,site,nationality,institution_kind,topic,funding,month"

# What each row is called, and its sessions, clients, billable minutes, charge, requests, filled,
# unfilled, cancelled, client no-shows, interpreter no-shows.
ROWS = {
    "institution": {
        "Centre": (2, 2, 90, 10_000, 5, 3, 1, 1, 1, 1),
        "School": (1, 1, 45, 0, 2, 1, 1, 0, 0, 0),
    },
    "institution_kind": {
        "education": (1, 1, 45, 0, 2, 1, 1, 0, 0, 0),
        "ngo": (2, 2, 90, 10_000, 5, 3, 1, 1, 1, 1),
    },
    "client": {
        "A1": (2, 1, 90, 6_000, 3, 2, 1, 0, 0, 1),
        "A2": (1, 1, 60, 7_500, 2, 1, 0, 1, 0, 0),
        "A3": (0, 0, 0, 1_000, 1, 1, 0, 0, 1, 0),
        "B1": (1, 1, 45, 0, 2, 1, 1, 0, 0, 0),
    },
    "nationality": {
        "AF": (3, 3, 135, 9_000, 6, 3, 2, 1, 0, 1),
        "SY": (0, 0, 0, 1_000, 1, 1, 0, 0, 1, 0),
    },
    "language": {
        "prs": (2, 2, 90, 10_000, 5, 3, 1, 1, 1, 1),
        "arb": (1, 1, 45, 0, 1, 1, 0, 0, 0, 0),
        "tgk": (0, 0, 0, 0, 1, 0, 1, 0, 0, 0),
    },
    "mode": {
        "in_person": (1, 2, 60, 8_500, 4, 2, 1, 1, 1, 1),
        "phone": (1, 1, 30, 1_500, 2, 1, 1, 0, 0, 0),
        "video": (1, 1, 45, 0, 1, 1, 0, 0, 0, 0),
    },
    "site": {
        "Riga": (1, 2, 60, 8_500, 4, 2, 1, 1, 1, 1),
        None: (2, 2, 75, 1_500, 3, 2, 1, 0, 0, 0),
    },
    "topic": {
        "education": (1, 1, 45, 0, 1, 1, 0, 0, 0, 0),
        "health": (1, 2, 60, 4_500, 1, 1, 0, 0, 0, 0),
        "legal": (1, 1, 30, 1_500, 1, 1, 0, 0, 0, 0),
        "other": (0, 0, 0, 4_000, 4, 1, 2, 1, 1, 1),
    },
    "funding": {None: (3, 3, 135, 10_000, 7, 4, 2, 1, 1, 1)},
    "month": {
        "2026-05": (1, 2, 60, 4_500, 2, 1, 1, 0, 0, 1),
        "2026-06": (2, 2, 75, 5_500, 5, 3, 1, 1, 1, 0),
    },
}  # fmt: skip


def label(row: dict[str, Any], grouping: str) -> str | None:
    value = row[grouping]
    if not isinstance(value, dict):
        return value
    return value.get("name" if grouping in ("institution", "site") else "reference", None) or (
        value["code"] if grouping == "language" else None
    )


def counted(row: dict[str, Any]) -> tuple[int, ...]:
    return (
        row["sessions"], row["clients"], row["billable_minutes"], row["charge"]["amount_minor"],
        row["requests"], row["filled"], row["unfilled"], row["cancelled"],
        row["client_no_shows"], row["interpreter_no_shows"],
    )  # fmt: skip


async def test_the_totals_are_those_added_up_by_hand(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        found = await report(await story.network.caller("coordinator"))
        assert found["totals"] == TOTALS
        assert (found["from"], found["to"]) == ("2026-05-18", "2026-07-01")


@pytest.mark.parametrize("grouping", ROWS)
async def test_each_grouping_adds_up(pool: Pool, clock: Clock, grouping: str) -> None:
    async with told(pool, clock) as story:
        found = await report(await story.network.caller("coordinator"), grouping)
        assert {label(row, grouping): counted(row) for row in found["items"]} == ROWS[grouping]
        assert [label(row, grouping) for row in found["items"]] == list(ROWS[grouping])
        assert found["totals"] == TOTALS


async def test_a_row_of_every_grouping_says_what_it_is_about(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        found = await report(await story.network.caller("coordinator"), ALL)
        first = next(
            row for row in found["items"]
            if row["topic"] == "health" and row["client"]["reference"] == "A2"
        )  # fmt: skip
        centre = show_id("ins", story.centre)
        assert {name: first[name] for name in ALL.split(",")} == {
            "institution": {"id": centre, "name": "Centre", "kind": "ngo"},
            "client": {
                "id": show_id("cli", story.a2), "reference": "A2", "institution_id": centre,
            },
            "language": {"code": "prs", "bcp47": "fa-AF", "name": "Dari", "autonym": "دری"},
            "mode": "in_person",
            "site": {"id": show_id("sit", story.riga), "name": "Riga"},
            "nationality": "AF",
            "institution_kind": "ngo",
            "topic": "health",
            "funding": None,
            "month": "2026-05",
        }  # fmt: skip
        assert counted(first) == (1, 1, 60, 4_500, 1, 1, 0, 0, 0, 0)
        assert found["totals"] == TOTALS


async def test_rows_have_only_the_keys_asked_for(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        found = await report(await story.network.caller("coordinator"), "month,mode")
        keys = set(found["items"][0]) - set(TOTALS)
        assert keys == {"month", "mode"}
        assert [(row["month"], row["mode"]) for row in found["items"]] == [
            ("2026-05", "in_person"), ("2026-06", "in_person"), ("2026-06", "phone"),
            ("2026-06", "video"),
        ]  # fmt: skip


async def test_a_client_of_two_months_is_one_client_in_the_totals(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        found = await report(await story.network.caller("coordinator"), "month")
        assert [row["clients"] for row in found["items"]] == [2, 2]
        assert found["totals"]["clients"] == 3


async def test_a_client_of_months_years_apart_counts_in_each(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        await story.ledger.held(
            story.interpreter, institution_id=story.centre, language="prs", mode="phone",
            client_ids=[story.a1], topic="legal", starts_at=at("2018-02-14 09:00"), minutes=60,
            actual=60,
        )  # fmt: skip
        decade = "from=2017-01-01&to=2026-07-01"
        found = await report(await story.network.caller("coordinator"), "month", decade)
        assert [(row["month"], row["clients"]) for row in found["items"]] == [
            ("2018-02", 1), ("2026-05", 2), ("2026-06", 2),
        ]  # fmt: skip
        assert found["totals"]["clients"] == 3


async def test_an_institution_counts_its_own_and_sees_no_pay(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        school = await story.network.caller("consultant", institution_id=story.school)
        found = await report(school, "institution")
        assert [row["institution"]["name"] for row in found["items"]] == ["School"]
        assert counted(found["totals"]) == ROWS["institution"]["School"]
        assert found["totals"]["pay"] is None
        assert found["items"][0]["pay"] is None


async def test_finance_sees_money_and_no_references(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        finance = await story.network.caller("finance")
        found = await report(finance, "client")
        assert found["totals"]["pay"] == money(6_500)
        assert {row["client"]["reference"] for row in found["items"]} == {None}
        listed = (await finance.get("/v1/usage/entries")).json()["items"]
        assert {tuple(one["client_references"]) for one in listed} == {()}
        assert sum(one["pay"]["amount_minor"] for one in listed) == 6_500


async def test_interpreters_have_no_usage(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        interpreter = await story.network.caller("interpreter", interpreter_id=story.interpreter)
        assert (await interpreter.get("/v1/usage?from=nonsense")).status_code == 403
        assert (await interpreter.get("/v1/usage/entries?limit=nonsense")).status_code == 403


async def test_another_network_counts_nothing_of_it(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        other = await open_network(
            pool, name="Other", slug="other", time_zone="Europe/Riga", currency="EUR",
            country="LV", working_language="lav", now=clock(),
        )  # fmt: skip
        stranger = await Network(pool, story.network.client, other.network_id, clock()).caller(
            "coordinator"
        )
        found = await report(stranger, "client")
        assert found["items"] == []
        assert counted(found["totals"]) == (0,) * 10
        assert (await stranger.get("/v1/usage/entries")).json()["items"] == []


@pytest.mark.parametrize(
    ("starts_at", "month"),
    [
        pytest.param("2026-05-31 20:59", "2026-05", id="23:59 of a summer night"),
        pytest.param("2026-05-31 21:00", "2026-06", id="midnight of a summer night"),
        pytest.param("2026-10-31 21:59", "2026-10", id="23:59 of a winter night"),
        pytest.param("2026-10-31 22:00", "2026-11", id="midnight of a winter night"),
        pytest.param("2026-12-31 22:00", "2027-01", id="midnight of the new year"),
    ],
)
async def test_months_are_those_of_the_network(
    pool: Pool, clock: Clock, starts_at: str, month: str
) -> None:
    async with serving(pool, clock) as network:
        await one_session(Ledger(pool, network.id), starts_at)
        found = await report(
            await network.caller("coordinator"), "month", "from=2026-01-01&to=2028-01-01"
        )
        assert [(row["month"], row["sessions"], row["requests"]) for row in found["items"]] == [
            (month, 1, 1)
        ]


@pytest.mark.parametrize(
    ("starts_at", "dates", "inside"),
    [
        ("2026-03-28 21:59", "from=2026-03-29&to=2026-03-30", 0),
        ("2026-03-28 22:00", "from=2026-03-29&to=2026-03-30", 1),
        ("2026-03-29 20:59", "from=2026-03-29&to=2026-03-30", 1),
        ("2026-03-29 21:00", "from=2026-03-29&to=2026-03-30", 0),
        ("2026-10-24 20:59", "from=2026-10-25&to=2026-10-26", 0),
        ("2026-10-24 21:00", "from=2026-10-25&to=2026-10-26", 1),
        ("2026-10-25 21:59", "from=2026-10-25&to=2026-10-26", 1),
        ("2026-10-25 22:00", "from=2026-10-25&to=2026-10-26", 0),
    ],
)
async def test_days_begin_and_end_at_midnight_also_when_clocks_change(
    pool: Pool, clock: Clock, starts_at: str, dates: str, inside: int
) -> None:
    async with serving(pool, clock) as network:
        await one_session(Ledger(pool, network.id), starts_at)
        found = await report(await network.caller("coordinator"), dates=dates)
        assert found["totals"]["sessions"] == inside
        assert found["totals"]["requests"] == inside


async def one_session(ledger: Ledger, starts_at: str) -> None:
    institution = await ledger.institution("Centre", "ngo")
    client = await ledger.client(institution, "A1", "AF")
    await ledger.held(
        await ledger.interpreter(), institution_id=institution, language="prs", mode="phone",
        client_ids=[client], starts_at=at(starts_at), minutes=30, actual=30,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("", ["/from", "/to"]),
        ("from=2026-05-18", ["/to"]),
        ("from=2026-05-18&to=2026-05-18", ["/to"]),
        ("from=2026-05-18&to=2026-05-17", ["/to"]),
        ("from=2016-05-18&to=2026-05-19", ["/to"]),
        ("from=0001-01-01&to=0002-01-01", ["/from", "/to"]),
        ("from=18.05.2016&to=2017-08-18", ["/from"]),
        ("from=2016-05-18&to=2017-08-18&group_by=colour", ["/group_by/0"]),
        ("from=2016-05-18&to=2017-08-18&colour=red", ["/colour"]),
    ],
)
async def test_what_cannot_be_counted_is_said(
    pool: Pool, clock: Clock, query: str, pointers: list[str]
) -> None:
    async with serving(pool, clock) as network:
        response = await (await network.caller("coordinator")).get(f"/v1/usage?{query}")
        assert response.status_code == 422
        assert [error["pointer"] for error in response.json()["errors"]] == pointers


@pytest.mark.parametrize(
    "dates", ["from=2016-05-18&to=2026-05-18", "from=2016-02-29&to=2026-03-01"]
)
async def test_ten_years_can_be_counted(pool: Pool, clock: Clock, dates: str) -> None:
    async with serving(pool, clock) as network:
        found = await report(await network.caller("coordinator"), dates=dates)
        assert found["totals"]["sessions"] == 0


async def test_entries_are_listed_the_last_recorded_first(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        coordinator = await story.network.caller("coordinator")
        found = (await coordinator.get("/v1/usage/entries")).json()["items"]
        assert sorted(one["kind"] for one in found) == [
            "adjustment", "client_no_show", "late_cancellation", "session", "session", "session",
        ]  # fmt: skip
        assert [one["id"] for one in found] == sorted((one["id"] for one in found), reverse=True)


async def test_an_entry_says_what_is_owed(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        coordinator = await story.network.caller("coordinator")
        query = f"from=2026-05-20&to=2026-05-21&client_id={show_id('cli', story.a2)}"
        found = (await coordinator.get(f"/v1/usage/entries?{query}")).json()["items"]
        assert len(found) == 1
        one = found[0] | {"id": "", "booking_id": "", "request_id": ""}
        assert one == {
            "id": "", "booking_id": "", "request_id": "", "kind": "session",
            "institution_id": show_id("ins", story.centre), "client_references": ["A1", "A2"],
            "interpreter_id": show_id("int", story.interpreter),
            "language": {"code": "prs", "bcp47": "fa-AF", "name": "Dari", "autonym": "دری"},
            "mode": "in_person", "site_id": show_id("sit", story.riga), "booked_minutes": 60,
            "actual_minutes": 50, "break_minutes": 0, "billable_minutes": 60, "charge": money(4500),
            "pay": money(3000), "lines": [], "rule": None, "unpriced": True,
            "funding_shares": [], "funding_id": None, "funding_misfit": False,
            "recorded_at": "2026-05-01T00:00:00Z",
            "corrects_id": None, "reason_code": None, "approval": None,
        }  # fmt: skip


async def test_pages_of_entries_follow_each_other(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        coordinator = await story.network.caller("coordinator")
        whole = (await coordinator.get("/v1/usage/entries")).json()["items"]
        pages, address = [], "/v1/usage/entries?limit=4"
        while address:
            page = (await coordinator.get(address)).json()
            pages.append([one["id"] for one in page["items"]])
            address = page["next"]
        assert [len(page) for page in pages] == [4, 2]
        assert pages[0] + pages[1] == [one["id"] for one in whole]


async def test_an_institution_lists_its_own_entries_without_pay(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        school = await story.network.caller("institution", institution_id=story.school)
        found = (await school.get("/v1/usage/entries")).json()["items"]
        assert [one["client_references"] for one in found] == [["B1"]]
        assert found[0]["pay"] is None
        assert found[0]["charge"] == money(0)
        centre = show_id("ins", story.centre)
        other = await school.get(f"/v1/usage/entries?institution_id={centre}")
        assert other.json()["items"] == []


async def test_lines_and_rules_show_an_institution_nothing_of_pay(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        wanted = await story.ledger.request(
            institution_id=story.school, client_ids=[story.b1], language="prs", mode="phone",
            starts_at=at("2026-06-20 08:00"), minutes=30, state="closed",
        )  # fmt: skip
        booking = await story.ledger.booking(wanted, story.interpreter, "completed")
        await story.ledger.entry(
            booking, "session", [story.b1], actual=30, charge=2400, pay=1500,
            lines=[{"kind": "base", "minutes": 30, "charge_minor": 2400, "pay_minor": 1500}],
            rule={"tariff": "2026", "rate": {"charge_per_hour_minor": 4800,
                                             "pay_per_hour_minor": 3000}},
        )  # fmt: skip
        school = await story.network.caller("institution", institution_id=story.school)
        newest = (await school.get("/v1/usage/entries?limit=1&from=2026-06-20")).json()["items"][0]
        assert newest["lines"] == [
            {"kind": "base", "minutes": 30, "charge": money(2400), "pay": None}
        ]
        assert newest["rule"] == {"tariff": "2026", "rate": {"charge_per_hour_minor": 4800}}


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("from=2026-06-01&to=2026-06-02", ["adjustment", "session"]),
        ("from=2026-06-12", ["late_cancellation"]),
        ("to=2026-05-21", ["session"]),
        ("to=2026-05-20", []),
    ],
)
async def test_entries_of_some_days(pool: Pool, clock: Clock, query: str, kinds: list[str]) -> None:
    async with told(pool, clock) as story:
        coordinator = await story.network.caller("coordinator")
        found = (await coordinator.get(f"/v1/usage/entries?{query}")).json()["items"]
        assert sorted(one["kind"] for one in found) == kinds


async def recorded(story: Story, institution_id: UUID, client_id: UUID, starts_at: str) -> str:
    """Have a session recorded and told of; return its booking."""
    wanted = await story.ledger.request(
        institution_id=institution_id, client_ids=[client_id], language="prs", mode="phone",
        starts_at=at(starts_at), minutes=30, state="closed",
    )  # fmt: skip
    booking = await story.ledger.booking(wanted, story.interpreter, "completed")
    owing = Owing(
        booking_id=booking.id, request_id=wanted.id, institution_id=institution_id,
        interpreter_id=story.interpreter, site_id=None, language="prs", mode="phone",
        booked=wanted.session, topic="other", funding_id=None, client_ids=[client_id],
        currency="EUR", network_time_zone="Europe/Riga",
    )  # fmt: skip

    async def work(db: Db) -> None:
        notice = await record_session(
            db, network_id=story.network.id, owing=owing, started_at=wanted.session.starts_at,
            ended_at=wanted.session.ends_at, now=story.network.now,
        )  # fmt: skip
        assert notice is not None
        await tell(db, network_id=story.network.id, notices=[notice], now=story.network.now)

    await run(story.ledger.pool, story.network.id, work)
    return show_id("bkg", booking.id)


async def followed(caller: Api, address: str) -> list[list[str]]:
    pages: list[list[str]] = []
    while address:
        response = await caller.get(address)
        assert response.status_code == 200, response.text
        page = response.json()
        pages.append([one["booking_id"] for one in page["items"]])
        address = page["next"]
    return pages


async def test_a_sync_reads_every_entry_in_the_order_it_was_told(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        first = await recorded(story, story.centre, story.a1, "2026-06-20 08:00")
        second = await recorded(story, story.school, story.b1, "2026-06-21 08:00")
        third = await recorded(story, story.centre, story.a2, "2026-06-19 08:00")
        address = "/v1/usage/entries?updated_since=2026-01-01T00:00:00Z&limit=2"
        coordinator = await story.network.caller("coordinator")
        assert await followed(coordinator, address) == [[first, second], [third]]
        school = await story.network.caller("institution", institution_id=story.school)
        assert await followed(school, address) == [[second]]
        later = "/v1/usage/entries?updated_since=2027-01-01T00:00:00Z"
        assert await followed(coordinator, later) == [[]]
