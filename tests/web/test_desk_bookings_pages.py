"""The desk after the yes: changed, called off with the fee shown before, carried out, approved."""

import re
from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre
from conftest import Clock
from desk_pages import Desk, consultant, fields, hidden
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
FEE = {
    "name": "Usual", "default": True, "valid_from": "2026-01-01",
    "rules": [{"mode": "in_person", "min_minutes": 0, "free_until_hours": 24,
               "clock": "elapsed", "fee_percent": 100}],
}  # fmt: skip
PRICES = {
    "name": "2026", "default": True, "currency": "EUR", "valid_from": "2026-01-01",
    "rates": [{"mode": "in_person", "qualification": "language_speaker",
               "charge_per_hour_minor": 4000, "pay_per_hour_minor": 2500}],
    "minimum_minutes": {"in_person": 60}, "increment_minutes": {"in_person": 30},
}  # fmt: skip


async def change(desk: Desk, path: str, **said: Any) -> Any:
    """Send the form of a change as it is shown, with some fields filled otherwise."""
    page = await desk.page(f"{path}/change")
    form = {
        "key": hidden(page, "key"), "version": hidden(page, "version"), "date": "2026-11-25",
        "time": "10:00", "duration_minutes": "60", "mode": ["in_person"], "topic": "health",
        "priority": "routine", "briefing_minutes": "0", "shift_minutes": "0", **said,
    }  # fmt: skip
    return await desk.send(f"{path}/change", **form)


