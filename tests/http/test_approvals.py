"""What both sides say of a booking that is over, through the doors; prices as in `over.py`."""

from datetime import datetime, timedelta

import pytest

from api import serving
from centre import START, Centre, Json, z
from conftest import Clock
from interpreters.application.due import Due
from interpreters.application.ledger_checks import check_ledger
from interpreters.database import Pool
from interpreters.domain.ids import BOOKING, read_id
from over import euro, held, opened, over, path_of
from people_post import Post
from roster import errors_of

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)


async def silence(centre: Centre) -> None:
    """Do what the job does with what is due by the clock."""
    post = Post(centre)
    for one in await post.due("approval"):
        await post.jobs["approval"](
            centre.network.pool, network_id=one.network_id, id=one.id, clock=centre.clock
        )


async def sums(centre: Centre) -> Json:
    items = (await centre.coordinator.get("/v1/usage/entries")).json()["items"]
    return {
        "kinds": sorted(one["kind"] for one in items),
        "actual": sum(one["actual_minutes"] for one in items),
        "billable": sum(one["billable_minutes"] for one in items),
        "charge": sum(one["charge"]["amount_minor"] for one in items),
        "pay": sum(one["pay"]["amount_minor"] for one in items),
    }


async def approval(centre: Centre, booking: Json) -> str | None:
    found: str | None = (await centre.booking(booking))["approval"]
    return found


async def test_a_session_that_ended_waits_for_the_requesters_word(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await over(network, clock)
        assert await approval(centre, booking) == "open"
        [planned] = await Post(centre).planned("approval")
        assert planned == (
            Due(network_id=network.id, kind="approval", id=read_id(BOOKING, booking["id"])),
            clock.now + timedelta(days=5),  # the reminder; at the end of the week it is a yes
        )
        refused = await person.api.post(path_of(booking, "approve"))
        assert refused.status_code == 403
        _, stranger = await network.institution("Police")
        assert (await stranger.post(path_of(booking, "approve"))).status_code == 404

        for _ in range(2):  # again: the same
            answer = await centre.school.post(path_of(booking, "approve"))
            assert (answer.status_code, answer.json()["approval"]) == (200, "approved")
        assert await Post(centre).planned("approval") == []
        [entry] = (await centre.coordinator.get("/v1/usage/entries")).json()["items"]
        assert entry["approval"] == "approved"


async def test_silence_is_a_yes_after_the_networks_days_and_not_a_second_before(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, _, booking = await over(network, clock)
        clock.now += WEEK - timedelta(seconds=1)
        await silence(centre)
        assert await approval(centre, booking) == "open"
        clock.now += timedelta(seconds=1)
        await silence(centre)
        await silence(centre)
        assert await approval(centre, booking) == "approved"
        assert await Post(centre).planned("approval") == []


@pytest.mark.parametrize("days", [1, 90])
async def test_a_network_says_how_long_it_waits(pool: Pool, clock: Clock, days: int) -> None:
    async with serving(pool, clock) as network:
        centre, person = await opened(network, clock)
        changed = await centre.coordinator.patch("/v1/network", {"approval_days": days})
        assert changed.json()["approval_days"] == days
        await held(centre, await centre.booked(person), minutes=60)
        end = clock.now + timedelta(days=days)
        clock.now = end - MINUTE
        await silence(centre)
        [(_, at)] = await Post(centre).planned("approval")
        assert at == end


async def test_a_network_may_ask_nobody(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person = await opened(network, clock)
        await centre.coordinator.patch("/v1/network", {"approval_days": 0})
        assert (
            await centre.coordinator.patch("/v1/network", {"approval_days": 91})
        ).status_code == 422
        booking = await centre.booked(person)
        await held(centre, booking, minutes=60)
        assert await approval(centre, booking) == "approved"
        assert await Post(centre).planned("approval") == []


async def test_nobody_approves_what_is_not_over(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person = await opened(network, clock)
        booking = await centre.booked(person)
        for verb, body in (("approve", {}), ("dispute", {"reason": "x"}), ("rate", {"stars": 5}),
                           ("correct-times", {"ended_at": z(START), "reason": "x"})):  # fmt: skip
            answer = await centre.coordinator.post(path_of(booking, verb), body)
            if verb == "rate":
                answer = await centre.school.post(path_of(booking, verb), body)
            assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state"), verb


async def test_a_dispute_is_opened_answered_and_put_right_with_one_more_entry(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await over(network, clock, minutes=75)  # billed: 90
        await centre.school.post(path_of(booking, "approve"))
        made = await centre.school.post(path_of(booking, "dispute"), {"reason": "It was an hour"})
        assert made.status_code == 200, made.text
        dispute = made.json()
        assert (dispute["opened_by"], dispute["state"]) == ("requester", "open")
        assert dispute["id"].startswith("dsp_")
        again = await centre.school.post(path_of(booking, "dispute"), {"reason": "Really"})
        assert again.json() == dispute
        other = await person.api.post(path_of(booking, "dispute"), {"reason": "No"})
        assert (other.status_code, other.json()["code"]) == (409, "already-disputed")
        assert await approval(centre, booking) == "disputed"
        refused = await centre.school.post(path_of(booking, "approve"))
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")
        assert "booking.disputed" in await centre.events(centre.school)

        clock.now += timedelta(minutes=5)
        finance = await network.caller("finance")
        answer = {
            "answer": "Half an hour less", "outcome": "partly_upheld",
            "correction": {"adjustment": {
                "minutes": -30, "charge_minor": -2400, "pay_minor": 0,
                "reason_code": "agreed-discount",
            }},
        }  # fmt: skip
        for _ in range(2):  # again: nothing is entered twice
            closed = await finance.post(f"/v1/disputes/{dispute['id']}/answer", answer)
            assert closed.status_code == 200, closed.text
            assert (closed.json()["state"], closed.json()["outcome"]) == (
                "closed", "partly_upheld",
            )  # fmt: skip
        assert await sums(centre) == {
            "kinds": ["adjustment", "session"], "actual": 75, "billable": 60,
            "charge": 7980 - 2400, "pay": 5150,
        }  # fmt: skip
        entries = (await centre.coordinator.get("/v1/usage/entries")).json()["items"]
        correction, session = entries
        assert correction["corrects_id"] == session["id"]
        assert correction["reason_code"] == "agreed-discount"
        assert correction["lines"] == [
            {"kind": "adjustment", "minutes": -30, "charge": euro(-2400), "pay": euro(0)}
        ]
        assert await approval(centre, booking) == "approved"
        otherwise = {"answer": "No", "outcome": "rejected"}
        late = await finance.post(f"/v1/disputes/{dispute['id']}/answer", otherwise)
        assert (late.status_code, late.json()["code"]) == (409, "wrong-state")


async def test_who_opened_a_dispute_sees_its_words_and_the_other_side_does_not(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await over(network, clock)
        reason = {"reason": "The doctor was rude"}
        dispute = (await person.api.post(path_of(booking, "dispute"), reason)).json()
        finance = await network.caller("finance")
        _, stranger = await network.institution("Police")
        for api, sees in ((person.api, True), (centre.coordinator, True), (finance, True),
                          (centre.school, False), (stranger, False)):  # fmt: skip
            listed = (await api.get("/v1/disputes?state=open")).json()["items"]
            assert [one["reason"] for one in listed] == ["The doctor was rude"][: int(sees)]
            one = await api.get(f"/v1/disputes/{dispute['id']}")
            assert one.status_code == (200 if sees else 404)
        assert (await centre.school.get("/v1/disputes?state=closed")).json()["items"] == []
        answer = {"answer": "Noted", "outcome": "upheld"}
        for api, status in ((person.api, 403), (centre.school, 403), (centre.coordinator, 200)):
            said = await api.post(f"/v1/disputes/{dispute['id']}/answer", answer)
            assert said.status_code == status


async def test_an_adjustment_never_takes_off_more_than_was_entered(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, _, booking = await over(network, clock)  # 60 minutes, 55.80, 36.50
        dispute = (await centre.school.post(path_of(booking, "dispute"), {"reason": "x"})).json()
        answer = f"/v1/disputes/{dispute['id']}/answer"
        body: Json = {"answer": "x", "outcome": "upheld", "correction": {"adjustment": {
            "minutes": -61, "charge_minor": -5581, "pay_minor": -3651, "reason_code": "free",
        }}}  # fmt: skip
        wrong = await centre.coordinator.post(answer, body)
        assert wrong.status_code == 422
        assert [one["pointer"] for one in wrong.json()["errors"]] == [
            f"/correction/adjustment/{name}" for name in ("minutes", "charge_minor", "pay_minor")
        ]
        body["correction"]["adjustment"] |= {
            "minutes": -60, "charge_minor": -5580, "pay_minor": -3650,
        }  # fmt: skip
        assert (await centre.coordinator.post(answer, body)).status_code == 200
        assert await sums(centre) == {
            "kinds": ["adjustment", "session"], "actual": 60, "billable": 0, "charge": 0, "pay": 0,
        }  # fmt: skip


async def test_the_interpreter_who_was_there_is_paid_though_nothing_was_entered(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person = await opened(network, clock)
        booking = await centre.booked(person)
        clock.now = START
        await centre.school.post(path_of(booking, "interpreter-no-show"))
        dispute = (await person.api.post(path_of(booking, "dispute"), {"reason": "I was"})).json()
        body = {"answer": "You were", "outcome": "upheld", "correction": {"adjustment": {
            "minutes": 60, "charge_minor": 0, "pay_minor": 3000, "reason_code": "was-there",
        }}}  # fmt: skip
        answer = await centre.coordinator.post(f"/v1/disputes/{dispute['id']}/answer", body)
        assert answer.status_code == 200, answer.text
        [entry] = (await centre.coordinator.get("/v1/usage/entries")).json()["items"]
        assert (entry["kind"], entry["corrects_id"], entry["pay"]) == (
            "adjustment", None, euro(3000),
        )  # fmt: skip


async def test_changed_times_are_kept_with_both_clocks_and_entered_as_the_difference(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await over(network, clock)
        clock.now = START + timedelta(minutes=120)
        said_at = START + timedelta(minutes=95)
        order = {
            "ended_at": z(START + timedelta(minutes=91)), "reason": "The phone was off",
            "said_at": z(said_at),
        }  # fmt: skip
        for _ in range(2):  # again: nothing more
            changed = await person.api.post(path_of(booking, "correct-times"), order)
            assert changed.status_code == 200, changed.text
        assert changed.json()["session"]["ended_at"] == order["ended_at"]
        # 91 minutes are billed as 120: an hour more.
        assert await sums(centre) == {
            "kinds": ["adjustment", "session"], "actual": 91, "billable": 120,
            "charge": 9600 + 780, "pay": 6000 + 650,
        }  # fmt: skip
        correction, session = (
            await centre.coordinator.get("/v1/usage/entries")
        ).json()["items"]  # fmt: skip
        assert correction["lines"] == [
            {"kind": "base", "minutes": 60, "charge": euro(4800), "pay": euro(3000)}
        ]
        assert (correction["corrects_id"], correction["reason_code"]) == (
            session["id"], "changed-times",
        )  # fmt: skip
        assert (correction["booked_minutes"], correction["actual_minutes"]) == (0, 31)
        for api in (person.api, centre.school, centre.coordinator):
            [kept] = (await api.get(path_of(booking, "time-changes"))).json()["items"]
            assert kept == {
                "field": "ended_at", "was": z(START + timedelta(hours=1)),
                "becomes": order["ended_at"], "changed_by": "interpreter",
                "reason": "The phone was off", "said_at": z(said_at),
                "recorded_at": z(clock.now), "was_minutes": None, "becomes_minutes": None,
            }  # fmt: skip
        _, stranger = await network.institution("Police")
        assert (await stranger.get(path_of(booking, "time-changes"))).status_code == 404


async def test_times_changed_within_what_was_booked_change_minutes_and_no_money(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await over(network, clock)
        order = {"ended_at": z(START + timedelta(minutes=40)), "reason": "Forgot to end"}
        await person.api.post(path_of(booking, "correct-times"), order)
        assert await sums(centre) == {
            "kinds": ["adjustment", "session"], "actual": 40, "billable": 60,
            "charge": 5580, "pay": 3650,
        }  # fmt: skip


async def test_once_approved_a_coordinator_alone_changes_times_and_the_requester_is_asked_again(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await over(network, clock, minutes=120)
        await centre.school.post(path_of(booking, "approve"))
        order = {"ended_at": z(START + timedelta(minutes=90)), "reason": "By the door's log"}
        refused = await person.api.post(path_of(booking, "correct-times"), order)
        assert (refused.status_code, refused.json()["code"]) == (409, "already-approved")
        assert (
            await centre.school.post(path_of(booking, "correct-times"), order)
        ).status_code == 403
        clock.now += timedelta(days=1)
        done = await centre.coordinator.post(path_of(booking, "correct-times"), order)
        assert (done.status_code, done.json()["approval"]) == (200, "open")
        [(_, at)] = await Post(centre).planned("approval")
        assert at == clock.now + timedelta(days=5)  # the reminder of another week
        assert (await sums(centre))["charge"] == 7200 + 780


async def test_a_discount_that_was_agreed_stays_when_times_change_later(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, _, booking = await over(network, clock)
        dispute = (await centre.school.post(path_of(booking, "dispute"), {"reason": "x"})).json()
        body = {"answer": "x", "outcome": "upheld", "correction": {"adjustment": {
            "charge_minor": -1000, "reason_code": "agreed-discount",
        }}}  # fmt: skip
        await centre.coordinator.post(f"/v1/disputes/{dispute['id']}/answer", body)
        clock.now += timedelta(hours=2)
        for minutes, charge in ((90, 7980 - 1000), (60, 5580 - 1000), (120, 10380 - 1000)):
            order = {"ended_at": z(START + timedelta(minutes=minutes)), "reason": "x"}
            await centre.coordinator.post(path_of(booking, "correct-times"), order)
            found = await sums(centre)
            assert (found["charge"], found["actual"], found["billable"]) == (
                charge, minutes, minutes,
            )  # fmt: skip


async def test_a_dispute_is_put_right_by_other_times(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, _, booking = await over(network, clock, minutes=120)
        dispute = (await centre.school.post(path_of(booking, "dispute"), {"reason": "x"})).json()
        body: Json = {"answer": "So it was", "outcome": "upheld", "correction": {"times": {
            "ended_at": z(START + timedelta(minutes=180)), "reason": "x",
        }}}  # fmt: skip
        wrong = await centre.coordinator.post(f"/v1/disputes/{dispute['id']}/answer", body)
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["pointer"] == "/correction/times/ended_at"
        body["correction"]["times"]["ended_at"] = z(START + timedelta(minutes=60))
        answer = await centre.coordinator.post(f"/v1/disputes/{dispute['id']}/answer", body)
        assert answer.status_code == 200, answer.text
        assert (await sums(centre))["charge"] == 5580
        assert await approval(centre, booking) == "approved"


@pytest.mark.parametrize(
    ("order", "pointer"),
    [
        ({}, "/ended_at"),
        ({"ended_at": START - MINUTE}, "/ended_at"),
        ({"ended_at": START + 61 * MINUTE}, "/ended_at"),
        ({"started_at": START + 61 * MINUTE}, "/started_at"),
        ({"started_at": START - timedelta(days=2)}, "/started_at"),
    ],
)
async def test_impossible_times_are_refused(
    pool: Pool, clock: Clock, order: dict[str, datetime], pointer: str
) -> None:
    async with serving(pool, clock) as network:
        centre, _, booking = await over(network, clock)
        body = {name: z(value) for name, value in order.items()} | {"reason": "x"}
        answer = await centre.coordinator.post(path_of(booking, "correct-times"), body)
        assert answer.status_code == 422
        assert pointer in [one["pointer"] for one in answer.json()["errors"]]
        assert (await sums(centre))["kinds"] == ["session"]


async def test_a_session_over_the_night_on_which_clocks_go_back_is_corrected_by_its_minutes(
    pool: Pool, clock: Clock
) -> None:
    """From 02:30 to 03:30 in Riga on 25 October 2026 two hours pass."""
    async with serving(pool, clock) as network:
        centre, person = await opened(network, clock)
        centre.clock.now = datetime.fromisoformat("2026-10-20T09:00:00+03:00")
        booking = await centre.booked(
            person, starts_at="2026-10-25T02:30:00+03:00", duration_minutes=60
        )
        await held(centre, booking, minutes=60)  # 03:30 summer time
        clock.now = datetime.fromisoformat("2026-10-25T04:00:00+02:00")
        order = {"ended_at": "2026-10-25T03:30:00+02:00", "reason": "The clock went back"}
        answer = await person.api.post(path_of(booking, "correct-times"), order)
        assert answer.status_code == 200, answer.text
        assert await sums(centre) == {
            "kinds": ["adjustment", "session"], "actual": 120, "billable": 120,
            "charge": 9600 + 780, "pay": 6000 + 650,
        }  # fmt: skip


async def test_both_sides_rate_once_and_may_change_it_for_a_week(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await over(network, clock)
        rate = path_of(booking, "rate")
        first = (await centre.school.post(rate, {"stars": 2, "note": "Late"})).json()
        assert (first["rated_by"], first["stars"], first["note"]) == ("requester", 2, "Late")
        clock.now += WEEK
        assert (await centre.school.post(rate, {"stars": 4})).json()["stars"] == 4
        clock.now += timedelta(seconds=1)
        assert (await centre.school.post(rate, {"stars": 4})).status_code == 200
        late = await centre.school.post(rate, {"stars": 5})
        assert (late.status_code, late.json()["code"]) == (409, "wrong-state")
        assert (await person.api.post(rate, {"stars": 5, "note": "Kind"})).status_code == 200
        for stars in (0, 6, None):
            assert (await person.api.post(rate, {"stars": stars})).status_code == 422
        assert (await centre.coordinator.post(rate, {"stars": 5})).status_code == 403
        ratings = path_of(booking, "ratings")
        told = (await centre.coordinator.get(ratings)).json()["items"]
        assert [(one["rated_by"], one["stars"], one["note"]) for one in told] == [
            ("interpreter", 5, "Kind"), ("requester", 4, None),
        ]  # fmt: skip
        assert (await person.api.get(ratings)).status_code == 403
        assert (await centre.school.get(ratings)).status_code == 403


async def test_an_average_is_told_of_three_ratings_and_not_to_institutions(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person = await opened(network, clock)
        path = f"/v1/interpreters/{person.id}"
        for day, stars in enumerate((5, 4, 4)):
            assert (await centre.coordinator.get(path)).json()["rating"] is None
            booking = await centre.booked(
                person, starts_at=(START + timedelta(days=day)).isoformat()
            )
            await held(centre, booking, minutes=60)
            await centre.school.post(path_of(booking, "rate"), {"stars": stars})
        for api in (centre.coordinator, person.api):
            assert (await api.get(path)).json()["rating"] == {
                "average_hundredths": 433, "count": 3,
            }  # fmt: skip
        assert "rating" not in (await centre.school.get(path)).json()


async def test_what_a_phone_sends_later_keeps_both_clocks_and_changes_nothing(
    pool: Pool, clock: Clock
) -> None:
    """Pressed at 10:00 and 10:58 where there is no network, sent at 10:20 and 11:00."""
    async with serving(pool, clock) as network:
        centre, person = await opened(network, clock)
        booking = await centre.booked(person)
        clock.now = START + timedelta(minutes=20)
        for said_at in (START, START + timedelta(minutes=1)):  # again: nothing more
            began = await person.api.post(path_of(booking, "start"), {"said_at": z(said_at)})
            assert began.status_code == 200, began.text
        clock.now = START + timedelta(minutes=60)
        order = {"ended_at": z(START + timedelta(minutes=58)),
                 "said_at": z(START + timedelta(minutes=58))}  # fmt: skip
        ended = await person.api.post(path_of(booking, "end"), order)
        assert ended.status_code == 200, ended.text
        session = ended.json()["session"]
        assert session["started_at"] == z(START + timedelta(minutes=20))
        assert session["ended_at"] == z(START + timedelta(minutes=58))
        kept = (await centre.school.get(path_of(booking, "time-changes"))).json()["items"]
        assert [(one["field"], one["was"], one["becomes"], one["said_at"], one["recorded_at"],
                 one["changed_by"]) for one in kept] == [
            ("started_at", None, session["started_at"], z(START),
             z(START + timedelta(minutes=20)), "interpreter"),
            ("ended_at", None, session["ended_at"], z(START + timedelta(minutes=58)),
             z(START + timedelta(minutes=60)), "interpreter"),
        ]  # fmt: skip
        assert (await sums(centre))["actual"] == 38
        times = {"started_at": z(START), "reason": "As the phone said"}
        corrected = await person.api.post(path_of(booking, "correct-times"), times)
        assert corrected.status_code == 200, corrected.text
        assert (await sums(centre))["actual"] == 58
        faults = [one.what async for one in check_ledger(pool, network_id=network.id)]
        assert faults == []


async def test_being_there_and_being_late_keep_both_clocks_too(pool: Pool, clock: Clock) -> None:
    """Pressed at 9:10 and 9:30 where there is no network, sent at 9:40: before and after the two
    hours alike, ours is the time that counts.
    """
    async with serving(pool, clock) as network:
        centre, person = await opened(network, clock)
        booking = await centre.booked(person)
        clock.now = START - timedelta(hours=2, minutes=1)
        hours_ago = {"said_at": z(START - timedelta(hours=3))}
        early = await person.api.post(path_of(booking, "check-in"), hours_ago)
        assert early.json()["code"] == "too-early"
        clock.now = sent = START - timedelta(minutes=20)
        late, there = START - timedelta(minutes=50), START - timedelta(minutes=30)
        told = await person.api.post(
            path_of(booking, "running-late"), {"minutes": 15, "said_at": z(late)}
        )
        assert told.json()["running_late_minutes"] == 15
        for said_at in (there, sent):  # again: nothing more
            came = await person.api.post(path_of(booking, "check-in"), {"said_at": z(said_at)})
            assert came.json()["session"]["checked_in_at"] == z(sent)
        again = await person.api.post(path_of(booking, "running-late"), {"minutes": 20})
        assert again.json()["running_late_minutes"] == 20
        kept = (await centre.school.get(path_of(booking, "time-changes"))).json()["items"]
        assert {(one["field"], one["was"], one["becomes"], one["said_at"]) for one in kept} == {
            ("late_told_at", None, z(sent), z(late)),  # both came at one moment, in no order
            ("checked_in_at", None, z(sent), z(there)),
        }
        assert len(kept) == 2
        naive = {"said_at": "2026-11-25T07:30:00"}
        for verb, body in (("check-in", {}), ("running-late", {"minutes": 5})):
            refused = await person.api.post(path_of(booking, verb), {**body, **naive})
            assert errors_of(refused) == {("/said_at", "naive-time")}
        faults = [one.what async for one in check_ledger(pool, network_id=network.id)]
        assert faults == []