async def test_a_request_is_changed_and_what_was_not_touched_stays(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        made = await desk.send("/desk/new", **fields(centre, dialect="Hazaragi"))
        path = made.headers["location"]
        answer = await change(desk, path, time="11:15", duration_minutes="90")
        assert answer.status_code == 303, answer.text
        assert (
            'role="status" tabindex="-1" data-focus>Saved<'
            in (await desk.page(answer.headers["location"])).text
        )
        one = (await centre.coordinator.get(path.replace("/desk", "/v1"))).json()
        assert (one["starts_at"], one["duration_minutes"]) == ("2026-11-25T09:15:00Z", 90)
        assert one["requirements"]["dialect"]["value"] == "Hazaragi"


async def test_every_form_names_the_lengths_that_are_accepted(pool: Pool, clock: Clock) -> None:
    """A minute to a week, as everywhere."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        path = (await desk.send("/desk/new", **fields(centre))).headers["location"]
        for form in ("/desk/new", "/desk/now", f"{path}/change"):
            told = re.search(r'<input id="duration_minutes"[^>]*>', (await desk.page(form)).text)
            assert told is not None, form
            assert (' min="1"' in told[0], ' max="10080"' in told[0]) == (True, True), told[0]
        for minutes, status in (("0", 422), ("1", 303), ("10080", 303), ("10081", 422)):
            answer = await change(desk, path, duration_minutes=minutes)
            assert (minutes, answer.status_code) == (minutes, status)


async def test_under_a_booking_only_what_searches_nobody_is_changed(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        anna = await centre.person()
        desk = await consultant(centre)
        path = (await desk.send("/desk/new", **fields(centre))).headers["location"]
        await anna.accept({"id": path.rpartition("/")[2]})
        moved = await change(desk, path, time="12:00")
        assert moved.status_code == 409
        assert "somebody is booked" in moved.text
        told = await change(desk, path, instructions="Second floor")
        assert told.status_code == 303, told.text
        one = (await centre.coordinator.get(path.replace("/desk", "/v1"))).json()
        assert (one["instructions"], one["state"]) == ("Second floor", "filled")


async def test_what_was_agreed_is_a_signed_file_to_keep(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.made(centre.coordinator, "/v1/tariffs", PRICES)
        anna = await centre.person()
        desk = await consultant(centre)
        path = (await desk.send("/desk/new", **fields(centre))).headers["location"]
        booking = await anna.accept({"id": path.rpartition("/")[2]})
        address = f"/desk/bookings/{booking['id']}"
        assert f'href="{address}/receipt.pdf"' in (await desk.page(address)).text
        kept = await desk.page(f"{address}/receipt.pdf")
        api = await centre.school.get(
            f"/v1/bookings/{booking['id']}/receipt", headers={"Accept": "application/pdf"}
        )
        assert (kept.status_code, kept.headers["content-type"]) == (200, "application/pdf")
        assert f"receipt-{booking['id']}-institution.pdf" in kept.headers["content-disposition"]
        assert kept.content == api.content
        police, _ = await network.institution("Police")
        stranger = await consultant(centre, {"id": police}, "bela@example.org")
        assert (await stranger.page(f"{address}/receipt.pdf")).status_code == 404
        assert (await Desk(anna.api).page(f"{address}/receipt.pdf")).status_code == 403


async def test_what_calling_off_costs_is_shown_before_the_press_and_is_what_is_owed(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.made(centre.coordinator, "/v1/tariffs", PRICES)
        await centre.made(centre.coordinator, "/v1/cancellation-policies", FEE)
        anna = await centre.person()
        desk = await consultant(centre)
        path = (await desk.send("/desk/new", **fields(centre))).headers["location"]
        await anna.accept({"id": path.rpartition("/")[2]})
        centre.at(hours=25)
        early = await desk.page(f"{path}/cancel")
        assert "It costs nothing." in early.text
        centre.at(hours=20)
        form = {"key": hidden(early, "key"), "reason": "Not needed", "scope": "this"}
        dearer = await desk.send(f"{path}/cancel", **form, **{"charge-this": "0"})
        assert dearer.status_code == 409  # it was free when they looked, and is not any more
        assert "€40.00" in dearer.text
        gone = await desk.send(f"{path}/cancel", **form, **{"charge-this": "4000"})
        assert gone.status_code == 303, gone.text
        owed = (await centre.coordinator.get("/v1/usage/entries")).json()["items"]
        assert [one["charge"]["amount_minor"] for one in owed] == [4000]


async def test_of_a_series_each_scope_has_its_price(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        made = await desk.send("/desk/new", **fields(centre, repeat="week", repeat_times="3"))
        path = made.headers["location"]
        page = await desk.page(f"{path}/cancel")
        assert page.text.count('name="scope"') == 3
        gone = await desk.send(f"{path}/cancel", key="k", reason="Moved away", scope="all",
                               **{"charge-all": "0"})  # fmt: skip
        assert gone.status_code == 303
        listed = (await centre.coordinator.get("/v1/requests?state=cancelled")).json()["items"]
        assert len(listed) == 3


async def test_a_session_is_made_longer_and_then_approved_and_rated(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        anna = await centre.person()
        desk = await consultant(centre)
        path = (await desk.send("/desk/new", **fields(centre))).headers["location"]
        booking = await anna.accept({"id": path.rpartition("/")[2]})
        page = f"/desk/bookings/{booking['id']}"
        assert "Person 1" in (await desk.page(page)).text
        assert (await desk.send(f"{page}/extend", key="a", minutes="30")).status_code == 303
        assert (await centre.booking(booking))["ends_at"] == "2026-11-25T09:30:00Z"
        wrong = await desk.send(f"{page}/extend", key="b", minutes="many")
        assert wrong.status_code == 422
        assert 'id="wrong-minutes"' in wrong.text
        clock.now = START
        await anna.api.post(f"/v1/bookings/{booking['id']}/start")
        clock.now = START + timedelta(hours=1)
        await anna.api.post(f"/v1/bookings/{booking['id']}/end")
        waiting = await desk.page("/desk/approvals")
        assert booking["id"] in waiting.text
        assert "1 session waits for your yes." in (await desk.page("/desk")).text.replace(
            "<bdi>1</bdi>", "1"
        )
        yes = await desk.send(f"{page}/approve", key="c", back="approvals")
        assert yes.headers["location"] == "/desk/approvals?done=saved"
        assert ">Saved</p>" in (await desk.page(yes.headers["location"])).text
        assert (await centre.booking(booking))["approval"] == "approved"
        once_more = await desk.send(f"{page}/approve", key="c2")
        assert ">Saved</p>" in (await desk.page(once_more.headers["location"])).text
        assert ">Saved</p>" not in (await desk.page(page)).text
        rated = await desk.send(f"{page}/rate", key="d", stars="5")
        assert "We have received it." in (await desk.page(rated.headers["location"])).text
        assert (await desk.send(f"{page}/dispute", key="e", reason="Too short")).status_code == 303
        again = await desk.page(page)
        assert "Somebody looks at what is wrong" in again.text


async def test_it_is_too_early_to_say_that_somebody_did_not_come(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        anna = await centre.person()
        desk = await consultant(centre)
        path = (await desk.send("/desk/new", **fields(centre))).headers["location"]
        booking = await anna.accept({"id": path.rpartition("/")[2]})
        page = f"/desk/bookings/{booking['id']}"
        early = await desk.send(f"{page}/client-no-show", key="a")
        assert early.status_code == 409
        assert "It is too early for this." in early.text
        centre.at(minutes=10)
        assert (await desk.send(f"{page}/client-no-show", key="b")).status_code == 303
        assert (await centre.booking(booking))["state"] == "client_no_show"
        assert (await desk.send(f"{page}/fly", key="c")).status_code == 404


async def test_clients_are_found_added_and_erased_by_their_codes(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        added = await desk.send("/desk/clients", key="a", reference="LV-9", language="dari",
                                nationality="af")  # fmt: skip
        assert added.status_code == 303, added.text
        page = await desk.page(added.headers["location"])
        assert "LV-9" in page.text
        twice = await desk.send("/desk/clients", key="b", reference="LV-9")
        assert "You have a client with this code already." in twice.text
        named = await desk.send("/desk/clients", key="c", reference="161175-19997")
        assert named.status_code == 422  # a Latvian personal code is none of ours
        assert "LV-9" in (await desk.page("/desk/clients?code=LV-9")).text
        gone = await desk.send(f"{added.headers['location']}/erase", key="d")
        assert gone.status_code == 303
        assert "LV-9" not in (await desk.page(added.headers["location"])).text


async def test_usage_is_counted_by_month_and_kept_as_files(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        anna = await centre.person()
        desk = await consultant(centre)
        path = (await desk.send("/desk/new", **fields(centre))).headers["location"]
        booking = await anna.accept({"id": path.rpartition("/")[2]})
        clock.now = START
        await anna.api.post(f"/v1/bookings/{booking['id']}/start")
        clock.now = START + timedelta(hours=1)
        await anna.api.post(f"/v1/bookings/{booking['id']}/end")
        page = await desk.page("/desk/usage")
        assert page.status_code == 200
        assert "<svg" in page.text
        assert "November 2026" in page.text
        table = await desk.page("/desk/usage.csv")
        assert table.headers["content-type"].startswith("text/csv")
        assert "2026-11" in table.text
        assert (await desk.page("/desk/usage.xlsx")).content.startswith(b"PK")


async def test_others_see_nothing_of_it(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        anna = await centre.person()
        desk = await consultant(centre)
        path = (await desk.send("/desk/new", **fields(centre))).headers["location"]
        booking = await anna.accept({"id": path.rpartition("/")[2]})
        one = (await centre.coordinator.get(path.replace("/desk", "/v1"))).json()
        client = one["clients"][0]["id"]
        hospital = await centre.made(
            centre.coordinator, "/v1/institutions", {"name": "Hospital", "kind": "health"}
        )
        key = hospital["id"]
        other = await consultant(centre, hospital, email="other@example.org")
        for page in (path, f"{path}/change", f"{path}/cancel", f"{path}/live",
                     f"/desk/bookings/{booking['id']}", f"/desk/bookings/{booking['id']}/cancel",
                     f"/desk/clients/{client}", f"/desk/clients/{client}/erase",
                     f"/desk/new?from={one['id']}", "/desk/requests/req_nonsense",
                     f"/desk?institution={centre.institution['id']}"):  # fmt: skip
            assert (page, (await other.page(page)).status_code) == (page, 404)
        for form in (
            f"{path}/change",
            f"{path}/cancel",
            f"{path}/widen",
            f"/desk/bookings/{booking['id']}/approve",
            f"/desk/bookings/{booking['id']}/cancel",
            f"/desk/clients/{client}/erase",
        ):
            sent = await other.send(form, key="k", reason="x", more="relay")
            assert (form, sent.status_code) == (form, 404)
        assert "LV-1042" not in (await other.page("/desk")).text
        assert (await other.page(f"/desk?institution={key}")).status_code == 200
        for page in ("/desk", "/desk/new", "/desk/now", "/desk/usage"):
            assert (await Desk(anna.api).page(page)).status_code == 403
            signed_out = await network.client.get(page)
            assert signed_out.status_code == 303
            assert signed_out.headers["location"].startswith("/sign-in?next=")
        assert (await centre.booking(booking))["state"] == "confirmed"


async def test_a_form_of_another_site_is_not_taken(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        sent = await network.client.post(
            "/desk/new", data=fields(centre),
            headers={"cookie": f"interpreters_token={desk.api.token}",
                     "sec-fetch-site": "cross-site"},
        )  # fmt: skip
        assert sent.status_code == 403
        assert await network.count("requests") == 0


async def test_a_coordinator_chooses_for_whom_and_sees_all(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = Desk(await network.person(["coordinator"], email="boss@example.org"))
        asked = await desk.page("/desk/new")
        assert "For which institution?" in asked.text
        form = await desk.page(f"/desk/new?institution={centre.institution['id']}")
        assert hidden(form, "institution") == centre.institution["id"]
        made = await desk.send("/desk/new", **fields(centre, institution=centre.institution["id"]))
        assert made.status_code == 303, made.text
        assert "School" in (await desk.page("/desk")).text


async def test_of_a_series_all_dates_are_moved_by_the_clock(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        made = await desk.send("/desk/new", **fields(centre, repeat="week", repeat_times="2"))
        path = made.headers["location"]
        moved = await change(desk, path, time="11:00", scope="all")
        assert moved.status_code == 303, moved.text
        items = (await centre.coordinator.get("/v1/requests")).json()["items"]
        starts = sorted(one["starts_at"] for one in items)
        assert starts == ["2026-11-25T09:00:00Z", "2026-12-02T09:00:00Z"]


async def test_people_who_must_not_meet_come_on_the_day_each_at_their_time(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        parties = {
            "topic": "supervised_contact",
            "party_1": "P-1", "party_1_time": "09:30", "party_2": "P-2", "party_2_time": "09:35",
        }  # fmt: skip
        close = await desk.send("/desk/new", **fields(centre, **parties))
        assert close.status_code == 422
        assert "less than 10 minutes apart" in close.text
        made = await desk.send(
            "/desk/new", **fields(centre, **{**parties, "party_2_time": "09:45"})
        )
        assert made.status_code == 303, made.text
        path = made.headers["location"].replace("/desk", "/v1")
        one = (await centre.coordinator.get(path)).json()
        comes = {each["reference"]: each["arrives_at"] for each in one["parties"]}
        assert comes == {"P-1": "2026-11-25T07:30:00Z", "P-2": "2026-11-25T07:45:00Z"}


async def test_make_one_more_is_filled_like_the_earlier_one_without_its_day(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        made = await desk.send(
            "/desk/new", **fields(centre, gender="female", instructions="Room 4", relay="yes")
        )
        again = await desk.page(f"/desk/new?from={made.headers['location'].rpartition('/')[2]}")
        assert hidden(again, "language_code") == "prs"
        for said in ('value="LV-1042"', 'value="10:00"', ">Room 4<", 'value="female" selected'):
            assert said in again.text, said
        assert 'name="relay" value="yes" checked' in again.text
        assert 'value="2026-11-25"' not in again.text


async def test_a_coordinator_says_for_the_interpreter_what_they_cannot(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        anna = await centre.person()
        booking = await centre.booked(anna)
        boss = Desk(await network.person(["coordinator"], email="boss@example.org"))
        page = f"/desk/bookings/{booking['id']}"
        late = await boss.send(f"{page}/running-late", key="a", minutes="20")
        assert late.status_code == 303, late.text
        desk = await consultant(centre)
        told = (await desk.page(page)).text
        assert "They will be" in told
        assert "It begins now" not in told
        assert (await desk.send(f"{page}/running-late", key="b", minutes="9")).status_code == 403
        clock.now = START
        assert (await boss.send(f"{page}/start", key="c")).status_code == 303
        clock.now = START + timedelta(minutes=50)
        wrong = await boss.send(f"{page}/end", key="c2", breaks="600")
        assert wrong.status_code == 422
        assert 'aria-invalid="true"' in wrong.text
        assert (await boss.send(f"{page}/end", key="d", breaks="5")).status_code == 303
        assert "<dt>Minutes of breaks</dt><dd>5</dd>" in (await boss.page(page)).text
        fixed = await boss.send(f"{page}/correct-times", key="e", day="2026-11-25",
                                started="10:00", ended="10:40", reason="Read wrongly")  # fmt: skip
        assert fixed.status_code == 303, fixed.text
        shown = await centre.booking(booking)
        assert shown["session"]["ended_at"] == "2026-11-25T08:40:00Z"
        assert "Read wrongly" in (await desk.page(page)).text
